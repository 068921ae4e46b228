package fuzz

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"mmids/rtmp/handshake"
)

const (
	handshakePacket = 1536
	handshakeServer = 1 + 2*handshakePacket // S0, S1 and S2
)

func handshakeRandom(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func handshakeClient(scheme handshake.Scheme) (*handshake.Client, []byte) {
	c := handshake.NewClient(handshake.ClientConfig{Config: handshake.Config{Random: handshakeRandom(2)}, Scheme: scheme})
	hello, err := c.Start(nil)
	if err != nil {
		panic(err)
	}
	return c, hello
}

type handshakeSide interface {
	Feed(dst, b []byte) (out, rest []byte, done bool, err error)
}

// handshakeRun feeds stream in the pieces that cuts asks for, until the end or an error.
func handshakeRun(t *testing.T, side handshakeSide, stream, cuts []byte) (sent, rest []byte, done bool, failed string) {
	for i, fed := 0, 0; fed < len(stream); i++ {
		n := len(stream) - fed
		if len(cuts) > 0 {
			n = min(n, 1+7*int(cuts[i%len(cuts)]))
		}
		piece := bytes.Clone(stream[fed : fed+n])
		out, left, now, err := side.Feed([]byte("before"), piece)
		if !bytes.HasPrefix(out, []byte("before")) {
			t.Fatal("what was in dst is gone")
		}
		sent = append(sent, out[len("before"):]...)
		clear(out) // no reference may be kept
		if err != nil {
			var not *handshake.NotRTMPError
			if !errors.As(err, &not) || fed > 0 || not.FirstByte != stream[0] || len(sent) > 0 {
				t.Fatalf("after %d bytes: %v", fed, err)
			}
			return sent, nil, false, err.Error()
		}
		if done && !now || !now && len(left) > 0 {
			t.Fatal("done, then not, or bytes left over before the end")
		}
		rest, done = append(rest, left...), now
		clear(piece)
		fed += n
	}
	return sent, rest, done, ""
}

// handshakeCheck wants the same from every way to cut stream, and what the length of stream alone decides.
func handshakeCheck(t *testing.T, fresh func() handshakeSide, stream, cuts []byte, answerAt, answerBytes int) []byte {
	sent, rest, done, failed := handshakeRun(t, fresh(), stream, nil)
	for _, c := range [][]byte{cuts, {0, 30}} {
		sent2, rest2, done2, failed2 := handshakeRun(t, fresh(), stream, c)
		if !bytes.Equal(sent, sent2) || !bytes.Equal(rest, rest2) || done != done2 || failed != failed2 {
			t.Fatalf("cuts change the result: %d/%d sent, %d/%d left, %q/%q", len(sent), len(sent2), len(rest), len(rest2), failed, failed2)
		}
	}
	if failed != "" || len(stream) == 0 {
		return sent
	}
	if want := len(stream) >= answerAt; len(sent) != 0 && !want || want && len(sent) != answerBytes {
		t.Fatalf("%d bytes sent for %d bytes", len(sent), len(stream))
	}
	if done != (len(stream) >= handshakeServer) || done && !bytes.Equal(rest, stream[handshakeServer:]) {
		t.Fatalf("done %v with %d bytes left for %d bytes", done, len(rest), len(stream))
	}
	return sent
}

// handshakeStream makes what one side may get out of a few numbers: the real bytes of a peer, or head, filled up or
// cut to total bytes, with one byte changed.
func handshakeStream(base uint8, total, flipAt uint16, flip byte, head []byte) []byte {
	stream := bytes.Clone(head)
	if base %= 7; base > 0 {
		_, hello := handshakeClient(handshake.Scheme((base - 1) % 3))
		stream = hello
		if base > 3 {
			stream, _, _, _ = handshake.NewServer(handshake.Config{Random: handshakeRandom(1)}).Feed(nil, hello)
		}
		stream = append(stream, head...)
	}
	n := int(total) % 4000
	if len(stream) > 0 && len(stream) < n {
		stream = bytes.Repeat(stream, n/len(stream)+1)
	}
	stream = stream[:min(n, len(stream))]
	if len(stream) > 0 {
		stream[int(flipAt)%len(stream)] ^= flip
	}
	return stream
}

// FuzzHandshake feeds the same bytes to a server and to clients of each form.
func FuzzHandshake(f *testing.F) {
	for base := range uint8(7) {
		f.Add(base, uint16(handshakeServer+20), uint16(0), byte(0), []byte("\x03\x00\x00connect"), []byte{200, 3})
		f.Add(base, uint16(handshakeServer), uint16(1000), byte(1), []byte{3}, []byte{219})
		f.Add(base, uint16(handshakePacket), uint16(5), byte(255), []byte{3}, []byte{})
	}
	f.Add(uint8(0), uint16(10), uint16(0), byte(0), []byte{6}, []byte{1})
	f.Add(uint8(0), uint16(10), uint16(0), byte(0), []byte{0x16, 3, 1}, []byte{0})
	f.Add(uint8(0), uint16(100), uint16(0), byte(0), []byte("POST /open/1 HTTP/1.1\r\n"), []byte{0})
	f.Add(uint8(0), uint16(20), uint16(0), byte(0), []byte("\r\n\r\n\x00\r\nQUIT\n"), []byte{0})
	f.Fuzz(func(t *testing.T, base uint8, total, flipAt uint16, flip byte, head, cuts []byte) {
		stream := handshakeStream(base, total, flipAt, flip, head)
		bareHandshake.require(t, stream)
		sent := handshakeCheck(t, func() handshakeSide {
			return handshake.NewServer(handshake.Config{Random: handshakeRandom(1)})
		}, stream, cuts, 1+handshakePacket, handshakeServer)
		if len(sent) > 0 && sent[0] != 3 {
			t.Fatal("S0 is not 3")
		}
		for _, scheme := range []handshake.Scheme{handshake.Simple, handshake.Digest0, handshake.Digest1} {
			handshakeCheck(t, func() handshakeSide { c, _ := handshakeClient(scheme); return c }, stream, cuts, 1+handshakePacket, handshakePacket)
		}
	})
}
