package figures

// Stream is a live stream as the API shows it.
type Stream struct {
	ID            string   `json:"id"`
	Port          int      `json:"port"`
	App           string   `json:"rtmp_app"`
	Key           string   `json:"stream_key"`
	Workflow      string   `json:"workflow_name"` // that receives it
	ConnectionID  string   `json:"connection_id,omitempty"`
	Client        string   `json:"client,omitempty"`
	RemoteAddress string   `json:"remote_address,omitempty"`
	Seconds       float64  `json:"seconds"` // since it began
	Bytes         uint64   `json:"bytes"`   // of media, received
	BitsPerSecond float64  `json:"bits_per_second"`
	Dropped       uint64   `json:"dropped"` // messages that were no media
	Video         *Video   `json:"video,omitempty"`
	Audio         *Audio   `json:"audio,omitempty"`
	Encoder       string   `json:"encoder,omitempty"`
	Viewers       int      `json:"viewers"` // of all outputs
	Outputs       []Output `json:"outputs"`
}

// Video is the video of a stream. What is not known is left out; codec and size are those of the main track.
type Video struct {
	Codec           string  `json:"codec,omitempty"`
	Width           int     `json:"width,omitempty"`
	Height          int     `json:"height,omitempty"`
	Frames          uint64  `json:"frames"`
	FramesPerSecond float64 `json:"frames_per_second"`
	KeyFrameSeconds float64 `json:"key_frame_seconds,omitempty"` // between the newest two
	BitsPerSecond   float64 `json:"bits_per_second"`
	Tracks          int     `json:"tracks"`
}

// Audio is the audio of a stream.
type Audio struct {
	Codec         string  `json:"codec,omitempty"`
	SampleRate    int     `json:"sample_rate,omitempty"`
	Channels      int     `json:"channels,omitempty"`
	Frames        uint64  `json:"frames"`
	BitsPerSecond float64 `json:"bits_per_second"`
	Tracks        int     `json:"tracks"`
}

// Output is where viewers watch a stream.
type Output struct {
	StreamID     string   `json:"-"`        // that is shown; empty while there is none
	Protocol     string   `json:"protocol"` // rtmp or http
	Workflow     string   `json:"workflow_name"`
	Port         int      `json:"port"`
	TLS          bool     `json:"use_tls"`
	App          string   `json:"rtmp_app"`
	Key          string   `json:"stream_key"`
	Paths        []string `json:"paths,omitempty"`
	Viewers      int      `json:"viewers"`
	BytesSent    uint64   `json:"bytes_sent"`
	Skips        uint64   `json:"skips"`         // of viewers that were too slow
	SkippedBytes uint64   `json:"skipped_bytes"` // that they did not get
	BehindBytes  uint64   `json:"behind_bytes"`  // that the slowest viewer has yet to get
	LagMS        float64  `json:"lag_ms"`        // the same as time, at the present rate of the stream
	FlushMS      float64  `json:"flush_interval_ms"`
}

// Connection is a client.
type Connection struct {
	ID            string  `json:"connection_id"`
	Port          int     `json:"port"`
	Protocol      string  `json:"protocol"`
	RemoteAddress string  `json:"remote_address"`
	Client        string  `json:"client,omitempty"`
	State         string  `json:"state"` // one of the states below
	App           string  `json:"rtmp_app,omitempty"`
	Key           string  `json:"stream_key,omitempty"`
	StreamID      string  `json:"stream_id,omitempty"`
	Seconds       float64 `json:"seconds"` // since it was accepted
	BytesReceived uint64  `json:"bytes_received"`
	BytesSent     uint64  `json:"bytes_sent"`
	Skips         uint64  `json:"skips"`
}

// The states of a connection.
const (
	Connected  = "connected"
	Publishing = "publishing"
	Watching   = "watching"
)
