package watch

import (
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/access"
	"mmids/engine/fanout"
	"mmids/engine/media"
	"mmids/engine/workflow"
)

// Feed is one stream key's viewers, as the step needs them: the channel of an endpoint.
type Feed interface {
	Append(*media.Notification)
	Publish()
	EndFeed()
	Stats() Stats
}

// Stats are the counters of a stream key, and how busy the loops are that serve it.
type Stats struct {
	fanout.Stats
	BusyShare float64 // of the busiest loop's time, from 0 to 1
	Formats   []Format
}

// Format is the viewers of a stream key who get it in one of several formats, where an endpoint has them.
type Format struct {
	Format  string `json:"format"`
	Viewers int    `json:"viewers"`
}

// Feeds opens feeds by stream key.
type Feeds interface {
	Feed(key string) Feed
	Patience() time.Duration // see workflow.Patient
	Close()
}

// Step shows streams to viewers under the configured stream key, or with access.AnyKey each under its own name. All media
// is passed on unchanged. Of several streams on one key the oldest is shown; when it ends the next takes
// over.
type Step struct {
	feeds   Feeds
	key     string // or access.AnyKey
	log     zerolog.Logger
	streams map[media.StreamID]*shown
	keys    map[string][]*shown // oldest first; the first is the one shown
	touched []*shown            // fed by the current execution
}

// shown is a stream that has a key.
type shown struct {
	id         media.StreamID
	key        string
	name       string
	feed       Feed // nil while another stream has the key
	touched    bool
	essentials media.Essentials // for taking over the key
}

// New returns a step that feeds f, which it closes with itself.
func New(f Feeds, key string, log zerolog.Logger) *Step {
	return &Step{
		feeds: f, key: key, log: log,
		streams: make(map[media.StreamID]*shown), keys: make(map[string][]*shown),
	}
}

var (
	_ workflow.Step     = (*Step)(nil)
	_ workflow.Reporter = (*Step)(nil)
	_ workflow.Patient  = (*Step)(nil)
)

// Execute implements workflow.Step.
func (w *Step) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	out.Pass(in.Media...)
	for i := range in.Media {
		w.show(&in.Media[i])
	}
	for _, s := range w.touched {
		s.touched = false
		if s.feed != nil {
			s.feed.Publish()
		}
	}
	clear(w.touched)
	w.touched = w.touched[:0]
	return StatusOf(in.Results)
}

func (w *Step) show(n *media.Notification) {
	switch n.Event {
	case media.NewStream:
		w.add(n)
		return
	case media.Disconnected:
		w.remove(n.Stream)
		return
	}
	s := w.streams[n.Stream]
	if s == nil {
		return
	}
	s.essentials.Note(n)
	if s.feed == nil {
		return
	}
	s.feed.Append(n)
	if !s.touched {
		s.touched = true
		w.touched = append(w.touched, s)
	}
}

// add maps a new stream to its key and shows it if the key is free.
func (w *Step) add(n *media.Notification) {
	if w.streams[n.Stream] != nil {
		w.log.Warn().Str("stream_id", string(n.Stream)).Msg("stream announced twice")
		w.remove(n.Stream)
	}
	s := &shown{id: n.Stream, key: w.key, name: n.Name}
	if w.key == access.AnyKey {
		s.key = n.Name
	}
	w.streams[s.id] = s
	w.keys[s.key] = append(w.keys[s.key], s)
	log := w.log.With().Str("stream_id", string(s.id)).Str("stream_name", s.name).Str("stream_key", s.key).Logger()
	if len(w.keys[s.key]) > 1 {
		log.Warn().Msg("another stream has the key; this one is shown when that ends")
		return
	}
	log.Info().Msg("stream is shown to viewers")
	w.begin(s)
}

// begin shows a stream from here on, with what is known of it.
func (w *Step) begin(s *shown) {
	s.feed = w.feeds.Feed(s.key)
	s.feed.Append(&media.Notification{Event: media.NewStream, Stream: s.id, Name: s.name})
	known := s.essentials.AppendTo(nil)
	for i := range known {
		s.feed.Append(&known[i])
	}
	s.feed.Publish()
}

// remove forgets a stream. The oldest other one on its key takes over.
func (w *Step) remove(id media.StreamID) {
	s := w.streams[id]
	if s == nil {
		return
	}
	delete(w.streams, id)
	waiting := slices.DeleteFunc(w.keys[s.key], func(other *shown) bool { return other == s })
	if len(waiting) == 0 {
		delete(w.keys, s.key)
	} else {
		w.keys[s.key] = waiting
	}
	wasShown := s.feed != nil
	w.end(s)
	if wasShown && len(waiting) > 0 {
		next := waiting[0]
		w.log.Info().Str("stream_id", string(next.id)).Str("stream_name", next.name).Str("stream_key", next.key).
			Msg("stream takes over the key")
		w.begin(next)
	}
}

func (w *Step) end(s *shown) {
	if s.feed != nil {
		s.feed.EndFeed()
		s.feed = nil
	}
	s.essentials.Release()
}

// shownReport is what the details of a workflow say of a stream that is shown.
type shownReport struct {
	StreamID     string   `json:"stream_id"`
	StreamName   string   `json:"stream_name"`
	StreamKey    string   `json:"stream_key"`
	Viewers      int      `json:"viewers"`
	Packets      uint64   `json:"packets"`
	Bytes        uint64   `json:"bytes"`             // for one viewer
	LogBytes     int      `json:"log_bytes"`         // memory that the stream takes
	Skips        uint64   `json:"skips"`             // of viewers that were too slow
	SkippedBytes uint64   `json:"skipped_bytes"`     // that they did not get
	FlushMS      float64  `json:"flush_interval_ms"` // how long news waits now before it leaves
	LoopBusy     float64  `json:"loop_busy_share"`   // of the busiest event loop's time, 0 to 1
	Formats      []Format `json:"formats,omitempty"`
}

// Report implements workflow.Reporter: the streams that are shown, in the order of their keys.
func (w *Step) Report() any {
	reports := []shownReport{}
	for _, s := range w.streams {
		if s.feed == nil {
			continue
		}
		stats := s.feed.Stats()
		reports = append(reports, shownReport{
			StreamID: string(s.id), StreamName: s.name, StreamKey: s.key, Viewers: stats.Viewers, Packets: stats.Packets,
			Bytes: stats.Bytes, LogBytes: stats.Held, Skips: stats.Skips, SkippedBytes: stats.SkippedBytes,
			FlushMS: stats.FlushWait.Seconds() * 1000, LoopBusy: stats.BusyShare, Formats: stats.Formats,
		})
	}
	slices.SortFunc(reports, func(a, b shownReport) int { return strings.Compare(a.StreamKey, b.StreamKey) })
	return struct {
		Streams []shownReport `json:"streams"`
	}{reports}
}

// Patience implements workflow.Patient.
func (w *Step) Patience() time.Duration { return w.feeds.Patience() }

// Close implements workflow.Step. The viewers are told and disconnected.
func (w *Step) Close() {
	w.feeds.Close()
	for _, s := range w.streams {
		w.end(s)
	}
	clear(w.streams)
	clear(w.keys)
}
