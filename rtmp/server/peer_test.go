package server_test

import (
	"fmt"
	"hash/crc32"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// patience is how long a test waits for what must come. It is only ever used up by a failing test.
const patience = 10 * time.Second

// peer is an RTMP client that a test speaks through. What the server says arrives as lines of text.
type peer struct {
	t         *testing.T
	conn      net.Conn
	mu        sync.Mutex // session and lines
	changed   *sync.Cond
	session   *session.Client
	announced session.Capabilities // by the server
	lines     []string
	next      int // of lines, for want
	closed    bool

	pings     atomic.Int64
	discarded atomic.Pointer[atomic.Int64] // counts what is read and thrown away
}

// dial opens a connection and connects to an app.
func dial(t *testing.T, port int, app string) *peer {
	t.Helper()
	return dialOver(t, func(c net.Conn) net.Conn { return c }, port, app)
}

func dialOver(t *testing.T, layer func(net.Conn) net.Conn, port int, app string) *peer {
	t.Helper()
	p := dialRaw(t, port)
	p.conn = layer(p.conn)
	return p.connect(session.ClientConfig{App: app, TcURL: fmt.Sprintf("rtmp://127.0.0.1/%s", app)})
}

// dialAs is dial for a client that announces what it can do.
func dialAs(t *testing.T, port int, app string, can session.Capabilities) *peer {
	t.Helper()
	return dialRaw(t, port).connect(session.ClientConfig{App: app, TcURL: fmt.Sprintf("rtmp://127.0.0.1/%s", app), Capabilities: &can})
}

func (p *peer) connect(config session.ClientConfig) *peer {
	t := p.t
	t.Helper()
	p.session = session.NewClient(config, p)
	client := handshake.NewClient(handshake.ClientConfig{})
	hello, err := client.Start(nil)
	require.NoError(t, err)
	p.write(hello)
	rest := p.shakeHands(client)
	p.session.Start()
	p.flush()
	go p.read(rest)
	return p
}

func dialRaw(t *testing.T, port int) *peer {
	t.Helper()
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	p := &peer{t: t, conn: c}
	p.changed = sync.NewCond(&p.mu)
	return p
}

func (p *peer) shakeHands(client *handshake.Client) (rest []byte) {
	p.t.Helper()
	buf := make([]byte, 4096)
	for {
		require.NoError(p.t, p.conn.SetReadDeadline(time.Now().Add(patience)))
		n, err := p.conn.Read(buf)
		require.NoError(p.t, err)
		out, rest, done, err := client.Feed(nil, buf[:n])
		require.NoError(p.t, err)
		p.write(out)
		if done {
			require.NoError(p.t, p.conn.SetReadDeadline(time.Time{}))
			return append([]byte(nil), rest...)
		}
	}
}

// read feeds the session until the connection ends.
func (p *peer) read(first []byte) {
	r := chunk.NewReader(chunk.ReaderConfig{})
	buf := make([]byte, 64<<10)
	for b := first; ; {
		p.mu.Lock()
		err := r.Feed(b, func(m *chunk.Message) error {
			if m.Type == message.TypeUserControl && len(m.Payload) > 1 && message.Event(m.Payload[1]) == message.EventPingRequest {
				p.pings.Add(1)
			}
			return p.session.Handle(m)
		})
		p.flush()
		p.mu.Unlock()
		if err != nil {
			p.mu.Lock()
			p.note("broken: " + err.Error())
			p.mu.Unlock()
			return
		}
		n, err := p.conn.Read(buf)
		if err != nil {
			p.mu.Lock()
			p.note("closed")
			p.mu.Unlock()
			return
		}
		b = buf[:n]
		if count := p.discarded.Load(); count != nil {
			count.Add(int64(n))
			b = nil
		}
	}
}

// discard makes the peer throw away what comes from now on, and count it. Half a message may have come already.
func (p *peer) discard(count *atomic.Int64) { p.discarded.Store(count) }

func (p *peer) write(b []byte) {
	_, _ = p.conn.Write(b) // a server that has closed shows in what is read
}

// flush sends what the session has to say. Callers hold the lock, or nobody else knows the peer yet.
func (p *peer) flush() {
	p.write(p.session.Output())
	p.session.ClearOutput()
}

func (p *peer) do(f func(*session.Client) error) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NoError(p.t, f(p.session))
	p.flush()
}

func (p *peer) publish(key string) *peer {
	p.t.Helper()
	p.want("connected")
	p.do(func(c *session.Client) error { return c.Publish(key) })
	return p
}

func (p *peer) play(key string) *peer {
	p.t.Helper()
	p.want("connected")
	p.do(func(c *session.Client) error { return c.Play(key) })
	return p
}

func (p *peer) send(messageType uint8, timestamp uint32, body ...byte) {
	p.t.Helper()
	p.do(func(c *session.Client) error { return c.SendMedia(messageType, timestamp, body) })
}

// want waits for the next line and compares it with each of these in turn.
func (p *peer) want(lines ...string) {
	p.t.Helper()
	deadline := time.AfterFunc(patience, func() {
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.changed.Broadcast()
	})
	defer deadline.Stop()
	for _, want := range lines {
		p.mu.Lock()
		for p.next >= len(p.lines) && !p.closed {
			p.changed.Wait()
		}
		got := "nothing"
		if p.next < len(p.lines) {
			got = p.lines[p.next]
		}
		p.next++
		p.mu.Unlock()
		require.Equal(p.t, want, got)
	}
}

// first waits for one of several lines.
func (p *peer) first(lines ...string) string {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.next >= len(p.lines) {
		p.changed.Wait()
	}
	got := p.lines[p.next]
	p.next++
	require.Contains(p.t, lines, got)
	return got
}

// left is how many lines have come that no want has asked for.
func (p *peer) left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.lines) - p.next
}

// map0 is a description with one entry.
func map0(name string, value any) *amf.Object {
	return &amf.Object{Properties: []amf.Property{{Name: name, Value: value}}}
}

func (p *peer) close() { p.conn.Close() }

func (p *peer) note(line string) {
	p.lines = append(p.lines, line)
	p.changed.Broadcast()
}

func (p *peer) OnConnected(c session.Connected) {
	p.announced = c.Capabilities
	p.note("connected")
}
func (p *peer) OnPublishStart(uint32) { p.note("publish start") }
func (p *peer) OnPlayStart(uint32)    { p.note("play start") }
func (p *peer) OnStatus(n session.Notice) {
	if n.Code != session.CodePlayReset { // comes before every start; the session's tests look at it
		p.note("status " + shortCode(n.Code))
	}
}
func (p *peer) OnError(err error) { p.note("refused: " + err.Error()) }
func (p *peer) OnData(_ uint32, d session.Data) {
	if d.Name != message.NameSampleAccess { // likewise
		p.note("data " + d.Name)
	}
}
func (p *peer) OnMetadata(uint32, session.Metadata) { p.note("metadata") }
func (p *peer) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	p.note(fmt.Sprintf("%s %d %s", message.TypeName(messageType), timestamp, hex(payload)))
}

// hex shows a payload, or the sum of one too long to be shown.
func hex(b []byte) string {
	if len(b) > 64 {
		return fmt.Sprintf("%d bytes, sum %08x", len(b), crc32.ChecksumIEEE(b))
	}
	return fmt.Sprintf("%x", b)
}

func shortCode(code string) string { return code[strings.IndexByte(code, '.')+1:] }
