package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fake is a server that has whatever a test wants the page to show: as many streams as it likes, names that no real one
// would have, workflows that fail. It answers as the real API does, and its figures move.
type fake struct {
	http  *http.Server
	base  string
	began time.Time
	token string // that requests need, if not ""

	mu        sync.Mutex
	streams   []*fakeStream
	workflows map[string]fakeWorkflow
	texts     map[string]string // definitions
	put       []string          // what was put
	stopped   []string
	followers map[chan fakeEvent]bool
	period    time.Duration // of the figures
	preview   http.Handler  // of all streams
}

type fakeEvent struct {
	name string
	data any
}

type object = map[string]any

type fakeStream struct {
	id, app, key, workflow, client string
	bits, fps                      float64
	viewers                        int
}

// fakeWorkflow is the answer to a question for its details.
type fakeWorkflow = object

// startFake starts a server until the end of the test.
func startFake(t testing.TB, address string) *fake {
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	f := &fake{
		base: "http://" + listener.Addr().String(), began: time.Now(), period: time.Second,
		workflows: map[string]fakeWorkflow{}, texts: map[string]string{}, followers: map[chan fakeEvent]bool{},
	}
	f.http = &http.Server{Handler: f.routes()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = f.http.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = f.http.Close()
		<-done
	})
	return f
}

func (f *fake) console() string { return f.base + "/console/" }

func (f *fake) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /console/", http.StripPrefix("/console/", http.FileServerFS(Page())))
	answer := func(pattern string, body func(r *http.Request) (int, any)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			f.mu.Lock()
			status, v := body(r)
			f.mu.Unlock()
			if text, ok := v.(string); ok {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, text)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(v)
		})
	}
	answer("GET /streams", func(*http.Request) (int, any) {
		list := []object{}
		for _, s := range f.streams {
			list = append(list, f.describe(s))
		}
		return 200, list
	})
	answer("GET /streams/{id}", func(r *http.Request) (int, any) {
		for _, s := range f.streams {
			if s.id == r.PathValue("id") {
				return 200, f.describe(s)
			}
		}
		return 404, "Stream not found"
	})
	answer("GET /server", func(*http.Request) (int, any) { return 200, f.server() })
	answer("GET /limits", func(*http.Request) (int, any) {
		return 200, []object{{"name": "connections_max", "exceeded": 0}, {"name": "viewer_timeout", "exceeded": 3}}
	})
	answer("GET /connections", func(*http.Request) (int, any) { return 200, f.connections() })
	answer("GET /reactors", func(*http.Request) (int, any) {
		return 200, []object{
			{"name": "customers", "executor": "simple_http", "streams": 12, "calls": 4810, "failures": 0, "answer_ms_mean": 8.4},
			{"name": "archive", "executor": "simple_http", "streams": 2, "calls": 97, "failures": 9, "answer_ms_mean": 1240.0},
		}
	})
	answer("GET /ffmpegs", func(*http.Request) (int, any) { return 200, f.ffmpegs() })
	answer("GET /workflows", func(*http.Request) (int, any) {
		list := []object{}
		for name, w := range f.workflows {
			list = append(list, object{"name": name, "status": w["status"], "steps": object{}, "dropped_packets": 0})
		}
		return 200, list
	})
	answer("GET /workflows/{name}", func(r *http.Request) (int, any) {
		if w, ok := f.workflows[r.PathValue("name")]; ok {
			return 200, f.flowing(r.PathValue("name"), w)
		}
		return 404, "Workflow not found"
	})
	answer("GET /workflows/{name}/definition", func(r *http.Request) (int, any) { return 200, f.texts[r.PathValue("name")] })
	answer("POST /workflows/plan", func(r *http.Request) (int, any) { return fakePlan(r) })
	answer("PUT /workflows", func(r *http.Request) (int, any) {
		text, _ := io.ReadAll(r.Body)
		f.put = append(f.put, string(text))
		return 200, ""
	})
	answer("DELETE /workflows/{name}", func(r *http.Request) (int, any) {
		f.stopped = append(f.stopped, r.PathValue("name"))
		delete(f.workflows, r.PathValue("name"))
		return 200, ""
	})
	mux.HandleFunc("GET /streams/{id}/preview.mp4", func(w http.ResponseWriter, r *http.Request) {
		if f.preview == nil {
			http.Error(w, "this stream has no codec that MP4 can carry", http.StatusUnsupportedMediaType)
			return
		}
		f.preview.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /events", f.events)
	return mux
}

// fakePlan answers with a mistake for a text that has one, and with a change of each kind for any other.
func fakePlan(r *http.Request) (int, any) {
	text, _ := io.ReadAll(r.Body)
	for i, line := range strings.Split(string(text), "\n") {
		if at := strings.Index(line, "port=wrong"); at >= 0 {
			return 400, object{"error": "1 mistake", "mistakes": []object{{
				"line": i + 1, "column": at + 6, "id": "E-STEP-PARAM", "message": `rtmp_watch: port "wrong" is not a port number`, "hint": "a whole number from 1 to 65535, for example port=1935",
			}}}
		}
	}
	step := func(kind string, app string) object {
		return object{"step_type": kind, "parameters": object{"rtmp_app": app, "stream_key": "*"}}
	}
	return 200, object{
		"name": "studio", "running": true, "kept": []object{step("rtmp_receive", "live")},
		"started": []object{step("rtmp_watch", "monitor")}, "stopped": []object{step("rtmp_watch", "preview")},
	}
}

// events sends figures and what publish is given.
func (f *fake) events(w http.ResponseWriter, r *http.Request) {
	if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	follower := make(chan fakeEvent, 8192) // more than any test sends
	f.mu.Lock()
	f.followers[follower] = true
	period := f.period
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.followers, follower)
		f.mu.Unlock()
	}()
	tick := time.NewTicker(period)
	defer tick.Stop()
	next := fakeEvent{"figures", f.figures()}
	for n := 1; ; n++ {
		data, _ := json.Marshal(next.data)
		if _, err := fmt.Fprintf(w, "event: %s\nid: %d\ndata: %s\n\n", next.name, n, data); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case next = <-follower:
		case <-tick.C:
			next = fakeEvent{"figures", f.figures()}
		case <-r.Context().Done():
			return
		}
	}
}

func (f *fake) figures() object {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.seconds()
	list := make([]object, 0, len(f.streams))
	for _, s := range f.streams {
		list = append(list, object{"id": s.id, "bits_per_second": s.now(now), "frames_per_second": s.fps, "viewers": s.viewers, "skips": 2})
	}
	return object{"server": f.server(), "streams": list}
}

// publish sends an event to all pages.
func (f *fake) publish(name string, data any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for follower := range f.followers {
		follower <- fakeEvent{name, data}
	}
}

func (f *fake) allPut() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.put
}

func (f *fake) allStopped() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stopped
}
