package bulletin

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReaderThatIsOvertakenEndsAndIsCounted(t *testing.T) {
	b := New(Config{EventsMax: 2})
	defer b.Close()
	r, err := b.Read(0)
	require.NoError(t, err)
	defer r.Close()
	for range 3 {
		b.Post("a", nil)
	}
	_, err = r.Next(time.Minute)
	require.ErrorIs(t, err, ErrBehind)
	_, overtaken := b.Readers()
	require.EqualValues(t, 1, overtaken)
}

func TestReaderComesBackBehindWhatItHas(t *testing.T) {
	b := New(Config{})
	defer b.Close()
	b.Post("a", 1)
	b.Post("b", map[string]string{"text": "one\ntwo"})
	r, err := b.Read(1)
	require.NoError(t, err)
	defer r.Close()
	news, err := r.Next(time.Minute)
	require.NoError(t, err)
	require.Len(t, news, 1)
	require.EqualValues(t, 2, news[0].ID)
	require.Equal(t, `{"text":"one\ntwo"}`, string(news[0].JSON()))
}
