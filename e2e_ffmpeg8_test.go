package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/flv"
	"mmids/rtmp/message"
)

// FFmpeg 8 comes as the library inside an npm package, since Debian has an older one. Its programs are in ffmpeg8Dir.
const ffmpeg8Dir = "testdata/ffmpeg8"

// startFFmpeg8 runs one of the programs.
func startFFmpeg8(t testing.TB, program string, args ...string) *process {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(ffmpeg8Dir, program))
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(ffmpeg8Dir, "node_modules", "node-av")); errors.Is(err, os.ErrNotExist) {
		t.Fatalf("this test needs FFmpeg 8: make tools, or npm ci --ignore-scripts in %s", ffmpeg8Dir)
	}
	return startProcess(t, "node", append([]string{path}, args...)...)
}

// clips are short streams of one track, made by Debian's ffmpeg: three seconds with a key frame each second.
var clips = sync.OnceValues(func() (string, error) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		return "", missing("ffmpeg")
	}
	dir := filepath.Join(shared, "clips")
	picture := "-f lavfi -i testsrc2=size=194x110:rate=25:duration=3 -pix_fmt yuv420p -g 25"
	sound := "-f lavfi -i aevalsrc=sin(2*PI*t*(300+20*t)):s=48000:d=3" // no two frames alike
	for name, options := range map[string]string{
		"h264":  picture + " -c:v libx264 -preset ultrafast -bf 2 -sc_threshold 0",
		"small": picture + " -s 98x54 -c:v libx264 -preset ultrafast -bf 2 -sc_threshold 0",
		"hevc":  picture + " -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25:bframes=2:scenecut=0",
		"av1":   picture + " -c:v libsvtav1 -preset 12",
		"vp9":   picture + " -c:v libvpx-vp9 -deadline realtime -cpu-used 8",
		"aac":   sound + " -c:a aac",
		"opus":  sound + " -ac 2 -c:a libopus",
		"flac":  sound + " -ac 2 -c:a flac -strict -2",
		"ac3":   sound + " -ac 6 -c:a ac3",
		"eac3":  sound + " -ac 6 -c:a eac3",
	} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		args := append(strings.Fields("-nostdin -v error -y "+options), filepath.Join(dir, name+".mp4"))
		if out, err := exec.Command(ffmpeg, args...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ffmpeg: %s: %w\n%s", name, err, out)
		}
	}
	return dir, nil
})

// line is what watch.mjs prints of a packet, or of a track.
type line struct {
	Track     int    `json:"track"`
	Codec     string `json:"codec"` // of a track
	Extradata string `json:"extradata"`
	DTS       int64  `json:"dts"`
	PTS       int64  `json:"pts"`
	Key       bool   `json:"key"`
	Size      int    `json:"size"`
	Hash      string `json:"hash"`
}

// demuxed is what FFmpeg 8 makes of a stream: its tracks, and the packets of each in their order.
type demuxed struct {
	tracks  []line
	packets [][]line
}

// demuxedBy reads the output of watch.mjs, in which nothing else may stand, such as a complaint of FFmpeg.
func demuxedBy(p *process) (d demuxed) {
	p.t.Helper()
	p.succeeds(patience)
	for text := range strings.Lines(p.output.String()) {
		var l line
		require.NoError(p.t, json.Unmarshal([]byte(text), &l), text)
		for len(d.tracks) <= l.Track {
			d.tracks, d.packets = append(d.tracks, line{}), append(d.packets, nil)
		}
		if l.Codec != "" {
			d.tracks[l.Track] = l
		} else {
			d.packets[l.Track] = append(d.packets[l.Track], l)
		}
	}
	return d
}

// requireFrom checks that a late joiner got the tracks as they are, and of each track everything from a key frame on.
func (d demuxed) requireFrom(t testing.TB, sent demuxed) {
	t.Helper()
	require.Equal(t, sent.tracks, d.tracks)
	for i, packets := range d.packets {
		require.NotEmpty(t, packets, "track %d", i)
		start := slices.Index(sent.packets[i], packets[0])
		require.Greater(t, start, 0, "track %d: it begins with a packet that was never sent or too early: %v", i, packets[0])
		require.True(t, packets[0].Key, "track %d begins with a key frame", i)
		require.Equal(t, sent.packets[i][start:], packets, "track %d", i)
		require.InDelta(t, d.packets[0][0].DTS, packets[0].DTS, 250, "track %d begins with the others", i)
	}
}

// TestFFmpeg8 publishes what only enhanced RTMP has with FFmpeg 8 and watches with it and with our client, from before the
// stream begins and in its middle. Everybody gets the packets that the same muxer writes into a file.
func TestFFmpeg8(t *testing.T) {
	for _, c := range []struct {
		clips  string
		tracks string // as FFmpeg names them
	}{
		{"hevc aac", "hevc aac"},
		{"av1 opus", "av1 opus"},
		{"vp9 flac", "vp9 flac"},
		{"h264 ac3", "h264 ac3"},
		{"h264 small aac", "h264 h264 aac"},
		{"h264 hevc aac opus", "h264 hevc aac opus"},
	} {
		t.Run(strings.ReplaceAll(c.clips, " ", "+"), func(t *testing.T) {
			t.Parallel()
			var inputs []string
			for name := range strings.FieldsSeq(c.clips) {
				inputs = append(inputs, filepath.Join(must(t, clips), name+".mp4"))
			}
			file := filepath.Join(t.TempDir(), "reference.flv")
			startFFmpeg8(t, "publish.mjs", append([]string{file}, inputs...)...).succeeds(patience)
			sent, want := readFLV(t, file), demuxedBy(startFFmpeg8(t, "watch.mjs", file))
			var codecs []string
			for _, track := range want.tracks {
				codecs = append(codecs, track.Codec)
			}
			require.Equal(t, c.tracks, strings.Join(codecs, " "), "what FFmpeg itself makes of the file")

			s := startServer(t, "return_timeout 500ms", simple)
			url := s.url("live/k")
			early, ffmpegEarly := watch(t, url), startFFmpeg8(t, "watch.mjs", url)
			eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
			publisher := startFFmpeg8(t, "publish.mjs", append([]string{"-re", url}, inputs...)...)
			early.waitFor("the second group of pictures", func(all []packet) bool { return len(mainKeys(all)) == 2 })
			ffmpegLate, late := startFFmpeg8(t, "watch.mjs", url), watch(t, url)
			publisher.succeeds(patience)

			requireSame(t, "our viewer, early, in the order of arrival", sent, waitEverything(early, sent))
			require.Equal(t, want, demuxedBy(ffmpegEarly), "FFmpeg 8, early")
			requirePrelude(t, sent, waitEverything(late, sent))
			demuxedBy(ffmpegLate).requireFrom(t, want)
		})
	}
}

// mainKeys are the key frames of the first video track.
func mainKeys(packets []packet) (keys []packet) {
	for _, p := range packets {
		if h, err := flv.ParseVideo(p.body); p.kind == message.TypeVideo && err == nil && p.key && h.TrackID == 0 {
			keys = append(keys, p)
		}
	}
	return keys
}

// waitEverything waits for the last packet of what is sent, whatever it is.
func waitEverything(v *viewer, sent []packet) (got []packet) {
	v.t.Helper()
	v.waitFor("everything", func(all []packet) bool {
		got = all
		return indexOf(all, sent[len(sent)-1]) >= 0
	})
	return got
}

// requirePrelude checks that what a late viewer got first is all that was sent once: sequence headers, HDR metadata and
// channel orders, of every track, as often as it was sent and no more. Then everything follows.
func requirePrelude(t testing.TB, sent, got []packet) {
	t.Helper()
	isFrame := func(p packet) bool {
		if p.kind == message.TypeVideo {
			h, err := flv.ParseVideo(p.body)
			return err == nil && (h.Packet == flv.PacketCodedFrames || h.Packet == flv.PacketCodedFramesX)
		}
		h, err := flv.ParseAudio(p.body)
		return err == nil && h.Packet == flv.PacketCodedFrames
	}
	isNoFrame := func(p packet) bool { return !isFrame(p) }
	start := slices.IndexFunc(got, isFrame)
	require.Positive(t, start)
	bodies := func(packets []packet) (list []string) {
		for _, p := range packets {
			list = append(list, string(p.body))
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	once := bodies(slices.DeleteFunc(slices.Clone(sent), isFrame))
	require.Equal(t, once, bodies(got[:start]))
	require.Len(t, got[:start], len(once), "nothing is said twice")
	at := indexOf(sent, got[start])
	require.Positive(t, at, "it begins in the middle")
	require.True(t, got[start].key && bytes.Equal(got[start].body, sent[at].body))
	require.Equal(t, slices.DeleteFunc(slices.Clone(sent[at:]), isNoFrame), got[start:])
}
