package fanout

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/tcp"
)

var (
	_ Sink = (*tcp.Conn)(nil)
	_ Task = (*tcp.Task)(nil)
)

// socketViewer is a connection that watches from its first byte on.
type socketViewer struct {
	conn   *tcp.Conn
	group  *Group
	viewer *Viewer
	joined *sync.WaitGroup
}

func (s *socketViewer) Received([]byte) error {
	if s.viewer == nil {
		s.viewer = s.group.Add(s.conn, ViewerConfig{})
		s.joined.Done()
	} else {
		s.viewer.Interject(interjection("pong"))
	}
	return nil
}

func (*socketViewer) Tick(time.Time) {}

func (s *socketViewer) Closed(error) {
	if s.viewer != nil {
		s.group.Remove(s.viewer)
	}
}

// A log on real loops and sockets: fast, slow and vanishing peers, and interjections in between.
func TestLogOverSockets(t *testing.T) {
	inUse := media.InUse()
	m, err := tcp.Start(tcp.Config{Loops: 2})
	require.NoError(t, err)
	l := New(Config{LagBytes: 1 << 20}, testFormat{})
	groups := make([]*Group, 2)
	for _, loop := range m.Loops() {
		groups[loop.Index()] = l.NewGroup(NewLoop(func(visit func(int) (int, bool)) Task { return loop.NewTask(visit) }, zerolog.Nop()))
	}
	var joined sync.WaitGroup
	p, err := m.Open(tcp.PortConfig{Address: "127.0.0.1:0", Accept: func(c *tcp.Conn) tcp.Handler {
		return &socketViewer{conn: c, group: groups[c.Loop().Index()], joined: &joined}
	}})
	require.NoError(t, err)

	const messages = 4000
	var reading sync.WaitGroup
	arrived := make(chan struct{}, 12) // one for each peer that has got something
	for i := range 12 {
		joined.Add(1)
		peer, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.Number()))
		require.NoError(t, err)
		require.NoError(t, peer.SetDeadline(time.Now().Add(20*time.Second)))
		_, err = peer.Write([]byte("play"))
		require.NoError(t, err)
		reading.Go(func() {
			defer func() { _ = peer.Close() }()
			readLog(t, peer, i, messages, arrived)
		})
	}
	joined.Wait()
	w := &world{t: t, Log: l, loop: new(task)}
	w.word("new")
	for i := range messages {
		w.say(fmt.Sprintf("%s%d@%d*%d", []string{"K", "P"}[min(i%20, 1)], i, i, 200+i%7*3000))
		for n := 0; i == 0 && n < cap(arrived); n++ {
			<-arrived // everybody is there from the beginning
		}
	}
	reading.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m.Stop(ctx)
	l.Close()
	require.Zero(t, l.Stats().Viewers)
	require.Equal(t, inUse, media.InUse())
}

// readLog reads until the last message. The peer is fast, slow or goes away, by its number.
func readLog(t *testing.T, peer net.Conn, number, messages int, arrived chan<- struct{}) {
	begun := sync.OnceFunc(func() { arrived <- struct{}{} })
	defer begun()
	header, body := make([]byte, testHeader), make([]byte, 1<<20)
	last := int64(-1)
	for last < int64(messages-1) {
		if _, err := io.ReadFull(peer, header); err != nil {
			t.Errorf("peer %d behind message %d: %v", number, last, err)
			return
		}
		n := testFormat{}.MessageLen(header) - testHeader
		if n > len(body) {
			t.Errorf("peer %d: no message begins behind %d", number, last)
			return
		}
		if _, err := io.ReadFull(peer, body[:n]); err != nil {
			t.Errorf("peer %d in the message behind %d: %v", number, last, err)
			return
		}
		if header[0] == kindNotice {
			continue
		}
		at := testFormat{}.Time(header)
		if at != last+1 && (at <= last || at%20 != 0) {
			t.Errorf("peer %d: message %d follows %d", number, at, last)
			return
		}
		last = at
		begun()
		switch {
		case number%4 == 1 && last%500 == 0:
			_, _ = peer.Write([]byte("ping"))
		case number%4 == 2 && last > 1000:
			return
		}
	}
}
