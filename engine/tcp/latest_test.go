package tcp

import (
	"io"
	"net"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
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
		for _, c := range []struct {
			end  func(*net.TCPConn)
			want error
		}{{func(peer *net.TCPConn) { _ = peer.CloseWrite() }, io.EOF}, {reset, unix.ECONNRESET}} {
			closed, heard, inRest := make(chan error, 1), make(chan struct{}), false
			conn, peer := accepted(t, m, &handler{
				received: func([]byte) error { close(heard); return nil },
				closed: func(err error) {
					inRest = strings.Contains(string(debug.Stack()), "(*Loop).rest(")
					closed <- err
				},
			})
			_, err := peer.Write([]byte("x"))
			require.NoError(t, err)
			receive(t, heard)
			eventually(t, func() bool { return conn.Loop().bed.state.Load() == resting }, "the loop does not rest")
			c.end(peer)
			require.ErrorIs(t, receive(t, closed), c.want)
			require.True(t, inRest)
		}
	}
}

// TestOthersAreHeardToo while those that spoke last go on and on, and are too slow to read for the loop to gather reads.
func TestOthersAreHeardToo(t *testing.T) {
	m := start(t, Config{Loops: 1})
	talkers := open(t, m, func(*Conn) Handler {
		return &handler{received: func([]byte) error {
			for begun := time.Now(); time.Since(begun) < time.Millisecond; {
			}
			return nil
		}}
	})
	chunk := make([]byte, 1000)
	for range latestMax {
		peer := dial(t, talkers)
		go func() {
			for {
				if _, err := peer.Write(chunk); err != nil {
					return
				}
			}
		}()
	}
	p := open(t, m, echo)
	for range 5 {
		peer := dial(t, p)
		for range 5 {
			says(t, peer, "and me?")
		}
		require.NoError(t, peer.Close())
	}
}
