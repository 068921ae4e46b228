package ffmpeg

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recordedProgress is what ffmpeg 5.1 writes: a block before the first figures, then one with all of them.
const recordedProgress = `frame=0
fps=0.00
stream_0_0_q=0.0
bitrate=N/A
total_size=N/A
out_time_us=-42667
out_time_ms=-42667
out_time=-00:00:00.042667
dup_frames=0
drop_frames=0
speed=N/A
progress=continue
frame=1188
fps=25.91
stream_0_0_q=-1.0
bitrate= 512.3kbits/s
total_size=2880
out_time_us=47880000
out_time_ms=47880000
out_time=00:00:47.880000
dup_frames=1
drop_frames=3
speed=1.04x
progress=end
`

func TestProgressAtEveryCut(t *testing.T) {
	want := []Progress{
		{},
		{Frame: 1188, FPS: 25.91, Kbps: 512.3, OutTime: 47*time.Second + 880*time.Millisecond, Speed: 1.04, DroppedFrames: 3},
	}
	for cut := range len(recordedProgress) + 1 {
		require.Equal(t, want, readProgress(t, recordedProgress[:cut], recordedProgress[cut:]), cut)
	}
}

func readProgress(t *testing.T, portions ...string) (got []Progress) {
	r := newProgressReader(func(p Progress) { got = append(got, p) })
	for _, portion := range portions {
		n, err := r.Write([]byte(portion))
		require.NoError(t, err)
		require.Equal(t, len(portion), n)
	}
	return got
}

func TestProgressSkipsGarbage(t *testing.T) {
	f := func(text string, want ...Progress) {
		t.Helper()
		got := readProgress(t, text)
		require.Equal(t, want, got)
		_, err := json.Marshal(got) // which refuses NaN and infinity
		require.NoError(t, err)
	}
	f("frame=1\nfps=2\n")
	f("progress", nil...)
	f("progress=\n", Progress{})
	f("frame=-1\nfps=-1\nspeed=-1x\nout_time_us=-1\ndrop_frames=1.5\nprogress=continue\n", Progress{})
	f("fps=NaN\nspeed=Infx\nbitrate=1e999kbits/s\nprogress=continue\n", Progress{})
	f("out_time_us=9223372036854775807\nframe=99999999999999999999\nprogress=continue\n", Progress{})
	f("\x00\xff=\xfe\n=\n==\nframe=frame=2\nframe = 3 \nprogress=continue\n", Progress{Frame: 3})
	f("frame="+strings.Repeat("1", 300)+"\nprogress=continue\n", Progress{})
	f("speed=2x\r\nprogress=continue\r\n", Progress{Speed: 2})
}
