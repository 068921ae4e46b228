package main

import (
	"bufio"
	"context"
	"crypto/tls"
	bigendian "encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/flv"
	"mmids/rtmp/client"
)

// shownByHTTP is a workflow that shows its streams over RTMP on {port} and over HTTP on {port2}.
const shownByHTTP = `
workflow simple {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch   rtmp_app=live stream_key=* port={port}
    http_watch   app=live stream_key=* http_port={port2}
}
`

// httpURL is the address of a stream over HTTP on {port2}.
func (s *testServer) httpURL(path string) string {
	return "http://" + net.JoinHostPort(s.host, strconv.Itoa(s.port("2"))) + "/live/live/" + path
}

// flvPlayer plays FLV that comes over HTTP or a WebSocket.
type flvPlayer struct {
	body io.Closer
	tags *flv.Reader
}

func (p *flvPlayer) Read() (client.Message, error) {
	tag, err := p.tags.ReadTag()
	return client.Message{Type: uint8(tag.Type), Timestamp: tag.Timestamp, Payload: slices.Clone(tag.Body)}, err
}

func (p *flvPlayer) Close() error { return p.body.Close() }

// insecure is an HTTP client that takes every certificate.
var insecure = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}

// httpPlayer plays FLV over HTTP. The answer comes when the stream begins.
type httpPlayer struct {
	answers chan *flvPlayer
	err     error // why there is none
	flv     *flvPlayer
	cancel  context.CancelFunc
}

func (p *httpPlayer) Read() (client.Message, error) {
	if p.flv == nil {
		if p.flv = <-p.answers; p.flv == nil {
			return client.Message{}, p.err
		}
	}
	return p.flv.Read()
}

func (p *httpPlayer) Close() error {
	p.cancel()
	return nil
}

// watchFLV plays a stream over HTTP.
func watchFLV(t testing.TB, url string) *viewer {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	p := &httpPlayer{answers: make(chan *flvPlayer, 1), cancel: cancel}
	go func() {
		defer close(p.answers)
		r, err := insecure.Do(request)
		switch {
		case err != nil:
			p.err = err
		case r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "video/x-flv":
			p.err = fmt.Errorf("the answer is %s, %s", r.Status, r.Header.Get("Content-Type"))
		default:
			p.answers <- &flvPlayer{r.Body, flv.NewReader(r.Body)}
		}
	}()
	return newViewer(t, url, p)
}

// webSocket is the client's side of a WebSocket, as io.Reader of the payload of its binary frames.
type webSocket struct {
	net  net.Conn
	in   *bufio.Reader
	left uint64
	end  string // what the close frame said
}

// watchWebSocket plays a stream over a WebSocket.
func watchWebSocket(t testing.TB, url string) (*viewer, *webSocket) {
	t.Helper()
	host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	c, err := net.DialTimeout("tcp", host, patience)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(5*patience)))
	_, err = fmt.Fprintf(c, "GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, host)
	require.NoError(t, err)
	w := &webSocket{net: c, in: bufio.NewReader(c)}
	r, err := http.ReadResponse(w.in, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, r.StatusCode)
	return newViewer(t, url, &flvPlayer{c, flv.NewReader(w)}), w
}

func (w *webSocket) Read(b []byte) (int, error) {
	for w.left == 0 {
		if err := w.next(); err != nil {
			return 0, err
		}
	}
	n, err := w.in.Read(b[:min(uint64(len(b)), w.left)])
	w.left -= uint64(n)
	return n, err
}

// next reads the header of a frame.
func (w *webSocket) next() error {
	head := make([]byte, 10)
	if _, err := io.ReadFull(w.in, head[:2]); err != nil {
		return err
	}
	w.left = uint64(head[1])
	switch w.left {
	case 126:
		_, err := io.ReadFull(w.in, head[2:4])
		w.left = uint64(bigendian.BigEndian.Uint16(head[2:]))
		if err != nil {
			return err
		}
	case 127:
		_, err := io.ReadFull(w.in, head[2:10])
		w.left = bigendian.BigEndian.Uint64(head[2:])
		if err != nil {
			return err
		}
	}
	switch head[0] {
	case 0x82:
		return nil
	case 0x88:
		reason, err := io.ReadAll(io.LimitReader(w.in, int64(w.left)))
		w.end = string(reason)
		if err != nil {
			return err
		}
		return io.EOF
	}
	return fmt.Errorf("a frame that begins with %#x", head[0])
}

// curl runs curl and returns what it shows.
func curl(t testing.TB, args ...string) string {
	t.Helper()
	p := startProcess(t, "curl", append([]string{"-s", "-S", "-k", "--max-time", "60"}, args...)...)
	p.succeeds(2 * patience)
	return p.output.String()
}
