package fanout

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// thread is a loop that runs by itself.
type thread struct {
	group *Group
	visit func(int) (int, bool)
	kicks chan struct{}
	calls chan func()
}

func (l *Log) newThread(running *sync.WaitGroup) *thread {
	th := &thread{kicks: make(chan struct{}, 1), calls: make(chan func())}
	th.group = l.NewGroup(unmeasured(NewLoop(func(visit func(int) (int, bool)) Task {
		th.visit = visit
		return th
	}, zerolog.Nop())))
	running.Go(th.run)
	return th
}

func (th *thread) Mark() {
	select {
	case th.kicks <- struct{}{}:
	default:
	}
}

func (th *thread) Later() { th.Mark() }

func (th *thread) run() {
	for {
		select {
		case f, ok := <-th.calls:
			if !ok {
				return
			}
			f()
		case <-th.kicks:
			if _, more := th.visit(3); more {
				th.Mark()
			}
		}
	}
}

// do runs f on the thread and waits for it.
func (th *thread) do(f func()) {
	done := make(chan struct{})
	th.calls <- func() { f(); close(done) }
	<-done
}

// One goroutine appends while loops visit their viewers, who come, go and read as they like; the race detector
// watches. Segments that a visit has borrowed go out of the log all the time.
func TestAppendingWhileLoopsVisit(t *testing.T) {
	inUse := media.InUse()
	for seed := range uint64(5) {
		var running sync.WaitGroup
		w := &world{t: t, Log: New(Config{LagBytes: 200 << 10}, testFormat{}), loop: new(task)}
		threads := []*thread{w.newThread(&running), w.newThread(&running), w.newThread(&running)}
		all := make([][]*watcher, len(threads))
		var joining sync.WaitGroup
		for i, th := range threads {
			joining.Go(func() { joinAndLeave(th, rand.New(rand.NewPCG(seed, uint64(i))), &all[i]) })
		}
		newest := feedAtRandom(w, rand.New(rand.NewPCG(seed, 99)))
		joining.Wait()
		for i, th := range threads {
			th.do(func() {
				for _, v := range all[i] {
					v.room, v.portion = -1, nil
				}
				for {
					_, more := th.visit(64)
					if !more && th.group.idle() {
						return
					}
				}
			})
			close(th.calls)
		}
		running.Wait()
		w.Close()
		require.Equal(t, inUse, media.InUse())
		for _, watchers := range all {
			for _, v := range watchers {
				checkConcurrent(t, v, newest)
			}
		}
	}
}

// idle reports whether everybody has got what there is.
func (g *Group) idle() bool {
	for _, v := range g.viewers {
		if v.blocked || len(v.sink.(*sink).pending.bytes) > 0 && !v.closed {
			return false
		}
	}
	return true
}

func joinAndLeave(th *thread, rng *rand.Rand, all *[]*watcher) {
	for range 60 {
		th.do(func() {
			s := &sink{room: -1, portion: func() int { return rng.IntN(100_000) * rng.IntN(2) }}
			v := th.group.Add(s, ViewerConfig{FromNextKey: rng.IntN(2) == 0})
			*all = append(*all, &watcher{sink: s, viewer: v})
			if leaving := (*all)[rng.IntN(len(*all))]; rng.IntN(3) == 0 && !leaving.left {
				leaving.left = true
				leaving.viewer.Interject(interjection("bye"))
				leaving.portion = nil
				leaving.Flush()
				th.group.Remove(leaving.viewer)
			}
		})
	}
}

// feedAtRandom appends messages that are numbered by their time and returns the last number.
func feedAtRandom(w *world, rng *rand.Rand) (serial int) {
	w.word("new")
	for serial = range 3000 {
		size := rng.IntN(8000)
		name := fmt.Sprintf("%s%d", []string{"K", "P"}[min(serial%20, 1)], serial)
		w.word(fmt.Sprintf("%s@%d*%d", name, serial, size))
		if rng.IntN(4) == 0 {
			w.Publish()
		}
	}
	w.Publish()
	return serial
}

func checkConcurrent(t *testing.T, v *watcher, newest int) {
	t.Helper()
	all, partial := v.messages(t)
	last := -1
	for _, m := range all {
		if m.origin == fromQueue {
			require.Equal(t, "bye", m.name())
			continue
		}
		require.Greater(t, m.time, int64(last))
		require.Contains(t, []string{fmt.Sprint("K", m.time), fmt.Sprint("P", m.time)}, m.name())
		if m.time != int64(last+1) {
			require.Zero(t, m.time%20, "begins and skips at key frames only")
		}
		padding := strings.TrimPrefix(m.payload, m.name())
		require.Empty(t, strings.Trim(strings.TrimPrefix(padding, "."), "\x00"), "bytes of something else")
		last = int(m.time)
	}
	require.NoError(t, v.closed)
	require.Zero(t, partial)
	if !v.left && !v.viewer.waiting {
		require.Equal(t, newest, last)
	}
}
