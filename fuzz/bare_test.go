package fuzz

import (
	"bytes"
	"math/bits"
	"testing"

	"mmids/amf"
	"mmids/engine/config"
	"mmids/flv"
	"mmids/fuzz/budget"
	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// bare is the code under test with nothing of a test around it, so that what it costs can be counted. Its limits are those
// of a server with default settings.
type bare struct {
	name   string
	budget budget.Budget
	take   func(input []byte)
}

func (b bare) require(t testing.TB, input []byte) {
	t.Helper()
	b.budget.Require(t, len(input), func() { b.take(input) })
}

// The budgets are about twice what inputs made to be dear have cost. AMF is the dearest by far: an empty object of 8 bytes
// with one property takes some 400 bytes. Connections have fixed parts: the chunk streams and the memory that they share. Nothing
// has less than 64 KiB, since the fuzzer's own goroutines allocate now and then.
var (
	bareHandshake = bare{"handshake", budget.Budget{PerByte: 0, Fixed: 64 << 10}, func(input []byte) {
		side := handshake.NewServer(handshake.Config{Random: handshakeRandom(1)})
		_, _, _, _ = side.Feed(nil, input)
	}}
	bareChunks = bare{"chunk reader", budget.Budget{PerByte: 4, Fixed: 4 << 20}, func(input []byte) {
		memory := recycler{}
		r := newWireReader(memory, chunk.Limits{})
		_ = r.Feed(input, func(m *chunk.Message) error {
			memory.Free(m.Payload)
			return nil
		})
		r.Close()
	}}
	bareCommand = bareMessage(message.TypeCommandAMF0)
	bareAMF0    = bare{"AMF0", budget.Budget{PerByte: 128, Fixed: 64 << 10}, func(input []byte) { _, _ = amf.DecodeAll(input, amf.Limits{}) }}
	bareAMF3    = bare{"AMF3", budget.Budget{PerByte: 128, Fixed: 64 << 10}, func(input []byte) { _, _ = amf.Decode3All(input, amf.Limits{}) }}
	bareServer  = bare{"server", budget.Budget{PerByte: 128, Fixed: 4 << 20}, bareServerHears}
	bareClient  = bare{"client", budget.Budget{PerByte: 128, Fixed: 4 << 20}, bareClientHears}
	bareVideo   = bare{"video header", budget.Budget{PerByte: 0, Fixed: 64 << 10}, func(input []byte) {
		if h, err := flv.ParseVideo(input); err == nil {
			tracks := h.Tracks(input)
			for _, more := tracks.Next(); more; _, more = tracks.Next() {
			}
		}
	}}
	bareDescribe = bare{"describing", budget.Budget{PerByte: 0, Fixed: 64 << 10}, func(input []byte) {
		flv.DescribeVideo(input)
		flv.DescribeAudio(input)
	}}
	bareAudio = bare{"audio header", budget.Budget{PerByte: 0, Fixed: 64 << 10}, func(input []byte) {
		if h, err := flv.ParseAudio(input); err == nil {
			tracks := h.Tracks(input)
			for _, more := tracks.Next(); more; _, more = tracks.Next() {
			}
		}
	}}
	bareFLV = bare{"FLV file", budget.Budget{PerByte: 8, Fixed: 256 << 10}, func(input []byte) {
		r := flv.NewReader(bytes.NewReader(input))
		for _, err := r.ReadTag(); err == nil; _, err = r.ReadTag() {
		}
	}}
	bareConfig  = bare{"configuration", budget.Budget{PerByte: 256, Fixed: 1 << 20}, func(input []byte) { _, _ = config.Parse("", input) }}
	bareAddress = bare{"address", budget.Budget{PerByte: 64, Fixed: 64 << 10}, func(input []byte) { splitAddress(string(input)) }}
)

func bareMessage(messageType uint8) bare {
	return bare{message.TypeName(messageType), budget.Budget{PerByte: 128, Fixed: 64 << 10}, func(input []byte) {
		var p message.Parser
		_, _ = p.Parse(&chunk.Message{Type: messageType, Payload: input})
	}}
}

func bareServerHears(input []byte) {
	h := &bareHandler{memory: recycler{}}
	s := session.NewServer(session.ServerConfig{Memory: h.memory}, h)
	h.server = s
	w := wire{
		hands: handshake.NewServer(handshake.Config{Random: handshakeRandom(1)}), reader: newWireReader(h.memory, chunk.Limits{}),
		handle: s.Handle, received: s.Received, start: s.Start, listen: s.ClearOutput,
	}
	_ = w.take(input)
	w.reader.Close()
	s.Close()
}

func bareClientHears(input []byte) {
	h := &bareHandler{memory: recycler{}}
	c := session.NewClient(session.ClientConfig{App: "live", TcURL: "rtmp://h/live", Memory: h.memory}, h)
	start := func() {
		c.Start()
		_ = c.Play("cam")
	}
	hands, _ := handshakeClient(handshake.Simple)
	w := wire{
		hands: hands, reader: newWireReader(h.memory, chunk.Limits{}),
		handle: c.Handle, received: c.Received, start: start, listen: c.ClearOutput,
	}
	_ = w.take(input)
	w.reader.Close()
	c.Close()
}

// bareHandler accepts everything and keeps nothing.
type bareHandler struct {
	server *session.Server
	memory recycler
}

func (h *bareHandler) OnConnect(session.Connect)                        { h.server.AcceptConnect() }
func (h *bareHandler) OnPublish(p session.Publish)                      { h.server.AcceptPublish(p.Request) }
func (h *bareHandler) OnPlay(p session.Play)                            { h.server.AcceptPlay(p.Request) }
func (h *bareHandler) OnStop(uint32, session.StopReason)                {}
func (h *bareHandler) OnConnected(session.Connected)                    {}
func (h *bareHandler) OnPublishStart(uint32)                            {}
func (h *bareHandler) OnPlayStart(uint32)                               {}
func (h *bareHandler) OnStatus(session.Notice)                          {}
func (h *bareHandler) OnError(error)                                    {}
func (h *bareHandler) OnMetadata(uint32, session.Metadata)              {}
func (h *bareHandler) OnData(uint32, session.Data)                      {}
func (h *bareHandler) OnMedia(_ uint32, _ uint8, _ uint32, body []byte) { h.memory.Free(body) }

// recycler is memory that is used again, in sizes that are powers of two. A server's is like it, but a garbage collection may
// empty that at any time, so what it allocates cannot be foreseen.
type recycler map[int][][]byte

func (r recycler) Alloc(n int) []byte {
	class := bits.Len(uint(n))
	free := r[class]
	if len(free) == 0 {
		return make([]byte, n, 1<<class)
	}
	r[class] = free[:len(free)-1]
	return free[len(free)-1][:n]
}

func (r recycler) Free(p []byte) {
	class := bits.Len(uint(cap(p))) - 1
	r[class] = append(r[class], p)
}
