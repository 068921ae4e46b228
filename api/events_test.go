package api

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/bulletin"
	"mmids/engine/limits"
)

// eventServer is a server with a board.
type eventServer struct {
	*testServer
	board  *bulletin.Board
	counts *limits.Counters
}

func startEvents(t *testing.T, token string, c bulletin.Config) *eventServer {
	t.Helper()
	s := &eventServer{board: bulletin.New(c), counts: &limits.Counters{}}
	s.testServer = startWith(t, Config{Token: token, Limits: Limits{Counters: s.counts}},
		Route{Method: "GET", Path: []Part{Exact("events")}, Handler: Events(s.board)})
	t.Cleanup(s.board.Close) // before the server, which waits for its requests
	return s
}

// follower reads events.
type follower struct {
	t        *testing.T
	response *http.Response
	lines    *bufio.Scanner
}

func (s *eventServer) follow(header ...string) *follower {
	s.t.Helper()
	request, err := http.NewRequest("GET", "http://"+s.Addr().String()+"/events", nil)
	require.NoError(s.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { response.Body.Close() })
	return &follower{s.t, response, bufio.NewScanner(response.Body)}
}

// next returns the lines of the next event that is no comment, without their names; nil at the end.
func (f *follower) next() (event []string) {
	for f.lines.Scan() {
		switch line := f.lines.Text(); {
		case line == "" && len(event) > 0:
			return event
		case line != "" && !strings.HasPrefix(line, ":"):
			_, value, _ := strings.Cut(line, ": ")
			event = append(event, value)
		}
	}
	return nil
}

// reading waits until the server has a number of readers.
func (s *eventServer) reading(n int) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { now, _ := s.board.Readers(); return now == n }, 30*time.Second, 5*time.Millisecond)
}

func TestEventsComeAsTheyHappen(t *testing.T) {
	s := startEvents(t, "", bulletin.Config{})
	s.board.Post("before", 1)
	f := s.follow()
	require.Equal(t, 200, f.response.StatusCode)
	require.Equal(t, "text/event-stream", f.response.Header.Get("Content-Type"))
	require.Equal(t, "no-store", f.response.Header.Get("Cache-Control"))
	s.board.Post("stream_started", map[string]string{"stream_key": "one\ntwo"})
	require.Equal(t, []string{"stream_started", `{"stream_key":"one\ntwo"}`, "2"}, f.next())

	again := s.follow("Last-Event-ID", "1")
	require.Equal(t, "2", again.next()[2])
	unknown := s.follow("Last-Event-ID", "77") // of an earlier run
	require.Equal(t, "1", unknown.next()[2])
	s.reading(3)

	again.response.Body.Close()
	s.board.Post("for the one who has gone", nil) // a client that has gone is noticed when something is sent
	f.next()
	require.Eventually(t, func() bool {
		s.board.Post("more", nil)
		now, _ := s.board.Readers()
		return now == 2
	}, 30*time.Second, 10*time.Millisecond)

	s.board.Close()
	for f.next() != nil {
	}
	require.NoError(t, f.lines.Err(), "an orderly end")
	s.reading(0)
	require.Equal(t, 503, s.do("GET", "/events", "").status, "the server is stopping")
}

func TestFiguresComeOnceASecondWithoutAnID(t *testing.T) {
	calls := make(chan struct{}, 100)
	s := startEvents(t, "", bulletin.Config{Figures: func() any {
		calls <- struct{}{}
		return map[string]int{"streams": 3}
	}})
	f := s.follow()
	require.Equal(t, []string{"figures", `{"streams":3}`}, f.next())
	<-calls
}

func TestEventsHaveTheRulesOfTheAPI(t *testing.T) {
	const token = "0123456789abcdef"
	s := startEvents(t, token, bulletin.Config{ReadersMax: 1})
	require.Equal(t, 401, s.do("GET", "/events", "").status)
	s.follow("Authorization", "Bearer "+token)
	s.reading(1)
	refused := s.do("GET", "/events", "", "Authorization: Bearer "+token)
	require.Equal(t, 503, refused.status)
	require.Contains(t, refused.body, "as many readers")
	require.EqualValues(t, 1, s.counts.Count(limits.EventStreams))
	require.Zero(t, s.counts.Count(limits.EventStreamBehind))
}

func TestHeadOfEventsHoldsNoReader(t *testing.T) {
	s := startEvents(t, "", bulletin.Config{ReadersMax: 1})
	for range 3 {
		require.Equal(t, 200, s.do("HEAD", "/events", "").status)
		s.reading(0)
	}
}

// A reader that takes nothing is overtaken by what happens, or is not waited for any longer. Others read on meanwhile.
func TestReaderOfEventsThatIsTooSlowIsEndedAndCounted(t *testing.T) {
	t.Parallel() // it takes as long as the server is patient
	s := startEvents(t, "", bulletin.Config{EventsMax: 100, PerSecondMax: 1 << 30})
	conn, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	_, err = conn.Write([]byte("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	require.NoError(t, err)
	s.reading(1)
	honest := s.follow()
	s.reading(2)

	text := strings.Repeat("x", 32<<10)
	require.Eventually(t, func() bool {
		s.board.Post("much", text)
		honest.next()
		return s.counts.Count(limits.EventStreamBehind) == 1
	}, time.Minute, 5*time.Millisecond)
	s.reading(1)
	s.board.Post("last", nil)
	for event := honest.next(); ; event = honest.next() {
		require.NotEmpty(t, event)
		if event[0] == "last" {
			return
		}
	}
}

func TestEventsAreJSON(t *testing.T) {
	s := startEvents(t, "", bulletin.Config{})
	f := s.follow()
	s.board.Post("log", json.RawMessage(`{"level":"warn","message":"a <b>"}`))
	require.JSONEq(t, `{"level":"warn","message":"a <b>"}`, f.next()[1])
	s.board.Post("wrong", func() {})
	require.Equal(t, "null", f.next()[1], "the others go on")
}
