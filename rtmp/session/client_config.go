package session

import (
	"mmids/amf"
	"mmids/rtmp/chunk"
)

// ClientConfig says what to connect to. Of the other fields, the zero value works.
type ClientConfig struct {
	// App and TcURL are the application and the address it is at: "live" and "rtmp://host/live".
	App, TcURL string
	// FlashVer is how the client presents itself. Empty means as a Flash Media Live Encoder, because some services turn
	// others away.
	FlashVer string
	// PageURL and SwfURL are sent unless empty.
	PageURL, SwfURL string
	// Capabilities are announced to the server. Nil means all that Enhanced RTMP has, for a client that passes on
	// every codec; an empty value announces nothing.
	Capabilities *Capabilities
	// ChunkSize is what the client sends in chunks of, in bytes. Zero means 4096.
	ChunkSize uint32
	// WindowAckSize is after how many bytes the server is to acknowledge. Zero means 2,500,000.
	WindowAckSize uint32
	// BufferLength is how far a player reads ahead, in milliseconds. Zero means 1000.
	BufferLength uint32
	// AMF bounds the values of one command or data message. Zero means the defaults of package amf.
	AMF amf.Limits
	// Memory is where the payloads that Handle gets are from. Nil means the garbage collector.
	Memory chunk.Memory
}

func (c ClientConfig) withDefaults() ClientConfig {
	fill := func(field *uint32, value uint32) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&c.ChunkSize, 4096)
	fill(&c.WindowAckSize, 2_500_000)
	fill(&c.BufferLength, 1000)
	if c.FlashVer == "" {
		c.FlashVer = "FMLE/3.0 (compatible; mmids)"
	}
	if c.Capabilities == nil {
		c.Capabilities = &passThrough
	}
	if c.Memory == nil {
		c.Memory = garbageCollected{}
	}
	return c
}
