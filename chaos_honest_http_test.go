package main

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	mp4file "github.com/Eyevinn/mp4ff/mp4"
	"github.com/stretchr/testify/require"

	"mmids/bench/stream"
	"mmids/flv"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// httpViewer is an honest viewer over HTTP, in the test's own process. It looks at every message of the first honest stream,
// from its beginning to the end of its answer.
type httpViewer struct {
	marks
	format string
	done   chan struct{} // closed at the end of the answer
	err    error         // what ended it, valid when done is closed
}

// startHTTPViewers has a viewer of each format begin.
func startHTTPViewers(t testing.TB, s *chaosServer) []*httpViewer {
	t.Helper()
	return []*httpViewer{
		watchMarks(t, s, "flv", true, func(body io.ReadCloser) player { return &flvPlayer{body, flv.NewReader(body)} }),
		watchMarks(t, s, "mp4", false, func(body io.ReadCloser) player { return &mp4Player{body: body} }),
	}
}

func watchMarks(t testing.TB, s *chaosServer, format string, inOrder bool, open func(io.ReadCloser) player) *httpViewer {
	t.Helper()
	v := &httpViewer{format: format, marks: newMarks(inOrder), done: make(chan struct{})}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.httpURL(honestKey+"0."+format), nil)
	require.NoError(t, err)
	answer, err := insecure.Do(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	go v.run(open(answer.Body))
	t.Cleanup(func() { <-v.done })
	return v
}

func (v *httpViewer) run(p player) {
	defer close(v.done)
	defer p.Close()
	for {
		m, err := p.Read()
		if err != nil {
			v.err = err
			return
		}
		v.take(m)
	}
}

// wait waits for the end of the answer.
func (v *httpViewer) wait(t testing.TB) {
	t.Helper()
	select {
	case <-v.done:
	case <-time.After(patience):
		t.Fatalf("the answer with %s does not end", v.format)
	}
}

// requireToTheEnd checks that viewers of a stream that was published for a time have had all of it, and the same end. It
// returns how many of them have.
func requireToTheEnd(t testing.TB, what string, viewers []*httpViewer, published time.Duration) (exact int) {
	t.Helper()
	const late = 500 * time.Millisecond // of the publisher, at most
	for _, v := range viewers {
		v.wait(t)
		if v.err != io.EOF {
			v.tell("the answer was cut off: %v", v.err)
		}
		if v.until < published-late {
			v.tell("it ended at %v of %v", v.until, published)
		}
		if v.newest != viewers[0].newest {
			v.tell("its last message is %d, and that of %s is %d", v.newest, viewers[0].format, viewers[0].newest)
		}
		if v.requireExact(t, what) {
			exact++
		}
	}
	return exact
}

// requireExact checks that what has come is what was sent.
func (v *httpViewer) requireExact(t testing.TB, what string) bool {
	t.Helper()
	v.wait(t)
	if len(v.problems) == 0 && v.messages > 0 {
		return true
	}
	t.Errorf("%s: the viewer of %s has %d messages: %v", what, v.format, v.messages, v.problems)
	return false
}

// marks follows the messages of one stream. Each track of it must be whole and in order, and keep its place in time.
type marks struct {
	inOrder  bool // of both tracks together: MP4 has a picture when its duration is known, and then there has been sound
	order    sentOrder
	last     map[uint8]uint64 // number of the last message, by type
	shift    uint32           // of all times against those that were sent
	messages int64
	newest   uint64
	until    time.Duration // of the stream's time
	began    time.Time
	stall    time.Duration // how long a message took at most that was sent since
	problems []string      // the first few
}

func newMarks(inOrder bool) marks {
	return marks{inOrder: inOrder, began: time.Now(), order: sentOrder{plan: stream.NewPlan(honestShape)}, last: map[uint8]uint64{}}
}

func (m *marks) tell(format string, args ...any) {
	const most = 5
	if len(m.problems) < most {
		m.problems = append(m.problems, fmt.Sprintf(format, args...))
	}
}

// take checks the next message.
func (m *marks) take(msg client.Message) {
	if msg.Type != message.TypeAudio && msg.Type != message.TypeVideo {
		return
	}
	mark, config, err := stream.Read(msg.Type, msg.Payload)
	if config {
		return
	}
	if m.messages++; err != nil {
		m.tell("%v", err)
		return
	}
	shift := msg.Timestamp - mark.Timestamp
	if m.messages == 1 {
		m.shift = shift
	}
	last, known := m.last[msg.Type]
	switch {
	case mark.Stream != 0:
		m.tell("message %d is of stream %d", mark.Number, mark.Stream)
	case shift != m.shift:
		m.tell("message %d has the time %d instead of %d", mark.Number, msg.Timestamp, mark.Timestamp+m.shift)
	case known && mark.Number != m.order.next(last, msg.Type), m.inOrder && m.messages > 1 && mark.Number != m.newest+1:
		m.tell("message %d came behind %d", mark.Number, last)
	}
	m.last[msg.Type] = mark.Number
	m.newest, m.until = max(m.newest, mark.Number), max(m.until, time.Duration(mark.Timestamp)*time.Millisecond)
	if mark.Sent.After(m.began) {
		m.stall = max(m.stall, time.Since(mark.Sent))
	}
}

// sentOrder says which messages of a stream are pictures and which are sound.
type sentOrder struct {
	plan  *stream.Plan
	types []uint8 // of the first messages
}

// next returns the number of the next message of a type.
func (o *sentOrder) next(number uint64, messageType uint8) uint64 {
	for {
		number++
		for uint64(len(o.types)) <= number {
			o.types = append(o.types, o.plan.Next().Type)
		}
		if o.types[number] == messageType {
			return number
		}
	}
}

// mp4Player plays MP4 whose fragments have one picture each, or one frame of sound.
type mp4Player struct {
	body  io.ReadCloser
	at    uint64
	video uint32            // id of the track
	ticks map[uint32]uint64 // in a ms, by the id of the track
	moof  *mp4file.MoofBox
}

// Read returns the next frame as it was in RTMP.
func (p *mp4Player) Read() (client.Message, error) {
	for {
		box, err := mp4file.DecodeBox(p.at, p.body)
		if err != nil {
			return client.Message{}, err
		}
		p.at += box.Size()
		switch box := box.(type) {
		case *mp4file.MoovBox:
			p.ticks = make(map[uint32]uint64)
			for _, track := range box.Traks {
				p.ticks[track.Tkhd.TrackID] = uint64(track.Mdia.Mdhd.Timescale) / 1000
				if track.Mdia.Hdlr.HandlerType == "vide" {
					p.video = track.Tkhd.TrackID
				}
			}
		case *mp4file.MoofBox:
			p.moof = box
		case *mp4file.MdatBox:
			return p.frame(box.Data)
		}
	}
}

func (p *mp4Player) frame(data []byte) (client.Message, error) {
	if p.moof == nil {
		return client.Message{}, fmt.Errorf("data without a head")
	}
	track := p.moof.Traf
	ticks := p.ticks[track.Tfhd.TrackID]
	if ticks == 0 {
		return client.Message{}, fmt.Errorf("a frame of the unknown track %d", track.Tfhd.TrackID)
	}
	samples := track.Trun.Samples
	if len(samples) != 1 || int(samples[0].Size) != len(data) || samples[0].CompositionTimeOffset != 0 {
		return client.Message{}, fmt.Errorf("%d bytes of %+v", len(data), samples)
	}
	m := client.Message{Type: message.TypeAudio, Timestamp: uint32(track.Tfdt.BaseMediaDecodeTime() / ticks), Payload: append([]byte{0xaf, 1}, data...)}
	if track.Tfhd.TrackID == p.video {
		tag := byte(0x27)
		if mp4file.IsSyncSampleFlags(samples[0].Flags) {
			tag = 0x17
		}
		m.Type, m.Payload = message.TypeVideo, append([]byte{tag, 1, 0, 0, 0}, data...)
	}
	return m, nil
}

func (p *mp4Player) Close() error { return p.body.Close() }

// TestMarks makes sure of the viewers over HTTP themselves: what is wrong with a stream is told.
func TestMarks(t *testing.T) {
	script := func() (list []client.Message) {
		p := stream.NewPlan(honestShape)
		for number := range uint64(60) {
			next := p.Next()
			list = append(list, client.Message{
				Type: next.Type, Timestamp: next.Timestamp() + 7, Payload: stream.Append(nil, next, 0, number, time.Unix(100, 0)),
			})
		}
		return list
	}
	f := func(problems int, inOrder bool, spoil func(s []client.Message) []client.Message) {
		t.Helper()
		m := newMarks(inOrder)
		for _, msg := range spoil(script()) {
			m.take(msg)
		}
		require.Len(t, m.problems, problems)
		require.EqualValues(t, 59, m.newest)
	}
	swapped := func(s []client.Message) []client.Message { // a picture with the sound behind it
		for i := 20; ; i++ {
			if s[i].Type == message.TypeVideo && s[i+1].Type == message.TypeAudio {
				s[i], s[i+1] = s[i+1], s[i]
				return s
			}
		}
	}
	f(0, true, func(s []client.Message) []client.Message { return s })
	f(0, true, func(s []client.Message) []client.Message { return s[30:] })
	f(0, false, swapped)
	f(2, true, swapped)
	f(2, true, func(s []client.Message) []client.Message { return append(s[:30:30], s[31:]...) })
	f(1, false, func(s []client.Message) []client.Message { return append(s[:30:30], s[31:]...) })
	f(1, false, func(s []client.Message) []client.Message { return append(s[:30:30], s[29:]...) })
	f(1, false, func(s []client.Message) []client.Message { s[30].Timestamp++; return s })
	f(2, false, func(s []client.Message) []client.Message { s[30].Payload[50] ^= 1; return s }) // it is damaged, and then missing
}
