package tcp

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestReadingInBulkInTime reads what is too little to be told of more often than ticks would.
func TestReadingInBulkInTime(t *testing.T) {
	m := start(t, Config{Loops: 1})
	got, ticks := make(chan string, 1), atomic.Int32{}
	h := &handler{
		received: func(b []byte) error { got <- string(b); return nil },
		tick:     func(time.Time) { ticks.Add(1) },
	}
	c, peer := accepted(t, m, h)
	on(t, c.Loop(), func() {
		c.ReadInBulk(1000, time.Second)
		c.ReadInBulk(1000, time.Millisecond)
	})
	const messages = 20
	for range messages {
		_, err := peer.Write([]byte("little"))
		require.NoError(t, err)
		require.Equal(t, "little", receive(t, got))
	}
	require.Less(t, ticks.Load(), int32(messages/2))
	on(t, c.Loop(), func() {
		c.ReadInBulk(1, endless)
		c.Loop().readBulkNow()
		require.Equal(t, endless, c.Loop().bulk.within, "nobody is left whom the timer serves")
	})
}

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
		c.ReadInBulk(1000, endless)
		other.ReadInBulk(1000, endless)
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

	on(t, c.Loop(), func() { c.ReadInBulk(1, endless) })
	write(peer, "at once")
	require.Equal(t, "at once", receive(t, got))
	require.NoError(t, otherPeer.Close())
	receive(t, closed)
	on(t, c.Loop(), func() { require.Empty(t, c.Loop().bulk.conns) })
}
