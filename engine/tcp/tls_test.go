package tcp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
)

func TestTLSEcho(t *testing.T) {
	m := start(t, Config{Loops: 2})
	p := openTLS(t, m, echo)
	for _, version := range tlsVersions {
		for range 5 {
			peer, _ := dialTLS(t, p, version)
			require.Equal(t, version, peer.ConnectionState().Version)
			for range 10 {
				says(t, peer, "hello")
			}
		}
	}
}

// slowPipe writes one byte at a time, so that every message of the handshake and every record comes in pieces.
type slowPipe struct{ net.Conn }

func (s slowPipe) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := s.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

func TestTLSByteByByte(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := openTLS(t, m, echo)
	for _, version := range tlsVersions {
		peer := tls.Client(slowPipe{dial(t, p)}, clientTLS(version))
		says(t, peer, "hello")
		says(t, peer, "again")
	}
}

// TestTLSHandshakeTakesWhatFollows sends a message in the same write as the end of the handshake.
func TestTLSHandshakeTakesWhatFollows(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := openTLS(t, m, echo)
	socket := dial(t, p)
	held := &holdingPipe{Conn: socket}
	peer := tls.Client(held, clientTLS(tls.VersionTLS13))
	held.hold = func(written int) bool { return written > 0 } // all behind the client hello
	require.NoError(t, peer.Handshake())
	_, err := peer.Write([]byte("early"))
	require.NoError(t, err)
	_, err = socket.Write(held.held)
	require.NoError(t, err)
	gets(t, peer, "early")
}

// holdingPipe keeps writes back.
type holdingPipe struct {
	net.Conn
	hold    func(written int) bool
	written int
	held    []byte
}

func (h *holdingPipe) Write(p []byte) (int, error) {
	if h.hold(h.written) {
		h.held = append(h.held, p...)
		return len(p), nil
	}
	h.written++
	return h.Conn.Write(p)
}

func eachVersion(t *testing.T, f func(t *testing.T, version uint16)) {
	for _, version := range tlsVersions {
		t.Run(tls.VersionName(version), func(t *testing.T) { f(t, version) })
	}
}

// TestTLSReceivesLargeAmounts checks every byte of what is more than the buffers take at once.
func TestTLSReceivesLargeAmounts(t *testing.T) {
	want := noise(5 << 20)
	eachVersion(t, func(t *testing.T, version uint16) {
		m := start(t, Config{Loops: 1})
		got := make([]byte, 0, len(want))
		done := make(chan struct{})
		h := &handler{received: func(b []byte) error {
			if got = append(got, b...); len(got) >= len(want) {
				close(done)
			}
			return nil
		}}
		_, peer, _ := acceptedTLS(t, m, version, h)
		_, err := peer.Write(want)
		require.NoError(t, err)
		receive(t, done)
		require.True(t, bytes.Equal(want, got))
	})
}

// TestTLSWritesToASlowPeer mixes control bytes and spans of every size for a peer whose buffers are tiny.
func TestTLSWritesToASlowPeer(t *testing.T) {
	want := noise(2 << 20)
	eachVersion(t, func(t *testing.T, version uint16) {
		m := start(t, Config{Loops: 1})
		c, peer, _ := acceptedTLS(t, m, version, &handler{})
		left := want
		size, refused := 1, 0
		var task *Task
		task = c.Loop().NewTask(func(int) (int, bool) {
			for len(left) > 0 {
				if !c.Flush() {
					refused++
					if len(c.tls.refused) > tlsRefusedMax {
						t.Errorf("%d bytes are kept", len(c.tls.refused))
					}
					task.Later()
					return 1, false
				}
				if size = size*5/4 + 1; size > 200_000 {
					size = 1
				}
				n := min(size, len(left))
				if size%3 == 0 {
					c.QueueMedia(left[:n])
					left = left[n:]
					continue
				}
				spans := [][]byte{left[:n/3], nil, left[n/3 : n/2], left[n/2 : n]}
				k, err := c.Write(spans)
				if err != nil {
					t.Error(err)
				}
				left = left[k:]
			}
			c.CloseAfterFlush(io.EOF)
			return 1, false
		})
		on(t, c.Loop(), func() { tiny(c) })
		task.Mark()
		got, err := io.ReadAll(peer) // also checks that the end is no cut
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got))
		on(t, c.Loop(), func() {
			if refused == 0 {
				t.Error("the peer was too fast for this test")
			}
		})
		require.NoError(t, peer.Close())
	})
}

func TestTLSWriteCountsPlaintext(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, peer, _ := acceptedTLS(t, m, tls.VersionTLS13, &handler{})
	on(t, c.Loop(), func() {
		before := c.BytesSent()
		n, err := c.Write([][]byte{[]byte("one"), nil, []byte("two")})
		if n != 6 || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
		if sent := c.BytesSent() - before; sent != 6+2*22 {
			t.Errorf("the kernel has %d bytes", sent)
		}
		if n, err := c.Write(nil); n != 0 || err != nil {
			t.Errorf("nothing: wrote %d, %v", n, err)
		}
		many := make([][]byte, spansMax+1)
		for i := range many {
			many[i] = []byte{byte(i)}
		}
		if n, err := c.Write(many); n != spansMax || err != nil {
			t.Errorf("many: wrote %d, %v", n, err)
		}
	})
	gets(t, peer, "onetwo")
}

// TestTLSKeepsABoundedAmount writes to a peer that reads nothing.
func TestTLSKeepsABoundedAmount(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, _, _ := acceptedTLS(t, m, tls.VersionTLS12, &handler{})
	span := make([]byte, 1<<20)
	on(t, c.Loop(), func() {
		tiny(c)
		accepted := 0
		for len(c.tls.refused) == 0 {
			n, err := c.Write([][]byte{span, span})
			if n > tlsWriteBytesMax || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			accepted += n
		}
		if accepted < tlsSpanBytes || len(c.tls.refused) > tlsRefusedMax {
			t.Errorf("accepted %d, kept %d", accepted, len(c.tls.refused))
		}
		if n, err := c.Write([][]byte{span}); n != 0 || err != nil {
			t.Errorf("wrote %d behind what is left, %v", n, err)
		}
		// Answers to a peer that does not listen.
		room := tlsRefusedMax - len(c.tls.refused)
		if err := c.tls.send(make([]byte, room)); err != nil {
			t.Error(err)
		}
		if err := c.tls.send([]byte{1}); !errors.Is(err, errPendingFull) {
			t.Error(err)
		}
		c.Close(errPendingFull)
	})
}

func TestTLSCloseAfterFlushDelivers(t *testing.T) {
	eachVersion(t, func(t *testing.T, version uint16) {
		m := start(t, Config{Loops: 1, PendingBytesMax: 4 << 20, Linger: patience})
		message := noise(3 << 20)
		closed := make(chan error, 1)
		c, peer, _ := acceptedTLS(t, m, version, &handler{closed: func(err error) { closed <- err }})
		why := errors.New("why")
		on(t, c.Loop(), func() {
			tiny(c)
			c.Queue(message)
			c.CloseAfterFlush(why)
		})
		got, err := io.ReadAll(peer)
		require.NoError(t, err, "the end is announced")
		require.True(t, bytes.Equal(message, got))
		require.NoError(t, peer.Close())
		require.ErrorIs(t, receive(t, closed), why)
	})
}

func TestTLSPeerCloses(t *testing.T) {
	ends := map[string]func(*tls.Conn, *net.TCPConn){
		"in order":          func(peer *tls.Conn, _ *net.TCPConn) { _ = peer.Close() },
		"its direction":     func(peer *tls.Conn, _ *net.TCPConn) { _ = peer.CloseWrite() },
		"without a word":    func(_ *tls.Conn, socket *net.TCPConn) { _ = socket.Close() },
		"inside a record":   func(_ *tls.Conn, socket *net.TCPConn) { _, _ = socket.Write([]byte{23, 3, 3, 1}); _ = socket.Close() },
		"with words before": func(peer *tls.Conn, _ *net.TCPConn) { _, _ = peer.Write([]byte("words")); _ = peer.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			m := start(t, Config{Loops: 1})
			closed := make(chan error, 1)
			_, peer, socket := acceptedTLS(t, m, tls.VersionTLS13, &handler{closed: func(err error) { closed <- err }})
			end(peer, socket)
			require.ErrorIs(t, receive(t, closed), io.EOF)
		})
	}
}

// TestTLSBrokenRecord sends what no key has sealed.
func TestTLSBrokenRecord(t *testing.T) {
	m := start(t, Config{Loops: 1})
	closed := make(chan error, 1)
	_, peer, socket := acceptedTLS(t, m, tls.VersionTLS13, &handler{
		received: func([]byte) error { t.Error("received"); return nil },
		closed:   func(err error) { closed <- err },
	})
	_, err := socket.Write(append([]byte{23, 3, 3, 0, 40}, make([]byte, 40)...))
	require.NoError(t, err)
	require.ErrorContains(t, receive(t, closed), "bad record MAC")
	_, err = peer.Read(make([]byte, 1))
	require.ErrorContains(t, err, "bad record MAC", "the peer is told")
}

func TestTLSHandlerEnds(t *testing.T) {
	why := errors.New("why")
	f := func(name string, want error, received func(c *Conn) error) {
		t.Run(name, func(t *testing.T) {
			m := start(t, Config{Loops: 1})
			closed := make(chan error, 1)
			h := &handler{closed: func(err error) { closed <- err }}
			c, peer, _ := acceptedTLS(t, m, tls.VersionTLS13, h)
			on(t, c.Loop(), func() { h.received = func([]byte) error { return received(c) } })
			_, _ = peer.Write(make([]byte, 100_000)) // may meet a reset
			require.ErrorIs(t, receive(t, closed), want)
		})
	}
	f("an error", why, func(*Conn) error { return why })
	f("a close", why, func(c *Conn) error { c.Close(why); return nil })
	f("a panic", errPanic, func(*Conn) error { panic("oh") })
}

func TestTLSNotAccepted(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := openTLS(t, m, func(*Conn) Handler { return nil })
	peer, _ := dialTLS(t, p, tls.VersionTLS12)
	getsEnd(t, peer)
	p = openTLS(t, m, func(*Conn) Handler { panic("oh") })
	peer, _ = dialTLS(t, p, tls.VersionTLS12)
	getsEnd(t, peer)
}

func TestTLSClientThatSpeaksSomethingElse(t *testing.T) {
	var log lockedBuffer
	m := start(t, Config{Loops: 1, Log: zerolog.New(&log)})
	p := openTLS(t, m, neverAccepts(t))
	for i, words := range []string{
		"\x03" + strings.Repeat("\x00", 1536), "GET / HTTP/1.1\r\n\r\n", strings.Repeat("\xff", 200_000), "\x80garbage",
	} {
		peer := dial(t, p)
		_, _ = peer.Write([]byte(words)) // what is too much may meet a reset
		_, _ = io.Copy(io.Discard, peer)
		require.NoError(t, peer.Close())
		eventually(t, func() bool { return m.Connections() == 0 }, "still counted")
		lines := strings.Count(log.String(), "client does not speak TLS")
		if len(words) < handshakeUnreadMax {
			require.Positive(t, lines, "%d: %s", i, log.String())
		}
	}
}

// TestTLSFailedHandshakes checks that the reason is logged and the peer is told.
func TestTLSFailedHandshakes(t *testing.T) {
	f := func(logged string, server *tls.Config, client *tls.Config) {
		t.Run(logged, func(t *testing.T) {
			var log lockedBuffer
			m := start(t, Config{Loops: 1, Log: zerolog.New(&log)})
			p, err := m.Open(PortConfig{Address: "127.0.0.1:0", TLS: server, Accept: neverAccepts(t)})
			require.NoError(t, err)
			socket := dial(t, p)
			peer := tls.Client(socket, client)
			if err := peer.Handshake(); err == nil { // a client of TLS 1.3 is done before it hears of a failure
				_, err = peer.Read(make([]byte, 1))
				require.Error(t, err)
			}
			require.NoError(t, socket.Close())
			eventually(t, func() bool { return strings.Contains(log.String(), logged) }, logged+" is not logged")
		})
	}
	f("bad certificate", serverTLS(), &tls.Config{ServerName: "localhost"})
	f("unsupported versions", serverTLS(), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	f("none today", &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return nil, errors.New("none today")
	}}, clientTLS(tls.VersionTLS13))
	f("panic in a TLS handshake", &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		panic("oh")
	}}, clientTLS(tls.VersionTLS13))
}

// clientHello is the first flight of a client.
func clientHello(t *testing.T) []byte {
	t.Helper()
	held := &holdingPipe{hold: func(int) bool { return true }}
	near, far := net.Pipe()
	held.Conn = near
	require.NoError(t, far.Close()) // reading ends at once
	require.Error(t, tls.Client(held, clientTLS(tls.VersionTLS13)).Handshake())
	require.NotEmpty(t, held.held)
	return held.held
}

func TestTLSHalfAHandshake(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := openTLS(t, m, neverAccepts(t))
	hello := clientHello(t)
	for _, part := range [][]byte{nil, hello[:1], hello[:5], hello[:len(hello)/2], hello} {
		peer := dial(t, p)
		_, err := peer.Write(part)
		require.NoError(t, err)
		if len(part) == len(hello) {
			_, err := peer.Read(make([]byte, 1))
			require.NoError(t, err)
		}
		onlyConn(t, m.loops[0])
		reset(peer)
		eventually(t, func() bool { return m.Connections() == 0 }, "still counted")
	}
}

func TestTLSHandshakeTimeout(t *testing.T) {
	var counters limits.Counters
	m := start(t, Config{Loops: 1, TLSHandshakeTimeout: 100 * time.Millisecond, Limits: &counters})
	p := openTLS(t, m, neverAccepts(t))
	began := time.Now()
	hello := clientHello(t)
	for _, part := range [][]byte{nil, hello[:20]} {
		peer := dial(t, p)
		_, err := peer.Write(part)
		require.NoError(t, err)
		getsEnd(t, peer)
		require.GreaterOrEqual(t, time.Since(began), 100*time.Millisecond)
	}
	require.EqualValues(t, 2, counters.Count(limits.TLSHandshakeTimeout))
}

func TestTLSHandshakeTimeoutEndsWithTheHandshake(t *testing.T) {
	m := start(t, Config{Loops: 1})
	echoes := openTLS(t, m, echo)
	peer, _ := dialTLS(t, echoes, tls.VersionTLS13)
	says(t, peer, "the server has finished as well")
	on(t, m.loops[0], func() {
		for c := range m.loops[0].conns {
			c.tick(time.Now().Add(time.Hour))
		}
	})
	says(t, peer, "those who have shaken hands are not touched")
}

func TestTLSHandshakeOfAPeerThatDoesNotWait(t *testing.T) {
	for _, over := range []int{0, 1} {
		m := &memoryConn{}
		m.changed.L = &m.mu
		require.True(t, m.feed(make([]byte, handshakeUnreadMax/2)))
		require.Equal(t, over == 0, m.feed(make([]byte, handshakeUnreadMax/2+over)))
	}
	m := start(t, Config{Loops: 1})
	p := openTLS(t, m, neverAccepts(t))
	peer := dial(t, p)
	c := onlyConn(t, m.loops[0])
	on(t, c.Loop(), func() { c.received(make([]byte, handshakeUnreadMax+1)) })
	getsEnd(t, peer)
}

func TestTLSStopDuringHandshakes(t *testing.T) {
	m := start(t, Config{Loops: 2})
	p := openTLS(t, m, echo)
	hello := clientHello(t)
	for i := range 20 {
		_, err := dial(t, p).Write(hello[:i*len(hello)/19])
		require.NoError(t, err)
	}
	peer, _ := dialTLS(t, p, tls.VersionTLS13)
	says(t, peer, "hello")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m.Stop(ctx) // start's cleanup looks for what is left
	require.NotContains(t, stacks(), "shakeHands")
}

// TestTLSHandshakeDoesNotHoldUpOthers has a certificate that takes its time.
func TestTLSHandshakeDoesNotHoldUpOthers(t *testing.T) {
	m := start(t, Config{Loops: 1})
	asked, answer := make(chan struct{}), make(chan struct{})
	defer close(answer)
	slow, err := m.Open(PortConfig{Address: "127.0.0.1:0", Accept: neverAccepts(t), TLS: &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			close(asked)
			<-answer
			return nil, errors.New("none")
		},
	}})
	require.NoError(t, err)
	hello := clientHello(t)
	_, err = dial(t, slow).Write(hello)
	require.NoError(t, err)
	receive(t, asked)
	says(t, dial(t, open(t, m, echo)), "plain")
	peer, _ := dialTLS(t, openTLS(t, m, echo), tls.VersionTLS13)
	says(t, peer, "TLS")
}

func TestTLSBuffersAreGivenBack(t *testing.T) {
	m := start(t, Config{Loops: 1})
	c, peer, _ := acceptedTLS(t, m, tls.VersionTLS13, &handler{})
	l := c.Loop()
	span := make([]byte, 1<<20)
	total := 0
	on(t, l, func() {
		tiny(c)
		for len(c.tls.refused) == 0 {
			n, _ := c.Write([][]byte{span})
			total += n
		}
		if len(l.tls.spare) != 0 {
			t.Error("spare")
		}
	})
	_, err := io.CopyN(io.Discard, peer, int64(total))
	require.NoError(t, err)
	eventually(t, func() (back bool) {
		on(t, l, func() { back = len(l.tls.spare) == 1 && c.tls.buffer == nil })
		return back
	}, "not given back")
	for range 2 * tlsSpareMax {
		on(t, l, func() { l.tls.giveBack(make([]byte, 0, tlsRefusedMax)) })
	}
	on(t, l, func() {
		if len(l.tls.spare) != tlsSpareMax {
			t.Errorf("%d spare buffers", len(l.tls.spare))
		}
	})
}

// TestTLSWithoutForwardSecrecyOrWithBrokenCiphers is refused: what Go calls insecure is not chosen even if a client has nothing
// else, and all that it calls secure works.
func TestTLSWithoutForwardSecrecyOrWithBrokenCiphers(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	certificate, err := selfSigned(key)
	require.NoError(t, err)
	m := start(t, Config{Loops: 1})
	p, err := m.Open(PortConfig{Address: "127.0.0.1:0", TLS: certificate, Accept: func(*Conn) Handler { return &handler{} }})
	require.NoError(t, err)
	shakeHands := func(suite uint16) error {
		c := clientTLS(tls.VersionTLS12)
		c.CipherSuites = []uint16{suite}
		socket := dial(t, p)
		defer socket.Close()
		return tls.Client(socket, c).Handshake()
	}
	tried := 0
	for _, suite := range tls.InsecureCipherSuites() {
		require.Error(t, shakeHands(suite.ID), suite.Name)
	}
	for _, suite := range tls.CipherSuites() {
		if strings.Contains(suite.Name, "_RSA_") && slices.Contains(suite.SupportedVersions, tls.VersionTLS12) {
			require.NoError(t, shakeHands(suite.ID), suite.Name)
			require.Contains(t, suite.Name, "ECDHE")
			tried++
		}
	}
	require.GreaterOrEqual(t, tried, 5)
}

func TestTLSConfig(t *testing.T) {
	require.Nil(t, tlsConfigOf(nil))
	given := &tls.Config{MinVersion: tls.VersionTLS10}
	c := tlsConfigOf(given)
	require.Equal(t, uint16(tls.VersionTLS12), c.MinVersion)
	require.True(t, c.SessionTicketsDisabled)
	require.True(t, c.DynamicRecordSizingDisabled)
	require.False(t, given.SessionTicketsDisabled, "the caller's is not touched")
	require.Equal(t, uint16(tls.VersionTLS13), tlsConfigOf(&tls.Config{MinVersion: tls.VersionTLS13}).MinVersion)
}
