// Package limits counts how often somebody wanted more than a limit allows, and keeps refusals from filling the log.
//
// What each limit means, and what happens above it, is in docs/operations.md. Whoever enforces one has a number of its own
// for it and only counts here.
package limits

import "sync/atomic"

// Limit is one of the server's limits.
type Limit int

const (
	Connections Limit = iota
	ConnectionsPerAddress
	Descriptors
	TLSHandshakeTimeout
	HandshakeTimeout
	ConnectTimeout
	FirstRequestTimeout
	ApprovalTimeout
	IdleTimeout
	PublishTimeout
	ViewerTimeout
	UnacceptedBytes
	CommandsPerSecond
	MessageBytes
	PartialMessageBytes
	ChunkStreams
	ChunkSize
	AMFDepth
	AMFValues
	AMFBytes
	MetadataBytes
	UnreadBytes
	HTTPConnections
	HTTPHeaderBytes
	HTTPBodyBytes
	HTTPReadTimeout
	EventStreams
	EventStreamBehind
	Workflows
	ReactorWorkflows
	ReactorAnswerBytes
	RefusalLines
	ClientLines

	count
)

// names are those of the settings where there is one, so that what is seen can be changed.
var names = [count]string{
	Connections:           "connections_max",
	ConnectionsPerAddress: "connections_per_address_max",
	Descriptors:           "descriptors",
	TLSHandshakeTimeout:   "tls_handshake_timeout",
	HandshakeTimeout:      "handshake_timeout",
	ConnectTimeout:        "connect_timeout",
	FirstRequestTimeout:   "first_request_timeout",
	ApprovalTimeout:       "approval_timeout",
	IdleTimeout:           "idle_timeout",
	PublishTimeout:        "publish_timeout",
	ViewerTimeout:         "viewer_timeout",
	UnacceptedBytes:       "unaccepted_kb_max",
	CommandsPerSecond:     "commands_per_second_max",
	MessageBytes:          "message_kb_max",
	PartialMessageBytes:   "partial_messages_kb_max",
	ChunkStreams:          "chunk_streams_max",
	ChunkSize:             "chunk_size",
	AMFDepth:              "amf_depth_max",
	AMFValues:             "amf_values_max",
	AMFBytes:              "amf_kb_max",
	MetadataBytes:         "metadata_bytes",
	UnreadBytes:           "unread_kb_max",
	HTTPConnections:       "http_connections_max",
	HTTPHeaderBytes:       "http_header_kb_max",
	HTTPBodyBytes:         "http_body_kb_max",
	HTTPReadTimeout:       "http_read_timeout",
	EventStreams:          "event_streams_max",
	EventStreamBehind:     "event_stream_behind",
	Workflows:             "workflows_max",
	ReactorWorkflows:      "reactor_workflows_max",
	ReactorAnswerBytes:    "reactor_answer_bytes",
	RefusalLines:          "refusal_lines_per_second_max",
	ClientLines:           "client_lines_per_second",
}

// String returns the name of the limit: that of its setting, if it has one.
func (l Limit) String() string { return names[l] }

// Counters count for each limit how often it was exceeded since the start. The zero value is ready, and a nil pointer
// counts nothing. Any goroutine.
type Counters struct {
	exceeded [count]atomic.Uint64
	also     [count]atomic.Pointer[func() uint64]
}

// Exceeded counts that somebody wanted more than a limit allows.
func (c *Counters) Exceeded(l Limit) {
	if c != nil {
		c.exceeded[l].Add(1)
	}
}

// CountedBy adds what f returns to a count: some libraries enforce a limit and have a counter of their own. f is called from
// any goroutine.
func (c *Counters) CountedBy(l Limit, f func() uint64) {
	if c != nil {
		c.also[l].Store(&f)
	}
}

// Count returns how often a limit was exceeded.
func (c *Counters) Count(l Limit) uint64 {
	if c == nil {
		return 0
	}
	n := c.exceeded[l].Load()
	if f := c.also[l].Load(); f != nil {
		n += (*f)()
	}
	return n
}

// All returns every limit, in a fixed order.
func All() []Limit {
	all := make([]Limit, count)
	for i := range all {
		all[i] = Limit(i)
	}
	return all
}
