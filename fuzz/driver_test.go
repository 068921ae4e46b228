package fuzz

import (
	"errors"
	"fmt"
	"testing"

	"mmids/amf"
	"mmids/flv"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// driven is a session of either side of a connection.
type driven interface {
	Handle(m *chunk.Message) error
	Received(total uint64)
	Output() []byte
	ClearOutput()
	Close()
}

// driver is what the peer of a session does, whichever side it is on: it says things, reads the answers and counts both.
type driver struct {
	t      *testing.T
	other  driven
	memory chunkMemory
	reader *chunk.Reader // of what the session says

	received, sent uint64   // bytes, as the session sees them
	own            uint64   // of sent: what nothing that it was told has caused
	events         []string // what has happened, for tests that compare
}

func newDriver(t *testing.T) driver {
	return driver{t: t, memory: chunkMemory{out: map[*byte]int{}}, reader: chunk.NewReader(chunk.ReaderConfig{})}
}

func (d *driver) note(format string, args ...any) {
	d.events = append(d.events, fmt.Sprintf(format, args...))
}

// say gives the session one message.
func (d *driver) say(messageType uint8, streamID, timestamp uint32, body []byte) error {
	payload := d.memory.Alloc(len(body))
	copy(payload, body)
	d.received += uint64(len(body)) + 12
	err := d.other.Handle(&chunk.Message{Type: messageType, StreamID: streamID, Timestamp: timestamp, Payload: payload})
	d.other.Received(d.received)
	d.listen()
	return err
}

// listen reads what the session says, which has to be whole messages, and notes refusals.
func (d *driver) listen() {
	d.sent += uint64(len(d.other.Output()))
	parser := message.Parser{Limits: amf.Limits{Nodes: 1 << 16, Bytes: 1 << 22}}
	err := d.reader.Feed(d.other.Output(), func(m *chunk.Message) error {
		parsed, err := parser.Parse(m)
		if command, ok := parsed.(*message.Command); ok && len(command.Arguments) > 0 {
			if status, ok := message.StatusOf(command.Arguments[0]); ok && status.Level == message.LevelError {
				d.note("refused %s: %s", status.Code, status.Description)
			}
		}
		return err
	})
	if err != nil {
		d.t.Fatalf("the peer cannot read what it is sent: %v", err)
	}
	d.other.ClearOutput()
}

// onItsOwn does what the session's owner does without having been asked by the peer.
func (d *driver) onItsOwn(do func()) {
	d.listen()
	before := d.sent
	do()
	d.listen()
	d.own += d.sent - before
}

// requireBounded: a session that has heard so many bytes may have said first bytes and perByte for each that it heard.
func (d *driver) requireBounded(heard, first, perByte int) {
	if allowed := uint64(first + perByte*heard); d.sent-d.own > allowed {
		d.t.Fatalf("%d bytes were answered with %d bytes", heard, d.sent-d.own)
	}
}

// media takes a media message in.
func (d *driver) media(messageType uint8, timestamp uint32, payload []byte) {
	if len(payload) == 0 || messageType != message.TypeAudio && messageType != message.TypeVideo {
		d.t.Fatalf("%d bytes of media of type %d", len(payload), messageType)
	}
	d.note("%s at %d: %s", message.TypeName(messageType), timestamp, describeMedia(messageType, payload))
	d.memory.Free(payload)
}

// describeMedia says what a server reads in the header of a media message.
func describeMedia(messageType uint8, payload []byte) string {
	if messageType == message.TypeAudio {
		h, err := flv.ParseAudio(payload)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%v, %v, %d bytes", h.Codec, h.Packet, len(payload)-h.Size)
	}
	h, err := flv.ParseVideo(payload)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%v, %v frame, %v, %d bytes", h.Codec, h.FrameType, h.Packet, len(payload)-h.Size)
}

// end closes the session and checks that nothing is left of it.
func (d *driver) end() {
	d.other.Close()
	if len(d.memory.out) != 0 {
		d.t.Fatalf("%d payloads were not freed", len(d.memory.out))
	}
}

// requireReason checks that an error of a session says what was wrong with which message.
func requireReason(t *testing.T, err error) {
	t.Helper()
	var parse *message.ParseError
	var long *amf.SyntaxError
	if err != nil && !errors.As(err, &parse) && !errors.As(err, &long) && !errors.Is(err, amf.ErrTooLong) {
		t.Fatalf("an error without a reason: %v", err)
	}
}
