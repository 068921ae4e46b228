package step

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/workflow/workflowtest"
)

func TestResultIsOneStreamOverAllRuns(t *testing.T) {
	workflowtest.NoLeaks(t)
	futures := workflowtest.NewFutures(t)
	runs := 0
	r := &result{futures: futures, comes: func() { runs++ }}
	frame := func(time int64) media.Notification { return workflowtest.KeyFrame("s", time, "K") }
	run := func(times ...int64) {
		batch := []media.Notification{workflowtest.NewStream("s", "s"), workflowtest.Metadata("s")}
		for _, time := range times {
			batch = append(batch, frame(time))
		}
		r.Deliver(batch)
		r.Deliver([]media.Notification{workflowtest.Disconnected("s")})
	}
	run(0, 40, 80)
	run(0, 40)
	run(5000, 5040) // a source that keeps its clock
	run(0)

	var got []string
	for _, n := range futures.Delivered() {
		if n.Event == media.Coded {
			got = append(got, fmt.Sprint(n.Packet.Time))
		} else {
			require.Equal(t, media.MetadataChanged, n.Event)
			got = append(got, "metadata")
		}
		n.Release()
	}
	require.Equal(t, []string{"metadata", "0", "40", "80", "metadata", "100", "140", "metadata", "5000", "5040", "metadata", "5060"}, got)

	require.Equal(t, 4, runs)

	gone := errors.New("gone")
	r.Lost(gone)
	require.Equal(t, []any{lost{gone}}, futures.Results())
}

func TestResultIsDrainedBehindItsLastMedia(t *testing.T) {
	workflowtest.NoLeaks(t)
	futures := workflowtest.NewFutures(t)
	r := &result{futures: futures, comes: func() {}}
	require.True(t, isClosed(r.drained()), "no ffmpeg has come")
	r.Deliver([]media.Notification{workflowtest.NewStream("s", "s")})
	drained := r.drained()
	require.False(t, isClosed(drained))
	r.Deliver([]media.Notification{workflowtest.Disconnected("s"), workflowtest.NewStream("s", "s")})
	require.False(t, isClosed(drained), "another took its place")
	r.Deliver([]media.Notification{workflowtest.KeyFrame("s", 0, "K"), workflowtest.Disconnected("s")})
	require.True(t, isClosed(drained))
	for _, n := range futures.Delivered() {
		n.Release()
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
