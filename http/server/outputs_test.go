package server_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/fanout"
	"mmids/engine/media"
	"mmids/http/server"
)

// formats are the names of those that are made of a stream.
func (f *feeder) formats() (names []string) {
	for _, one := range f.channel.Stats().Formats {
		names = append(names, one.Format)
	}
	return names
}

// TestIdleFormat: a format that nobody watches any more is made no longer and gives its memory back, and whoever comes then
// gets it as the first viewer did.
func TestIdleFormat(t *testing.T) {
	h := newHarness(t, server.Config{IdleTimeout: 10 * time.Millisecond})
	s := h.show(nil)
	f := s.feed("cam")
	large := strings.Repeat("x", 100_000)
	f.key("K1" + large)
	f.inter("P1" + large)
	nobody := f.channel.Stats().Held
	stays := s.get("/live/live/cam.flv")
	goes := s.get("/live/live/cam.mp4")
	eventually(t, "viewers are there", func() bool { return f.channel.Stats().Viewers == 2 })
	f.inter("P2" + large)
	f.inter("P3" + large)
	goes.want("mdatP2")
	stays.want("P3")
	require.Equal(t, []string{"flv", "mp4"}, f.formats())
	held := f.channel.Stats().Held
	var sent uint64
	for _, c := range h.server.Totals() {
		sent += c.Sent
	}
	require.NoError(t, goes.net.Close())
	eventually(t, "MP4 is made no longer", func() bool {
		f.publish()
		return len(f.formats()) == 1
	})
	require.Equal(t, []string{"flv"}, f.formats())
	require.LessOrEqual(t, f.channel.Stats().Held, held-3*len(large), "its memory is back")
	for _, c := range h.server.Totals() {
		require.GreaterOrEqual(t, c.Sent, sent, "what was sent does not go back")
	}

	again := s.get("/live/live/cam.mp4")
	eventually(t, "the viewer is there", func() bool { return f.channel.Stats().Viewers == 2 })
	f.inter("P4")
	f.inter("P5")
	require.Equal(t, `video/mp4; codecs="avc1.64001f, mp4a.40.2"`, again.response().Header.Get("Content-Type"))
	again.want("moov").want("mdatK1").want("mdatP1").want("mdatP4")
	stays.want("P5")
	for _, c := range []*client{again, stays} {
		require.NoError(t, c.net.Close())
	}
	eventually(t, "nothing is made", func() bool {
		f.publish()
		return len(f.formats()) == 0
	})
	require.Less(t, f.channel.Stats().Held, nobody+len(large)/2+3*len(large), "the newest group of pictures is all there is")
}

// TestComingWhenAFormatGoes: viewers who come at the moment when a format is given up get all they should.
func TestComingWhenAFormatGoes(t *testing.T) {
	const clients, times = 8, 25
	s := newHarness(t, server.Config{IdleTimeout: 1}).show(nil)
	f := s.feed("cam")
	f.key("K")
	done := make(chan error, clients)
	for i := range clients {
		path := []string{"/live/live/cam.mp4", "/live/live/cam.flv"}[i%2]
		go func() {
			for range times {
				if err := s.glance(path); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	for left := clients; left > 0; {
		select {
		case err := <-done:
			require.NoError(t, err)
			left--
		case <-pace.C:
			f.key("K")
			f.inter("P")
		}
	}
}

// glance watches until a few frames have come.
func (s *show) glance(path string) error {
	c, err := dialed(s.address)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return err
	}
	begins, frame := "ftyp", "mdat"
	if strings.HasSuffix(path, ".flv") {
		begins, frame = "FLV\x01", "\x01\x00\x00\x00"
	}
	var got strings.Builder
	b := make([]byte, 4096)
	for strings.Count(got.String(), frame) < 3 {
		n, err := c.Read(b)
		got.Write(b[:n])
		if err != nil {
			return fmt.Errorf("%w behind %q", err, got.String())
		}
	}
	_, body, _ := strings.Cut(got.String(), "\r\n\r\n")
	if i := strings.Index(body, begins); i < 0 || i > 20 || !strings.HasPrefix(got.String(), "HTTP/1.1 200 OK") {
		return fmt.Errorf("it begins with %q", got.String())
	}
	return nil
}

// TestOtherTracksAreForOthers: a player gets nothing of tracks that its initialization segment does not know, and whoever
// asks again gets those.
func TestOtherTracksAreForOthers(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.key("K1")
	c := s.get("/live/live/cam.mp4")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	f.inter("P1")
	f.inter("P2")
	require.Equal(t, `video/mp4; codecs="avc1.64001f, mp4a.40.2"`, c.response().Header.Get("Content-Type"))
	f.add(media.Audio, opusHeader)
	for i := range 10 {
		f.key(fmt.Sprint("after", i))
	}
	body, err := io.ReadAll(c.in)
	require.NoError(t, err, "the answer ends in order")
	require.Contains(t, string(body), "mdatP2", "all that is before has come")
	require.Equal(t, 1, strings.Count(string(body), "moov"))
	require.NotContains(t, string(body), "after")

	again := s.get("/live/live/cam.mp4")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	f.inter("P3")
	f.inter("P4")
	require.Equal(t, `video/mp4; codecs="avc1.64001f, opus"`, again.response().Header.Get("Content-Type"))
	again.want("dOps").want("mdatafter9").want("mdatP3")
}

// TestWhoHasSeenNothingGoesAlong: a viewer who waits for a stream whose pictures come behind its sound is not ended.
func TestWhoHasSeenNothingGoesAlong(t *testing.T) {
	s := newHarness(t, server.Config{RequestTimeout: time.Second}).show(nil)
	c := s.get("/live/live/cam.mp4")
	eventually(t, "viewer waits", s.watched)
	f := s.source("cam")
	f.channel.Append(&media.Notification{Event: media.NewStream, Name: "cam"})
	f.add(media.Audio, aacHeader)
	f.add(media.Audio, []byte{0xaf, 1, 'A', '1'})
	f.add(media.Audio, []byte{0xaf, 1, 'A', '2'})
	f.add(media.Video, avcHeader)
	f.add(media.Video, []byte{0x17, 1, 0, 0, 0, 'K', '1'})
	f.now += 40
	f.add(media.Video, []byte{0x27, 1, 0, 0, 0, 'P', '1'})
	f.publish()
	require.Equal(t, `video/mp4; codecs="avc1.64001f, mp4a.40.2"`, c.response().Header.Get("Content-Type"))
	c.want("mdatK1")
	for range 2 { // until the server has looked at its connections more than once
		_, err := io.ReadAll(s.dial().in)
		require.NoError(t, err)
	}
	f.inter("P2")
	f.inter("P3")
	c.want("mdatP2")
}

// TestWhatHasWaitedLeavesAtOnce: news that was read late does not wait a second time, nor does what a log begins with that
// somebody asks for in the course of a stream.
func TestWhatHasWaitedLeavesAtOnce(t *testing.T) {
	c := server.Config{}
	c.Fanout.Flush = fanout.FlushEvery(time.Hour)
	s := newHarness(t, c).show(nil)
	f := s.feed("cam")
	f.waited = true
	f.key("K1")
	f.inter("P1")
	flv, mp4 := s.get("/live/live/cam.flv"), s.get("/live/live/cam.mp4")
	eventually(t, "viewers are there", func() bool { return f.channel.Stats().Viewers == 2 })
	status, _, _ := s.refused("HEAD", "/live/live/other.flv") // the loops have nothing left to do
	require.Equal(t, 503, status)
	f.inter("P2")
	flv.want("K1").want("P1").want("P2")
	mp4.want("mdatK1").want("mdatP1")
	f.inter("P3")
	flv.want("P3")
	mp4.want("mdatP2")
}
