package tcp

import (
	"io"
	"net"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLatest(t *testing.T) {
	var l latest
	all := []*Conn{{id: "0"}, {id: "1"}, {id: "2"}, {id: "3"}, {id: "4"}}
	is := func(want string) {
		t.Helper()
		got := ""
		for _, c := range l {
			if c == nil {
				got += "-"
			} else {
				got += c.id
			}
		}
		require.Equal(t, want, got)
	}
	l.spoke(all[0])
	is("0---")
	l.spoke(all[0])
	is("0---")
	for _, c := range all[1:4] {
		l.spoke(c)
	}
	is("3210")
	l.spoke(all[1])
	is("1320")
	l.spoke(all[4])
	is("4132")
	l.forget(all[1])
	l.forget(all[0])
	is("4-32")
	l.spoke(all[2])
	is("2432")
}

// TestWhoSpokeLastIsReadFromRest: gnet is asked for the first bytes of a connection, and not for those that follow.
func TestWhoSpokeLastIsReadFromRest(t *testing.T) {
	m := start(t, Config{Loops: 1})
	inGnet := make(chan bool, 1)
	c, peer := accepted(t, m, &handler{received: func([]byte) error {
		inGnet <- !strings.Contains(string(debug.Stack()), "readLatest")
		return nil
	}})
	speaks := func() bool {
		_, err := peer.Write([]byte("x"))
		require.NoError(t, err)
		return receive(t, inGnet)
	}
	require.True(t, speaks())
	rests := func() bool { return c.Loop().bed.state.Load() == resting }
	eventually(t, rests, "the loop does not rest")
	for range 100 {
		require.False(t, speaks())
		on(t, c.Loop(), func() {}) // kicks make no difference
		eventually(t, rests, "the loop does not rest")
	}
}

// TestEndIsHeardFromRest: of a peer that closes, and of one that resets the connection.
func TestEndIsHeardFromRest(t *testing.T) {
	m := start(t, Config{Loops: 1})
	for range 50 {
		for _, end := range []func(*net.TCPConn){func(peer *net.TCPConn) { _ = peer.CloseWrite() }, reset} {
			closed, heard := make(chan error, 1), make(chan struct{})
			_, peer := accepted(t, m, &handler{
				received: func([]byte) error { close(heard); return nil },
				closed:   func(err error) { closed <- err },
			})
			_, err := peer.Write([]byte("x"))
			require.NoError(t, err)
			receive(t, heard)
			end(peer)
			if err := receive(t, closed); err != nil && strings.Contains(err.Error(), "EOF") {
				require.ErrorIs(t, err, io.EOF)
			} else {
				require.ErrorContains(t, err, "connection reset by peer")
			}
		}
	}
}

// TestOthersAreHeardToo while those that spoke last go on and on.
func TestOthersAreHeardToo(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, echo)
	deaf := open(t, m, func(*Conn) Handler { return &handler{} })
	chunk := make([]byte, 1000)
	for range latestMax {
		peer := dial(t, deaf)
		go func() {
			for {
				if _, err := peer.Write(chunk); err != nil {
					return
				}
			}
		}()
	}
	for range 20 {
		peer := dial(t, p)
		for range 20 {
			says(t, peer, "and me?")
		}
		require.NoError(t, peer.Close())
	}
}
