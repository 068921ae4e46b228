package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/tcp"
)

// lineServer greets every client and sends back each line that it says, until "bye". It is about the smallest thing that can be
// built on the socket manager alone.
type lineServer struct {
	conn *tcp.Conn
	line []byte // what has come of the current one
}

func (s *lineServer) Received(b []byte) error {
	s.line = append(s.line, b...)
	for {
		line, rest, whole := bytes.Cut(s.line, []byte("\n"))
		if !whole {
			return nil
		}
		s.conn.Send(append(line[:len(line):len(line)], '\n'))
		if string(line) == "bye" {
			s.conn.CloseAfterFlush(nil)
			return nil
		}
		s.line = append(s.line[:0], rest...)
	}
}

func (s *lineServer) Tick(time.Time) {}
func (s *lineServer) Closed(error)   {}

// TestEchoOnSockets builds another protocol on the socket manager: greeting, echo, many clients at once, and one that is not
// ours.
func TestEchoOnSockets(t *testing.T) {
	t.Parallel()
	sockets, err := tcp.Start(tcp.Config{})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		sockets.Stop(ctx)
	})
	port, err := sockets.Open(tcp.PortConfig{Address: "127.0.0.1:0", Accept: func(c *tcp.Conn) tcp.Handler {
		c.Send([]byte("welcome\n"))
		return &lineServer{conn: c}
	}})
	require.NoError(t, err)
	address := fmt.Sprintf("127.0.0.1:%d", port.Number())

	const clients, lines = 300, 20
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			if err := talk(address, n, lines); err != nil {
				t.Errorf("client %d: %v", n, err)
			}
		})
	}
	all.Wait()

	curl := startProcess(t, "sh", "-c", `printf 'one\ntwo\nbye\n' | curl -sN "telnet://$0"`, address)
	curl.succeeds(patience)
	require.Equal(t, "welcome\none\ntwo\nbye\n", curl.output.String())
	eventually(t, "the clients are gone", func() bool { return sockets.Connections() == 0 })
}

// talk is a client that says some lines, in pieces, and wants each of them back.
func talk(address string, n, lines int) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	r := bufio.NewReader(c)
	want := "welcome\n"
	for i := range lines + 1 {
		got, err := r.ReadString('\n')
		if err != nil || got != want {
			return fmt.Errorf("got %q, %v instead of %q", got, err, want)
		}
		want = fmt.Sprintf("line %d of client %d%s\n", i, n, strings.Repeat(".", i*100))
		if i == lines {
			want = "bye\n"
		}
		half := len(want) / 2
		for _, piece := range []string{want[:half], want[half:]} {
			if _, err := c.Write([]byte(piece)); err != nil {
				return err
			}
		}
	}
	if got, err := r.ReadString('\n'); err != nil || got != want {
		return fmt.Errorf("got %q, %v instead of %q", got, err, want)
	}
	return nil
}
