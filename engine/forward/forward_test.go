package forward

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/media"
	"mmids/engine/reactor"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
)

// inbox is a fake workflow that writes down what it gets.
type inbox struct {
	name string
	log  *[]string
}

func (i *inbox) Deliver(batch []media.Notification) {
	for _, n := range batch {
		*i.log = append(*i.log, i.name+": "+text(&n))
		n.Release()
	}
}

func text(n *media.Notification) string {
	switch n.Event {
	case media.NewStream:
		return fmt.Sprintf("new %s %v", n.Stream, n.Source.Trail)
	case media.Disconnected:
		return "gone " + string(n.Stream)
	case media.MetadataChanged:
		return "metadata " + string(n.Stream)
	}
	return fmt.Sprintf("%s %s", n.Stream, n.Packet.Tag())
}

// world is a step with fakes for all its neighbours.
type world struct {
	t       *testing.T
	hub     *event.Hub
	futures *workflowtest.Futures
	step    workflow.Step
	asked   []reactor.Query
	answer  func(reactor.Answer)
	log     []string
}

func (w *world) Ask(_ string, q reactor.Query, f func(reactor.Answer)) *reactor.Interest {
	w.asked = append(w.asked, q)
	w.answer = f
	return nil
}

func (w *world) Subscribe(t event.Topic, f func(event.Event)) *event.Subscription {
	return w.hub.Subscribe(t, f)
}

func newWorld(t *testing.T, line string) *world {
	t.Helper()
	workflowtest.NoLeaks(t)
	w := &world{t: t, hub: event.NewHub(zerolog.Nop()), futures: workflowtest.NewFutures(t)}
	env := workflowtest.Env(w.futures)
	env.Workflow = "here"
	s, status, err := Step(w, w).New(workflowtest.Step(t, line), env)
	require.NoError(t, err)
	require.Equal(t, workflow.Active, status.State)
	w.step = s
	t.Cleanup(w.hub.Close)
	return w
}

// results executes the step with what has been posted.
func (w *world) results() {
	w.t.Helper()
	var out workflow.Output
	require.Equal(w.t, workflow.Active, w.step.Execute(workflow.Input{Results: w.futures.Results()}, &out).State)
}

func (w *world) start(name string) *inbox {
	i := &inbox{name, &w.log}
	var out workflow.Output
	w.step.Execute(workflow.Input{Results: []any{event.WorkflowStarted{Name: name, Inbox: i}}}, &out)
	return i
}

func (w *world) stop(i *inbox) {
	var out workflow.Output
	w.step.Execute(workflow.Input{Results: []any{event.WorkflowEnded{Name: i.name, Inbox: i}}}, &out)
}

// feed executes the step with a batch and checks that it is passed on.
func (w *world) feed(batch ...media.Notification) {
	w.t.Helper()
	var out workflow.Output
	require.Equal(w.t, workflow.Active, w.step.Execute(workflow.Input{Media: batch}, &out).State)
	require.Equal(w.t, batch, out.Media())
	for i := range batch {
		batch[i].Release()
	}
}

// want compares what the targets have got since the last call.
func (w *world) want(lines ...string) {
	w.t.Helper()
	require.Equal(w.t, lines, w.log)
	w.log = nil
}

func (w *world) say(a reactor.Answer) {
	w.answer(a)
	w.results()
}

var (
	begin    = func() media.Notification { return workflowtest.NewStream("s", "cam") }
	gone     = func() media.Notification { return workflowtest.Disconnected("s") }
	metadata = func() media.Notification { return workflowtest.Metadata("s", media.Field{Name: "width", Value: "1"}) }
	headerV  = func() media.Notification { return workflowtest.Header("s", media.Video, "V") }
	frame    = func() media.Notification { return workflowtest.KeyFrame("s", 0, "K") }
)

func TestForwardsToARunningWorkflow(t *testing.T) {
	w := newWorld(t, "workflow_forwarder target_workflow=out")
	w.start("out")
	w.start("other")
	w.feed(begin(), metadata(), headerV(), frame())
	w.want("out: new s [here]", "out: metadata s", "out: s V", "out: s K")
	w.feed(begin()) // a duplicate has no other effect
	w.want("out: new s [here]")
	w.feed(gone(), frame())
	w.want("out: gone s")
	w.step.Close()
	w.want()
}

func TestTargetThatStartsLateAndAgain(t *testing.T) {
	w := newWorld(t, "forward_to_workflow target_workflow=out")
	w.feed(begin(), headerV(), frame(), metadata())
	w.want()
	first := w.start("out")
	w.want("out: new s [here]", "out: metadata s", "out: s V")
	w.feed(frame())
	w.want("out: s K")
	w.stop(first)
	w.feed(frame())
	w.want()
	second := w.start("out")
	w.want("out: new s [here]", "out: metadata s", "out: s V")
	w.stop(first) // late news of the one before
	w.feed(frame())
	w.want("out: s K")
	w.stop(second)
	w.feed(gone())
	w.start("out")
	w.want()
	w.step.Close()
}

func TestCloseEndsTheStreams(t *testing.T) {
	w := newWorld(t, "workflow_forwarder target_workflow=out")
	w.start("out")
	w.feed(begin(), headerV(), workflowtest.NewStream("t", "other"))
	w.log = nil
	w.step.Close()
	w.want("out: gone s", "out: gone t")
}

func TestReactorSaysWhere(t *testing.T) {
	w := newWorld(t, "workflow_forwarder reactor=r")
	w.start("a")
	w.start("b")
	n := begin()
	n.Source = &media.Source{App: "live", Query: "x=1", ClientIP: "192.0.2.1"}
	w.feed(n, headerV())
	require.Equal(t, []reactor.Query{{StreamName: "cam", Query: "x=1", ClientIP: "192.0.2.1", App: "live", Kind: reactor.Stream}}, w.asked)
	w.want()
	w.say(reactor.Answer{Valid: true, Routable: []string{"a", "missing"}})
	w.want("a: new s [here]", "a: s V")
	w.say(reactor.Answer{Valid: true, Routable: []string{"b", "a"}})
	w.want("b: new s [here]", "b: s V")
	w.feed(frame())
	w.want("b: s K", "a: s K")
	w.say(reactor.Answer{Valid: true, Routable: []string{"b"}})
	w.want("a: gone s")
	w.say(reactor.Answer{Valid: false})
	w.want("b: gone s")
	w.feed(frame())
	w.want()
	w.feed(gone())
	w.say(reactor.Answer{Valid: true, Routable: []string{"a"}}) // too late
	w.want()
	w.step.Close()
}

func TestReactorThatEnds(t *testing.T) {
	w := newWorld(t, "workflow_forwarder reactor=r")
	w.feed(begin())
	w.answer(reactor.Answer{Ended: true})
	var out workflow.Output
	status := w.step.Execute(workflow.Input{Results: w.futures.Results()}, &out)
	require.Equal(t, workflow.Failed, status.State)
	w.step.Close()
}

func TestNoCircles(t *testing.T) {
	w := newWorld(t, "workflow_forwarder target_workflow=out")
	w.start("out")
	n := begin()
	n.Source = &media.Source{Trail: []string{"first", "out"}}
	w.feed(n, frame())
	w.want()
	w.step.Close()

	_, _, err := Step(w, w).New(workflowtest.Step(t, "workflow_forwarder target_workflow=here"), workflow.Env{Workflow: "here"})
	require.ErrorContains(t, err, "a workflow cannot forward to itself")
}

func TestHubFeedsTheStep(t *testing.T) {
	w := newWorld(t, "workflow_forwarder target_workflow=out")
	out := &inbox{"out", &w.log}
	w.hub.Publish(event.WorkflowStarted{Name: "out", Inbox: out})
	w.hub.Close() // everything published has been told
	w.results()
	w.feed(begin())
	w.want("out: new s [here]")
	w.step.Close()
}

func TestMistakes(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		var got []string
		for _, m := range check(workflowtest.Step(t, line)) {
			m.Pos = config.Pos{}
			got = append(got, m.Error())
		}
		require.Equal(t, want, strings.Join(got, "\n"))
	}
	f("workflow_forwarder target_workflow=a", "")
	f("workflow_forwarder reactor=r", "")
	f("workflow_forwarder", "workflow_forwarder: neither target_workflow nor reactor says where streams go; for example target_workflow=archive")
	f("forward_to_workflow target_workflow reactor", "forward_to_workflow: neither target_workflow nor reactor says where streams go; for example target_workflow=archive")
	f("workflow_forwarder target_workflow=a reactor=r", "workflow_forwarder: target_workflow and reactor exclude each other; keep one of the two")
}
