package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/workflow"
	"mmids/flv"
	"mmids/http/server"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

type harness struct {
	t      *testing.T
	server *server.Server
	limits *limits.Counters
}

func newHarness(t *testing.T, c server.Config) *harness {
	t.Helper()
	held := media.InUse()
	h := &harness{t: t, limits: &limits.Counters{}}
	sockets, err := tcp.Start(tcp.Config{Loops: 2, Log: c.Log, Linger: time.Second, Limits: h.limits})
	require.NoError(t, err)
	c.BindAddress, c.Limits = "127.0.0.1", h.limits
	h.server = server.New(sockets, c)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		sockets.Stop(ctx)
		require.Equal(t, held, media.InUse(), "all payload memory was given back")
	})
	return h
}

// freePort returns a port that nothing listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// registrant is a fake that keeps what the endpoint says.
type registrant struct{ lost chan error }

func (r registrant) Lost(err error) { r.lost <- err }

// show registers for every key of the app live.
func (h *harness) show(change func(*server.Request)) *show {
	h.t.Helper()
	request := server.Request{Port: freePort(h.t), App: "live", Key: "*", Owner: workflow.NewOwner("w"), Log: zerolog.Nop()}
	if change != nil {
		change(&request)
	}
	r, err := h.server.Listen(request, registrant{make(chan error, 1)})
	require.NoError(h.t, err)
	h.t.Cleanup(r.Close)
	return &show{h.t, r, fmt.Sprintf("127.0.0.1:%d", request.Port)}
}

// show is a registration and where it is reached.
type show struct {
	t            *testing.T
	registration *server.Registration
	address      string
}

// feed begins a stream.
func (s *show) feed(key string) *feeder {
	f := s.source(key)
	f.begin()
	return f
}

// source is a feeder that has said nothing.
func (s *show) source(key string) *feeder {
	f := &feeder{t: s.t, channel: s.registration.Feed(key)}
	s.t.Cleanup(f.end)
	return f
}

// feeder is a source.
type feeder struct {
	t       *testing.T
	channel *server.Channel
	ended   bool
	waited  bool  // what it says has waited to be read
	now     int64 // ms
}

// Sequence headers as ffmpeg sends them.
var (
	avcHeader = fromHex("17000000000164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000468ef8fcbfdf8f800")
	aacHeader = fromHex("af001210")

	opusHeader = fromHex("904f7075734f707573486561640102380180bb0000000000")
)

func fromHex(text string) (b []byte) {
	_, _ = fmt.Sscanf(text, "%x", &b)
	return b
}

func (f *feeder) begin() {
	f.channel.Append(&media.Notification{Event: media.NewStream, Name: "cam"})
	f.add(media.Video, avcHeader)
	f.add(media.Audio, aacHeader)
	f.channel.Publish()
}

// add appends a packet as the RTMP server makes it.
func (f *feeder) add(kind media.Kind, tag []byte) {
	f.t.Helper()
	p := media.Packet{Kind: kind, Time: f.now, Body: media.CopyBuffer(tag)}
	if kind == media.Video {
		h, err := flv.ParseVideo(tag)
		require.NoError(f.t, err)
		p.KeyFrame, p.Required, p.HeaderSize = h.IsKeyFrame(), h.IsSequenceHeader(), h.Size
	} else {
		h, err := flv.ParseAudio(tag)
		require.NoError(f.t, err)
		p.Required, p.HeaderSize = h.IsSequenceHeader(), h.Size
	}
	f.channel.Append(&media.Notification{Event: media.Coded, Waited: f.waited, Packet: p})
	p.Body.Release()
}

func (f *feeder) key(text string) {
	f.add(media.Video, append([]byte{0x17, 1, 0, 0, 0}, text...))
	f.publish()
}

func (f *feeder) inter(text string) {
	f.add(media.Video, append([]byte{0x27, 1, 0, 0, 0}, text...))
	f.publish()
}

func (f *feeder) publish() {
	f.channel.Publish()
	f.now += 40
}

func (f *feeder) end() {
	if !f.ended {
		f.ended = true
		f.channel.EndFeed()
	}
}

// client is a connection that says exactly what a test tells it to.
type client struct {
	t   *testing.T
	net net.Conn
	in  *bufio.Reader
}

// dialed is a connection that ends in time.
func dialed(address string) (net.Conn, error) {
	c, err := net.DialTimeout("tcp", address, patience)
	if err == nil {
		err = c.SetDeadline(time.Now().Add(2 * patience))
	}
	return c, err
}

func (s *show) dial() *client {
	s.t.Helper()
	c, err := dialed(s.address)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = c.Close() })
	return &client{s.t, c, bufio.NewReader(c)}
}

func (c *client) write(text string) *client {
	c.t.Helper()
	_, err := io.WriteString(c.net, text)
	require.NoError(c.t, err)
	return c
}

// response reads the head of an answer. What is read afterwards is its body.
func (c *client) response() *http.Response {
	c.t.Helper()
	r, err := http.ReadResponse(c.in, nil)
	require.NoError(c.t, err)
	if r.StatusCode == http.StatusOK {
		c.in = bufio.NewReader(r.Body)
	}
	return r
}

// get asks for a path with further lines of the head.
func (s *show) get(path string, header ...string) *client {
	s.t.Helper()
	return s.dial().write("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(header, ""), "\r\n") + "\r\n")
}

// refused asks and returns what the answer is.
func (s *show) refused(method, path string, header ...string) (status int, text string, head http.Header) {
	s.t.Helper()
	c := s.dial().write(method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(header, ""), "\r\n") + "\r\n")
	r, err := http.ReadResponse(c.in, &http.Request{Method: method})
	require.NoError(s.t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, "*", r.Header.Get("Access-Control-Allow-Origin"))
	date, err := http.ParseTime(r.Header.Get("Date"))
	require.NoError(s.t, err)
	require.WithinDuration(s.t, time.Now(), date, patience)
	return r.StatusCode, string(body), r.Header
}

// want reads until a text has come.
func (c *client) want(text string) *client {
	c.t.Helper()
	var got []byte
	for !bytes.HasSuffix(got, []byte(text)) {
		b, err := c.in.ReadByte()
		require.NoError(c.t, err, "while waiting for %q behind %q", text, got)
		got = append(got, b)
	}
	return c
}

// tag reads an FLV tag and returns its time and body.
func tag(t *testing.T, in io.Reader) (time int, body []byte) {
	t.Helper()
	head := make([]byte, 11)
	_, err := io.ReadFull(in, head)
	require.NoError(t, err)
	body = make([]byte, int(head[1])<<16|int(head[2])<<8|int(head[3]))
	_, err = io.ReadFull(in, body)
	require.NoError(t, err)
	size := make([]byte, 4)
	_, err = io.ReadFull(in, size)
	require.NoError(t, err)
	require.Equal(t, len(head)+len(body), int(binary.BigEndian.Uint32(size)))
	return int(head[7])<<24 | int(head[4])<<16 | int(head[5])<<8 | int(head[6]), body
}

// fileHeader reads the beginning of an FLV file and returns its flags.
func fileHeader(t *testing.T, in io.Reader) byte {
	t.Helper()
	head := make([]byte, 13)
	_, err := io.ReadFull(in, head)
	require.NoError(t, err)
	require.Equal(t, "FLV\x01", string(head[:4]))
	return head[4]
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, patience, 5*time.Millisecond, what)
}

func (s *show) owner(name string) *workflow.Owner { return workflow.NewOwner(name) }

func (s *show) port() int {
	s.t.Helper()
	_, port, err := net.SplitHostPort(s.address)
	require.NoError(s.t, err)
	n, err := net.LookupPort("tcp", port)
	require.NoError(s.t, err)
	return n
}

// watched reports whether anybody watches or waits.
func (s *show) watched() bool { return s.registration.Patience() != workflow.Endless }
