package web

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"time"
)

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
