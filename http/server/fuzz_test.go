package server

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"mmids/fuzz/budget"
)

// FuzzRequest feeds what strangers may send as the head of a request.
func FuzzRequest(f *testing.F) {
	const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for _, head := range []string{
		"GET /live/live/cam.flv HTTP/1.1\r\nHost: x\r\n\r\n",
		"HEAD /live/live/cam.mp4?token=x HTTP/1.0\r\n\r\n",
		"GET /live/live/cam.flv HTTP/1.1\r\nHost: x\r\n" + upgrade + "\r\n",
		"GET /live/a/b.mp4 HTTP/1.1\r\nHost: x\r\n" + upgrade + "\r\nmore",
		"GET http://h/live/%2e%2e/%00.flv HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		budget.Budget{PerByte: 64, Fixed: 64 << 10}.Require(t, len(input), func() { hear(input) })
		end := endOfHead(input)
		if end < 0 {
			return
		}
		if !bytes.HasSuffix(input[:end], []byte("\r\n\r\n")) || endOfHead(input[:end-1]) >= 0 {
			t.Fatal("the head is longer or shorter than that")
		}
		r, w, no := hear(input)
		switch {
		case w == nil:
		case no != nil && (no.status < 400 || no.status > 499 || no.reason == "" || strings.ContainsAny(no.header, "\r\n")):
			t.Fatalf("refused with %+v", no)
		case no == nil && (w.format == flvOverWebSocket) != (w.accept != ""):
			t.Fatal("a WebSocket without an answer, or an answer without one")
		case no == nil && r.Method == http.MethodHead && w.format == flvOverWebSocket:
			t.Fatal("a WebSocket without a stream")
		}
	})
}

// hear is what becomes of a request before anything is looked up.
func hear(input []byte) (r *http.Request, w *wanted, no *refusal) {
	end := endOfHead(input)
	if end < 0 {
		return nil, nil, nil
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(input[:end])))
	if err != nil {
		return nil, nil, nil
	}
	w, no = parse(r)
	return r, w, no
}

// said writes down what frames ask for.
type said struct {
	lines []string
	ended bool
}

func (s *said) pong(payload []byte) { s.lines = append(s.lines, fmt.Sprintf("pong %q", payload)) }
func (s *said) end(code uint16, reason string) {
	s.lines, s.ended = append(s.lines, fmt.Sprint("end ", code, reason)), true
}
func (s *said) closing() bool { return s.ended }

// FuzzFrames feeds what strangers may send on a WebSocket: cutting it elsewhere changes nothing.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x82\x85\x01\x02\x03\x04hello\x89\x82\x01\x02\x03\x04hi\x88\x80\x01\x02\x03\x04"), uint16(7))
	f.Add([]byte("\x82\xfe\x00\x80\x01\x02\x03\x04"+strings.Repeat("x", 128)+"\x8a\x80\x01\x02\x03\x04"), uint16(3))
	f.Add([]byte("\x02\xff\x00\x00\x00\x00\x00\x00\x00\x02\x01\x02\x03\x04xx\x80\x81\x01\x02\x03\x04x"), uint16(9))
	f.Add([]byte("\x89\x05hello"), uint16(1))
	f.Fuzz(func(t *testing.T, input []byte, cut uint16) {
		feed := func(pieces ...[]byte) string {
			s, heard := &socket{}, &said{}
			for _, p := range pieces {
				s.feed(p, heard)
			}
			if len(s.header) > 14 || len(s.control) > controlMax {
				t.Fatal("more is kept than a header and a control frame")
			}
			return strings.Join(heard.lines, "\n")
		}
		at := min(int(cut), len(input))
		whole, pieces := feed(input), feed(input[:at], input[at:])
		if whole != pieces {
			t.Fatalf("cut at %d:\n%s\n\nwhole:\n%s", at, pieces, whole)
		}
	})
}
