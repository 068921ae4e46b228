package web

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
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
		for name := range f.workflows {
			list = append(list, object{"name": name})
		}
		return 200, list
	})
	answer("GET /workflows/{name}", func(r *http.Request) (int, any) {
		if w, ok := f.workflows[r.PathValue("name")]; ok {
			return 200, w
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

func (f *fake) seconds() float64 { return time.Since(f.began).Seconds() }

func (f *fake) describe(s *fakeStream) object {
	now := f.seconds()
	return object{
		"id": s.id, "port": 1935, "rtmp_app": s.app, "stream_key": s.key, "workflow_name": s.workflow,
		"connection_id": "c" + s.id, "client": s.client, "remote_address": "192.0.2.7:50411", "seconds": 3600 + now,
		"bytes": 1.2e9 + now*s.bits/8, "bits_per_second": s.now(now), "encoder": "Lavf60.16.100", "viewers": s.viewers,
		"video": object{"codec": "H.264", "width": 1280, "height": 720, "frames": 1000, "frames_per_second": s.fps, "key_frame_seconds": 2.0, "bits_per_second": s.now(now) * 0.95, "tracks": 1},
		"audio": object{"codec": "AAC", "sample_rate": 48000, "channels": 2, "frames": 1000, "bits_per_second": 128000, "tracks": 1},
		"outputs": []object{
			{"protocol": "rtmp", "workflow_name": s.workflow, "port": 1935, "use_tls": false, "rtmp_app": s.app, "stream_key": s.key, "viewers": s.viewers, "bytes_sent": 4.1e9, "skips": 2, "skipped_ms": 340, "lag_ms": 40, "flush_interval_ms": 40},
			{"protocol": "http", "workflow_name": s.workflow, "port": 8080, "use_tls": false, "rtmp_app": s.app, "stream_key": s.key, "paths": []string{"/live/" + s.app + "/" + s.key + ".flv", "/live/" + s.app + "/" + s.key + ".mp4"}, "viewers": 0, "bytes_sent": 0, "skips": 0, "skipped_ms": 0, "lag_ms": 0, "flush_interval_ms": 40},
		},
	}
}

// now is a bit rate that moves as real ones do.
func (s *fakeStream) now(seconds float64) float64 {
	return s.bits * (1 + 0.12*math.Sin(seconds/3+float64(len(s.key))) + 0.05*math.Sin(seconds*1.7))
}

func (f *fake) server() object {
	now, in, out, viewers := f.seconds(), 0.0, 0.0, 0
	for _, s := range f.streams {
		in += s.now(now)
		out += s.now(now) * float64(s.viewers)
		viewers += s.viewers
	}
	return object{
		"version": "0.1.0", "seconds": 273000 + now, "goroutines": 120, "memory_bytes": 148 << 20, "connections": len(f.streams) + viewers, "streams": len(f.streams),
		"viewers": viewers, "bits_per_second_in": in, "bits_per_second_out": out,
		"loops": []object{{"busy_share": 0.22 + 0.08*math.Sin(now/4), "connections": 40, "flush_interval_ms": 40}, {"busy_share": 0.18, "connections": 41, "flush_interval_ms": 40}},
	}
}

func (f *fake) connections() []object {
	list := []object{}
	for i, s := range f.streams {
		if i == 300 {
			break
		}
		list = append(list, object{
			"connection_id": "c" + s.id, "port": 1935, "protocol": "rtmp", "remote_address": fmt.Sprintf("192.0.2.%d:50411", i%250), "client": s.client, "state": "publishing",
			"rtmp_app": s.app, "stream_key": s.key, "stream_id": s.id, "seconds": 3600 + f.seconds(), "bytes_received": 1.2e9, "bytes_sent": 4096, "skips": 0,
		}, object{
			"connection_id": "v" + s.id, "port": 8080, "protocol": "http", "remote_address": fmt.Sprintf("198.51.100.%d:40022", i%250), "client": "VLC/3.0.20", "state": "watching",
			"rtmp_app": s.app, "stream_key": s.key, "stream_id": s.id, "seconds": 42, "bytes_received": 512, "bytes_sent": 9.1e6, "skips": i % 3,
		})
	}
	return list
}

func (f *fake) ffmpegs() []object {
	now := f.seconds()
	return []object{
		{"id": "f1", "workflow_name": "small", "step_id": "3", "stream_id": "1", "state": "running", "pid": 4711, "restarts": 0, "frames_per_second": 30.0, "speed": 1.0, "out_time_seconds": 3600 + now, "bits_per_second": 812000},
		{"id": "f2", "workflow_name": "relay", "step_id": "2", "stream_id": "2", "state": "waiting", "pid": 0, "restarts": 4, "frames_per_second": 0, "speed": 0, "out_time_seconds": 0, "bits_per_second": 0, "error": "rtmp://b.example.com/live/…: Connection refused"},
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

// populate gives the server what a busy one has: some workflows of every kind, and so many streams.
func (f *fake) populate(streams int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	apps := []string{"live", "studio", "small"}
	keys := []string{"camera-1", "main-stage", "interview", "drone", "lobby", "match-42"}
	for i := range streams {
		key := keys[i%len(keys)]
		if i >= len(keys) {
			key += "-" + strconv.Itoa(i)
		}
		f.streams = append(f.streams, &fakeStream{
			id: strconv.Itoa(i + 1), app: apps[i%len(apps)], key: key, workflow: apps[i%len(apps)], client: "FMLE/3.0 (compatible; FMSc/1.0)",
			bits: 2.4e6 + 4e5*float64(i%7), fps: []float64{25, 30, 50, 60}[i%4], viewers: (i * 37) % 240,
		})
	}
	for name, steps := range map[string][]object{
		"live":   {fakeStep("rtmp_receive", "Active", object{"rtmp_app": "live", "stream_key": "*"}, nil), fakeStep("rtmp_watch", "Active", object{"rtmp_app": "live", "stream_key": "*"}, fakeViewers(190))},
		"studio": {fakeStep("rtmp_receive", "Active", object{"rtmp_app": "studio", "stream_key": "*", "allow_ips": "10.0.0.0/8"}, nil), fakeStep("ffmpeg_hls", "Active", object{"path": "/var/www/live", "duration": "2"}, fakeProcesses("")), fakeStep("rtmp_watch", "Active", object{"rtmp_app": "studio", "stream_key": "*"}, fakeViewers(37)), fakeStep("workflow_forwarder", "Active", object{"target_workflow": "small"}, nil)},
		"small":  {fakeStep("ffmpeg_transcode", "Active", object{"vcodec": "h264", "acodec": "aac", "size": "640x360", "kbps": "800"}, fakeProcesses("")), fakeStep("rtmp_watch", "Active", object{"rtmp_app": "small", "stream_key": "*"}, fakeViewers(12))},
		"relay":  {fakeStep("rtmp_receive", "Active", object{"rtmp_app": "relay", "stream_key": "show"}, nil), fakeStep("ffmpeg_push", "Active", object{"target": "rtmp://b.example.com/live/…"}, fakeProcesses("Connection refused"))},
	} {
		f.workflows[name] = fakeWorkflow{"status": "Running", "active_steps": steps, "pending_steps": []object{}, "dropped_packets": 0}
	}
	f.workflows["lobby"] = fakeWorkflow{
		"status":       "Step id 77 failed: port 443 is used by another program",
		"active_steps": []object{fakeStep("rtmp_receive", "Error: port 443 is used by another program", object{"rtmp_app": "lobby", "stream_key": "*", "rtmps": nil}, nil), fakeStep("rtmp_watch", "Shut Down", object{"rtmp_app": "lobby", "stream_key": "*"}, nil)}, "pending_steps": []object{}, "dropped_packets": 0, "retry_in_seconds": 14.2,
	}
	f.workflows["studio"]["update_error"] = "Step id 9 failed: stream key * of live on port 1935 is taken"
	f.workflows["studio"]["retry_in_seconds"] = 4.0
	f.workflows["studio"]["pending_steps"] = []object{fakeStep("rtmp_receive", "Error: stream key * of live on port 1935 is taken", object{"rtmp_app": "live", "stream_key": "*"}, nil), fakeStep("rtmp_watch", "Shut Down", object{"rtmp_app": "studio", "stream_key": "*"}, nil)}
	f.texts["studio"] = "workflow studio {\n    rtmp_receive rtmp_app=live stream_key=*\n    rtmp_watch rtmp_app=preview stream_key=*\n}\n"
}

var fakeStepID = 0

func fakeStep(kind, status string, parameters object, details any) object {
	fakeStepID++
	step := object{"step_id": strconv.Itoa(fakeStepID), "step_type": kind, "parameters": parameters, "status": status}
	if details != nil {
		step["details"] = details
	}
	return step
}

func fakeViewers(viewers int) object {
	return object{"streams": []object{{"stream_id": "1", "stream_name": "camera-1", "stream_key": "camera-1", "viewers": viewers}}}
}

func fakeProcesses(err string) object {
	process := object{"stream_id": "1", "ffmpeg_id": "f1", "fps": 30.0, "kbps": 812.0, "speed": 1.0, "seconds": 3600.0}
	if err != "" {
		process["error"] = err
	}
	return object{"processes": []object{process}}
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
