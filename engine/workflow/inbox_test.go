package workflow

import (
	"fmt"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// contents returns what a queue holds, as text: "a×2" is two notifications of a, "a!1" a result.
func contents(q *queue, names map[*instance]string) []string {
	var all []string
	var m, r int
	for _, run := range q.runs {
		switch run.kind {
		case runMedia:
			all = append(all, fmt.Sprintf("%s×%d", names[run.from], run.count))
			m += run.count
		case runResults:
			for range run.count {
				all = append(all, fmt.Sprintf("%s!%v", names[run.from], q.results[r]))
				r++
			}
		case runControl:
			all = append(all, fmt.Sprintf("control×%d", run.count))
		}
	}
	return all
}

func TestInboxKeepsTheOrderAndJoinsMediaOfOneSource(t *testing.T) {
	noLeaks(t)
	b, a1, a2 := newInbox(zerolog.Nop()), new(instance), new(instance)
	names := map[*instance]string{nil: "outside", a1: "a1", a2: "a2"}
	one := func(id media.StreamID) []media.Notification {
		return []media.Notification{packet(id, media.Audio, 1)}
	}
	b.deliver(a1, one("s"))
	b.deliver(a1, one("t"))
	b.deliver(a2, one("s"))
	b.deliver(nil, one("s"))
	b.deliver(nil, one("t"))
	b.post(a1, 1)
	b.post(a1, 2)
	b.post(a2, 3)
	b.control(func() {})
	b.deliver(a1, one("s"))
	b.deliver(a1, nil)

	q := b.take()
	require.Equal(t, []string{"a1×2", "a2×1", "outside×2", "a1!1", "a1!2", "a2!3", "control×1", "a1×1"}, contents(q, names))
	require.Len(t, q.media, 6)
	b.giveBack(q)
	require.True(t, b.take().empty())
}

func TestInboxWakesOnce(t *testing.T) {
	b, a := newInbox(zerolog.Nop()), new(instance)
	for range 3 {
		b.post(a, 1)
	}
	require.Len(t, b.wake, 1)
	<-b.wake
	b.post(a, 1)
	require.Empty(t, b.wake, "nobody has taken what the first signal was for")
	b.giveBack(b.take())
	b.post(a, 1)
	require.Len(t, b.wake, 1)
}

// dropTest feeds an inbox and counts.
type dropTest struct {
	t *testing.T
	b *inbox
	a *instance
}

func newDropTest(t *testing.T) *dropTest {
	noLeaks(t)
	d := &dropTest{t, newInbox(zerolog.Nop()), new(instance)}
	t.Cleanup(d.b.close)
	return d
}

// kept delivers a notification of an instance and reports whether there was room for it.
func (d *dropTest) kept(n media.Notification) bool {
	dropped := d.b.dropped.Load()
	d.b.deliver(d.a, []media.Notification{n})
	return d.b.dropped.Load() == dropped
}

func (d *dropTest) fillPackets() {
	for range queuedPacketsMax {
		require.True(d.t, d.kept(packet("filler", media.Audio, 1)))
	}
}

func (d *dropTest) drain() { d.b.giveBack(d.b.take()) }

func TestInboxBoundOfPackets(t *testing.T) {
	d := newDropTest(t)
	d.fillPackets()
	require.False(t, d.kept(packet("s", media.Audio, 1)))
	d.drain()
	require.True(t, d.kept(packet("s", media.Audio, 1)))
}

func TestInboxBoundOfBytes(t *testing.T) {
	d := newDropTest(t)
	const quarter = queuedBytesMax / 4
	for range 3 {
		require.True(t, d.kept(packet("s", media.Audio, quarter)))
	}
	require.False(t, d.kept(packet("s", media.Audio, quarter+1)))
	require.True(t, d.kept(packet("s", media.Audio, quarter)))
	require.True(t, d.kept(packet("s", media.Audio, 0)), "the bytes are exactly at their bound")
	require.False(t, d.kept(packet("s", media.Audio, 1)))
	d.drain()
	require.True(t, d.kept(packet("s", media.Audio, quarter)))
}

func TestDropToKeyFrame(t *testing.T) {
	d := newDropTest(t)
	d.fillPackets()
	require.False(t, d.kept(packet("s", media.Video, 1)))
	require.False(t, d.kept(packet("other", media.Audio, 1)))
	d.drain()
	require.False(t, d.kept(packet("s", media.Video, 1)), "its predecessor is missing")
	require.True(t, d.kept(packet("s", media.Audio, 1)), "audio does not depend on it")
	require.True(t, d.kept(packet("other", media.Video, 1)), "no video of this stream is missing")
	require.True(t, d.kept(keyFrame("s", 1)))
	require.True(t, d.kept(packet("s", media.Video, 1)))
	require.Empty(t, d.b.broken)
}

func TestDropToKeyFrameWithoutRoomForTheKeyFrame(t *testing.T) {
	d := newDropTest(t)
	d.fillPackets()
	require.False(t, d.kept(keyFrame("s", 1)))
	require.False(t, d.kept(keyFrame("s", 1)))
	d.drain()
	require.False(t, d.kept(packet("s", media.Video, 1)))
	require.True(t, d.kept(keyFrame("s", 1)))
}

// The transcoder's output has the stream id of its input.
func TestDropToKeyFrameIsPerSource(t *testing.T) {
	d := newDropTest(t)
	d.fillPackets()
	require.False(t, d.kept(packet("s", media.Video, 1)))
	d.drain()
	first := d.a
	d.a = new(instance)
	require.True(t, d.kept(packet("s", media.Video, 1)))
	d.b.forget(first)
	require.Empty(t, d.b.broken)
}

func TestInboxTakesNothingOfAnInstanceThatHasGone(t *testing.T) {
	d := newDropTest(t)
	d.b.forget(d.a)
	var discarded discardCount
	d.b.post(d.a, &discarded)
	d.b.deliver(d.a, []media.Notification{packet("s", media.Video, 1)})
	require.EqualValues(t, 1, discarded)
	require.True(t, d.b.take().empty())
}

func TestDropToKeyFrameIsPerTrack(t *testing.T) {
	d := newDropTest(t)
	of := func(track uint8, n media.Notification) media.Notification { n.Packet.Track = track; return n }
	d.fillPackets()
	require.False(t, d.kept(of(0, packet("s", media.Video, 1))))
	require.False(t, d.kept(of(1, packet("s", media.Video, 1))))
	d.drain()
	require.True(t, d.kept(of(1, keyFrame("s", 1))))
	require.False(t, d.kept(of(0, packet("s", media.Video, 1))), "a key frame of another track does not help")
	require.True(t, d.kept(of(1, packet("s", media.Video, 1))))
	require.True(t, d.kept(of(0, keyFrame("s", 1))))
	require.Empty(t, d.b.broken)
}

func TestDropToKeyFrameEndsWithTheStream(t *testing.T) {
	for _, e := range []media.Event{media.NewStream, media.Disconnected} {
		d := newDropTest(t)
		d.fillPackets()
		require.False(t, d.kept(packet("s", media.Video, 1)))
		other := packet("s", media.Video, 1)
		other.Packet.Track = 1
		require.False(t, d.kept(other))
		require.True(t, d.kept(media.Notification{Event: e, Stream: "s"}))
		require.Empty(t, d.b.broken)
		d.drain()
	}
}

func TestOnlyPlainMediaIsDropped(t *testing.T) {
	d := newDropTest(t)
	d.fillPackets()
	require.True(t, d.kept(header(headerBytesMax)))
	require.True(t, d.kept(media.Notification{Event: media.NewStream, Stream: "s"}))
	require.True(t, d.kept(media.Notification{Event: media.MetadataChanged, Stream: "s"}))
	require.True(t, d.kept(media.Notification{Event: media.Disconnected, Stream: "s"}))
	d.b.post(d.a, 1)
	require.True(t, d.b.control(func() {}))
	q := d.b.take()
	require.Len(t, q.media, queuedPacketsMax+4)
	require.Len(t, q.results, 1)
	require.Len(t, q.controls, 1)
	d.b.giveBack(q)
}

func header(size int) media.Notification {
	n := packet("s", media.Video, size)
	n.Packet.Required = true
	return n
}

func TestInboxBoundOfHeaders(t *testing.T) {
	d := newDropTest(t)
	metadata := media.Notification{Event: media.MetadataChanged, Stream: "s"}
	for range headersMax / 2 {
		require.True(t, d.kept(header(1)))
		require.True(t, d.kept(metadata))
	}
	require.False(t, d.kept(header(1)))
	require.False(t, d.kept(metadata))
	require.True(t, d.kept(media.Notification{Event: media.Disconnected, Stream: "s"}))
	require.True(t, d.kept(packet("s", media.Audio, 1)), "plain media has its own bound")
	d.drain()
	require.True(t, d.kept(header(1)))
}

func TestInboxBoundOfHeaderBytes(t *testing.T) {
	d := newDropTest(t)
	const half = headerBytesMax / 2
	require.True(t, d.kept(header(half)))
	require.False(t, d.kept(header(half+1)))
	script := &media.Metadata{Script: make([]byte, half)}
	require.True(t, d.kept(media.Notification{Event: media.MetadataChanged, Stream: "s", Metadata: script}))
	require.False(t, d.kept(header(1)))
}

func TestClosedInboxReleasesEverything(t *testing.T) {
	noLeaks(t)
	b, a := newInbox(zerolog.Nop()), new(instance)
	var discarded discardCount
	b.deliver(a, []media.Notification{packet("s", media.Audio, 1)})
	b.post(a, &discarded)
	b.close()
	b.deliver(a, []media.Notification{packet("s", media.Audio, 1)})
	b.post(a, &discarded)
	require.False(t, b.control(func() {}))
	require.EqualValues(t, 2, discarded)
}

type discardCount int

func (d *discardCount) Discard() { *d++ }

// A burst must not keep its memory for ever, but one that is repeated now and then must not be allocated each time.
func TestQueueGivesTheRoomOfABurstBack(t *testing.T) {
	noLeaks(t)
	q, one, big := new(queue), packet("s", media.Audio, 1), media.Notification{Event: media.Disconnected}
	one.Packet.Body.Release()
	one.Packet.Body = nil
	burst := func() {
		for range 8 * queueKeptMax {
			q.addMedia(nil, &big)
		}
		q.reset(func(any) {})
	}
	calm := func(times int) {
		for range times {
			q.addMedia(nil, &one)
			q.reset(func(any) {})
		}
	}
	burst()
	calm(queueCalmMax)
	require.GreaterOrEqual(t, cap(q.media), 8*queueKeptMax)
	burst()
	calm(queueCalmMax)
	require.GreaterOrEqual(t, cap(q.media), 8*queueKeptMax)
	calm(1)
	require.Less(t, cap(q.media), queueKeptMax)
}

func TestOrderOfEachSenderIsKept(t *testing.T) {
	noLeaks(t)
	b := newInbox(zerolog.Nop())
	const senders, each = 4, 2000
	var work sync.WaitGroup
	for range senders {
		a := new(instance)
		work.Go(func() {
			for k := range each {
				n := packet("s", media.Other, 1)
				n.Packet.Time = int64(k)
				b.deliver(a, []media.Notification{n})
			}
		})
	}
	next := make(map[*instance]int64)
	for taken := 0; taken < senders*each; {
		<-b.wake
		q := b.take()
		at := 0
		for _, run := range q.runs {
			for _, n := range q.media[at : at+run.count] {
				require.Equal(t, next[run.from], n.Packet.Time)
				next[run.from]++
			}
			at += run.count
		}
		taken += at
		b.giveBack(q)
	}
	work.Wait()
}
