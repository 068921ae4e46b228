package fuzz

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"mmids/rtmp/chunk"
)

// chunkLimits are small, so that inputs of a few hundred bytes reach them.
var chunkLimits = chunk.Limits{MessageBytesMax: 100_000, ChunkStreamsMax: 8, PartialBytesMax: 150_000}

// chunkMemory is a chunk.Memory that knows what is out.
type chunkMemory struct {
	out        map[*byte]int
	held, peak int
}

func (c *chunkMemory) Alloc(n int) []byte {
	p := make([]byte, n, n+1)
	for i := range p {
		p[i] = 0xDB
	}
	c.out[chunkBase(p)] = n
	c.held += n
	c.peak = max(c.peak, c.held)
	return p
}

func (c *chunkMemory) Free(p []byte) {
	n, ok := c.out[chunkBase(p)]
	if !ok || cap(p) != n+1 {
		panic("freed what is not out")
	}
	delete(c.out, chunkBase(p))
	c.held -= n
}

func chunkBase(p []byte) *byte { return &p[:1][0] }

// chunkResult is all that a peer can make a Reader say.
type chunkResult struct {
	messages []chunk.Message
	read     []uint64 // BytesRead at each message
	err      string
}

// chunkRead reads stream in the pieces that cuts asks for and checks what must hold for every input.
func chunkRead(t *testing.T, limits chunk.Limits, stream, cuts []byte) (got chunkResult) {
	memory := &chunkMemory{out: make(map[*byte]int)}
	r := chunk.NewReader(chunk.ReaderConfig{Memory: memory, Limits: limits})
	payloads := 0
	emit := func(m *chunk.Message) error {
		kept := *m
		kept.Payload = bytes.Clone(m.Payload)
		memory.Free(m.Payload)
		got.messages, got.read = append(got.messages, kept), append(got.read, r.BytesRead())
		payloads += len(kept.Payload)
		if len(kept.Payload) > limits.MessageBytesMax || m.ChunkStream < 2 || m.ChunkStream > 65599 {
			t.Fatalf("impossible message: chunk stream %d, %d bytes", m.ChunkStream, len(kept.Payload))
		}
		return nil
	}
	fed := 0
	var err error
	for i := 0; fed < len(stream) && err == nil; i++ {
		n := len(stream) - fed
		if len(cuts) > 0 {
			n = min(n, int(cuts[i%len(cuts)]))
		}
		piece := bytes.Clone(stream[fed : fed+n])
		err = r.Feed(piece, emit)
		clear(piece) // no reference may be kept
		fed += n
		if err == nil && r.BytesRead() != uint64(fed) {
			t.Fatalf("%d bytes read of %d", r.BytesRead(), fed)
		}
		if n == 0 {
			cuts = cuts[:0] // only zero-length cuts would never end
		}
	}
	if err != nil {
		var e *chunk.Error
		if !errors.As(err, &e) || e.Offset >= uint64(fed) {
			t.Fatalf("error without a place: %v", err)
		}
		got.err = err.Error()
	}
	if payloads > len(stream) {
		t.Fatalf("%d payload bytes out of %d", payloads, len(stream))
	}
	// While a payload grows there are the old and the new one.
	if memory.peak > limits.PartialBytesMax+limits.MessageBytesMax {
		t.Fatalf("%d bytes of memory", memory.peak)
	}
	r.Close()
	if len(memory.out) > 0 {
		t.Fatalf("%d payloads leaked", len(memory.out))
	}
	return got
}

func FuzzChunkReader(f *testing.F) {
	raw := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	part := func(n int) []byte { return bytes.Repeat([]byte{0xC6}, n) }
	setChunkSize := func(n uint32) []byte {
		return chunk.AppendType0(nil, &chunk.Message{ChunkStream: 2, Type: 1, Payload: binary.BigEndian.AppendUint32(nil, n)}, 128)
	}
	abort := func(csid uint32) []byte {
		return chunk.AppendType0(nil, &chunk.Message{ChunkStream: 2, Type: 2, Payload: binary.BigEndian.AppendUint32(nil, csid)}, 128)
	}
	begin300 := raw([]byte{6, 0, 0, 40, 0, 1, 44, 9, 1, 0, 0, 0}, part(128))
	extended300 := raw([]byte{6, 0xFF, 0xFF, 0xFF, 0, 1, 44, 9, 1, 0, 0, 0, 1, 2, 3, 4}, part(128))
	one := []byte{1}
	for _, cuts := range [][]byte{nil, one, {3, 0, 7}, {127, 1, 130}} {
		f.Add([]byte("\x04\x00\x00\x15\x00\x00\x02\x08\x01\x00\x00\x00ab\xc4cd\x84\x00\x00\x05ef\x44\x00\x00\x01\x00\x00\x01\x09x"), cuts)
		f.Add(raw(begin300, []byte{0xC6}, part(128), []byte{0xC6}, part(44)), cuts)
		f.Add(raw(begin300, []byte{0x46, 0, 0, 1, 0, 0, 5, 8}, part(5)), cuts) // length changes in mid-message
		f.Add(raw(begin300, setChunkSize(1), []byte{0xC6, 1, 0xC6, 2}), cuts)  // chunk size below what is read
		f.Add(raw(setChunkSize(0)), cuts)
		f.Add(raw(setChunkSize(1<<31-1)), cuts)
		f.Add(raw(setChunkSize(90_000), []byte{6, 0, 0, 0, 1, 0x5F, 0x90, 9, 1, 0, 0, 0}, part(300)), cuts)
		f.Add([]byte{2, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 1, 2, 3}, cuts) // short control body
		f.Add(raw(begin300, abort(6), []byte{0xC6}, part(128)), cuts)
		f.Add(raw(extended300, []byte{0xC6, 1, 2, 3, 4}, part(128), []byte{0xC6, 1, 2, 3, 4}, part(44)), cuts)
		f.Add(raw(extended300, []byte{0xC6}, part(128), []byte{0xC6}, part(44)), cuts)
		f.Add(raw(extended300, []byte{0xC6, 1, 2, 3}, part(125), []byte{0xC6}, part(44)), cuts)
		f.Add([]byte{0x42, 0, 0, 0, 0, 0, 6, 4, 0, 6, 0, 0, 0, 1}, cuts)                                     // begins with type 1
		f.Add([]byte{0xC3}, cuts)                                                                            // begins with type 3
		f.Add([]byte{0x01, 0xFF, 0xFF, 0, 0, 1, 0, 0, 1, 8, 1, 0, 0, 0, 9, 0xC0, 5, 0xC1, 0xFF, 0xFF}, cuts) // ids of 2 and 3 bytes
		var many []byte
		for csid := range uint32(9) {
			many = append(many, 2+byte(csid), 0, 0, 0, 0, 0x40, 0, 9, 0, 0, 0, 0)
			many = append(many, part(128)...)
		}
		f.Add(many, cuts)
	}
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		whole, pieces, bytewise := chunkRead(t, chunkLimits, stream, nil), chunkRead(t, chunkLimits, stream, cuts), chunkRead(t, chunkLimits, stream, one)
		chunkSame(t, whole, pieces)
		chunkSame(t, whole, bytewise)
		bareChunks.require(t, stream)
	})
}

func chunkSame(t *testing.T, a, b chunkResult) {
	if a.err != b.err {
		t.Fatalf("cuts change the error: %q, %q", a.err, b.err)
	}
	chunkSameMessages(t, a.messages, b.messages)
	for i := range a.read {
		if a.read[i] != b.read[i] {
			t.Fatalf("cuts change where message %d ends: %d, %d", i, a.read[i], b.read[i])
		}
	}
}

func chunkSameMessages(t *testing.T, a, b []chunk.Message) {
	if len(a) != len(b) {
		t.Fatalf("%d messages, %d messages", len(a), len(b))
	}
	for i := range a {
		x, y := a[i], b[i]
		if x.ChunkStream != y.ChunkStream || x.Type != y.Type || x.StreamID != y.StreamID || x.Timestamp != y.Timestamp || !bytes.Equal(x.Payload, y.Payload) {
			t.Fatalf("message %d: chunk stream %d type %d time %d %d bytes, chunk stream %d type %d time %d %d bytes", i,
				x.ChunkStream, x.Type, x.Timestamp, len(x.Payload), y.ChunkStream, y.Type, y.Timestamp, len(y.Payload))
		}
	}
}

// chunkProgram writes a conversation that a sequence of bytes describes, and knows what must come out.
type chunkProgram struct {
	plan
	w      *chunk.Writer
	size   int // chunk size
	now    uint32
	stream []byte
	want   []chunk.Message
}

func (p *chunkProgram) message(ids []uint32) *chunk.Message {
	step := []uint32{0, 1, 40, 40, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x7FFFFFFF}[p.next()%8]
	p.now += step
	n := p.next()
	payload := bytes.Repeat([]byte{byte(n), byte(p.now), 0xC2}, n*n%3000)
	return &chunk.Message{ChunkStream: ids[p.next()%len(ids)], Type: 8 + uint8(n%2), StreamID: uint32(n % 3), Timestamp: p.now, Payload: payload}
}

// chunks cuts a message encoded by AppendType0 into its chunks.
func (p *chunkProgram) chunks(m *chunk.Message) (parts [][]byte) {
	extended := m.Timestamp >= 0xFFFFFF
	wire := chunk.AppendType0(nil, m, p.size)
	begin := chunk.WireLen(0, extended, m.ChunkStream, p.size)
	n := min(len(wire), begin+p.size)
	for len(wire) > 0 {
		parts, wire = append(parts, wire[:n]), wire[n:]
		n = min(len(wire), begin-11+p.size)
	}
	return parts
}

func (p *chunkProgram) run() {
	for !p.over() && len(p.want) < 50 {
		switch p.next() % 6 {
		case 0:
			m := p.message([]uint32{2, 3, 6, 63, 64, 319, 320, 65599})
			p.stream, p.want = p.w.Append(p.stream, m), append(p.want, *m)
		case 1:
			m := p.message([]uint32{2, 6, 65599})
			p.stream, p.want = p.w.AppendFull(p.stream, m), append(p.want, *m)
		case 2:
			p.control(1, uint32(1+p.next()*p.next()))
			p.size = int(binary.BigEndian.Uint32(p.want[len(p.want)-1].Payload))
			p.w.SetChunkSize(uint32(p.size))
		case 3: // two messages side by side
			a, b := p.message([]uint32{6, 70}), p.message([]uint32{4, 400})
			p.interleave(p.chunks(a), p.chunks(b), a, b)
		case 4: // a message that is given up half way
			m := p.message([]uint32{6, 70})
			parts := p.chunks(m)
			if len(parts) > 1 {
				p.stream = append(p.stream, bytes.Join(parts[:1+p.next()%(len(parts)-1)], nil)...)
				p.control(2, m.ChunkStream)
				p.stream, p.want = p.w.AppendFull(p.stream, m), append(p.want, *m) // the Writer knows nothing of the rest
			}
		case 5: // and one that the next header gives up
			m := p.message([]uint32{6, 70})
			parts := p.chunks(m)
			p.stream = append(p.stream, bytes.Join(parts[:len(parts)-1], nil)...)
			p.stream, p.want = p.w.AppendFull(p.stream, m), append(p.want, *m)
		}
	}
}

func (p *chunkProgram) control(msgType uint8, value uint32) {
	m := chunk.Message{ChunkStream: 2, Type: msgType, Payload: binary.BigEndian.AppendUint32(nil, value)}
	p.stream, p.want = p.w.AppendFull(p.stream, &m), append(p.want, m)
}

// interleave alternates as the program says. The Writer does not know of these messages, so it is told of the
// last of each by encoding them once more.
func (p *chunkProgram) interleave(a, b [][]byte, ma, mb *chunk.Message) {
	for len(a)+len(b) > 0 {
		from, m := &a, ma
		if len(a) == 0 || len(b) > 0 && p.next()%2 == 1 {
			from, m = &b, mb
		}
		p.stream = append(p.stream, (*from)[0]...)
		if *from = (*from)[1:]; len(*from) == 0 {
			p.want = append(p.want, *m)
		}
	}
	for _, m := range []*chunk.Message{ma, mb} {
		p.stream, p.want = p.w.AppendFull(p.stream, m), append(p.want, *m)
	}
}

// FuzzChunkRoundTrip lets a reader hear what a writer makes of messages, chunk sizes, aborts and interleaving.
func FuzzChunkRoundTrip(f *testing.F) {
	f.Add([]byte{0, 2, 30, 2, 0, 2, 30, 2, 0, 3, 30, 2, 0, 3, 30, 2}, []byte{1}, uint16(0x0700))
	f.Add([]byte{2, 64, 64, 0, 5, 200, 7, 0, 6, 200, 7, 2, 0, 0, 0, 2, 9, 7}, []byte{100, 3}, uint16(0x0700))
	f.Add([]byte{3, 2, 30, 0, 2, 31, 1, 1, 0, 1, 0, 0, 1, 1, 3, 6, 30, 1, 6, 31, 0, 1, 1, 1}, []byte{200}, uint16(0x0700))
	f.Add([]byte{4, 2, 40, 0, 5, 0, 0, 30, 2, 5, 6, 40, 1, 0, 2, 40, 2}, []byte{7, 90}, uint16(0x0700))
	f.Add([]byte{1, 7, 50, 2, 1, 7, 50, 2, 0, 7, 50, 2, 0, 7, 50, 2}, []byte{}, uint16(0x0700))
	f.Fuzz(func(t *testing.T, code, cuts []byte, damage uint16) {
		p := &chunkProgram{plan: plan{code: code}, w: chunk.NewWriter(), size: chunk.DefaultChunkSize}
		p.run()
		got := chunkRead(t, chunk.Limits{MessageBytesMax: 10_000, PartialBytesMax: 20_000}, p.stream, cuts)
		if got.err != "" {
			t.Fatal(got.err)
		}
		chunkSameMessages(t, p.want, got.messages)

		// With one byte changed it may mean anything, but the same however it is cut.
		if len(p.stream) > 0 {
			p.stream[int(damage)%len(p.stream)] ^= byte(damage>>8) | 1
			chunkSame(t, chunkRead(t, chunkLimits, p.stream, nil), chunkRead(t, chunkLimits, p.stream, cuts))
		}
	})
}
