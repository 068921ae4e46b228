package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// longFile is a stream for what takes longer than the source: small pictures, B-frames, a key frame each second. It begins
// anew after longSeconds where a test needs it.
var longFile = sync.OnceValues(func() (string, error) {
	path := filepath.Join(shared, "long.flv")
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		return "", missing("ffmpeg")
	}
	out, err := exec.Command(ffmpeg, "-v", "error", "-y",
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=%s:rate=25:duration=%d", longSize, longSeconds),
		"-f", "lavfi", "-i", fmt.Sprintf("aevalsrc=sin(2*PI*t*(300+20*t)):s=44100:d=%d", longSeconds), // no two frames alike
		"-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0",
		"-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv", path).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ffmpeg: %w\n%s", err, out)
	}
	return path, nil
})

const (
	longSeconds = 20
	longSize    = "160x120"
)

// long returns the packets of longFile.
func long(t testing.TB) []packet { return readFLV(t, must(t, longFile)) }

// publishLong publishes the first seconds of longFile in real time.
func publishLong(t testing.TB, url string, seconds int) *process {
	t.Helper()
	return publishFile(t, must(t, longFile), url, "-t", strconv.Itoa(seconds))
}

// publishOn publishes longFile over and over until the process is ended.
func publishOn(t testing.TB, url string) *process {
	t.Helper()
	return startProcess(t, "ffmpeg", "-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", must(t, longFile), "-c", "copy", "-f", "flv", url)
}

// endPublishing ends ffmpeg as a person would, so that it ends the stream in order.
func endPublishing(publisher *process) {
	publisher.t.Helper()
	publisher.signal(syscall.SIGINT)
	publisher.wait(patience)
}

// requireRun checks that what was received is an unbroken run of what was sent, from a key frame on: the same bytes, flags,
// composition times, and decode times but for a constant. The run may begin anew after the end of what was sent.
func requireRun(t testing.TB, who string, sent, got []packet) {
	t.Helper()
	requireHeaders(t, who, sent, got)
	requireRunOf(t, who+", video", videoOf(sent), videoOf(got))
	requireRunOf(t, who+", audio", audioOf(sent), audioOf(got))
}

func requireRunOf(t testing.TB, who string, sent, got []packet) {
	t.Helper()
	require.NotEmpty(t, got, who)
	start := indexOfBody(sent, got[0])
	require.GreaterOrEqual(t, start, 0, "%s: the first packet was never sent: %v", who, got[0])
	for i, p := range got {
		want := sent[(start+i)%len(sent)]
		if !bytes.Equal(want.body, p.body) || want.cts != p.cts || want.key != p.key {
			t.Fatalf("%s: packet %d of %d differs:\nsent %v\ngot  %v", who, i, len(got), want, p)
		}
		if (start+i)%len(sent) > 0 && i > 0 { // within one pass
			before := sent[(start+i)%len(sent)-1]
			require.Equal(t, want.dts-before.dts, p.dts-got[i-1].dts, "%s: the time of packet %d of %d: %v", who, i, len(got), p)
		}
	}
}

// probe asks ffprobe about a stream or file: a line for each stream in it, sorted. It tells of those of a playlist twice.
func probe(t testing.TB, input string) []string {
	t.Helper()
	p := startProcess(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", input)
	p.succeeds(patience)
	lines := strings.Fields(p.output.String())
	slices.Sort(lines)
	return slices.Compact(lines)
}

// decode lets ffmpeg decode something to its end. No complaint may be printed. It returns the number of pictures.
func decode(t testing.TB, input string) int {
	t.Helper()
	p := startProcess(t, "ffmpeg", "-nostdin", "-v", "warning", "-progress", "pipe:1", "-i", input, "-f", "null", "-")
	p.succeeds(patience)
	pictures := -1
	for line := range strings.Lines(p.output.String()) {
		name, value, isProgress := strings.Cut(strings.TrimSpace(line), "=")
		require.True(t, isProgress && !strings.Contains(name, " "), "ffmpeg complains about %s: %s", input, line)
		if name == "frame" {
			pictures, _ = strconv.Atoi(value)
		}
	}
	return pictures
}

// playlist is an HLS playlist.
type playlist struct {
	sequence  int       // of the first entry
	durations []float64 // of the entries
	files     []string
	ended     bool
}

// readPlaylist returns an empty playlist if there is none.
func readPlaylist(t testing.TB, file string) (p playlist) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		return p
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		name, value, _ := strings.Cut(line, ":")
		switch {
		case name == "#EXT-X-MEDIA-SEQUENCE":
			p.sequence, err = strconv.Atoi(value)
			require.NoError(t, err, line)
		case name == "#EXTINF":
			d, err := strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
			require.NoError(t, err, line)
			p.durations = append(p.durations, d)
		case line == "#EXT-X-ENDLIST":
			p.ended = true
		case line != "" && !strings.HasPrefix(line, "#"):
			p.files = append(p.files, filepath.Join(filepath.Dir(file), line))
		}
	}
	return p
}

// segments is how many segments there have been so far.
func (p playlist) segments() int { return p.sequence + len(p.files) }

// requireSegments checks that all entries but the last, which may be cut short, last about as long as was asked for.
func (p playlist) requireSegments(t testing.TB, seconds float64) {
	t.Helper()
	require.NotEmpty(t, p.files)
	require.Len(t, p.durations, len(p.files))
	for i, d := range p.durations[:len(p.durations)-1] {
		require.InDelta(t, seconds, d, 0.15, "segment %d", i)
	}
	require.LessOrEqual(t, p.durations[len(p.durations)-1], seconds+0.15)
	for _, f := range p.files {
		require.FileExists(t, f)
	}
}
