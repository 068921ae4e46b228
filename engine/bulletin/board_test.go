package bulletin

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
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

// TestReaderOfAnEarlierRun gets everything, although the server has told more since than the reader had heard before.
func TestReaderOfAnEarlierRun(t *testing.T) {
	b := New(Config{FirstID: 1000, EventsMax: 3})
	defer b.Close()
	read := func(after uint64) (ids []uint64) {
		t.Helper()
		r, err := b.Read(after)
		require.NoError(t, err)
		defer r.Close()
		news, err := r.Next(time.Millisecond)
		require.NoError(t, err)
		for _, e := range news {
			ids = append(ids, e.ID)
		}
		return ids
	}
	require.Empty(t, read(2))
	b.Post("a", nil)
	b.Post("a", nil)
	for _, after := range []uint64{1, 999, 5000} {
		require.Equal(t, []uint64{1000, 1001}, read(after), after)
	}
	require.Equal(t, []uint64{1001}, read(1000))
	for range 3 {
		b.Post("a", nil)
	}
	require.Equal(t, []uint64{1002, 1003, 1004}, read(2))
}

// A panic on the board's timer costs the figures of that second, and nothing else.
func TestFiguresThatPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		calls := 0
		b := New(Config{Log: zerolog.New(&log), Figures: func() any {
			if calls++; calls == 1 {
				panic("oops")
			}
			return calls
		}})
		defer b.Close()
		r, err := b.Read(0)
		require.NoError(t, err)
		defer r.Close()
		news, err := r.Next(time.Minute)
		require.NoError(t, err)
		require.Len(t, news, 1)
		require.Equal(t, "2", string(news[0].JSON()))
		require.Equal(t, 1, strings.Count(log.String(), `"panic":"oops"`))
	})
}
