package server_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
	"mmids/http/server"
)

// TestFLV: a viewer in the course of a stream begins with headers and the newest key frame, and gets what follows.
func TestFLV(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.key("K1")
	f.inter("P1")
	f.key("K2")
	f.inter("P2")
	c := s.get("/live/live/cam.flv")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	f.publish() // a log that is asked for begins when the feeder comes by
	r := c.response()
	require.Equal(t, 200, r.StatusCode)
	require.Equal(t, "video/x-flv", r.Header.Get("Content-Type"))
	require.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"))
	require.EqualValues(t, 1|4, fileHeader(t, c.in))
	wants := func(time int, body string) {
		t.Helper()
		at, got := tag(t, c.in)
		require.Equal(t, time, at)
		require.Equal(t, body, string(got))
	}
	for _, header := range [][]byte{avcHeader, aacHeader} {
		_, got := tag(t, c.in)
		require.Equal(t, header, got)
	}
	wants(80, "\x17\x01\x00\x00\x00K2")
	wants(120, "\x27\x01\x00\x00\x00P2")
	f.now = 1 << 24 // the upper bits of a time
	f.inter("P3")
	wants(1<<24, "\x27\x01\x00\x00\x00P3")
	require.Equal(t, "flv", f.channel.Stats().Formats[0].Format)
	require.True(t, s.watched())
	s.registration.Close()
	_, err := io.ReadAll(c.in)
	require.NoError(t, err, "the body ends in order")
	eventually(t, "viewer is gone", func() bool { return f.channel.Stats().Viewers == 0 })
}

// TestPaths: what figures say of where a stream is leads there, whatever its key is.
func TestPaths(t *testing.T) {
	h := newHarness(t, server.Config{})
	s := h.show(nil)
	f := s.feed("a b#c?d%2e/ä")
	f.key("K1")
	paths := h.server.Outputs(nil)[0].Paths
	require.Equal(t, []string{"/live/live/a%20b%23c%3Fd%252e/%C3%A4.flv", "/live/live/a%20b%23c%3Fd%252e/%C3%A4.mp4"}, paths)
	for _, path := range paths {
		status, _, _ := s.refused("HEAD", path)
		require.Equal(t, 200, status)
	}
}

// TestOldHTTP: clients of HTTP/1.0 get no chunks.
func TestOldHTTP(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.key("K1")
	c, m := s.dial().write("GET /live/live/cam.flv HTTP/1.0\r\n\r\n"), s.dial().write("GET /live/live/cam.mp4 HTTP/1.0\r\n\r\n")
	eventually(t, "viewers are there", func() bool { return f.channel.Stats().Viewers == 2 })
	f.inter("P1")
	r := c.response()
	require.Empty(t, r.TransferEncoding)
	require.EqualValues(t, 1|4, fileHeader(t, c.in))
	for _, want := range []string{string(avcHeader), string(aacHeader), "\x17\x01\x00\x00\x00K1", "\x27\x01\x00\x00\x00P1"} {
		_, got := tag(t, c.in)
		require.Equal(t, want, string(got))
	}
	require.Empty(t, m.response().TransferEncoding)
	m.want("ftyp").want("mdatK1")
	require.Len(t, f.channel.Stats().Formats, 2)
}

// TestMP4: the same with fragments, whose first are the initialization segment and the key frame.
func TestMP4(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.key("K1")
	f.inter("P1")
	c := s.get("/live/live/cam.mp4")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	f.inter("P2")
	r := c.response()
	require.Equal(t, `video/mp4; codecs="avc1.64001f, mp4a.40.2"`, r.Header.Get("Content-Type"))
	c.want("ftyp").want("moov").want("avcC").want("esds").want("moof").want("mdatK1").want("mdatP1")
	late := s.get("/live/live/cam.mp4")
	eventually(t, "second viewer is there", func() bool { return f.channel.Stats().Viewers == 2 })
	f.key("K2")
	f.inter("P3")
	late.want("moov").want("mdatK1").want("mdatP1").want("mdatP2").want("mdatK2")
	c.want("mdatP2").want("mdatK2")
}

// TestWaitingForAStream: a viewer who comes before the stream gets all of it, and one whom nothing comes for is told.
func TestWaitingForAStream(t *testing.T) {
	h := newHarness(t, server.Config{ReturnTimeout: 500 * time.Millisecond})
	s := h.show(nil)
	status, text, head := s.refused("GET", "/live/live/cam.flv")
	require.Equal(t, 503, status)
	require.Equal(t, "There is no such stream at the moment.\n", text)
	require.Equal(t, "2", head.Get("Retry-After"))
	status, _, _ = s.refused("HEAD", "/live/live/cam.mp4")
	require.Equal(t, 503, status)

	for _, path := range []string{"/live/live/cam.flv", "/live/live/cam.mp4"} {
		c := s.get(path)
		eventually(t, "viewer waits", s.watched)
		f := s.feed("cam")
		f.key("K1")
		f.inter("P1")
		f.inter("P2")
		require.Equal(t, 200, c.response().StatusCode)
		c.want("K1").want("P1")
		status, _, head = s.refused("HEAD", path)
		require.Equal(t, 200, status)
		require.Contains(t, head.Get("Content-Type"), "video/")
		f.end()
		_, err := io.ReadAll(c.in)
		require.NoError(t, err, "the viewer is ended when the stream does not return")
		eventually(t, "viewer is gone", func() bool { return !s.watched() })
	}
}

// TestStreamThatReturns goes on for its viewers, with times that go on.
func TestStreamThatReturns(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.now = 5000
	f.key("K1")
	c, m := s.get("/live/live/cam.flv"), s.get("/live/live/cam.mp4")
	eventually(t, "viewers are there", func() bool { return f.channel.Stats().Viewers == 2 })
	f.inter("P1")
	c.want("P1")
	m.want("mdatK1")
	f.end()
	f = s.feed("cam") // counts from zero
	f.key("K2")
	f.inter("P2")
	f.inter("P3")
	c.want("\x17\x00\x00").want("K2").want("P2")
	m.want("moov").want("mdatK2").want("mdatP2")
}

// TestTracksThatChange end MP4 viewers, whose players cannot go on; FLV players can.
func TestTracksThatChange(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.key("K1")
	m := s.get("/live/live/cam.mp4")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	f.inter("P1")
	f.inter("P2")
	m.want("mdatK1")
	f.add(1, []byte{0xaf, 0, 0x12, 0x08}) // AAC again: the same codec
	f.key("K2")
	f.key("K3")
	m.want("mdatK2")
	f.add(1, []byte{0xbf, 1, 2}) // Speex
	f.publish()
	_, err := io.ReadAll(m.in)
	require.NoError(t, err)
	status, text, _ := s.refused("HEAD", "/live/live/cam.mp4")
	require.Equal(t, http.StatusUnsupportedMediaType, status)
	require.Empty(t, text)
	status, text, _ = s.refused("GET", "/live/live/cam.mp4")
	require.Equal(t, http.StatusUnsupportedMediaType, status)
	require.Equal(t, "MP4 is not made of Speex here; ask for .flv.\n", text)
}

// TestSlowViewer skips to a key frame, and is ended when it takes nothing at all.
func TestSlowViewer(t *testing.T) {
	c := server.Config{ViewerTimeout: 2 * time.Second}
	c.Fanout.LagBytes = 1 << 20
	h := newHarness(t, c)
	s := h.show(nil)
	f := s.feed("cam")
	f.key("K")
	slow := s.get("/live/live/cam.flv")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	large := string(make([]byte, 100_000))
	eventually(t, "viewer is behind", func() bool {
		f.key(large)
		return f.channel.Stats().Behind > 512<<10
	})
	for range 20 { // and what it would go on with is gone
		f.key(large)
	}
	buffer := make([]byte, 1<<20)
	eventually(t, "viewer skips when it goes on", func() bool {
		require.NoError(t, slow.net.SetReadDeadline(time.Now().Add(time.Millisecond)))
		_, _ = slow.net.Read(buffer)
		return f.channel.Stats().Skips > 0
	})
	require.Zero(t, h.limits.Count(limits.ViewerTimeout))
	eventually(t, "viewer is ended", func() bool {
		f.key(large)
		return f.channel.Stats().Viewers == 0
	})
	require.EqualValues(t, 1, h.limits.Count(limits.ViewerTimeout))
}
