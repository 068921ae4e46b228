//go:build webtools

package web

import (
	"path/filepath"
	"testing"
	"time"

	"mmids/web/browsertest"
)

// TestScreenshots is for work on the page: go test ./web -tags webtools -run '^TestScreenshots$' -shots FOLDER
func TestScreenshots(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.populate(*streams)
	f.period = 30 * time.Millisecond
	b := browsertest.Start(t)
	p := b.Open(t, f.console())
	p.Until("figures have come", `document.querySelector('.link').dataset.state === 'live'`)
	f.publish("log", object{"level": "warn", "message": "client exceeds a limit and is ended", "limit": "viewer_timeout", "ip": "203.0.113.9"})
	f.publish("log", object{"level": "error", "message": "ffmpeg ended", "ffmpeg_id": "f2", "error": "Connection refused"})
	f.publish("stream_started", f.describe(f.streams[0]))
	time.Sleep(4 * time.Second)
	for _, view := range []struct {
		name, colours string
		width, height int
	}{{"light", "light", 1440, 900}, {"dark", "dark", 1440, 900}, {"phone", "dark", 390, 844}} {
		p.Size(view.width, view.height)
		p.Media("prefers-color-scheme", view.colours)
		for name, route := range map[string]string{
			"overview": "#/", "streams": "#/streams", "stream": "#/streams/1", "workflows": "#/workflows", "workflow": "#/workflows/studio",
			"editor": "#/edit/studio", "connections": "#/connections", "reactors": "#/reactors", "ffmpegs": "#/ffmpegs", "log": "#/log",
		} {
			p.Eval("location.hash = '"+route+"'", nil)
			time.Sleep(700 * time.Millisecond)
			p.Screenshot(filepath.Join(*shots, name+"-"+view.name+".png"))
		}
	}
	for _, trouble := range p.Troubles() {
		t.Error(trouble)
	}
}
