package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// lookup is the outside service that reactors ask. It answers 404 about names that it was told nothing of.
type lookup struct {
	*httptest.Server
	t        testing.TB
	mu       sync.Mutex
	answers  map[string]lookupAnswer // by stream name
	asked    []asked
	released chan struct{} // closed at the end, so that no answer is held back for longer
}

type lookupAnswer struct {
	status int
	text   string
	hold   <-chan struct{} // nil, or the answer waits for it
}

// asked is a request that came.
type asked struct {
	path, method, contentType string
	body                      map[string]string
}

func startLookup(t testing.TB) *lookup {
	l := &lookup{t: t, answers: map[string]lookupAnswer{}, released: make(chan struct{})}
	l.Server = httptest.NewServer(l)
	t.Cleanup(func() {
		close(l.released)
		l.Close()
	})
	return l
}

// ServeHTTP implements http.Handler.
func (l *lookup) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a := asked{path: r.URL.Path, method: r.Method, contentType: r.Header.Get("Content-Type")}
	if err := json.Unmarshal(text, &a.body); err != nil {
		l.t.Errorf("the body of a question cannot be read: %v: %s", err, text)
	}
	l.mu.Lock()
	l.asked = append(l.asked, a)
	answer, known := l.answers[a.body["stream_name"]]
	l.mu.Unlock()
	if !known {
		answer.status = http.StatusNotFound
	}
	if answer.hold != nil {
		select {
		case <-answer.hold:
		case <-l.released:
		}
	}
	w.WriteHeader(answer.status)
	_, _ = io.WriteString(w, answer.text)
}

// says sets the answer about a stream name from now on.
func (l *lookup) says(name string, status int, text string) {
	l.sets(name, lookupAnswer{status: status, text: text})
}

// holds sets an answer that comes when release is called.
func (l *lookup) holds(name string, status int, text string) (release func()) {
	hold := make(chan struct{})
	l.sets(name, lookupAnswer{status, text, hold})
	return func() { close(hold) }
}

func (l *lookup) sets(name string, a lookupAnswer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[name] = a
}

// about returns the questions about a stream name so far.
func (l *lookup) about(name string) (list []asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.asked {
		if a.body["stream_name"] == name {
			list = append(list, a)
		}
	}
	return list
}

// reactor is the definition of a reactor that asks this service.
func (l *lookup) reactor(name string, more ...string) string {
	return fmt.Sprintf("\nreactor %s executor=simple_http %s {\n    url %s/%s\n    retry_delays none\n}\n", name, strings.Join(more, " "), l.URL, name)
}

// requireRefused checks that ffmpeg may not publish.
func requireRefused(t testing.TB, url string) {
	t.Helper()
	require.NotZero(t, publishLong(t, url, 5).wait(patience), "ffmpeg may not publish")
}
