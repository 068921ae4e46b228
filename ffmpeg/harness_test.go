package ffmpeg

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// deadline is how long anything may take in these tests. It is only reached when something is wrong.
const deadline = 30 * time.Second

// linkToSelf makes a link to the test binary under another name.
func linkToSelf(t *testing.T, path string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, path))
	return path
}

func fakePath(t *testing.T) string { return linkToSelf(t, filepath.Join(t.TempDir(), fakeName)) }

// newEndpoint returns an endpoint that is closed at the end of the test. Without a path it runs the fake.
func newEndpoint(t *testing.T, c Config) *Endpoint {
	t.Helper()
	if c.Path == "" {
		c.Path = fakePath(t)
	}
	e := New(c)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = e.Close(ctx) // kills what a failed test has left
	})
	return e
}

func fakeJob(input string) Job { return Job{Input: input, Target: FLV{"out"}} }

// events are what one process reports.
type events struct {
	t       *testing.T
	channel chan Event
}

func newEvents(t *testing.T) *events { return &events{t, make(chan Event, 10_000)} }

func (e *events) notify(event Event) { e.channel <- event }

func (e *events) next() Event {
	e.t.Helper()
	select {
	case event := <-e.channel:
		return event
	case <-time.After(deadline):
		require.Fail(e.t, "nothing happens")
		return nil
	}
}

// want returns the next event, which must be of type T.
func want[T Event](e *events) T {
	e.t.Helper()
	event := e.next()
	of, ok := event.(T)
	require.True(e.t, ok, "%T: %v", event, event)
	return of
}

// wantEnd returns the next event that is not progress, which must be the end of a run.
func (e *events) wantEnd() Stopped {
	e.t.Helper()
	for {
		switch event := e.next().(type) {
		case Progress:
		case Stopped:
			return event
		default:
			require.Failf(e.t, "unexpected event", "%T: %v", event, event)
		}
	}
}

// wantIdle fails if there is an event that nobody asked for.
func (e *events) wantIdle() {
	e.t.Helper()
	select {
	case event := <-e.channel:
		require.Failf(e.t, "unexpected event", "%T: %v", event, event)
	default:
	}
}

func waitDone(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(deadline):
		require.Fail(t, "it does not end")
	}
}

// fakeClock stands still until the test moves it.
type fakeClock struct {
	mu     sync.Mutex
	time   time.Time
	timers chan fakeTimer
}

type fakeTimer struct {
	after time.Duration
	fire  chan time.Time
}

func newFakeClock() *fakeClock {
	return &fakeClock{time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), timers: make(chan fakeTimer, 10_000)}
}

func (c *fakeClock) clock() clock {
	return clock{
		now: func() time.Time {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.time
		},
		after: func(d time.Duration) (<-chan time.Time, func() bool) {
			timer := fakeTimer{d, make(chan time.Time, 1)}
			c.timers <- timer
			return timer.fire, func() bool { return true }
		},
	}
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
}

// timer returns the next timer that was set.
func (c *fakeClock) timer(t *testing.T) fakeTimer {
	t.Helper()
	select {
	case timer := <-c.timers:
		return timer
	case <-time.After(deadline):
		require.Fail(t, "no timer was set")
		return fakeTimer{}
	}
}

// logBuffer collects log lines.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) logger() zerolog.Logger { return zerolog.New(b) }

// lines returns the fields of each line with a message.
func (b *logBuffer) lines(t *testing.T, message string) (found []map[string]any) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.text.String()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields))
		if fields["message"] == message {
			found = append(found, fields)
		}
	}
	return found
}
