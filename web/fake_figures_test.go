package web

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"time"

	"mmids/engine/figures"
)

// What the server is made up of has the types of the real one, so that the page asks for nothing that there is not.

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
	step := object{
		"step_id": strconv.Itoa(fakeStepID), "step_type": kind, "parameters": parameters, "status": status,
		"in": fakePassage(0, 0), "out": fakePassage(0, 0),
	}
	if details != nil {
		step["details"] = details
	}
	return step
}

func fakePassage(streams int, bytes float64) object {
	return object{"streams": streams, "packets": int(bytes / 10_000), "bytes": int(bytes)}
}

// flowing returns a workflow with what all of its steps have put out by now: the media of its streams.
func (f *fake) flowing(name string, w fakeWorkflow) fakeWorkflow {
	streams, bits := 0, 0.0
	for _, s := range f.streams {
		if s.workflow == name {
			streams++
			bits += s.bits
		}
	}
	steps := []object{}
	for _, step := range w["active_steps"].([]object) {
		step = maps.Clone(step)
		step["out"] = fakePassage(streams, bits/8*f.seconds())
		steps = append(steps, step)
	}
	w = maps.Clone(w)
	w["active_steps"] = steps
	return w
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

func (f *fake) seconds() float64 { return time.Since(f.began).Seconds() }

func (f *fake) describe(s *fakeStream) figures.Stream {
	now := f.seconds()
	output := figures.Output{
		Protocol: "rtmp", Workflow: s.workflow, Port: 1935, App: s.app, Key: s.key, Viewers: s.viewers,
		BytesSent: 4_100_000_000, Skips: 2, SkippedBytes: 340 << 10, LagMS: 40, FlushMS: 40,
	}
	browsers := figures.Output{
		Protocol: "http", Workflow: s.workflow, Port: 8080, App: s.app, Key: s.key, FlushMS: 40,
		Paths: []string{"/live/" + s.app + "/" + s.key + ".flv", "/live/" + s.app + "/" + s.key + ".mp4"},
	}
	return figures.Stream{
		ID: s.id, Port: 1935, App: s.app, Key: s.key, Workflow: s.workflow, ConnectionID: "c" + s.id, Client: s.client,
		RemoteAddress: "192.0.2.7:50411", Seconds: 3600 + now, Bytes: uint64(1.2e9 + now*s.bits/8), BitsPerSecond: s.now(now),
		Encoder: "Lavf60.16.100", Viewers: s.viewers, Outputs: []figures.Output{output, browsers},
		Video: &figures.Video{
			Codec: "H.264", Width: 1280, Height: 720, Frames: 1000, FramesPerSecond: s.fps, KeyFrameSeconds: 2,
			BitsPerSecond: s.now(now) * 0.95, Tracks: 1,
		},
		Audio: &figures.Audio{Codec: "AAC", SampleRate: 48000, Channels: 2, Frames: 1000, BitsPerSecond: 128_000, Tracks: 1},
	}
}

// now is a bit rate that moves as real ones do.
func (s *fakeStream) now(seconds float64) float64 {
	return s.bits * (1 + 0.12*math.Sin(seconds/3+float64(len(s.key))) + 0.05*math.Sin(seconds*1.7))
}

func (f *fake) server() figures.Server {
	now := f.seconds()
	server := figures.Server{
		Version: f.release, Seconds: 273000 + now, Goroutines: 120, MemoryBytes: 148 << 20, Streams: len(f.streams),
		Loops: []figures.Loop{
			{BusyShare: 0.22 + 0.08*math.Sin(now/4), Connections: 40, FlushMS: 40}, {BusyShare: 0.18, Connections: 41, FlushMS: 40},
		},
	}
	for _, s := range f.streams {
		server.BitsPerSecIn += s.now(now)
		server.BitsPerSecOut += s.now(now) * float64(s.viewers)
		server.Viewers += s.viewers
	}
	server.Connections = server.Streams + server.Viewers
	return server
}

func (f *fake) connections() []figures.Connection {
	list := []figures.Connection{}
	for i, s := range f.streams[:min(300, len(f.streams))] {
		list = append(list, figures.Connection{
			ID: "c" + s.id, Port: 1935, Protocol: "rtmp", RemoteAddress: fmt.Sprintf("192.0.2.%d:50411", i%250), Client: s.client,
			State: figures.Publishing, App: s.app, Key: s.key, StreamID: s.id, Seconds: 3600 + f.seconds(),
			BytesReceived: 1_200_000_000, BytesSent: 4096,
		}, figures.Connection{
			ID: "v" + s.id, Port: 8080, Protocol: "http", RemoteAddress: fmt.Sprintf("198.51.100.%d:40022", i%250), Client: "VLC/3.0.20",
			State: figures.Watching, App: s.app, Key: s.key, StreamID: s.id, Seconds: 42, BytesReceived: 512, BytesSent: 9_100_000, Skips: uint64(i % 3),
		})
	}
	return list
}

func (f *fake) ffmpegs() []figures.FFmpeg {
	return []figures.FFmpeg{
		{ID: "f1", Workflow: "small", StepID: "3", StreamID: "1", State: "running", PID: 4711, FramesPerSecond: 30, Speed: 1, OutTimeSeconds: 3600 + f.seconds(), BitsPerSecond: 812_000},
		{ID: "f2", Workflow: "relay", StepID: "2", StreamID: "2", State: "waiting", Restarts: 4, Error: "rtmp://b.example.com/live/…: Connection refused"},
	}
}

func (f *fake) reactors() []figures.Reactor {
	return []figures.Reactor{
		{Name: "customers", Executor: "simple_http", Streams: 12, Calls: 4810, AnswerMSMean: 8.4},
		{Name: "archive", Executor: "simple_http", Streams: 2, Calls: 97, Failures: 9, AnswerMSMean: 1240},
	}
}

// moment are the figures that come each second.
func (f *fake) moment() figures.Moment {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.seconds()
	moment := figures.Moment{Server: f.server(), Streams: make([]figures.StreamMoment, len(f.streams))}
	for i, s := range f.streams {
		moment.Streams[i] = figures.StreamMoment{ID: s.id, BitsPerSecond: s.now(now), FramesPerSecond: s.fps, Viewers: s.viewers, Skips: 2}
	}
	return moment
}
