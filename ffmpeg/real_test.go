package ffmpeg

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func realFFmpeg(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("ffmpeg")
	require.NoError(t, err, "this test needs ffmpeg: apt-get install ffmpeg")
	return path
}

// testPicture makes a file of half a minute with a key frame every second.
func testPicture(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	file := filepath.Join(t.TempDir(), "picture.flv")
	out, err := exec.CommandContext(ctx, realFFmpeg(t), "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25",
		"-t", "30", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", file).CombinedOutput()
	require.NoError(t, err, string(out))
	return file
}

func TestRealPlaylistGetsItsEndMark(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	playlist, err := HLSFile(dir, "test")
	require.NoError(t, err)
	e := newEndpoint(t, Config{Path: realFFmpeg(t), LogDir: dir})
	require.NoError(t, e.Available())
	got := newEvents(t)
	p := e.Start("id", zerolog.Nop(), Job{
		RealTime: true, Input: testPicture(t), Target: HLS{File: playlist, SegmentSeconds: 1},
	}, got.notify)
	want[Started](got)
	for progress := (Progress{}); progress.Frame == 0 || progress.Speed == 0 || progress.OutTime == 0; {
		progress = want[Progress](got)
	}
	require.NotZero(t, p.Progress().Frame)
	p.Stop()
	require.Equal(t, "Exiting normally, received signal 2.", got.wantEnd().LastLine)
	list := content(t, playlist)
	require.Contains(t, list, "#EXT-X-ENDLIST")
	require.Contains(t, list, "test-0.ts")
	log := content(t, filepath.Join(dir, "ffmpeg_stdout", "id.log"))
	require.Contains(t, log, "ffmpeg starts")
	require.Contains(t, log, "Opening")
	require.NotContains(t, log, "Trailing option")
	require.Equal(t, 1, strings.Count(log, "frame="), "progress for people is off; only the summary is left:\n"+log)
}

// TestRealPlaylistsShareNoSegments: whoever may choose a stream's name must not choose whose segments are replaced.
func TestRealPlaylistsShareNoSegments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := newEndpoint(t, Config{Path: realFFmpeg(t)})
	written := make(map[string]string)
	for _, name := range []string{"a", "a1", "a-1", "a-"} {
		playlist, err := HLSFile(dir, name)
		require.NoError(t, err)
		job := Job{Input: testPicture(t), Target: HLS{File: playlist, SegmentSeconds: 1}}
		require.Zero(t, runOnce(t, e, zerolog.Nop(), job).Code)
		segments := 0
		for line := range strings.Lines(content(t, playlist)) {
			if file := strings.TrimSpace(line); strings.HasSuffix(file, ".ts") {
				require.Empty(t, written[file], "%s is also a segment of %s", file, name)
				written[file] = name
				segments++
			}
		}
		require.Greater(t, segments, 20)
	}
}

func TestRealTranscode(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out.flv")
	e := newEndpoint(t, Config{Path: realFFmpeg(t)})
	stopped := runOnce(t, e, zerolog.Nop(), Job{
		Input: testPicture(t), Video: VideoH264, Preset: "ultrafast", Scale: Size{80, 60}, Kbps: 100, Audio: AudioAAC,
		Target: FLV{out},
	})
	require.Zero(t, stopped.Code, stopped.LastLine)
	size, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0",
		out).CombinedOutput()
	require.NoError(t, err, string(size))
	require.Equal(t, "h264,80,60", strings.TrimSpace(string(size)))
}

func TestRealReasonOfAFailure(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, Config{Path: realFFmpeg(t)})
	stopped := runOnce(t, e, zerolog.Nop(), Job{Input: "-not an option", Target: FLV{"out.flv"}})
	require.Equal(t, 1, stopped.Code)
	require.Equal(t, "./-not an option: No such file or directory", stopped.LastLine)
	require.NotZero(t, stopped.RestartIn)
}
