package figures

// Reactor is a reactor with what it has done since the start.
type Reactor struct {
	Name            string  `json:"name"`
	Executor        string  `json:"executor"`
	Streams         int64   `json:"streams"` // names that somebody is interested in
	Calls           uint64  `json:"calls"`
	Failures        uint64  `json:"failures"`
	FailedRefreshes uint64  `json:"failed_refreshes"` // of the failures, those that changed nothing
	AnswerMSMean    float64 `json:"answer_ms_mean"`   // over all calls that have ended

	Times Times `json:"-"`
}

// FFmpeg is an ffmpeg process.
type FFmpeg struct {
	ID              string  `json:"id"`
	Workflow        string  `json:"workflow_name,omitempty"`
	StepID          string  `json:"step_id,omitempty"`
	StreamID        string  `json:"stream_id,omitempty"`
	State           string  `json:"state"` // starting, running, waiting to be started again, or ended
	PID             int     `json:"pid,omitempty"`
	Seconds         float64 `json:"seconds"` // that the present run has taken
	Restarts        uint64  `json:"restarts"`
	Frames          uint64  `json:"frames"`
	FramesPerSecond float64 `json:"frames_per_second"`
	Speed           float64 `json:"speed"` // media time per real time: 1 keeps up with a live stream
	OutTimeSeconds  float64 `json:"out_time_seconds"`
	BitsPerSecond   float64 `json:"bits_per_second"`
	DroppedFrames   uint64  `json:"dropped_frames"`
	Error           string  `json:"error,omitempty"` // why it is not running
}
