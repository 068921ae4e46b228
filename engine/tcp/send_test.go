package tcp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
)

// noise is bytes in which a lost, doubled or exchanged piece shows.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func TestSendLargerThanTheSocketBufferIsCompletedByRetries(t *testing.T) {
	m := start(t, Config{Loops: 1, PendingBytesMax: 4 << 20, Linger: patience})
	message := noise(3 << 20)
	p := open(t, m, func(c *Conn) Handler {
		tiny(c)
		c.Send(message[:1])
		c.Send(message[1:])
		return &handler{}
	})
	peer := dial(t, p)
	got := make([]byte, len(message))
	_, err := io.ReadFull(peer, got)
	require.NoError(t, err)
	require.True(t, bytes.Equal(message, got))
}

func TestBytesSentCountsWhatTheKernelHasTaken(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, peer := accepted(t, m, &handler{})
	on(t, c.Loop(), func() {
		c.Send([]byte("control"))
		n, err := c.Write([][]byte{[]byte("one"), nil, []byte("two")})
		if n != 6 || err != nil || c.BytesSent() != 13 {
			t.Errorf("wrote %d, %v; sent %d", n, err, c.BytesSent())
		}
		if n, err := c.Write(nil); n != 0 || err != nil {
			t.Errorf("nothing: wrote %d, %v", n, err)
		}
	})
	gets(t, peer, "controlonetwo")
}

func TestWriteOfMoreSpansThanOneCallTakes(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, peer := accepted(t, m, &handler{})
	spans := make([][]byte, spansMax+1)
	for i := range spans {
		spans[i] = []byte{byte(i)}
	}
	on(t, c.Loop(), func() {
		if n, err := c.Write(spans); n != spansMax || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		for _, v := range c.loop.vectors[:spansMax] {
			if v.Base != nil {
				t.Error("the loop keeps memory alive")
			}
		}
	})
	got := make([]byte, spansMax)
	_, err := io.ReadFull(peer, got)
	require.NoError(t, err)
	require.Equal(t, byte(spansMax-1), got[spansMax-1])
}

func TestPendingBytesMax(t *testing.T) {
	const bound = 1000
	f := func(name string, ends bool, fill func(c *Conn)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			var counters limits.Counters
			m := start(t, Config{Loops: 1, PendingBytesMax: bound, Limits: &counters})
			closed := make(chan error, 1)
			c, peer := accepted(t, m, &handler{closed: func(err error) { closed <- err }})
			on(t, c.Loop(), func() { fill(c) })
			if ends {
				require.ErrorIs(t, receive(t, closed), errPendingFull)
				require.EqualValues(t, 1, counters.Count(limits.UnreadBytes))
				getsEnd(t, peer)
				return
			}
			require.Zero(t, counters.Count(limits.UnreadBytes))
			on(t, c.Loop(), func() {
				if c.Closing() {
					t.Error("closed")
				}
				c.CloseAfterFlush(io.EOF)
			})
			_, err := io.Copy(io.Discard, peer)
			require.NoError(t, err)
		})
	}
	f("all at once", false, func(c *Conn) { c.Queue(make([]byte, bound)) })
	f("one too many", true, func(c *Conn) { c.Queue(make([]byte, bound+1)) })
	f("in two", false, func(c *Conn) { c.Queue(make([]byte, bound-1)); c.Queue(make([]byte, 1)) })
	f("in two, one too many", true, func(c *Conn) { c.Queue(make([]byte, bound)); c.Queue(make([]byte, 1)) })
	f("with a flush", false, func(c *Conn) { c.Queue(make([]byte, bound)); c.Flush(); c.Queue(make([]byte, bound)) })
	// Media has a bound of its own, and leaves the whole bound to control bytes.
	f("behind media", false, func(c *Conn) { c.QueueMedia(make([]byte, 10*bound)); c.Queue(make([]byte, bound)) })
	f("behind media, one too many", true, func(c *Conn) { c.QueueMedia(make([]byte, 10*bound)); c.Queue(make([]byte, bound+1)) })
	f("before and behind media", true, func(c *Conn) {
		c.Queue(make([]byte, bound))
		c.QueueMedia(make([]byte, 10))
		c.Queue(make([]byte, 1))
	})
}

func TestPeerThatReadsNothingIsClosedAtTheBound(t *testing.T) {
	m := start(t, Config{Loops: 1, PendingBytesMax: 100_000})
	closed := make(chan error, 1)
	var conn *Conn
	h := &handler{closed: func(err error) { closed <- err }}
	h.received = func(b []byte) error {
		conn.Send(make([]byte, 1000*len(b))) // a peer that makes us talk and does not listen
		return nil
	}
	p := open(t, m, func(c *Conn) Handler { conn = c; tiny(c); return h })
	peer := dial(t, p)
	for {
		if _, err := peer.Write(make([]byte, 50)); err != nil {
			break
		}
		select {
		case err := <-closed:
			require.ErrorIs(t, err, errPendingFull)
			return
		default:
		}
	}
	require.ErrorIs(t, receive(t, closed), errPendingFull)
}

func TestPendingBuffer(t *testing.T) {
	var p pending
	var want []byte
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 20_000 {
		if rng.IntN(2) == 0 {
			b := []byte{byte(i), byte(i >> 8), byte(i >> 16)}[:rng.IntN(4)]
			p.append(b)
			want = append(want, b...)
		} else {
			n := rng.IntN(len(p.bytes()) + 1)
			p.take(n)
			want = want[n:]
		}
		require.Equal(t, want, append(want[:0:0], p.bytes()...))
		require.Equal(t, len(want), p.control())
	}
	p.take(len(p.bytes()))
	p.memory = new([]byte) // one that nobody has used
	p.append(make([]byte, 100))
	for range 10_000 {
		p.append(make([]byte, 1))
		p.take(1)
	}
	require.LessOrEqual(t, cap(p.buffer), 1000, "room for what has been taken is used again")
	p.take(len(p.bytes()))
	require.Zero(t, p, "a connection with nothing pending has no memory for it")
	p.append(make([]byte, pendingKeepBytes+1))
	memory := p.memory
	p.take(pendingKeepBytes + 1)
	require.Nil(t, *memory, "large memory is not kept")
}

// broadcast is a log of its own, in the simplest form, with many sinks on all loops.
type broadcast struct {
	content []byte
	closed  sync.WaitGroup
}

// cursor writes the content to one connection, as a viewer of the server does.
type cursor struct {
	*broadcast
	conn *Conn
	task *Task
	pos  int
	rng  *rand.Rand
	gone bool
}

func (b *broadcast) accept(c *Conn) Handler {
	tiny(c)
	v := &cursor{broadcast: b, conn: c, rng: rand.New(rand.NewPCG(uint64(c.remote.Port()), 1))}
	v.task = c.Loop().NewTask(v.visit)
	return &handler{
		received: func([]byte) error { v.task.Mark(); return nil },
		closed:   func(error) { v.gone = true; b.closed.Done() },
	}
}

func (v *cursor) visit(int) (int, bool) {
	if v.gone {
		return 0, false
	}
	if v.pos == len(v.content) {
		v.conn.CloseAfterFlush(io.EOF)
		return 0, false
	}
	if !v.conn.Flush() {
		v.task.Later()
		return 1, false
	}
	rest := v.content[v.pos:]
	if v.rng.IntN(3) == 0 { // the rest of a message for an interjection
		n := min(v.rng.IntN(3000), len(rest))
		v.conn.QueueMedia(rest[:n])
		v.pos += n
		return 1, true
	}
	var spans [][]byte
	for range 1 + v.rng.IntN(5) {
		n := min(v.rng.IntN(20_000), len(rest))
		spans = append(spans, rest[:n])
		rest = rest[n:]
	}
	n, err := v.conn.Write(spans)
	if err != nil {
		v.conn.Close(err)
		return 1, false
	}
	if v.pos += n; n == 0 {
		v.task.Later()
		return 1, false
	}
	return 1, true
}

func TestDeliveryIsExactToTheByte(t *testing.T) {
	m := start(t, Config{Loops: 2})
	b := &broadcast{content: noise(512 << 10)}
	want := sha256.Sum256(b.content)
	p := open(t, m, b.accept)
	var peers sync.WaitGroup
	for i := range 24 {
		b.closed.Add(1)
		peer := dial(t, p)
		rng := rand.New(rand.NewPCG(uint64(i), 2))
		if i%4 == 0 {
			_ = peer.SetReadBuffer(16 << 10)
		}
		peers.Go(func() {
			defer func() { _ = peer.Close() }()
			if _, err := peer.Write([]byte("go")); err != nil {
				t.Errorf("peer %d: %v", i, err)
				return
			}
			hash := sha256.New()
			if i%6 == 5 { // some go away in the middle
				_, _ = io.CopyN(io.Discard, peer, rng.Int64N(256<<10))
				reset(peer)
				return
			}
			piece := make([]byte, 1+rng.IntN(50_000))
			total := 0
			for {
				n, err := peer.Read(piece[:1+rng.IntN(len(piece))])
				hash.Write(piece[:n])
				total += n
				if err == io.EOF {
					break
				}
				_, _ = peer.Write(piece[:1]) // brings the connection's visit forward
				if err != nil {
					t.Errorf("peer %d after %d bytes: %v", i, total, err)
					return
				}
			}
			if [32]byte(hash.Sum(nil)) != want {
				t.Errorf("peer %d got other bytes (%d)", i, total)
			}
		})
	}
	peers.Wait()
	b.closed.Wait()
}

func TestCloseAfterFlushDeliversTheLastMessage(t *testing.T) {
	m := start(t, Config{Loops: 1, PendingBytesMax: 4 << 20, Linger: patience})
	last := noise(2 << 20)
	bye := errors.New("bye")
	closed := make(chan error, 2)
	var conn *Conn
	first := true
	h := &handler{closed: func(err error) { closed <- err }}
	h.received = func([]byte) error {
		if !first {
			t.Error("called after CloseAfterFlush")
		}
		first = false
		conn.Send(last)
		conn.CloseAfterFlush(bye)
		conn.CloseAfterFlush(errors.New("again"))
		conn.Send([]byte("behind the last message"))
		conn.QueueMedia([]byte("behind the last message"))
		if n, err := conn.Write([][]byte{[]byte("behind")}); n != 0 || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		if conn.Flush() {
			t.Error("flushed, as if more could be written")
		}
		return errors.New("an error does not cut the last message off")
	}
	p := open(t, m, func(c *Conn) Handler { conn = c; tiny(c); return h })
	peer := dial(t, p)
	// The peer goes on sending until it has read everything: a plain close would answer that with a reset, which
	// throws the last message away.
	var sending sync.WaitGroup
	stop := make(chan struct{})
	sending.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := peer.Write(make([]byte, 10_000)); err != nil {
					t.Errorf("the connection was closed under the peer: %v", err)
					return
				}
			}
		}
	})
	got, err := io.ReadAll(peer)
	require.NoError(t, err)
	require.True(t, bytes.Equal(last, got))
	require.Empty(t, closed, "waits for the peer")
	close(stop)
	sending.Wait()
	require.NoError(t, peer.Close())
	require.ErrorIs(t, receive(t, closed), bye)
}

func TestStopLetsLastMessagesOut(t *testing.T) {
	m := start(t, Config{Loops: 2, Linger: patience})
	last := noise(500_000)
	p := open(t, m, func(c *Conn) Handler {
		tiny(c)
		c.Send(last)
		return &handler{received: func([]byte) error {
			c.CloseAfterFlush(io.EOF)
			return nil
		}}
	})
	var peers []net.Conn
	closing := 0
	for range 4 {
		peer := dial(t, p)
		_, err := peer.Write([]byte("x"))
		require.NoError(t, err)
		peers = append(peers, peer)
	}
	eventually(t, func() bool {
		closing = 0
		for _, l := range m.Loops() {
			on(t, l, func() { closing += l.closing() })
		}
		return closing == len(peers)
	}, "not closing")
	stopped := make(chan struct{})
	go func() {
		m.Stop(context.Background())
		close(stopped)
	}()
	for _, peer := range peers {
		got, err := io.ReadAll(peer)
		require.NoError(t, err)
		require.True(t, bytes.Equal(last, got))
		_, _ = peer.Write([]byte("and something that nobody reads"))
		require.NoError(t, peer.Close())
	}
	receive(t, stopped)
}
