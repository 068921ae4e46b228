package tcp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadingInBulk(t *testing.T) {
	m := start(t, Config{Loops: 1})
	got, closed := make(chan string, 10), make(chan error, 1)
	h := &handler{
		received: func(b []byte) error { got <- string(b); return nil },
		closed:   func(err error) { closed <- err },
	}
	c, peer := accepted(t, m, h)
	other, otherPeer := accepted(t, m, h)
	write := func(to interface{ Write([]byte) (int, error) }, text string) {
		t.Helper()
		_, err := to.Write([]byte(text))
		require.NoError(t, err)
	}
	on(t, c.Loop(), func() {
		c.ReadInBulk(1000)
		other.ReadInBulk(1000)
	})
	write(peer, "too little to be told of")
	require.Equal(t, "too little to be told of", receive(t, got), "a tick brings it")

	on(t, c.Loop(), func() { c.Loop().bulk.last = c.Loop().bulk.last.Add(-bulkInterval) })
	write(otherPeer, "waits")
	write(peer, strings.Repeat("a", 1000))
	var all []string
	for len(strings.Join(all, "")) < 1005 {
		all = append(all, receive(t, got))
	}
	require.Contains(t, all, "waits", "one that has enough brings the others along")

	on(t, c.Loop(), func() { c.ReadInBulk(1) })
	write(peer, "at once")
	require.Equal(t, "at once", receive(t, got))
	require.NoError(t, otherPeer.Close())
	receive(t, closed)
	on(t, c.Loop(), func() { require.Empty(t, c.Loop().bulk.conns) })
}
