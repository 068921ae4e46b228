package session

// ServerHandler learns what a client wants and sends. The session calls it on the goroutine of the connection, from
// within Handle, Close and the Accept methods; it may call any method of the session but Handle and Received.
type ServerHandler interface {
	// OnConnect asks for AcceptConnect or RejectConnect.
	OnConnect(Connect)
	// OnPublish asks for AcceptPublish or RejectPublish.
	OnPublish(Publish)
	// OnPlay asks for AcceptPlay or RejectPlay.
	OnPlay(Play)
	// OnStop ends what OnPublish or OnPlay began, decided or not, exactly once; it does not follow a refusal.
	OnStop(streamID uint32, reason StopReason)

	MediaHandler
}

// MediaHandler gets what the peer sends of the stream that it publishes, or that it was asked to play.
type MediaHandler interface {
	// OnMedia gets an audio (8) or video (9) message; timestamp is in milliseconds and wraps. The payload is never empty,
	// it is of the Memory that the session was configured with, and it belongs to the handler from here on.
	OnMedia(streamID uint32, messageType uint8, timestamp uint32, payload []byte)
	// OnMetadata gets the description of the stream, or its withdrawal. It is valid until OnMetadata returns.
	OnMetadata(streamID uint32, m Metadata)
	// OnData gets any other data message. It is valid until OnData returns.
	OnData(streamID uint32, d Data)
}

// Connect is the connect command (RTMP 1.0 §7.2.1.1).
type Connect struct {
	// App is the application, without a query, one trailing slash and "/_definst_". It may be empty.
	App string
	// Query has the queries of app and tcUrl, those of app first. See [Publish.Query].
	Query string
	// TcURL, FlashVer, PageURL and SwfURL are as sent, and empty when missing. None has to be true.
	TcURL, FlashVer, PageURL, SwfURL string
	// ObjectEncoding is 0 for AMF0 and 3 for AMF3. A client of 3 may use the AMF3 message types.
	ObjectEncoding float64
	// Capabilities are what the client announced of Enhanced RTMP.
	Capabilities Capabilities
}

// Request identifies one publish or play request of a connection. An answer has to name it, so that a late answer does
// not decide on what the client has asked for since.
type Request uint32

// Publish is the publish command (RTMP 1.0 §7.2.2.6).
type Publish struct {
	Request  Request
	StreamID uint32
	// Key is the name of the stream, the part before a question mark. It is not empty.
	Key string
	// Query is what followed the question mark, then what the query of app and tcUrl have in addition, name by name:
	// "a=1&b=2", escapes as sent.
	Query string
	// Mode is "live". The modes "record" and "append" have been refused by the session.
	Mode string
}

// Play is the play command (RTMP 1.0 §7.2.2.1).
type Play struct {
	Request  Request
	StreamID uint32
	Key      string // as in [Publish]
	Query    string // as in [Publish]
	// Start is -2 for a live stream or else a recorded one, which is the default, -1 for a live stream only, and else
	// seconds from the beginning of a recorded one.
	Start float64
	// Duration is in seconds; -1, the default, means up to the end.
	Duration float64
	// Reset ends what is in the client's play list. It is the default.
	Reset bool
}

// StopReason says why publishing or playing ended.
type StopReason uint8

const (
	StopDeleteStream StopReason = iota
	StopCloseStream
	StopFCUnpublish
	StopPublishFalse // publish(false), as Wirecast stops
	StopClosed       // the connection closed
	StopEnded        // the server ended it
)

func (r StopReason) String() string {
	switch r {
	case StopDeleteStream:
		return "deleteStream"
	case StopCloseStream:
		return "closeStream"
	case StopFCUnpublish:
		return "FCUnpublish"
	case StopPublishFalse:
		return "publish(false)"
	case StopEnded:
		return "ended by the server"
	}
	return "connection closed"
}
