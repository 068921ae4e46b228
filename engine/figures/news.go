package figures

// News takes what happens, for whoever watches the server. Post may be called from any goroutine and never waits. data
// becomes JSON later, possibly, so it must not change any more.
type News interface {
	Post(name string, data any)
}

// The events that endpoints post.
const (
	StreamStarted = "stream_started" // Stream
	StreamEnded   = "stream_ended"   // Ended
	ViewerStarted = "viewer_started" // Viewer
	ViewerStopped = "viewer_stopped" // Viewer
)

// Ended says that a stream is over.
type Ended struct {
	ID     string `json:"id"`
	Key    string `json:"stream_key"`
	Reason string `json:"reason"`
}

// Viewer says that somebody watches, or no longer.
type Viewer struct {
	ConnectionID string `json:"connection_id"`
	Protocol     string `json:"protocol"`
	Workflow     string `json:"workflow_name"`
	Port         int    `json:"port"`
	App          string `json:"rtmp_app"`
	Key          string `json:"stream_key"`
	Reason       string `json:"reason,omitempty"` // why it stopped
}

// Nobody is news that nobody takes.
type Nobody struct{}

// Post implements News.
func (Nobody) Post(string, any) {}
