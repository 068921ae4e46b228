package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/web/browsertest"
)

// codecPairs are clips of what MP4 is made of, with a picture and a sound each.
var codecPairs = []string{"h264 aac", "hevc eac3", "av1 opus", "vp9 flac", "h264 ac3"}

// publishClips publishes clips with FFmpeg 8 in the time that they take.
func publishClips(t *testing.T, s *testServer, key, clipNames string) *process {
	t.Helper()
	args := []string{"-re", s.url("live/" + key)}
	for name := range strings.FieldsSeq(clipNames) {
		args = append(args, filepath.Join(must(t, clips), name+".mp4"))
	}
	return startFFmpeg8(t, "publish.mjs", args...)
}

// TestMP4OfEveryCodec: ffmpeg decodes all that was published of each codec, without a complaint.
func TestMP4OfEveryCodec(t *testing.T) {
	for _, pair := range codecPairs {
		t.Run(strings.ReplaceAll(pair, " ", "+"), func(t *testing.T) {
			t.Parallel()
			dir := must(t, clips)                                  // made now, while nobody waits for them
			s := startServer(t, "return_timeout 20s", shownByHTTP) // FFmpeg 8 may take a while to begin
			file := filepath.Join(t.TempDir(), "live.mp4")
			record := startProcess(t, "curl", "-s", "-S", "-o", file, s.httpURL("k.mp4"))
			eventually(t, "viewer is there", func() bool { return len(s.logged("viewer started")) == 1 })
			publishClips(t, s, "k", pair).succeeds(2 * patience)
			record.succeeds(2 * patience)

			live := decoded(t, file)
			require.Len(t, live, 2)
			for i, name := range strings.Fields(pair) {
				want := decoded(t, filepath.Join(dir, name+".mp4"))[0]
				require.Equal(t, want.Codec, live[i].Codec)
				require.InDelta(t, want.Frames, live[i].Frames, 2, "frames of %s: encoders may have some before the beginning", name)
			}
		})
	}
}

// decodedTrack is what ffprobe says of a track when it has decoded it.
type decodedTrack struct {
	Codec  string `json:"codec_name"`
	Frames int    `json:"nb_read_frames,string"`
}

// decoded decodes a file, which must have nothing to complain about.
func decoded(t *testing.T, file string) []decodedTrack {
	t.Helper()
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Fatal(missing("ffmpeg"))
	}
	cmd := exec.Command(ffprobe, "-v", "warning", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "json", file)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoError(t, err, complaints.String())
	require.Empty(t, complaints.String())
	var all struct{ Streams []decodedTrack }
	require.NoError(t, json.Unmarshal(out, &all), string(out))
	return all.Streams
}

// videoPage is a page with a video element, as any page may have one, and nothing else. It is what the server says of an
// address without a stream: browsers let no page of nowhere look at pictures from this machine.
func videoPage(t *testing.T, b *browsertest.Browser, address string) *browsertest.Page {
	t.Helper()
	p := b.Open(t, strings.TrimSuffix(address, filepath.Ext(address)))
	p.Eval(fmt.Sprintf(`document.body.append(Object.assign(document.createElement('video'), {muted: true, autoplay: true, src: %q}))`, address), nil)
	return p
}

// TestBrowserPlaysEveryCodec that it has a decoder for, in a page with nothing but a video element: all pictures, and sound.
func TestBrowserPlaysEveryCodec(t *testing.T) {
	must(t, clips)
	for _, pair := range []string{"vp9 flac", "av1 opus"} {
		s := startServer(t, "", shownByHTTP)
		p := videoPage(t, browsertest.Start(t), s.httpURL("k.mp4"))
		eventually(t, "viewer is there", func() bool { return len(s.logged("viewer started")) == 1 })
		publishClips(t, s, "k", pair).succeeds(2 * patience)
		p.Until("it plays", `document.querySelector('video').currentTime > 1`)
		s.delete("simple")
		p.Until("it has played to the end", `document.querySelector('video').ended`)
		var frames, sound int
		p.Eval(`document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames`, &frames)
		p.Eval(`document.querySelector('video').webkitAudioDecodedByteCount`, &sound)
		require.Greater(t, frames, 50, "of 75")
		require.Positive(t, sound)
		require.NotContains(t, strings.Join(p.Troubles(), "\n"), "k.mp4")
	}
}
