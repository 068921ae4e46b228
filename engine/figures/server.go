package figures

// Server is how the server as a whole fares.
type Server struct {
	Version       string  `json:"version"`
	Seconds       float64 `json:"seconds"` // since the start
	Loops         []Loop  `json:"loops"`
	Goroutines    int     `json:"goroutines"`
	MemoryBytes   uint64  `json:"memory_bytes"` // that the process has of the system for Go
	Connections   int     `json:"connections"`
	Streams       int     `json:"streams"`
	Viewers       int     `json:"viewers"`
	BitsPerSecIn  float64 `json:"bits_per_second_in"`
	BitsPerSecOut float64 `json:"bits_per_second_out"`
}

// Loop is an event loop.
type Loop struct {
	BusyShare   float64 `json:"busy_share"` // of its time in the last second, from 0 to 1
	Connections int     `json:"connections"`
	FlushMS     float64 `json:"flush_interval_ms"` // how long news waits now before it leaves
}

// Moment is what is told once a second: of streams what changes.
type Moment struct {
	Streams []StreamMoment `json:"streams"`
	Server  Server         `json:"server"`
}

// StreamMoment is what changes of a stream.
type StreamMoment struct {
	ID              string  `json:"id"`
	BitsPerSecond   float64 `json:"bits_per_second"`
	FramesPerSecond float64 `json:"frames_per_second"`
	Viewers         int     `json:"viewers"`
	Skips           uint64  `json:"skips"`
}

// Moment returns what changes of all streams.
func (v View) Moment() []StreamMoment {
	streams := v.Streams()
	moments := make([]StreamMoment, len(streams))
	for i := range streams {
		s := &streams[i]
		m := StreamMoment{ID: s.ID, BitsPerSecond: s.BitsPerSecond, Viewers: s.Viewers}
		if s.Video != nil {
			m.FramesPerSecond = s.Video.FramesPerSecond
		}
		for _, o := range s.Outputs {
			m.Skips += o.Skips
		}
		moments[i] = m
	}
	return moments
}
