package session_test

import (
	"fmt"
	"slices"

	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// eventsOf notes the events of a server session whose output another session reads.
type eventsOf struct {
	*testServer
	events []string
}

func (e *eventsOf) add(format string, a ...any) {
	e.events = append(e.events, fmt.Sprintf(format, a...))
}

func (e *eventsOf) OnConnect(c session.Connect) {
	e.add("connect %s", c.App)
	e.AcceptConnect()
}

func (e *eventsOf) OnPublish(p session.Publish) {
	e.add("publish %d %s %s", p.StreamID, p.Key, p.Query)
	e.AcceptPublish(p.Request)
}

func (e *eventsOf) OnPlay(p session.Play) {
	e.add("play %d %s %s", p.StreamID, p.Key, p.Query)
	e.AcceptPlay(p.Request)
}

func (e *eventsOf) OnStop(streamID uint32, reason session.StopReason) {
	e.add("stop %d %v", streamID, reason)
}

func (e *eventsOf) OnMedia(_ uint32, messageType uint8, timestamp uint32, payload []byte) {
	e.add("%s %d %d", message.TypeName(messageType), timestamp, len(payload))
	e.memory.Free(payload)
}

func (e *eventsOf) OnMetadata(_ uint32, m session.Metadata) {
	e.add("metadata {%s}", describeProperties(m.Properties))
}

func (e *eventsOf) OnData(_ uint32, d session.Data) { e.add("data %s", d.Name) }

// clientEvents notes the events of a client session whose output another session reads, without the statuses.
type clientEvents struct {
	*testClient
	events []string
}

func (e *clientEvents) add(format string, a ...any) {
	e.events = append(e.events, fmt.Sprintf(format, a...))
}

func (e *clientEvents) OnConnected(session.Connected)  { e.add("connected") }
func (e *clientEvents) OnPublishStart(streamID uint32) { e.add("publish start %d", streamID) }
func (e *clientEvents) OnPlayStart(streamID uint32)    { e.add("play start %d", streamID) }
func (e *clientEvents) OnStatus(session.Notice)        {}
func (e *clientEvents) OnError(err error)              { e.add("error %v", err) }
func (e *clientEvents) OnData(_ uint32, d session.Data) {
	if !slices.Contains(e.events, "data "+d.Name) {
		e.add("data %s", d.Name)
	}
}
