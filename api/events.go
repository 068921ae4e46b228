package api

import (
	"bufio"
	"errors"
	"strconv"
	"time"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"mmids/engine/bulletin"
	"mmids/engine/limits"
	"mmids/engine/panics"
)

const (
	// heartbeat is after how long without news a comment is sent, so that both sides notice when the other has gone.
	heartbeat = 15 * time.Second

	// eventsWriteTimeout is how long a reader of events may take nothing of what there is for it.
	eventsWriteTimeout = 10 * time.Second
)

// Events answers with what happens on a board, as server-sent events, until the client goes, does not read what there is
// for it, or the board is closed. What came behind the event of the header Last-Event-ID comes first.
func Events(board *bulletin.Board) Handler {
	return func(r *Request) {
		after, _ := strconv.ParseUint(string(r.HTTP.Request.Header.Peek("Last-Event-ID")), 10, 64)
		reader, err := board.Read(after)
		if errors.Is(err, bulletin.ErrFull) {
			r.limits.Counters.Exceeded(limits.EventStreams)
		}
		if err != nil {
			r.Text(fasthttp.StatusServiceUnavailable, "No events: "+err.Error())
			return
		}
		s := &eventStream{reader: reader, conn: r.HTTP.Conn(), counters: r.limits.Counters, log: r.Log}
		header := &r.HTTP.Response.Header
		header.SetContentType("text/event-stream")
		header.Set(fasthttp.HeaderCacheControl, "no-store")
		header.Set("X-Accel-Buffering", "no") // proxies are to pass each event on at once
		r.HTTP.Response.ImmediateHeaderFlush = true
		r.HTTP.SetBodyStreamWriter(s.run)
	}
}

// deadlined is a connection as an event stream needs it.
type deadlined interface{ SetWriteDeadline(time.Time) error }

// eventStream is one answer with events. It outlives its Request, of which it keeps nothing but what is copied here.
type eventStream struct {
	reader   *bulletin.Reader
	conn     deadlined
	counters *limits.Counters
	log      zerolog.Logger
	text     []byte
}

// run writes the events, on a goroutine of its own. fasthttp passes on what is flushed.
func (s *eventStream) run(w *bufio.Writer) {
	defer s.reader.Close()
	panics.Contain(s.log, "panic in a stream of events", func() {
		switch err := s.write(w); {
		case errors.Is(err, bulletin.ErrBehind), errors.Is(err, errTakesNothing):
			s.counters.Exceeded(limits.EventStreamBehind)
			s.log.Info().Err(err).Msg("stream of events ends")
		default:
			s.log.Debug().Err(err).Msg("stream of events ends")
		}
	})
}

var errTakesNothing = errors.New("the reader takes nothing")

func (s *eventStream) write(w *bufio.Writer) error {
	s.text = append(s.text[:0], ": mmids\n\n"...)
	for {
		if err := s.flush(w); err != nil {
			return err
		}
		news, err := s.reader.Next(heartbeat)
		if err != nil {
			return err
		}
		s.text = s.text[:0]
		for _, e := range news {
			s.append(e)
		}
		if len(news) == 0 {
			s.text = append(s.text, ": still here\n\n"...)
		}
	}
}

// append adds an event. Its JSON has no line breaks, so it is one line of data.
func (s *eventStream) append(e *bulletin.Event) {
	s.text = append(s.text, "event: "...)
	s.text = append(s.text, e.Name...)
	s.text = append(s.text, "\ndata: "...)
	s.text = append(s.text, e.JSON()...)
	if e.ID > 0 {
		s.text = append(s.text, "\nid: "...)
		s.text = strconv.AppendUint(s.text, e.ID, 10)
	}
	s.text = append(s.text, "\n\n"...)
}

// flush sends what was appended. The server's write timeout is for whole answers, and this one has no end.
func (s *eventStream) flush(w *bufio.Writer) error {
	begin := time.Now()
	_ = s.conn.SetWriteDeadline(begin.Add(eventsWriteTimeout)) // fails only if the connection has gone
	_, err := w.Write(s.text)
	if err == nil {
		err = w.Flush()
	}
	if err != nil && time.Since(begin) >= eventsWriteTimeout {
		return errTakesNothing
	}
	return err
}
