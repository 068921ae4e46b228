package ffmpeg

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

// Progress is how far one run of ffmpeg has come. What ffmpeg does not know yet, or never says for a job, is zero.
type Progress struct {
	Frame         uint64        // video frames written
	FPS           float64       // video frames per second of real time
	Kbps          float64       // bitrate of the result in kbit/s; HLS has none
	OutTime       time.Duration // length of the result
	Speed         float64       // media time per real time: 1 keeps up with a live stream
	DroppedFrames uint64
}

// progressReader reads what -progress writes: blocks of key=value lines, the last of which has the key "progress". It
// skips what it does not understand. It is an io.Writer that never fails, so that ffmpeg is never held up.
type progressReader struct {
	lines   lines
	block   Progress
	publish func(Progress) // called with each complete block
}

func newProgressReader(publish func(Progress)) *progressReader {
	r := &progressReader{publish: publish}
	r.lines = lines{max: progressLineBytesMax, emit: r.line}
	return r
}

func (r *progressReader) Write(b []byte) (int, error) {
	r.lines.write(b)
	return len(b), nil
}

func (r *progressReader) line(line []byte, cut bool) {
	k, v, found := bytes.Cut(line, []byte{'='})
	if !found || cut {
		return
	}
	value := string(bytes.TrimSpace(v)) // ffmpeg pads numbers
	switch string(bytes.TrimSpace(k)) {
	case "frame":
		setCount(&r.block.Frame, value)
	case "fps":
		setFigure(&r.block.FPS, value)
	case "bitrate":
		setFigure(&r.block.Kbps, strings.TrimSuffix(value, "kbits/s"))
	case "out_time_us":
		if us, err := strconv.ParseInt(value, 10, 64); err == nil && us >= 0 && us <= math.MaxInt64/1000 {
			r.block.OutTime = time.Duration(us) * time.Microsecond
		}
	case "speed":
		setFigure(&r.block.Speed, strings.TrimSuffix(value, "x"))
	case "drop_frames":
		setCount(&r.block.DroppedFrames, value)
	case "progress":
		r.publish(r.block)
		r.block = Progress{}
	}
}

func setCount(n *uint64, value string) {
	if v, err := strconv.ParseUint(value, 10, 64); err == nil {
		*n = v
	}
}

// setFigure takes no value that JSON could not carry.
func setFigure(f *float64, value string) {
	v, err := strconv.ParseFloat(value, 64)
	if err == nil && v >= 0 && !math.IsInf(v, 0) {
		*f = v
	}
}
