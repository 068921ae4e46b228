package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/flv"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// packet is one coded unit as it was published or received.
type packet struct {
	kind   uint8 // message.TypeAudio or TypeVideo
	dts    int64 // ms
	cts    int32 // PTS-DTS in ms
	key    bool
	header bool   // a sequence header
	body   []byte // the whole FLV tag body
}

func (p packet) String() string {
	return fmt.Sprintf("%s dts=%d cts=%d key=%v header=%v %d bytes", message.TypeName(p.kind), p.dts, p.cts, p.key, p.header, len(p.body))
}

func (p packet) equal(q packet) bool {
	return p.kind == q.kind && p.dts == q.dts && p.cts == q.cts && p.key == q.key && p.header == q.header && bytes.Equal(p.body, q.body)
}

// newPacket reads the tag header. Markers without a frame, which muxers write at the end, are not packets.
func newPacket(kind uint8, timestamp uint32, body []byte) (p packet, ok bool) {
	p = packet{kind: kind, dts: int64(timestamp), body: body}
	switch kind {
	case message.TypeVideo:
		h, err := flv.ParseVideo(body)
		p.cts, p.key, p.header = h.CompositionTime, h.IsKeyFrame(), h.IsSequenceHeader()
		return p, err == nil && h.Packet != flv.PacketSequenceEnd
	case message.TypeAudio:
		h, err := flv.ParseAudio(body)
		p.header = h.IsSequenceHeader()
		return p, err == nil
	}
	return p, false
}

// readFLV returns the packets of a recording, which may be cut off at its end.
func readFLV(t testing.TB, path string) (packets []packet) {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	defer f.Close()
	r := flv.NewReader(f)
	for {
		tag, err := r.ReadTag()
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return packets
		}
		require.NoError(t, err, path)
		if p, ok := newPacket(uint8(tag.Type), tag.Timestamp, slices.Clone(tag.Body)); ok {
			packets = append(packets, p)
		}
	}
}

// source returns the packets of a source stream as ffmpeg sends them with -c copy.
func source(t testing.TB) []packet { return readFLV(t, must(t, sourceFile)) }

// frames are the packets of one kind without sequence headers.
func frames(packets []packet, kind uint8) (list []packet) {
	for _, p := range packets {
		if p.kind == kind && !p.header {
			list = append(list, p)
		}
	}
	return list
}

func videoOf(packets []packet) []packet { return frames(packets, message.TypeVideo) }
func audioOf(packets []packet) []packet { return frames(packets, message.TypeAudio) }

// headersOf are the sequence headers.
func headersOf(packets []packet) (list []packet) {
	for _, p := range packets {
		if p.header {
			list = append(list, p)
		}
	}
	return list
}

// requireWhole checks that a recording is what was sent, packet by packet: nothing lost, added or changed.
func requireWhole(t testing.TB, who string, sent, got []packet) {
	t.Helper()
	for _, of := range []func([]packet) []packet{videoOf, audioOf} {
		requireSame(t, who, of(sent), of(got))
	}
	requireHeaders(t, who, sent, got)
}

func requireSame(t testing.TB, who string, sent, got []packet) {
	t.Helper()
	for i := range min(len(sent), len(got)) {
		if !sent[i].equal(got[i]) {
			t.Fatalf("%s: packet %d differs:\nsent %v\ngot  %v", who, i, sent[i], got[i])
		}
	}
	require.Len(t, got, len(sent), "%s: number of packets", who)
}

// requireHeaders checks that each kind came with the sequence header that it was sent with.
func requireHeaders(t testing.TB, who string, sent, got []packet) {
	t.Helper()
	for _, want := range headersOf(sent) {
		require.True(t, slices.ContainsFunc(headersOf(got), func(p packet) bool {
			return p.kind == want.kind && bytes.Equal(p.body, want.body)
		}), "%s: no %s sequence header", who, message.TypeName(want.kind))
	}
	for _, p := range got {
		if p.header {
			continue
		}
		require.True(t, p.kind == message.TypeAudio || p.key, "%s: the first video packet is no key frame: %v", who, p)
		if p.kind == message.TypeVideo {
			break
		}
	}
}

// requireFromKeyFrame checks that a recording begins at a key frame of what was sent and has everything from there to
// the end: video from the key frame, audio from about the same time.
func requireFromKeyFrame(t testing.TB, who string, sent, got []packet) (first packet) {
	t.Helper()
	requireHeaders(t, who, sent, got)
	video := videoOf(got)
	require.NotEmpty(t, video, "%s: no video", who)
	start := indexOf(videoOf(sent), video[0])
	require.GreaterOrEqual(t, start, 0, "%s: the first packet was never sent: %v", who, video[0])
	requireSame(t, who, videoOf(sent)[start:], video)

	audio := audioOf(got)
	require.NotEmpty(t, audio, "%s: no audio", who)
	start = indexOf(audioOf(sent), audio[0])
	require.GreaterOrEqual(t, start, 0, "%s: the first packet was never sent: %v", who, audio[0])
	requireSame(t, who, audioOf(sent)[start:], audio)
	// Audio is muxed a little after video of the same time.
	require.InDelta(t, video[0].dts, audio[0].dts, 250, "%s: audio and video begin together", who)
	return video[0]
}

func indexOf(list []packet, p packet) int { return slices.IndexFunc(list, p.equal) }

// requireTimesNeverGoBack checks the decode times of each kind.
func requireTimesNeverGoBack(t testing.TB, who string, got []packet) {
	t.Helper()
	for _, of := range []func([]packet) []packet{videoOf, audioOf} {
		list := of(got)
		for i := 1; i < len(list); i++ {
			require.GreaterOrEqual(t, list[i].dts, list[i-1].dts, "%s: packet %d %v", who, i, list[i])
		}
	}
}

// requireClockNeverGoesBack checks the times of all packets in the order of arrival, sequence headers included. Audio and
// video may cross by a frame, as they did when they were sent.
func requireClockNeverGoesBack(t testing.TB, who string, got []packet) {
	t.Helper()
	const crossing = 100
	newest := int64(0)
	for i, p := range got {
		require.GreaterOrEqual(t, p.dts, newest-crossing, "%s: packet %d %v", who, i, p)
		newest = max(newest, p.dts)
	}
}

// player is a client that plays a stream.
type player interface {
	Read() (client.Message, error)
	Close() error
}

// viewer plays a stream with a client of our own and keeps everything.
type viewer struct {
	t       testing.TB
	what    string // that it watches, for messages
	player  player
	mu      sync.Mutex
	packets []packet
	scripts []client.Message
	codes   []string // of statuses
	err     error
	done    chan struct{}
}

// watch begins to play. The viewer is at the server when watch returns.
func watch(t testing.TB, url string) *viewer {
	t.Helper()
	v, err := tryWatch(t, url)
	require.NoError(t, err)
	return v
}

func tryWatch(t testing.TB, url string) (*viewer, error) {
	p, err := client.Play(context.Background(), url, client.Config{Timeout: patience})
	if err != nil {
		return nil, err
	}
	return newViewer(t, url, p), nil
}

func newViewer(t testing.TB, what string, p player) *viewer {
	v := &viewer{t: t, what: what, player: p, done: make(chan struct{})}
	go v.read()
	t.Cleanup(v.close)
	return v
}

func (v *viewer) read() {
	defer close(v.done)
	for {
		m, err := v.player.Read()
		v.mu.Lock()
		if err != nil {
			v.err = err
			v.mu.Unlock()
			_ = v.player.Close()
			return
		}
		if p, ok := newPacket(m.Type, m.Timestamp, m.Payload); ok {
			v.packets = append(v.packets, p)
		} else if m.Type == message.TypeCommandAMF0 {
			v.codes = append(v.codes, m.Status.Code)
		} else {
			v.scripts = append(v.scripts, m)
		}
		v.mu.Unlock()
	}
}

func (v *viewer) close() {
	_ = v.player.Close()
	<-v.done
}

// got returns what has come so far.
func (v *viewer) got() []packet {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.packets)
}

func (v *viewer) statuses() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.codes)
}

// data returns the data messages that have come so far.
func (v *viewer) data() []client.Message {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.scripts)
}

// waitVideo waits for n video frames and returns all that has come then.
func (v *viewer) waitVideo(n int) (got []packet) {
	v.t.Helper()
	v.waitFor(fmt.Sprintf("%d video frames", n), func(all []packet) bool {
		got = all
		return len(videoOf(all)) >= n
	})
	return got
}

// waitFor waits until what has come is enough.
func (v *viewer) waitFor(what string, enough func([]packet) bool) {
	v.t.Helper()
	eventually(v.t, fmt.Sprintf("the viewer of %s gets %s", v.what, what), func() bool {
		if enough(v.got()) {
			return true
		}
		if v.gone() {
			v.t.Fatalf("the viewer was disconnected before it got %s: %v", what, v.err)
		}
		return false
	})
}

// waitAll waits for the last packet of what is sent.
func (v *viewer) waitAll(sent []packet) []packet {
	v.t.Helper()
	return v.waitLast(videoOf(sent), audioOf(sent))
}

func (v *viewer) waitLast(lists ...[]packet) (got []packet) {
	v.t.Helper()
	v.waitFor("the last packet", func(all []packet) bool {
		got = all
		for _, list := range lists {
			if indexOf(all, list[len(list)-1]) < 0 {
				return false
			}
		}
		return true
	})
	return got
}

// gone reports whether the server has disconnected the viewer.
func (v *viewer) gone() bool {
	select {
	case <-v.done:
		return true
	default:
		return false
	}
}

// feeder publishes packets with our own client, as many at a time as the test says.
type feeder struct {
	t         testing.TB
	publisher *client.Publisher
	packets   []packet
	sent      []packet
}

// feed begins to publish packets of the source, over and over with times that go on.
func feed(t testing.TB, url string) *feeder {
	t.Helper()
	f, err := tryFeed(t, url)
	require.NoError(t, err)
	return f
}

func tryFeed(t testing.TB, url string) (*feeder, error) {
	p, err := client.Publish(context.Background(), url, client.Config{Timeout: patience})
	if err != nil {
		return nil, err
	}
	t.Cleanup(p.Close)
	return &feeder{t: t, publisher: p, packets: source(t)}, nil
}

// send publishes up to and including the next n video frames.
func (f *feeder) send(n int) {
	f.t.Helper()
	for n > 0 {
		at := len(f.sent)
		p := f.packets[at%len(f.packets)]
		p.dts += int64(at/len(f.packets)) * sourceSeconds * 1000
		require.NoError(f.t, f.publisher.WriteMedia(p.kind, uint32(p.dts), p.body))
		f.sent = append(f.sent, p)
		if p.kind == message.TypeVideo && !p.header {
			n--
		}
	}
}

// begin publishes the first frames and waits until viewers have them. A viewer that asks while a second's worth of frames
// is sent at once may rightly begin at the second group of pictures.
func (f *feeder) begin(viewers ...*viewer) {
	f.t.Helper()
	const few = 5
	f.send(few)
	for _, v := range viewers {
		v.waitVideo(few)
	}
}

// sendUntil publishes until viewers have frames, some of which may come through ffmpeg: what it keeps back before it puts
// the first one out grows with the machine's cores.
func (f *feeder) sendUntil(viewers ...*viewer) {
	f.t.Helper()
	for _, v := range viewers {
		v.waitFor("video frames", func(all []packet) bool {
			f.send(1)
			return len(videoOf(all)) >= 5
		})
	}
}

// alive reports whether the server still has the publisher.
func (f *feeder) alive() bool { return f.publisher.Err() == nil }

// stop ends the stream as encoders do.
func (f *feeder) stop() {
	f.t.Helper()
	require.NoError(f.t, f.publisher.Stop())
	f.publisher.Close()
}

// requireDone checks that a client of the server was disconnected.
func requireDone(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s was not disconnected", what)
	}
}
