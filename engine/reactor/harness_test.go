package reactor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/figures"
	"mmids/engine/limits"
)

// trace collects what happens, as text.
type trace struct {
	mu    sync.Mutex
	lines []string
}

func (r *trace) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// take waits until nothing more happens and returns what has happened since the last time.
func (r *trace) take() []string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.lines
	r.lines = nil
	return lines
}

func (r *trace) want(t *testing.T, lines ...string) {
	t.Helper()
	require.Equal(t, lines, r.take())
}

// fakeWorkflows is a workflow manager that notes what it is asked for.
type fakeWorkflows struct {
	trace
	upsert func(w config.Workflow) error // nil: succeed
	stop   func(ctx context.Context, name string) error
}

func (f *fakeWorkflows) Upsert(_ context.Context, requestID string, w config.Workflow) error {
	f.add("upsert %s: %s", text(w), requestID)
	if f.upsert != nil {
		return f.upsert(w)
	}
	return nil
}

func (f *fakeWorkflows) Stop(ctx context.Context, requestID, name string) error {
	f.add("stop %s: %s", name, requestID)
	if f.stop != nil {
		return f.stop(ctx, name)
	}
	return nil
}

func text(w config.Workflow) string {
	s := w.Name
	for _, step := range w.Steps {
		s += " " + step.Type
	}
	return s
}

// fakeExecutor answers what answer returns, after a delay.
type fakeExecutor struct {
	trace  // questions, with the time since the start
	start  time.Time
	answer func(q Query) (Result, error)
	delay  time.Duration
	closed chan struct{}
}

func (f *fakeExecutor) Execute(ctx context.Context, q Query) (Result, error) {
	f.add("%v %s %s", time.Since(f.start), q.Kind, q.StreamName)
	if err := pause(ctx, f.delay); err != nil {
		f.add("%v cancelled %s", time.Since(f.start), q.StreamName)
		return Result{}, err
	}
	f.mu.Lock()
	answer := f.answer
	f.mu.Unlock()
	return answer(q)
}

// become makes f what gives the answers from now on.
func (f *fakeExecutor) become(answer func(q Query) (Result, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func (f *fakeExecutor) Close() { close(f.closed) }

// world is a manager with one reactor, "ask", in a bubble.
type world struct {
	hub       *event.Hub
	manager   *Manager
	workflows *fakeWorkflows
	executor  *fakeExecutor
	log       *logBuffer
	news      newsBook
	counters  limits.Counters
}

// newsBook notes what is told.
type newsBook struct{ trace }

func (b *newsBook) Post(name string, data any) {
	text, err := json.Marshal(data)
	b.add("%s %s %v", name, text, err)
}

// logBuffer is a log that several goroutines write to.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// lines returns the lines of at least a level without it.
func (b *logBuffer) lines(t *testing.T, from zerolog.Level) (list []map[string]any) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.buf.String()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields))
		level, err := zerolog.ParseLevel(fields["level"].(string))
		require.NoError(t, err)
		if level >= from {
			list = append(list, fields)
		}
	}
	return list
}

// withWorld runs f in a bubble, which ends only when every goroutine has ended. Interval is in seconds.
func withWorld(t *testing.T, interval int, f func(t *testing.T, w *world)) {
	t.Helper()
	withLimits(t, interval, Limits{}, f)
}

// withLimits is withWorld with limits; their counters are those of the world.
func withLimits(t *testing.T, interval int, l Limits, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newLimitedWorld(t, interval, l)
		w.hub.Publish(event.ManagerRegistered{Manager: w.workflows})
		synctest.Wait()
		f(t, w)
	})
}

// newWorld returns a world in which nobody runs workflows yet.
func newWorld(t *testing.T, interval int) *world { return newLimitedWorld(t, interval, Limits{}) }

func newLimitedWorld(t *testing.T, interval int, l Limits) *world {
	w := &world{workflows: &fakeWorkflows{}, log: &logBuffer{}}
	log := zerolog.New(w.log)
	w.hub = event.NewHub(log)
	t.Cleanup(w.hub.Close)
	w.executor = newFakeExecutor()
	var executors Executors
	require.NoError(t, executors.Add("fake", Generator{New: func(d config.Reactor, _ zerolog.Logger) (Executor, error) {
		if d.Name != "ask" {
			return newFakeExecutor(), nil
		}
		return w.executor, nil
	}}))
	w.manager = NewManager(&executors, w.hub, log)
	l.Counters = &w.counters
	w.manager.Limit(l)
	w.manager.Tell(&w.news)
	t.Cleanup(func() {
		require.NoError(t, w.manager.Close(context.Background()))
		<-w.executor.closed
	})
	require.NoError(t, w.manager.Create(config.Reactor{
		Name: "ask", Executor: "fake", UpdateInterval: time.Duration(interval) * time.Second,
	}))
	return w
}

func newFakeExecutor() *fakeExecutor {
	return &fakeExecutor{
		start:  time.Now(),
		answer: func(Query) (Result, error) { return Result{Valid: true}, nil },
		closed: make(chan struct{}),
	}
}

// answers makes the executor give this answer from now on: "invalid", "invalid REASON", "error", or a configuration.
func (w *world) answers(t *testing.T, text string) {
	t.Helper()
	result, err := parseResult(t, text)
	w.executor.become(func(Query) (Result, error) { return result, err })
}

func parseResult(t *testing.T, text string) (Result, error) {
	t.Helper()
	if reason, ok := strings.CutPrefix(text, "invalid"); ok {
		return Result{Reason: strings.TrimSpace(reason)}, nil
	}
	if text == "error" {
		return Result{}, errors.New("out of reach")
	}
	document, err := config.Parse("answer", []byte(strings.ReplaceAll(text, ";", "\n")))
	require.NoError(t, err)
	return Result{Valid: true, Workflows: document.Workflows}, nil
}

// nothingLeft fails the test if a stream is known or a workflow wanted.
func (w *world) nothingLeft(t *testing.T) {
	t.Helper()
	synctest.Wait()
	require.Zero(t, w.manager.Stats()[0].Streams)
	w.manager.workflows.mu.Lock()
	defer w.manager.workflows.mu.Unlock()
	require.Empty(t, w.manager.workflows.wanted)
	require.Empty(t, w.manager.workflows.changed)
}

// asker notes what it hears.
type asker struct {
	trace
	*Interest
}

func (w *world) ask(name string) *asker {
	return w.askQuery("ask", Query{StreamName: name, Kind: Publish})
}

func (w *world) askQuery(reactor string, q Query) *asker {
	a := &asker{}
	a.Interest = w.manager.Ask(reactor, q, func(answer Answer) { a.add("%s", describe(answer)) })
	return a
}

func describe(a Answer) string {
	switch {
	case a.Ended:
		return "ended: " + a.Reason
	case a.Valid && a.Reason == "":
		return strings.TrimSpace("valid " + strings.Join(a.Routable, " "))
	case !a.Valid && a.Routable == nil:
		return "not valid: " + a.Reason
	}
	return fmt.Sprintf("%+v", a)
}

// The waits of tests are virtual.
func after(d time.Duration) { time.Sleep(d) }

// stats returns the only reactor's figures. How long its questions took was counted for each, and is left out.
func (w *world) stats(t *testing.T) Stats {
	t.Helper()
	s := w.manager.Stats()[0]
	require.Equal(t, s.Questions, s.Times.Count)
	s.Times = figures.Times{}
	return s
}
