package fanout

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// panicsOnce is a task that panics when it is marked for the first time.
type panicsOnce struct {
	task
	panicked bool
}

func (p *panicsOnce) Mark() {
	if !p.panicked {
		p.panicked = true
		panic("at mark")
	}
	p.task.Mark()
}

// A panic on the timer's goroutine ends nothing, and the group that was to be woken next gets its news.
func TestTimerSurvivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		var tasks []*panicsOnce
		loop := unmeasured(NewLoop(func(visit func(int) (int, bool)) Task {
			tasks = append(tasks, &panicsOnce{task: task{visit: visit}, panicked: true})
			return tasks[len(tasks)-1]
		}, zerolog.New(&log)))
		var all []*world
		for range 3 {
			w := &world{t: t, Log: New(Config{Flush: FlushEvery(50 * time.Millisecond)}, testFormat{})}
			w.group = w.NewGroup(loop)
			w.loop = &tasks[len(tasks)-1].task
			w.watch(ViewerConfig{})
			defer w.Close()
			all = append(all, w)
		}
		tasks[2].panicked = false // it is the first to be woken
		for _, w := range all {
			w.say("new", "V1", "K1@0")
		}
		time.Sleep(50 * time.Millisecond)
		require.True(t, all[0].marked())
		require.True(t, all[1].marked())
		require.Equal(t, 1, strings.Count(log.String(), "panic when viewers were to get news"))
		all[2].say("P1@1")
		time.Sleep(50 * time.Millisecond)
		require.True(t, all[2].marked(), "whose waking had panicked")
	})
}
