package handshake

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

var schemes = []Scheme{Simple, Digest0, Digest1}

// seeded is a source of bytes that are the same in each run.
func seeded(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func newTestServer() *Server { return NewServer(Config{Random: seeded(1), Time: 0x01020304}) }

func newTestClient(t testing.TB, scheme Scheme) (*Client, []byte) {
	c := NewClient(ClientConfig{Config: Config{Random: seeded(2), Time: 0x0A0B0C0D}, Scheme: scheme})
	c0c1, err := c.Start(nil)
	require.NoError(t, err)
	require.Len(t, c0c1, 1+packetBytes)
	require.Equal(t, []byte{3, 0x0A, 0x0B, 0x0C, 0x0D}, c0c1[:5])
	return c, c0c1
}

// feeder is a Server or a Client.
type feeder interface {
	Feed(dst, b []byte) (out, rest []byte, done bool, err error)
}

// feed feeds the pieces one after the other and returns all that was sent and all that was left over.
func feed(t testing.TB, f feeder, pieces ...[]byte) (sent, rest []byte, done bool) {
	t.Helper()
	for _, p := range pieces {
		out, left, now, err := f.Feed(nil, p)
		require.NoError(t, err)
		require.False(t, done && !now, "done once, done for ever")
		require.True(t, now || len(left) == 0, "bytes left before the end")
		sent, rest, done = append(sent, out...), append(rest, left...), now
	}
	return sent, rest, done
}

func TestServerAnswersSimpleClient(t *testing.T) {
	_, c0c1 := newTestClient(t, Simple)
	s := newTestServer()
	sent, rest, done := feed(t, s, c0c1)
	require.False(t, done)
	require.Empty(t, rest)
	require.Len(t, sent, 1+2*packetBytes)
	require.Equal(t, []byte{3, 1, 2, 3, 4, 0, 0, 0, 0}, sent[:9], "S0, time and zero")
	require.Equal(t, c0c1[1:], sent[1+packetBytes:], "S2 is C1")
	require.Equal(t, Simple, s.Scheme())
}

func TestServerAnswersDigestClient(t *testing.T) {
	for _, scheme := range schemes[1:] {
		_, c0c1 := newTestClient(t, scheme)
		s := newTestServer()
		sent, _, _ := feed(t, s, c0c1)
		require.Len(t, sent, 1+2*packetBytes)
		require.Equal(t, scheme, s.Scheme())
		require.Equal(t, []byte{3, 1, 2, 3, 4, 4, 5, 0, 1}, sent[:9])

		s1, s2 := packet(sent[1:1+packetBytes]), packet(sent[1+packetBytes:])
		got, _ := findDigest(&s1, serverName)
		require.Equal(t, scheme, got, "S1 has its digest where C1 has")
		c1 := packet(c0c1[1:])
		_, digest := findDigest(&c1, clientName)
		require.Equal(t, signature(&s2, serverKey, digest), s2[signedBytes:])
	}
}

// A digest that does not check out is what random bytes look like, so the client is taken for a simple one.
func TestServerFallsBackToSimple(t *testing.T) {
	for _, scheme := range schemes[1:] {
		for _, at := range []int{0, 4, 9, 700, 1500, packetBytes - 1} {
			_, c0c1 := newTestClient(t, scheme)
			c0c1[1+at] ^= 0x80
			s := newTestServer()
			sent, _, _ := feed(t, s, c0c1)
			require.Equal(t, Simple, s.Scheme())
			require.Equal(t, c0c1[1:], sent[1+packetBytes:], "S2 is C1")
			require.Equal(t, make([]byte, 4), sent[5:9], "S1 promises no digest")
		}
	}
}

func TestServerAtEveryCut(t *testing.T) {
	for _, scheme := range schemes {
		_, c0c1 := newTestClient(t, scheme)
		// The content of C2 does not matter, and what follows it belongs to the session.
		stream := append(append(c0c1, bytes.Repeat([]byte{0xC2}, packetBytes)...), "connect"...)
		want, _, _ := feed(t, newTestServer(), stream)
		for cut := range len(stream) + 1 {
			sent, rest, done := feed(t, newTestServer(), stream[:cut], stream[cut:])
			require.True(t, done)
			require.Equal(t, want, sent, "cut at %d", cut)
			require.Equal(t, "connect", string(rest), "cut at %d", cut)
		}
		s := newTestServer()
		for i := range len(stream) - 8 {
			_, _, done := feed(t, s, stream[i:i+1])
			require.False(t, done, "%d", i)
		}
		_, rest, done := feed(t, s, stream[len(stream)-8:len(stream)-7])
		require.True(t, done)
		require.Empty(t, rest)
		_, rest, _ = feed(t, s, []byte("connect"))
		require.Equal(t, "connect", string(rest))
	}
}

func TestClientAtEveryCut(t *testing.T) {
	for _, scheme := range schemes {
		_, c0c1 := newTestClient(t, scheme)
		fromServer, _, _ := feed(t, newTestServer(), c0c1)
		fromServer[len(fromServer)-1] ^= 1 // a wrong S2 is tolerated
		stream := append(fromServer, "onBWDone"...)
		c, _ := newTestClient(t, scheme)
		want, _, _ := feed(t, c, stream)
		require.Len(t, want, packetBytes)
		for cut := range len(stream) + 1 {
			c, _ := newTestClient(t, scheme)
			sent, rest, done := feed(t, c, stream[:cut], stream[cut:])
			require.True(t, done)
			require.Equal(t, want, sent, "cut at %d", cut)
			require.Equal(t, "onBWDone", string(rest), "cut at %d", cut)
		}
	}
}

// C2 must not wait for S2, a server may be waiting for it.
func TestClientAnswersAtTheEndOfS1(t *testing.T) {
	for _, scheme := range schemes {
		c, c0c1 := newTestClient(t, scheme)
		fromServer, _, _ := feed(t, newTestServer(), c0c1)
		sent, _, _ := feed(t, c, fromServer[:packetBytes])
		require.Empty(t, sent)
		sent, _, done := feed(t, c, fromServer[packetBytes:packetBytes+1])
		require.Len(t, sent, packetBytes)
		require.False(t, done)

		s1 := packet(fromServer[1 : 1+packetBytes])
		if scheme == Simple {
			require.Equal(t, s1[:], sent)
			continue
		}
		_, digest := findDigest(&s1, serverName)
		require.NotNil(t, digest)
		c2 := packet(sent)
		require.Equal(t, signature(&c2, clientKey, digest), c2[signedBytes:])
	}
}

// A client with a digest meets a server without, and the other way round.
func TestClientMeetsServerOfTheOtherForm(t *testing.T) {
	s1 := packet(bytes.Repeat([]byte{5}, packetBytes))
	c, _ := newTestClient(t, Digest0)
	sent, _, _ := feed(t, c, append([]byte{3}, s1[:]...))
	require.Equal(t, s1[:], sent)

	imprint(&s1, Digest1, serverName)
	c, _ = newTestClient(t, Simple)
	sent, _, _ = feed(t, c, append([]byte{3}, s1[:]...))
	require.Equal(t, s1[:], sent)
}

func TestClientAndServer(t *testing.T) {
	for _, scheme := range schemes {
		for _, piece := range []int{1, 100, packetBytes, 10_000} {
			t.Run(fmt.Sprintf("scheme=%d/piece=%d", scheme, piece), func(t *testing.T) {
				s := NewServer(Config{})
				c := NewClient(ClientConfig{Scheme: scheme})
				toServer, err := c.Start(nil)
				require.NoError(t, err)
				toServer = append(toServer[:0:0], toServer...)
				var toClient, restServer, restClient []byte
				var doneServer, doneClient bool
				for len(toServer)+len(toClient) > 0 {
					n := min(piece, len(toServer))
					sent, rest, done := feed(t, s, toServer[:n])
					toServer, toClient, restServer, doneServer = toServer[n:], append(toClient, sent...), append(restServer, rest...), done

					n = min(piece, len(toClient))
					sent, rest, done = feed(t, c, toClient[:n])
					toClient, toServer, restClient, doneClient = toClient[n:], append(toServer, sent...), append(restClient, rest...), done
				}
				require.True(t, doneServer)
				require.True(t, doneClient)
				require.Empty(t, restServer)
				require.Empty(t, restClient)
				require.Equal(t, scheme, s.Scheme())
			})
		}
	}
}

func TestFirstByte(t *testing.T) {
	f := func(b byte, want Kind) {
		t.Helper()
		c, _ := newTestClient(t, Simple)
		for _, side := range []feeder{newTestServer(), c} {
			for range 2 { // errors are final
				out, rest, done, err := side.Feed([]byte("kept"), []byte{b, 3, 3})
				var not *NotRTMPError
				require.True(t, errors.As(err, &not))
				require.Equal(t, NotRTMPError{want, b}, *not)
				require.Contains(t, err.Error(), want.String())
				require.Equal(t, "kept", string(out))
				require.Equal(t, []byte{b, 3, 3}, rest)
				require.False(t, done)
			}
		}
	}
	f(0x16, TLS)
	f('G', HTTP)
	f('P', HTTP)
	f('H', HTTP)
	f('O', HTTP)
	f('\r', ProxyProtocol)
	f(6, EncryptedRTMP)
	f(0, OtherVersion)
	f(2, OtherVersion)
	f(31, OtherVersion)
	f(32, Unknown)
	f(0xF3, Unknown)
}

func TestFeedOfNothing(t *testing.T) {
	_, rest, done := feed(t, newTestServer(), nil, []byte{})
	require.Empty(t, rest)
	require.False(t, done)
}

func TestNoRandomBytes(t *testing.T) {
	_, c0c1 := newTestClient(t, Digest1)
	for _, have := range []int{0, packetBytes - headBytes - 1, packetBytes - headBytes + signedBytes - 1} {
		s := NewServer(Config{Random: bytes.NewReader(make([]byte, have))})
		for range 2 {
			out, _, done, err := s.Feed([]byte("kept"), c0c1)
			require.ErrorContains(t, err, "random bytes")
			require.Equal(t, "kept", string(out))
			require.False(t, done)
		}
	}
	c := NewClient(ClientConfig{Config: Config{Random: bytes.NewReader(nil)}})
	_, err := c.Start(nil)
	require.Error(t, err)
	_, _, _, err = c.Feed(nil, []byte{3})
	require.ErrorContains(t, err, "random bytes")
}

// Nothing of what came in is held after it has been answered.
func TestHelloIsDropped(t *testing.T) {
	_, c0c1 := newTestClient(t, Digest0)
	s := newTestServer()
	feed(t, s, c0c1[:packetBytes])
	require.NotNil(t, s.intake.hello)
	feed(t, s, c0c1[packetBytes:])
	require.Nil(t, s.intake.hello)
}
