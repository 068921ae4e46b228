package session

import (
	"fmt"
	"sync"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// Chunk streams that both sides send on. Control messages belong on 2 (RTMP 1.0 §5.4), the others are a choice.
const (
	chunkStreamControl = 2
	chunkStreamVideo   = 4
	chunkStreamAudio   = 5
)

// channels are the chunk streams that the sides choose differently.
type channels struct {
	command, data uint32
}

var (
	serverChannels = channels{command: 6, data: 3}
	// Clients send commands on 3 since Flash did.
	clientChannels = channels{command: 3, data: 8}
)

// outbound chunks and queues what a session says.
//
// Everything but the media of a client begins with a full header: the owner of a server session sends media that was
// chunked elsewhere on the same connection, and a header that builds on the one before could then build on a wrong one.
type outbound struct {
	channels
	chunkSize int
	memory    *outMemory // nil while the queue is empty
	err       error      // the first message that could not be encoded
}

// outMemory is what an outbound needs while it has something to say, which is seldom.
type outMemory struct {
	queue []byte

	// Scratch, so that the answers that a peer can ask for any number of times cost no allocation.
	body    []byte
	message chunk.Message
	ack     message.Acknowledgement
	event   message.UserControl
}

// outMemoryKeepBytes is the capacity of a queue, and of a body, that is worth keeping: a client queues its key frames.
const outMemoryKeepBytes = 256 << 10

var outMemories = sync.Pool{New: func() any { return new(outMemory) }}

func newOutbound(c channels) outbound {
	return outbound{channels: c, chunkSize: chunk.DefaultChunkSize}
}

// room returns the memory to speak with, until clear.
func (o *outbound) room() *outMemory {
	if o.memory == nil {
		o.memory = outMemories.Get().(*outMemory)
	}
	return o.memory
}

func (o *outbound) queued() []byte {
	if o.memory == nil {
		return nil
	}
	return o.memory.queue
}

func (o *outbound) clear() {
	m := o.memory
	if m == nil {
		return
	}
	o.memory = nil
	if max(cap(m.queue), cap(m.body)) <= outMemoryKeepBytes {
		m.queue = m.queue[:0]
		outMemories.Put(m)
	}
}

func (o *outbound) send(chunkStream, streamID uint32, m message.Message) {
	o.sendAt(chunkStream, streamID, 0, m)
}

func (o *outbound) sendAt(chunkStream, streamID, timestamp uint32, m message.Message) {
	memory := o.room()
	body, err := m.AppendBody(memory.body[:0])
	if err != nil {
		if o.err == nil {
			o.err = fmt.Errorf("rtmp/session: cannot send %s: %w", message.TypeName(m.Type()), err)
		}
		return
	}
	memory.body = body
	memory.message = chunk.Message{ChunkStream: chunkStream, Type: m.Type(), StreamID: streamID, Timestamp: timestamp, Payload: body}
	memory.queue = chunk.AppendType0(memory.queue, &memory.message, o.chunkSize)
}

// control sends a protocol control message; they belong to message stream 0 (RTMP 1.0 §5.4).
func (o *outbound) control(m message.Message) { o.send(chunkStreamControl, 0, m) }

func (o *outbound) acknowledge(total uint64) {
	ack := &o.room().ack
	ack.SequenceNumber = uint32(total) // modulo 2³², as the field wraps
	o.control(ack)
}

func (o *outbound) userControl(event message.UserControl) {
	scratch := &o.room().event
	*scratch = event
	o.control(scratch)
}

// setChunkSize announces a chunk size and uses it from the next message on.
func (o *outbound) setChunkSize(size uint32) {
	o.control(&message.SetChunkSize{Size: size})
	o.chunkSize = int(size)
}

func (o *outbound) call(streamID uint32, name string, transaction float64, object any, arguments ...any) {
	o.send(o.command, streamID, &message.Command{
		Name: name, Transaction: transaction, Object: object, Arguments: arguments,
	})
}

// onStatus sends a status. Its transaction is always 0, and its message stream the one it is about (RTMP 1.0 §7.2.2).
func (o *outbound) onStatus(streamID uint32, s message.Status, more ...amf.Property) {
	o.call(streamID, "onStatus", 0, nil, s.Object(more...))
}

// takeErr returns what could not be sent since it was last asked.
func (o *outbound) takeErr() error {
	err := o.err
	o.err = nil
	return err
}
