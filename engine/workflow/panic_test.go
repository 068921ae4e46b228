package workflow

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/media"
)

// hurryStep panics when it is asked how patient it is.
type hurryStep struct{ passStep }

func (hurryStep) Patience() time.Duration { panic("in Patience") }

// TestPanicInPatience puts the workflow in error, as every other panic of a step does.
func TestPanicInPatience(t *testing.T) {
	noLeaks(t)
	r := newTameRunner(t, "pass")
	require.NoError(t, r.registry.Add("hurry", Kind{New: func(config.Step, Env) (Step, Status, error) {
		return hurryStep{}, Status{State: Active}, nil
	}}))
	r.updateOffLoop("r", config.Workflow{Name: "w", Steps: steps(t, "pass\nhurry")})
	r.turn()
	require.Nil(t, r.failure)
	r.inbox.deliver(r.active[0], []media.Notification{packet("s", media.Audio, 1)})
	r.turn()
	require.ErrorContains(t, r.failure.err, "in Patience")
	require.Equal(t, r.active[1].id, r.failure.step)
	require.False(t, r.stopped)
}

// sticky is a result that panics when it is discarded.
type sticky struct{ discarded *atomic.Int32 }

func (s sticky) Discard() {
	s.discarded.Add(1)
	panic("in Discard")
}

// TestPanicInDiscard covers results that nobody takes any more: those that come when their step has gone, and those that
// wait in the inbox when it goes.
func TestPanicInDiscard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noLeaks(t)
		var log bytes.Buffer
		registry := new(Registry)
		require.NoError(t, registry.Add("pass", passKind()))
		r := newRunner("w", registry, zerolog.New(zerolog.SyncWriter(&log)), func(*runner) {})
		r.updateOffLoop("r", config.Workflow{Name: "w", Steps: steps(t, "pass")})
		go r.loop()
		synctest.Wait()
		futures := r.active[0].futures
		var discarded atomic.Int32
		r.inbox.control(func() { // on the loop, so that the result behind it cannot be taken any more
			futures.Post(sticky{&discarded})
			r.stopped = true
		})
		futures.Go(func(ctx context.Context) any {
			<-ctx.Done()
			return sticky{&discarded}
		})
		<-r.done
		synctest.Wait()
		require.EqualValues(t, 2, discarded.Load())
		require.Contains(t, log.String(), "panic while a result was discarded")
		require.Contains(t, log.String(), `"workflow_name":"w"`)
		require.Contains(t, log.String(), "workflow has ended")
	})
}
