package session

import (
	"mmids/amf"
	"mmids/rtmp/message"
)

// ClientHandler learns what the server answers and sends. The session calls it on the goroutine of the connection, from
// within Handle; it may call any method of the session but Handle and Received.
type ClientHandler interface {
	// OnConnected says that the server has accepted connect.
	OnConnected(Connected)
	// OnPublishStart says that media may be sent.
	OnPublishStart(streamID uint32)
	// OnPlayStart says that media follows.
	OnPlayStart(streamID uint32)
	// OnStatus gets every other status that is no error: the end of a stream, a reconnect request.
	OnStatus(Notice)
	// OnError says that the server refused what was asked for, as a [*RefusedError], or answered with nonsense. The client
	// then neither publishes nor plays.
	OnError(error)

	// MediaHandler gets the media of the stream that is played.
	MediaHandler
}

// Connected is the answer to connect (RTMP 1.0 §7.2.1.1).
type Connected struct {
	message.Status
	// FMSVer is the name and version of the server, "" when it tells none.
	FMSVer string
	// Capabilities are what the server announced of Enhanced RTMP.
	Capabilities Capabilities
}

// Notice is a status that the server sent by itself.
type Notice struct {
	StreamID uint32 // message stream that it came on, 0 for the connection
	message.Status
	// Properties are all of its properties, such as the tcUrl of a reconnect request.
	Properties []amf.Property
}
