package workflow_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/event"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
)

// Media, results and work keep coming from all sides, also to instances that have gone, while the workflow changes,
// fails and recovers. Nothing may be left in the end.
func TestUpdatesUnderLoad(t *testing.T) {
	workflowtest.NoLeaks(t)
	s := newStage()
	hub := event.NewHub(zerolog.Nop())
	inboxes := make(chan event.Inbox, 1)
	hub.Subscribe(event.Workflows, func(e event.Event) {
		if e, ok := e.(event.WorkflowStarted); ok {
			inboxes <- e.Inbox
		}
	})
	m := workflow.NewManager(s.registry(), hub, zerolog.Nop())
	upsert := func(steps string) {
		require.NoError(t, m.Upsert(background, "r", define(t, "w", steps)))
		_, err := m.Details(background, "w") // it has been applied
		require.NoError(t, err)
		s.said()
	}
	upsert("source name=in ; pass name=out")
	inbox := <-inboxes

	turns := make(chan int) // who gets a turn does its thing once
	var load sync.WaitGroup
	keep := func(f func(k int)) {
		load.Go(func() {
			for k := range turns {
				f(k)
			}
		})
	}
	keep(func(k int) { inbox.Deliver(read(fmt.Sprintf("new s%d, vh s%d, key s%d, end s%d", k%7, k%7, k%7, k%5))) })
	keep(func(k int) {
		s.find("in").env.Futures.Deliver(read(fmt.Sprintf("new t%d, vh t%d, key t%d", k%3, k%3, k%3)))
	})
	keep(func(k int) { s.find("in.1").env.Futures.Deliver(read("key late")) })
	keep(func(k int) { s.find("out").env.Futures.Post(result{"put vh t1, ah t1", s}) })
	keep(func(k int) {
		s.find("in").env.Futures.Go(func(ctx context.Context) any { return result{"ready", s} })
	})

	for k := range 100 {
		upsert("source name=in ; pass name=mid ; pass name=out")
		turns <- k
		upsert("source name=in ; double name=mid2 ; pass name=slow slow ; pass name=out")
		upsert(fmt.Sprintf("source name=in k=%d ; pass name=out", k%3))
		upsert("pass name=out ; source name=in")
		for turn := range 50 {
			turns <- turn
		}
		if k%10 == 0 {
			s.find("out").env.Futures.Post(result{"fail now", s})
		}
	}
	upsert("source name=in ; pass name=out")
	close(turns)
	load.Wait()
	require.NoError(t, m.Close(background))
	hub.Close()
}
