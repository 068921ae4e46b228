package tcp

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGatherPause(t *testing.T) {
	require.Zero(t, gatherPause(0))
	require.Zero(t, gatherPause(gatherRate-1))
	require.Equal(t, gatherMax, gatherPause(gatherRate), "21 ms for 64 reads are too much")
	require.Equal(t, 2*time.Millisecond, gatherPause(32_000))
	require.Equal(t, 640*time.Microsecond, gatherPause(100_000))
}

func TestGatheringFollowsTheRate(t *testing.T) {
	now := time.Now()
	g := gathering{since: now}
	reads := func(n int) {
		for i := range n {
			g.read(now.Add(gatherWindow * time.Duration(i+1) / time.Duration(n)))
		}
		now = now.Add(gatherWindow)
	}
	reads(100)
	require.Zero(t, g.pause)
	reads(6400)
	require.Equal(t, time.Millisecond, g.pause)
	reads(10)
	require.Zero(t, g.pause)
}

// TestEchoWhileGathering talks to a loop that pauses in every round, as tasks and calls do.
func TestEchoWhileGathering(t *testing.T) {
	m := start(t, Config{Loops: 1})
	p := open(t, m, echo)
	peer := dial(t, p)
	l := m.Loops()[0]
	on(t, l, func() {
		l.gathering = gathering{pause: time.Millisecond, since: time.Now().Add(time.Hour)}
		l.kick()
	})
	visits := make(chan struct{}, 100)
	task := l.NewTask(func(int) (int, bool) { visits <- struct{}{}; return 1, false })
	for range 50 {
		_, err := peer.Write([]byte("word"))
		require.NoError(t, err)
		_, err = io.ReadFull(peer, make([]byte, 4))
		require.NoError(t, err)
		task.Mark()
		receive(t, visits)
	}
	on(t, l, func() { l.gathering.pause = 0 })
}

func TestGatheringEndsWithTheReads(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	on(t, l, func() {
		l.gathering = gathering{pause: time.Millisecond, since: time.Now()}
		l.kick()
	})
	eventually(t, func() bool {
		var pause time.Duration
		on(t, l, func() { pause = l.gathering.pause })
		return pause == 0
	}, "the loop goes on pausing though nobody sends anything")
}
