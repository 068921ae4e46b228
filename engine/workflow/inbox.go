package workflow

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"mmids/engine/media"
	"mmids/engine/panics"
)

// inbox is the only way into a workflow. Senders append to one queue while the runner works off the other one, so a
// hand-over costs one lock and, once the queues have grown to their size, no allocation.
//
// The bound is on plain media, its policy is DropToKeyFrame: a packet for which there is no room is dropped, and if it
// was video, so is all video of its track from the same source until the next key frame for which there is room.
// Everything else (stream notices, metadata, sequence headers, results, control) is kept: without it later media means
// nothing, and it is rare. Only sequence headers and metadata have a bound of their own, against publishers that flood
// us with them. Notices, results and control come from our own components, at the pace of connections and requests.
type inbox struct {
	log     zerolog.Logger
	wake    chan struct{} // has room for one: the queue is not empty
	dropped atomic.Uint64 // packets

	mu          sync.Mutex
	filling     *queue
	spare       *queue
	packets     int // plain packets in filling
	bytes       int // of their payloads
	headers     int // sequence headers and metadata in filling
	headerBytes int // of their payloads
	broken      map[feed]struct{}
	closed      bool
}

// feed is one video track of a stream from one source.
type feed struct {
	from   *instance
	stream media.StreamID
	track  uint8
}

func newInbox(log zerolog.Logger) *inbox {
	return &inbox{
		log:     log,
		wake:    make(chan struct{}, 1),
		filling: new(queue),
		spare:   new(queue),
		broken:  make(map[feed]struct{}),
	}
}

// deliver copies batch and takes over its counts. The source is the instance that put it out, or nil for outside.
func (b *inbox) deliver(from *instance, batch []media.Notification) {
	if len(batch) == 0 {
		return
	}
	b.mu.Lock()
	if b.closed || from != nil && from.gone {
		b.mu.Unlock()
		releaseAll(batch)
		return
	}
	wasEmpty := b.filling.empty()
	for i := range batch {
		if b.admit(from, &batch[i]) {
			b.filling.addMedia(from, &batch[i])
			continue
		}
		b.dropped.Add(1)
		n := batch[i] // the caller's copy stays as it is
		n.Release()
	}
	b.unlockAndWake(wasEmpty)
}

// post hands over a result of an instance.
func (b *inbox) post(from *instance, result any) {
	b.mu.Lock()
	if b.closed || from.gone {
		b.mu.Unlock()
		b.discard(result)
		return
	}
	wasEmpty := b.filling.empty()
	b.filling.addResult(from, result)
	b.unlockAndWake(wasEmpty)
}

// control hands over a function for the runner's goroutine. It reports false if the workflow has ended.
func (b *inbox) control(f func()) bool {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	wasEmpty := b.filling.empty()
	b.filling.addControl(f)
	b.unlockAndWake(wasEmpty)
	return true
}

func (b *inbox) unlockAndWake(wasEmpty bool) {
	wake := wasEmpty && !b.filling.empty()
	b.mu.Unlock()
	if wake {
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
}

// admit decides whether there is room for a notification, and accounts for it.
func (b *inbox) admit(from *instance, n *media.Notification) bool {
	switch {
	case n.Event == media.NewStream, n.Event == media.Disconnected:
		if len(b.broken) > 0 {
			maps.DeleteFunc(b.broken, func(f feed, _ struct{}) bool { return f.from == from && f.stream == n.Stream })
		}
		return true
	case n.Event == media.MetadataChanged, n.Packet.Required:
		return b.admitHeader(n)
	}
	size := payloadSize(n)
	fits := b.packets < queuedPacketsMax && b.bytes+size <= queuedBytesMax
	if n.Packet.Kind == media.Video && (!fits || len(b.broken) > 0) {
		f := feed{from, n.Stream, n.Packet.Track}
		if _, broken := b.broken[f]; broken && !n.Packet.KeyFrame {
			return false
		}
		if !fits {
			b.broken[f] = struct{}{}
			return false
		}
		delete(b.broken, f)
	}
	if fits {
		b.packets++
		b.bytes += size
	}
	return fits
}

func (b *inbox) admitHeader(n *media.Notification) bool {
	size := payloadSize(n)
	if n.Metadata != nil {
		size += len(n.Metadata.Script)
	}
	if b.headers == headersMax || b.headerBytes+size > headerBytesMax {
		return false
	}
	b.headers++
	b.headerBytes += size
	return true
}

func payloadSize(n *media.Notification) int {
	if n.Packet.Body == nil {
		return 0
	}
	return len(n.Packet.Body.Bytes())
}

// take returns all that has arrived. Only the runner calls it, and it must give the queue back.
func (b *inbox) take() *queue {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.filling
	b.filling, b.spare = b.spare, nil
	b.packets, b.bytes, b.headers, b.headerBytes = 0, 0, 0, 0
	return q
}

// giveBack takes a queue from take, releases and discards what is in it, and keeps it for reuse.
func (b *inbox) giveBack(q *queue) {
	q.reset(b.discard)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spare = q
}

// forget takes nothing more from an instance.
func (b *inbox) forget(from *instance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from.gone = true
	for f := range b.broken {
		if f.from == from {
			delete(b.broken, f)
		}
	}
}

// close discards what has arrived; from now on everything is discarded at once.
func (b *inbox) close() {
	b.mu.Lock()
	q := b.filling
	b.closed = true
	b.filling = new(queue)
	b.mu.Unlock()
	q.reset(b.discard)
}

// discard is for a result that nobody takes any more. It is a step's, so it may panic.
func (b *inbox) discard(result any) {
	if d, ok := result.(Discarder); ok {
		panics.Contain(b.log, "panic while a result was discarded", d.Discard)
	}
}

func releaseAll(batch []media.Notification) {
	for i := range batch {
		n := batch[i]
		n.Release()
	}
}
