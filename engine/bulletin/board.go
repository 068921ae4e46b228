// Package bulletin tells any number of readers what happens in the server, as it happens.
//
// A board is one list of the newest events, which all readers share: a reader is a place in it. So a reader holds no
// memory and delays nobody; one that does not keep up is overtaken and told so. Figures are no events: only the newest
// matter, so there is just one of them, and a slow reader misses those between.
package bulletin

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/panics"
)

// Why a reader gets nothing more, or never began.
var (
	ErrBehind = errors.New("the reader is too slow: events that it has not read are gone")
	ErrClosed = errors.New("the server is stopping")
	ErrFull   = errors.New("there are as many readers as there may be")
)

// Config says how much a board holds. Its zero value works.
type Config struct {
	// FirstID is the id of the first event. Zero means 1. With one that is larger than those of earlier runs, readers of
	// those get everything that happened since the server is back.
	FirstID uint64
	// EventsMax is how many events are held for readers that are behind, or come back. Zero means 1,000.
	EventsMax int
	// ReadersMax is how many readers there may be at a time. Zero means 32.
	ReadersMax int
	// PerSecondMax is how many events of one name are taken in a second; what comes beyond is counted, in an event
	// LeftOut. Zero means 50.
	PerSecondMax int
	// Figures makes the figures that readers get once a second. It is called only while there are readers, on a goroutine
	// of its own. Nil means that there are none. If it panics, there are none this time.
	Figures func() any
	Log     zerolog.Logger
}

func (c Config) withDefaults() Config {
	c.FirstID = max(c.FirstID, 1)
	if c.EventsMax <= 0 {
		c.EventsMax = 1000
	}
	if c.ReadersMax <= 0 {
		c.ReadersMax = 32
	}
	if c.PerSecondMax <= 0 {
		c.PerSecondMax = 50
	}
	return c
}

// Event is something that happened.
type Event struct {
	ID   uint64 // one more than that of the event before; 0 for figures, which nobody comes back for
	Name string
	data any
	once sync.Once
	json []byte
}

// JSON is what happened. It is encoded when the first reader wants it.
func (e *Event) JSON() []byte {
	e.once.Do(func() {
		var err error
		if e.json, err = json.Marshal(e.data); err != nil {
			e.json = []byte("null") // a mistake of ours; the others are of use without it
		}
		e.data = nil
	})
	return e.json
}

// The events of the board itself.
const (
	Figures = "figures"
	LeftOut = "left_out" // {"event": name, "count": n}
)

// LeftOutData is the data of LeftOut.
type LeftOutData struct {
	Event string `json:"event"`
	Count uint64 `json:"count"`
}

// Board takes events and shows them to readers. All methods may be called from any goroutine.
type Board struct {
	config Config
	done   chan struct{} // closed with the board
	ticks  sync.WaitGroup

	mu      sync.Mutex
	events  []*Event // a ring: the event with an id is at id % len
	last    uint64   // id of the newest event; one less than the first while there is none
	figures *Event   // the newest; nil before
	readers map[*Reader]struct{}
	budgets map[string]*budget
	closed  bool
	behind  uint64 // readers that were overtaken
}

// budget is how many events of a name there have been in a second.
type budget struct {
	begun   time.Time
	taken   int
	leftOut uint64
}

// New returns a board. It must be closed.
func New(config Config) *Board {
	b := &Board{
		config: config.withDefaults(), done: make(chan struct{}),
		readers: make(map[*Reader]struct{}), budgets: make(map[string]*budget),
	}
	b.events, b.last = make([]*Event, b.config.EventsMax), b.config.FirstID-1
	b.ticks.Go(b.tick)
	return b
}

// Post puts up an event, unless there were too many of its name. It never waits. data must not change any more. Names are
// the program's own, so there are few of them.
func (b *Board) Post(name string, data any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || !b.allowLocked(name) {
		return
	}
	b.postLocked(name, data)
}

func (b *Board) postLocked(name string, data any) {
	b.last++
	b.events[b.last%uint64(len(b.events))] = &Event{ID: b.last, Name: name, data: data}
	b.wakeLocked()
}

func (b *Board) allowLocked(name string) bool {
	now, of := time.Now(), b.budgets[name]
	if of == nil {
		of = &budget{}
		b.budgets[name] = of
	}
	if now.Sub(of.begun) >= time.Second {
		b.tellLocked(name, of)
		of.begun, of.taken = now, 0
	}
	if of.taken >= b.config.PerSecondMax {
		of.leftOut++
		return false
	}
	of.taken++
	return true
}

// tellLocked tells of what was left out.
func (b *Board) tellLocked(name string, of *budget) {
	if of.leftOut > 0 {
		b.postLocked(LeftOut, LeftOutData{name, of.leftOut})
		of.leftOut = 0
	}
}

func (b *Board) wakeLocked() {
	for r := range b.readers {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// tick renews the figures while somebody reads, and tells of events that were left out.
func (b *Board) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-b.done:
			return
		case <-ticker.C:
		}
		b.mu.Lock()
		wanted := len(b.readers) > 0 && b.config.Figures != nil
		for name, of := range b.budgets {
			if time.Since(of.begun) >= time.Second {
				b.tellLocked(name, of)
			}
		}
		b.mu.Unlock()
		if !wanted {
			continue
		}
		panics.Contain(b.config.Log, "panic while figures were looked up", b.figure)
	}
}

// figure replaces the figures by newer ones.
func (b *Board) figure() {
	figures := &Event{Name: Figures, data: b.config.Figures()}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.figures = figures
	b.wakeLocked()
}

// Readers returns how many there are, and how many have been overtaken since the start.
func (b *Board) Readers() (now int, overtaken uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.readers), b.behind
}

// Close ends all readers. What is posted later is ignored.
func (b *Board) Close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.done)
	}
	b.mu.Unlock()
	b.ticks.Wait()
}
