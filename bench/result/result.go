// Package result is what a run of the load generator says, for people and for programs.
package result

import (
	"mmids/bench/measure"
)

// ExitTooFull is the load generator's exit code when its clients could not be connected in the time that they were given.
const ExitTooFull = 3

// Result is the whole of it. Everything in it is of the measured time, without warming up, unless it says otherwise.
type Result struct {
	Mode       string  `json:"mode"`
	Target     string  `json:"target"`
	Seconds    float64 `json:"seconds"`
	Publishers int     `json:"publishers"`
	Viewers    int     `json:"viewers"`   // in all
	Verifying  int     `json:"verifying"` // of them
	Machine    Machine `json:"machine"`
	Stream     Stream  `json:"stream"`

	// Complete says that everything was delivered, in order and unchanged, and that nobody was turned away.
	Complete bool     `json:"complete"`
	Problems []string `json:"problems,omitempty"` // the first few

	Sent      Sent      `json:"sent"`
	Delivered Delivered `json:"delivered"`
	Latency   *Spread   `json:"latency_ms,omitempty"` // from sending a message to having all of it at a verifying viewer
	Checked   Checked   `json:"checked"`
	Churn     *Churn    `json:"churn,omitempty"`
	Server    *Server   `json:"server,omitempty"`
	Generator Generator `json:"generator"`

	Windows   []Window `json:"windows"`
	Disturbed int      `json:"disturbed"` // windows in which something else kept the machine busy
}

// Machine is where it was measured.
type Machine struct {
	CPU        string `json:"cpu"`
	CPUs       int    `json:"cpus"`
	Kernel     string `json:"kernel"`
	Congestion string `json:"congestion"` // congestion control
}

// Stream is what was published.
type Stream struct {
	Bitrate int `json:"bitrate"` // bit/s
	FPS     int `json:"fps"`
	GOP     int `json:"gop"`
}

// Spread is a distribution.
type Spread struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// Sent is what the publishers did.
type Sent struct {
	Messages int64   `json:"messages"`
	Bytes    int64   `json:"bytes"`             // of tag bodies
	Late     *Spread `json:"late_ms,omitempty"` // how much later than due the generator sent
}

// Delivered is what the viewers got.
type Delivered struct {
	Bytes    int64   `json:"bytes"` // on their connections
	Mbps     float64 `json:"mbps"`
	Served   int     `json:"served"`   // viewers that got at least 99 % of the bit rate
	Below    int     `json:"below"`    // and the others
	Least    float64 `json:"least"`    // share of the bit rate of the viewer that got least
	Closed   int     `json:"closed"`   // viewers whose connection ended
	Overhead float64 `json:"overhead"` // bytes on a connection for each byte of a tag body
}

// Checked is what the verifying viewers found, from their beginning to their end.
type Checked struct {
	Messages int64 `json:"messages"`
	Exact    int   `json:"exact"`   // viewers that found nothing wrong
	Gaps     int64 `json:"gaps"`    // times that another message than the next came
	Damaged  int64 `json:"damaged"` // messages that were not what was sent
	Moved    int64 `json:"moved"`   // messages whose time moved against the others'
}

// Churn is what came of clients that connected, played and left.
type Churn struct {
	Offered       float64 `json:"offered"` // sessions per second
	Sessions      int64   `json:"sessions"`
	Failed        int64   `json:"failed"`
	Behind        int64   `json:"behind"`          // sessions that were not begun because too many were open
	StartMS       *Spread `json:"start_ms"`        // from dialling to the beginning of play
	CPUPerSession float64 `json:"cpu_per_session"` // of the server, in µs
}

// Server is what the server's processes cost.
type Server struct {
	CPUSeconds float64        `json:"cpu_seconds"`
	Cores      float64        `json:"cores"`
	PerGB      float64        `json:"cpu_per_gb,omitempty"`  // CPU seconds for each 10⁹ bytes delivered
	BothPerGB  float64        `json:"both_per_gb,omitempty"` // with the generator's
	PerStream  float64        `json:"cpu_per_stream,omitempty"`
	Before     measure.Memory `json:"memory_before"` // before the first connection
	Memory     measure.Memory `json:"memory"`        // at the end, with everybody connected
	PerViewer  float64        `json:"memory_per_viewer,omitempty"`
}

// Generator is what the load generator itself cost.
type Generator struct {
	CPUSeconds float64 `json:"cpu_seconds"`
	Cores      float64 `json:"cores"`
}

// Window is a second. CPU times are in seconds.
type Window struct {
	Seconds   float64 `json:"seconds"` // its length
	Bytes     int64   `json:"bytes"`   // delivered
	Server    float64 `json:"server"`
	Generator float64 `json:"generator"`
	Other     float64 `json:"other"` // of everything else on the machine
	Steal     float64 `json:"steal"` // taken by the hypervisor
	RSS       int64   `json:"rss"`   // of the server at its end
	Disturbed bool    `json:"disturbed"`
}
