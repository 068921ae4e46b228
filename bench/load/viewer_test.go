package main

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// TestAcknowledge: a server that wants to hear of each 1,000 bytes does, from a viewer that looks at none of them.
func TestAcknowledge(t *testing.T) {
	l, peer := newLink(t)
	v := &viewer{link: *l, stream: &published{}, window: 1000}
	for _, n := range []int{999, 1, 500, 2500} {
		_, err := peer.Write(make([]byte, n))
		require.NoError(t, err)
		for want := v.received + int64(n); v.received < want; {
			v.wait(t, unix.POLLIN)
			require.Positive(t, v.visit())
			require.NoError(t, v.problem)
		}
	}
	require.Equal(t, int64(4000), v.received)
	v.visit()
	require.NoError(t, v.problem, "nothing to take is no problem")
	require.NoError(t, peer.CloseRead())

	var got []uint32
	l, peer = newLink(t)
	v = &viewer{link: *l, stream: &published{}, window: 1000}
	v.received = 1<<32 + 1000 // the count wraps
	require.NoError(t, v.acknowledge())
	require.NoError(t, v.acknowledge(), "once is enough")
	require.NoError(t, unix.Shutdown(v.fd, unix.SHUT_WR))
	r := chunk.NewReader(chunk.ReaderConfig{})
	b := make([]byte, 100)
	for {
		n, err := peer.Read(b)
		if err != nil {
			break
		}
		require.NoError(t, r.Feed(b[:n], func(m *chunk.Message) error {
			require.EqualValues(t, message.TypeAcknowledgement, m.Type)
			got = append(got, uint32(m.Payload[0])<<24|uint32(m.Payload[1])<<16|uint32(m.Payload[2])<<8|uint32(m.Payload[3]))
			return nil
		}))
	}
	require.Equal(t, []uint32{1000}, got)
}

// TestLook: a viewer that is ahead of the count must not seem to have more than all.
func TestLook(t *testing.T) {
	v := &viewer{link: link{received: 900}, stream: &published{bytes: 500}}
	v.arrears.reset()
	v.look(400)
	require.Equal(t, int64(-400), v.arrears.least)
	v.stream.behind = true
	v.arrears.reset()
	v.look(400)
	require.Equal(t, int64(100), v.arrears.least)
}

// TestEnd: the end of the connection is the viewer's problem, with its reason.
func TestEnd(t *testing.T) {
	l, peer := newLink(t)
	v := &viewer{link: *l, stream: &published{}}
	require.NoError(t, peer.Close())
	v.wait(t, unix.POLLIN)
	v.visit()
	require.EqualError(t, v.problem, "EOF")
}
