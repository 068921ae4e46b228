package workflow

import (
	"runtime"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/media"
)

// tameRunner is a runner without a goroutine: the test says when it works.
type tameRunner struct {
	*runner
	first *instance
}

func newTameRunner(t testing.TB, lines string) *tameRunner {
	registry := new(Registry)
	require.NoError(t, registry.Add("pass", passKind()))
	require.NoError(t, registry.Add("count", countKind()))
	r := &tameRunner{runner: newRunner("w", registry, zerolog.Nop(), func(*runner) {})}
	r.updateOffLoop("r", config.Workflow{Name: "w", Steps: steps(t, lines)})
	r.turn()
	require.Nil(t, r.failure)
	r.first = r.active[0]
	t.Cleanup(func() {
		select {
		case <-r.done: // the test gave it a goroutine, which has ended
		default:
			r.end()
		}
	})
	return r
}

// turn works off what has arrived.
func (r *tameRunner) turn() {
	select {
	case <-r.inbox.wake:
		r.work()
	default:
	}
}

// countStep remembers the sizes of the batches it gets, and makes a packet of its own out of each packet.
type countStep struct{ batches []int }

func (s *countStep) Execute(in Input, out *Output) Status {
	s.batches = append(s.batches, len(in.Media))
	for i := range in.Media {
		n := in.Media[i]
		n.Packet.Body = media.CopyBuffer(n.Packet.Body.Bytes())
		out.Emit(n)
	}
	return Status{State: Active}
}

func (*countStep) Close() {}

func countKind() Kind {
	return Kind{New: func(config.Step, Env) (Step, Status, error) {
		return new(countStep), Status{State: Active}, nil
	}}
}

// A thousand publishers on one instance do not cost a thousand executions.
func TestMediaOfOneSourceIsExecutedInBatches(t *testing.T) {
	noLeaks(t)
	r := newTameRunner(t, "pass\ncount\ncount x")
	for range 2*batchMax + 1 {
		r.inbox.deliver(r.first, []media.Notification{packet("s", media.Audio, 1)})
	}
	r.turn()
	for _, i := range r.active[1:] {
		require.Equal(t, []int{batchMax, batchMax, 1}, i.step.(*countStep).batches)
		require.Empty(t, i.out.media)
		require.Empty(t, i.out.owned)
	}
}

func TestOutputGivesTheRoomOfABurstBack(t *testing.T) {
	var out Output
	fill := func(n int) {
		for range n {
			out.Emit(media.Notification{Event: media.Disconnected})
		}
		require.Len(t, out.Media(), n)
		out.Reset()
		require.Empty(t, out.Media())
	}
	fill(outputKeptMax)
	require.NotZero(t, cap(out.media))
	fill(2 * outputKeptMax)
	require.Zero(t, cap(out.media))
	require.Zero(t, cap(out.owned))
}

// An abandoned step leaves nothing behind.
func TestAbandonedStepIsNoOrigin(t *testing.T) {
	noLeaks(t)
	r := newTameRunner(t, "pass")
	require.NoError(t, r.registry.Add("slow", Kind{New: func(config.Step, Env) (Step, Status, error) {
		return passStep{}, Status{State: Created}, nil
	}}))
	r.updateOffLoop("r", config.Workflow{Name: "w", Steps: steps(t, "pass\nslow")})
	r.turn()
	r.inbox.deliver(r.pending[1], []media.Notification{{Event: media.NewStream, Stream: "s"}})
	r.turn()
	require.Len(t, r.origins, 1)
	r.updateOffLoop("r", config.Workflow{Name: "w", Steps: steps(t, "pass")})
	r.turn()
	require.Empty(t, r.origins)
}

func TestOriginIsForgottenWhenTheSameStepEndsTheStream(t *testing.T) {
	noLeaks(t)
	r := newTameRunner(t, "pass name=in\npass name=a\npass name=b")
	put := func(from *instance, e media.Event) {
		r.inbox.deliver(from, []media.Notification{{Event: e, Stream: "s"}})
		r.turn()
	}
	put(r.active[1], media.NewStream)
	put(r.active[0], media.NewStream)
	put(nil, media.NewStream)
	require.Same(t, r.active[1], r.origins["s"])
	put(r.active[2], media.Disconnected)
	require.Same(t, r.active[1], r.origins["s"])
	put(r.active[1], media.Disconnected)
	require.Empty(t, r.origins)
}

// A publisher that makes up codecs must not fill the memory.
// A mistake of the runner itself ends the workflow, but nothing else.
func TestPanicOfTheRunnerEndsTheWorkflow(t *testing.T) {
	noLeaks(t)
	r := newRunner("w", new(Registry), zerolog.Nop(), func(*runner) {})
	r.inbox.control(func() { panic("BUG") })
	r.inbox.deliver(nil, []media.Notification{packet("s", media.Audio, 1)})
	go r.loop()
	<-r.done
	require.False(t, r.inbox.control(func() {}))
}

// An update can meet a workflow that has just ended by itself, before the manager is told.
func TestUpsertOfAWorkflowThatHasJustEnded(t *testing.T) {
	noLeaks(t)
	hub := event.NewHub(zerolog.Nop())
	defer hub.Close()
	m := NewManager(new(Registry), hub, zerolog.Nop())
	ended := newRunner("w", m.registry, zerolog.Nop(), func(*runner) {})
	ended.end()
	m.running["w"] = &managed{runner: ended, order: 1}

	_, err := m.Details(t.Context(), "w")
	require.ErrorIs(t, err, ErrNotFound)
	require.NoError(t, m.Upsert(t.Context(), "r", config.Workflow{Name: "w"}))
	require.NotSame(t, ended, m.running["w"].runner)
	d, err := m.Details(t.Context(), "w")
	require.NoError(t, err)
	require.Equal(t, "Running", d.Status())
	require.NoError(t, m.Close(t.Context()))
}

func BenchmarkWorkflowHop(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{{"batch=1", 1}, {"batch=8", 8}, {"batch=64", 64}} {
		b.Run(c.name, func(b *testing.B) {
			r := newTameRunner(b, "pass name=in\npass name=a\npass name=b")
			batch := hopBatch(c.size)
			defer releaseAll(batch)
			b.SetBytes(int64(c.size) * hopBytes)
			b.ReportAllocs()
			for b.Loop() {
				r.hop(batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.size), "ns/packet")
		})
	}
}

// BenchmarkWorkflowHandOver adds what a goroutine of its own costs: the deliverer keeps going as long as there is room.
func BenchmarkWorkflowHandOver(b *testing.B) {
	r := newTameRunner(b, "pass name=in\npass name=a\npass name=b")
	go r.loop()
	defer func() {
		r.stopOffLoop("r")
		<-r.done
	}()
	batch := hopBatch(8)
	defer releaseAll(batch)
	b.SetBytes(8 * hopBytes)
	b.ReportAllocs()
	for b.Loop() {
		for i := range batch {
			batch[i].Retain()
		}
		r.inbox.deliver(r.first, batch)
		for r.inbox.backlog() > queuedPacketsMax/2 {
			runtime.Gosched()
		}
	}
}

func (b *inbox) backlog() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.packets
}

const hopBytes = 1000

// hopBatch returns a batch as a publisher's read brings it, with a count for the caller.
func hopBatch(size int) []media.Notification {
	batch := make([]media.Notification, size)
	for i := range batch {
		batch[i] = packet("s", media.Video, hopBytes)
	}
	return batch
}

// hop carries a batch through the inbox and all steps.
func (r *tameRunner) hop(batch []media.Notification) {
	for i := range batch {
		batch[i].Retain()
	}
	r.inbox.deliver(r.first, batch)
	r.turn()
}

// patientStep is a step of which a test says how patient it is.
type patientStep struct{ patience *time.Duration }

func (s patientStep) Execute(in Input, out *Output) Status {
	out.Pass(in.Media...)
	return Status{State: Active}
}
func (s patientStep) Patience() time.Duration { return *s.patience }
func (s patientStep) Close()                  {}

func TestTheLeastPatientStepCounts(t *testing.T) {
	r := newTameRunner(t, "count\ncount")
	first, second := Endless, time.Duration(0)
	r.active[0].step, r.active[1].step = patientStep{&first}, patientStep{&second}
	patience := func() time.Duration {
		r.inbox.deliver(r.first, []media.Notification{packet("s", media.Audio, 1)})
		r.turn()
		require.Equal(t, r.active[0].owner.Patience(), r.active[1].owner.Patience())
		return r.first.owner.Patience()
	}
	require.Zero(t, r.first.owner.Patience(), "not known yet")
	require.Zero(t, patience())
	second = time.Second
	require.Equal(t, time.Second, patience())
	second = Endless
	require.Equal(t, Endless, patience())
	r.active[1].step = &countStep{}
	require.Zero(t, patience(), "a step that does not say is in a hurry")
}
