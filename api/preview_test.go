package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
)

// previews is a server with one workflow that puts out what a test says.
type previews struct {
	*testServer
	source workflow.Futures
}

func startPreviews(t *testing.T) *previews {
	p := &previews{}
	made := make(chan workflow.Futures, 1)
	registry := &workflow.Registry{}
	require.NoError(t, registry.Add("source", workflow.Kind{
		New: func(_ config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			made <- env.Futures
			return passOn{}, workflow.Status{State: workflow.Active}, nil
		},
	}))
	manager := workflow.NewManager(registry, noEvents{}, zerolog.Nop())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, manager.Close(ctx))
	})
	require.NoError(t, manager.Upsert(t.Context(), "r", parsed(t, "workflow w {\n source\n}\n")))
	p.source = <-made
	p.testServer = start(t, PreviewRoute(manager, func(media.StreamID) (string, bool) { return "w", true }))
	return p
}

// passOn puts out what it is given.
type passOn struct{}

func (passOn) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	out.Pass(in.Media...)
	return workflow.Status{State: workflow.Active}
}
func (passOn) Close() {}

// emit puts out an event, or a packet that has this tag.
func (p *previews) emit(stream string, event media.Event, required, key bool, time int64, tag string) {
	n := media.Notification{Event: event, Stream: media.StreamID(stream), Name: stream}
	if event == media.Coded {
		n.Packet = media.Packet{Kind: media.Video, Required: required, KeyFrame: key, Time: time, Body: media.CopyBuffer([]byte(tag))}
	}
	p.source.Deliver([]media.Notification{n})
}

// H.264 as encoders send it: a sequence header of 1280 x 720, and frames.
var avcHeader = "\x17\x00\x00\x00\x00" + unhexed("0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000468ef8fcbfdf8f800")

func unhexed(text string) string {
	var b []byte
	_, _ = fmt.Sscanf(text, "%x", &b)
	return string(b)
}

func (p *previews) begin(stream string) {
	p.emit(stream, media.NewStream, false, false, 0, "")
	p.emit(stream, media.Coded, true, false, 0, avcHeader)
}

func (p *previews) frames(stream string, from, to int) {
	for i := from; i < to; i++ {
		kind := "\x27"
		if i%5 == 0 {
			kind = "\x17"
		}
		p.emit(stream, media.Coded, false, i%5 == 0, int64(i)*40, kind+"\x01\x00\x00\x00"+fmt.Sprintf("frame %03d", i))
	}
}

// open asks for a preview and returns its body, whose beginning has come.
func (p *previews) open(stream string, fromFrame int) *http.Response {
	p.t.Helper()
	answers := make(chan *http.Response, 1)
	go func() {
		response, err := http.Get("http://" + p.Addr().String() + "/streams/" + stream + "/preview.mp4")
		if err == nil {
			answers <- response
		}
		close(answers)
	}()
	deadline := time.After(10 * time.Second)
	for i := fromFrame; ; i++ {
		select {
		case response := <-answers:
			require.NotNil(p.t, response)
			return response
		case <-deadline:
			p.t.Fatal("no answer")
		case <-time.After(5 * time.Millisecond):
			p.frames(stream, i, i+1)
		}
	}
}

func TestPreview(t *testing.T) {
	before := media.InUse()
	p := startPreviews(t)
	p.begin("s")
	response := p.open("s", 1)
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, `video/mp4; codecs="avc1.64001f"`, response.Header.Get("Content-Type"))
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	p.emit("s", media.Disconnected, false, false, 0, "")
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "ftyp", string(body[4:8]))
	require.Contains(t, string(body), "moov")
	require.Contains(t, string(body), "frame 005", "it begins with a key frame")
	require.NotContains(t, string(body), "frame 004")
	require.Equal(t, 404, p.do("GET", "/streams/s/preview.mp4", "").status, "it has ended")
	require.Eventually(t, func() bool { return media.InUse() == before }, 10*time.Second, time.Millisecond, "nothing is held")
}

func TestPreviewOfWhatMP4CannotHave(t *testing.T) {
	p := startPreviews(t)
	p.emit("s", media.NewStream, false, false, 0, "")
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				p.emit("s", media.Coded, false, true, 0, "\x12picture") // Sorenson
			}
		}
	}()
	a := p.do("GET", "/streams/s/preview.mp4", "")
	close(stop)
	<-done
	require.Equal(t, 415, a.status)
	require.Contains(t, a.body, "MP4 is not made of")
}

// TestPreviewsAreBounded, and end with the server.
func TestPreviewsAreBounded(t *testing.T) {
	p := startPreviews(t)
	p.begin("s")
	var open []*http.Response
	for range 16 {
		open = append(open, p.open("s", 1))
	}
	a := p.do("GET", "/streams/s/preview.mp4", "")
	require.Equal(t, 503, a.status)
	require.Contains(t, a.body, "too many listen")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, p.Shutdown(ctx))
	for _, response := range open {
		_, _ = io.Copy(io.Discard, response.Body)
		require.NoError(t, response.Body.Close())
	}
}

// busyTapper has a workflow that does not answer in time.
type busyTapper struct{ t *testing.T }

func (b busyTapper) Tap(ctx context.Context, name string, _ media.StreamID) (*workflow.Tap, error) {
	waits(b.t, ctx, time.Second)
	assert.Equal(b.t, "w", name)
	return nil, context.DeadlineExceeded
}

func TestPreviewOfAWorkflowThatHangs(t *testing.T) {
	s := start(t, PreviewRoute(busyTapper{t}, func(media.StreamID) (string, bool) { return "w", true }))
	a := s.do("GET", "/streams/s/preview.mp4", "")
	require.Equal(t, 503, a.status)
	require.Equal(t, "No preview: the workflow does not answer", a.body)
}
