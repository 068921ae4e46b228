package settings

import (
	"time"

	"mmids/amf"
	"mmids/engine/fanout"
	"mmids/rtmp/chunk"
)

// RTMP is what is said of publishers and viewers. What it means, and what it is when it is zero, says the configuration of the
// endpoint, whose fields have the same names.
type RTMP struct {
	BindAddress         string
	HandshakeTimeout    time.Duration
	ConnectTimeout      time.Duration
	FirstRequestTimeout time.Duration
	ApprovalTimeout     time.Duration
	IdleTimeout         time.Duration
	PublishTimeout      time.Duration
	ReturnTimeout       time.Duration
	ViewerTimeout       time.Duration

	UnacceptedBytesMax   int
	CommandsPerSecondMax int
	Chunk                chunk.Limits
	AMF                  amf.Limits
	Fanout               fanout.Config
}

// HTTP is what is said of requests to the API, likewise.
type HTTP struct {
	ConnectionsMax int
	HeaderBytesMax int
	BodyBytesMax   int
	ReadTimeout    time.Duration
}
