package server_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
	"mmids/http/server"
)

var handshake = []string{
	"Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
}

// frame reads a frame of the server.
func (c *client) frame() (op byte, payload []byte) {
	c.t.Helper()
	head := make([]byte, 2)
	_, err := io.ReadFull(c.in, head)
	require.NoError(c.t, err)
	require.EqualValues(c.t, 0x80, head[0]&0xf0, "one frame is one message")
	n := uint64(head[1])
	more := map[uint64]int{126: 2, 127: 8}[n]
	if more > 0 {
		length := make([]byte, 8)
		_, err = io.ReadFull(c.in, length[8-more:])
		require.NoError(c.t, err)
		n = binary.BigEndian.Uint64(length)
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(c.in, payload)
	require.NoError(c.t, err)
	return head[0] & 0xf, payload
}

// say sends a masked frame of fewer than 126 bytes.
func (c *client) say(first byte, payload string) *client {
	mask := [4]byte{1, 2, 3, 4}
	b := append([]byte{first, 0x80 | byte(len(payload))}, mask[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return c.write(string(b))
}

// TestWebSocket: tags of every length in frames, pings answered between them, and an end in order.
func TestWebSocket(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	c := s.get("/live/live/cam.flv", handshake...)
	r := c.response()
	require.Equal(t, 101, r.StatusCode)
	require.Equal(t, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", r.Header.Get("Sec-WebSocket-Accept"), "the example of RFC 6455 §1.3")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	for _, n := range []int{10, 200, 70_000} {
		f.key(string(bytes.Repeat([]byte{'x'}, n)))
	}
	next := func() []byte {
		op, payload := c.frame()
		require.EqualValues(t, 2, op)
		return payload
	}
	require.EqualValues(t, 1|4, fileHeader(t, bytes.NewReader(next())))
	for _, want := range []int{len(avcHeader), len(aacHeader), 15, 205, 70_005} {
		_, body := tag(t, bytes.NewReader(next()))
		require.Len(t, body, want)
	}
	late := s.get("/live/live/cam.flv", handshake...)
	late.response()
	eventually(t, "second viewer is there", func() bool { return f.channel.Stats().Viewers == 2 })
	f.inter("P")
	for _, want := range []int{13, 11 + len(avcHeader) + 4, 11 + len(aacHeader) + 4, 11 + 70_005 + 4, 11 + 6 + 4} {
		op, payload := late.frame()
		require.EqualValues(t, 2, op)
		require.Len(t, payload, want)
	}
	next()

	c.say(0x82, "anything").say(0x89, "are you there").say(0x8a, "")
	op, payload := c.frame()
	require.EqualValues(t, 10, op)
	require.Equal(t, "are you there", string(payload))
	c.say(0x88, "\x03\xe8")
	op, payload = c.frame()
	require.EqualValues(t, 8, op)
	require.Equal(t, "\x03\xe8", string(payload))
	_, err := c.in.ReadByte()
	require.Equal(t, io.EOF, err)

	s.registration.Close()
	op, payload = late.frame()
	require.EqualValues(t, 8, op)
	require.Equal(t, "\x03\xe9The workflow no longer shows this stream.", string(payload))
}

// TestPings are answered as long as they do not keep the server from its work.
func TestPings(t *testing.T) {
	h := newHarness(t, server.Config{})
	s := h.show(nil)
	f := s.feed("cam")
	f.key("K")
	c := s.get("/live/live/cam.flv", handshake...)
	require.Equal(t, 101, c.response().StatusCode)
	c.write(strings.Repeat("\x89\x80\x01\x02\x03\x04", 1000))
	for {
		op, payload := c.frame()
		if op == 8 {
			require.Equal(t, "\x03\xf0the viewer pings too often", string(payload))
			break
		}
	}
	require.EqualValues(t, 1, h.limits.Count(limits.CommandsPerSecond))
}

func TestWebSocketRefusals(t *testing.T) {
	s := newHarness(t, server.Config{ReturnTimeout: 500 * time.Millisecond}).show(nil)
	status, _, head := s.refused("GET", "/live/live/cam.flv", "Connection: Upgrade", "Upgrade: websocket")
	require.Equal(t, 400, status, "as in the example of RFC 6455 §4.4: 426 would have to name what to upgrade to")
	require.Equal(t, "13", head.Get("Sec-WebSocket-Version"))
	status, _, _ = s.refused("GET", "/live/live/cam.flv", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: short")
	require.Equal(t, 400, status)
	status, text, _ := s.refused("GET", "/live/live/cam.mp4", handshake...)
	require.Equal(t, 400, status)
	require.Equal(t, "Over WebSockets there is FLV only.\n", text)
	status, _, _ = s.refused("GET", "/live/other/cam.flv", handshake...)
	require.Equal(t, 404, status)
	old := s.dial().write("GET /live/live/cam.flv HTTP/1.0\r\n" + strings.Join(handshake, "\r\n") + "\r\n\r\n")
	require.Equal(t, 400, old.response().StatusCode, "HTTP/1.0 knows no upgrade")

	c := s.get("/live/live/cam.flv", handshake...)
	require.Equal(t, 101, c.response().StatusCode)
	op, payload := c.frame()
	require.EqualValues(t, 8, op)
	require.EqualValues(t, 1013, binary.BigEndian.Uint16(payload), "try again later")
}

// TestFramesThatBreakTheRules end the connection with a reason, wherever they are cut.
func TestFramesThatBreakTheRules(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.key("K")
	for name, frame := range map[string]string{
		"not masked":              "\x82\x05hello",
		"reserved bit":            "\xc2\x80\x01\x02\x03\x04",
		"reserved opcode":         "\x83\x80\x01\x02\x03\x04",
		"control frame too long":  "\x89\xfe\x00\x7e\x01\x02\x03\x04",
		"control frame in pieces": "\x09\x80\x01\x02\x03\x04",
	} {
		c := s.get("/live/live/cam.flv", handshake...)
		require.Equal(t, 101, c.response().StatusCode)
		for i := range len(frame) {
			c.write(frame[i : i+1])
		}
		for {
			op, payload := c.frame()
			if op == 8 {
				require.EqualValues(t, 1002, binary.BigEndian.Uint16(payload), name)
				break
			}
		}
	}
}
