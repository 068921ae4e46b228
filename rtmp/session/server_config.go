package session

import (
	"mmids/amf"
	"mmids/rtmp/chunk"
)

// ServerConfig has a zero value that works.
type ServerConfig struct {
	// ChunkSize is what the server sends in chunks of, in bytes. Zero means 4096. More than the chunk size of other
	// servers breaks simple players, less costs a byte per chunk.
	ChunkSize uint32
	// WindowAckSize is after how many bytes the client is to acknowledge. Zero means 1<<30: the server makes nothing
	// of acknowledgements.
	WindowAckSize uint32
	// PeerBandwidth is the window that the client is asked to use, in bytes. Zero means 2,500,000.
	PeerBandwidth uint32
	// AMF bounds the values of one command or data message. Zero means the defaults of package amf.
	AMF amf.Limits
	// CommandsMax is how many commands a client may send until the owner calls GrantCommands. Zero means that they are not
	// counted.
	CommandsMax int
	// OnUnreadable, unless nil, is told of a data message of a publisher that was left out because its name or values
	// cannot be decoded, or not within AMF.
	OnUnreadable func(err error, messageType uint8, size int)
	// EarlyBytes bounds the media, in bytes, that is held between a publish request and the decision on it. Zero means
	// 1 MiB, negative means that none is held.
	EarlyBytes int
	// Memory is where the payloads that Handle gets are from. Nil means the garbage collector.
	Memory chunk.Memory
}

func (c ServerConfig) withDefaults() ServerConfig {
	fill := func(field *uint32, value uint32) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&c.ChunkSize, 4096)
	fill(&c.WindowAckSize, 1<<30)
	fill(&c.PeerBandwidth, 2_500_000)
	if c.EarlyBytes == 0 {
		c.EarlyBytes = earlyBytesMax
	}
	if c.Memory == nil {
		c.Memory = garbageCollected{}
	}
	return c
}
