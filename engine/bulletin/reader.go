package bulletin

import (
	"time"
)

// Reader is a place in a board's list. It belongs to one goroutine.
type Reader struct {
	board   *Board
	wake    chan struct{} // has room for one: there is something new
	seen    uint64        // id of the newest event that it has
	figures *Event        // the newest that it has
}

// batchMax bounds what Next returns at a time.
const batchMax = 64

// Read returns a reader of what is posted from now on, or, if after is not zero, behind the event with that id, as far as
// it is still there. An id that has not been given is one of an earlier run of the server: everything that is held follows.
// The reader must be closed. The error is ErrFull or ErrClosed.
func (b *Board) Read(after uint64) (*Reader, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil, ErrClosed
	case len(b.readers) >= b.config.ReadersMax:
		return nil, ErrFull
	}
	r := &Reader{board: b, wake: make(chan struct{}, 1), seen: b.last, figures: b.figures}
	if after > 0 {
		oldest := b.oldestLocked()
		r.seen = oldest - 1
		if after >= oldest && after <= b.last {
			r.seen = after
		}
		r.wake <- struct{}{}
	}
	b.readers[r] = struct{}{}
	return r, nil
}

// oldestLocked returns the id of the oldest event that is held, or of the next if there is none.
func (b *Board) oldestLocked() uint64 {
	first, held := b.config.FirstID, uint64(len(b.events))
	if b.last >= first+held {
		return b.last - held + 1
	}
	return first
}

// Next returns what is new, events before figures, and waits for it up to patience; then it returns nothing. The error is
// ErrBehind or ErrClosed.
func (r *Reader) Next(patience time.Duration) ([]*Event, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		if news, err := r.take(); len(news) > 0 || err != nil {
			return news, err
		}
		select {
		case <-r.wake:
		case <-r.board.done:
		case <-timer.C:
			return nil, nil
		}
	}
}

func (r *Reader) take() (news []*Event, err error) {
	b := r.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.seen+1 < b.oldestLocked() {
		b.behind++
		return nil, ErrBehind
	}
	for r.seen < b.last && len(news) < batchMax {
		r.seen++
		news = append(news, b.events[r.seen%uint64(len(b.events))])
	}
	if b.figures != r.figures && len(news) < batchMax {
		r.figures = b.figures
		news = append(news, b.figures)
	}
	if len(news) == 0 && b.closed {
		return nil, ErrClosed
	}
	return news, nil
}

// Close gives the place back. A second call does nothing.
func (r *Reader) Close() {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	delete(r.board.readers, r)
}
