package server

import (
	"encoding/binary"

	"mmids/engine/media"
	"mmids/mp4"
)

// fragments is the format of a log whose messages are MP4 already: an initialization segment, ftyp and moov, as the
// sequence header, or a fragment, moof and mdat.
type fragments struct{}

func (fragments) Len(_ media.Kind, _ int64, tagLen int) int { return tagLen }

func (fragments) Append(dst []byte, _ media.Kind, _ int64, tag []byte) []byte {
	return append(dst, tag...)
}

func (fragments) Script(*media.Metadata) []byte { return nil }

func (fragments) AppendNotice(dst []byte, _ media.Event, _ int64) []byte { return dst }

func (fragments) MessageLen(b []byte) int {
	first := int(binary.BigEndian.Uint32(b))
	return first + int(binary.BigEndian.Uint32(b[first:]))
}

// Time is not used: an initialization segment has none.
func (fragments) Time([]byte) int64 { return 0 }

// mp4Output feeds an output with what a muxer makes of its stream. Feeder only.
type mp4Output struct {
	channel *Channel
	output  *output // that is fed now
	muxer   mp4.Muxer
	next    media.Notification // scratch
	waited  bool               // what is being added
}

func newMP4Output(ch *Channel, o *output) *mp4Output {
	m := &mp4Output{channel: ch, output: o}
	m.muxer.Output = m
	return m
}

// append adds a notification, which is borrowed.
func (m *mp4Output) append(n *media.Notification) {
	m.waited = n.Waited
	switch n.Event {
	case media.NewStream:
		m.muxer.Begin()
		m.output.refused.Store(nil)
		m.output.log.Append(n)
	case media.Disconnected:
		m.muxer.End()
		m.output.log.Append(n)
	case media.MetadataChanged:
		m.muxer.Describe(n.Metadata)
	case media.Coded:
		m.muxer.Add(&n.Packet)
		if m.muxer.Refused() != "" {
			m.refuse(m.muxer.Refused())
		}
	}
}

// refuse lets those who ask hear why there is nothing for them.
func (m *mp4Output) refuse(why string) {
	if m.output.refused.Load() == nil {
		m.output.refused.Store(&why)
	}
}

// Write implements mp4.Output.
func (m *mp4Output) Write(u mp4.Unit) {
	if u.Init {
		contentType := m.muxer.ContentType()
		m.output.contentType.Store(&contentType)
	}
	body := media.Alloc(len(u.Head) + len(u.Payload))
	copy(body[copy(body, u.Head):], u.Payload)
	m.next = media.Notification{Event: media.Coded, Waited: m.waited, Packet: media.Packet{
		Kind: u.Kind, Required: u.Init, KeyFrame: u.KeyFrame, Time: u.Time, Body: media.NewBuffer(body),
	}}
	m.output.log.Append(&m.next)
	m.next.Release()
}

// Restart implements mp4.Output: whoever watches is ended, and those who come begin with what follows.
func (m *mp4Output) Restart() {
	m.output = m.channel.replace(m.output)
	m.output.log.Append(&media.Notification{Event: media.NewStream, Waited: m.waited})
}
