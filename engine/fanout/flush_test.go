package fanout

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestParseFlush(t *testing.T) {
	for text, want := range map[string]Flush{
		"adaptive": FlushAdaptive, "latency": FlushLatency, "350ms": FlushEvery(350 * time.Millisecond), "5s": FlushEvery(5 * time.Second),
	} {
		got, err := ParseFlush(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
	}
	for _, text := range []string{"", "350", "-1s", "0s", "5001ms", "Latency", "soon"} {
		_, err := ParseFlush(text)
		require.ErrorContains(t, err, "is not latency, adaptive or a time up to 5s such as 350ms", text)
	}
}

func TestWait(t *testing.T) {
	ms := func(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }
	f := func(flush Flush, pass, want float64) {
		t.Helper()
		require.Equal(t, ms(want), flush.wait(ms(pass), ms(100)), "%v, a pass of %v", flush, pass)
	}
	f(FlushAdaptive, 0, 0)
	f(FlushAdaptive, 0.8, 0) // in 19.2 ms nothing comes together
	f(FlushAdaptive, 1, 24)
	f(FlushAdaptive, 3, 72)
	f(FlushAdaptive, 10, 90) // the pass counts for the bound
	f(FlushAdaptive, 80, 20)
	f(FlushAdaptive, 95, 5)
	f(FlushAdaptive, 99.5, 0) // busy without a break
	f(FlushAdaptive, 1000, 0)

	f(FlushLatency, 0.1, 0)
	f(FlushLatency, 10, 0)

	f(FlushEvery(ms(350)), 0, 350)
	f(FlushEvery(ms(350)), 1000, 350)
}

// TestLoad serves groups of 100 and 20 viewers on a clock of its own, 10 µs for each write.
func TestLoad(t *testing.T) {
	l := new(load)
	now := time.Now()
	big, small := &Group{viewers: make([]*Viewer, 100)}, &Group{viewers: make([]*Viewer, 20)}
	serve := func(g *Group, writes int) {
		begun := now
		now = now.Add(time.Duration(writes) * 10 * time.Microsecond)
		l.note(g, begun, now, writes)
	}
	run := func(windows int, do func()) {
		for end := now.Add(time.Duration(windows) * loadWindow); now.Before(end); now = now.Add(10 * time.Millisecond) {
			do()
		}
	}
	pass := func() float64 { return time.Duration(l.pass.Load()).Seconds() * 1000 }

	run(10, func() { serve(big, 64); serve(big, 36) }) // in two visits
	require.InDelta(t, 1, pass(), 0.01, "100 viewers of 10 µs, whatever the number of their visits")
	run(10, func() { serve(big, 100); serve(small, 20) })
	require.InDelta(t, 1.2, pass(), 0.01)
	run(10, func() { serve(small, 20) })
	require.InDelta(t, 0.2, pass(), 0.01, "those without news do not count")
	run(10, func() { serve(small, 0) })
	require.InDelta(t, 0, pass(), 0.01)
}

// paced runs f with groups of one loop that flush as configured, each with a viewer.
func paced(t *testing.T, config Config, groups int, f func(loop *Loop, g []*world)) {
	synctest.Test(t, func(t *testing.T) {
		var made *task
		loop := unmeasured(NewLoop(func(visit func(int) (int, bool)) Task {
			made = &task{visit: visit}
			return made
		}, zerolog.Nop()))
		var all []*world
		for range groups {
			w := &world{t: t, Log: New(config, testFormat{})}
			w.group = w.NewGroup(loop)
			w.loop = made
			w.watch(ViewerConfig{})
			defer w.Close()
			all = append(all, w)
		}
		f(loop, all)
	})
}

// marked reports whether the loop has been asked for a visit, and makes it.
func (w *world) marked() bool {
	synctest.Wait()
	marked := w.loop.marked.Load()
	w.loop.run()
	return marked
}

func TestNewsWaitsForItsInterval(t *testing.T) {
	paced(t, Config{Flush: FlushEvery(50 * time.Millisecond)}, 1, func(_ *Loop, g []*world) {
		w := g[0]
		w.say("new", "V1", "K1@0")
		for range 49 {
			require.False(t, w.marked(), "also a key frame waits")
			time.Sleep(time.Millisecond)
			w.say("P1@1")
		}
		time.Sleep(time.Millisecond)
		require.True(t, w.marked())
		time.Sleep(time.Second)
		require.False(t, w.marked(), "nothing is left")
	})
}

func TestGroupsOfALoopLeaveTogether(t *testing.T) {
	paced(t, Config{Flush: FlushEvery(50 * time.Millisecond)}, 3, func(_ *Loop, g []*world) {
		g[0].say("new", "K1@0")
		time.Sleep(20 * time.Millisecond)
		g[1].say("new", "K1@0")
		time.Sleep(10 * time.Millisecond)
		g[2].say("new", "K1@0")
		time.Sleep(20 * time.Millisecond)
		require.True(t, g[0].marked())
		require.True(t, g[1].marked())
		require.False(t, g[2].marked(), "it has come too late for that")
		time.Sleep(30 * time.Millisecond)
		require.True(t, g[2].marked())
	})
}

func TestNewsWaitsAsLongAsTheLoopIsBusy(t *testing.T) {
	paced(t, Config{}, 1, func(loop *Loop, g []*world) {
		w := g[0]
		w.say("new", "V1", "K1@0")
		require.True(t, w.marked(), "the loop has nothing to do")
		loop.load.pass.Store(int64(time.Millisecond))
		w.say("P1@40")
		require.Equal(t, 24*time.Millisecond, w.Stats().FlushWait)
		time.Sleep(24*time.Millisecond - 1)
		require.False(t, w.marked())
		time.Sleep(time.Nanosecond)
		require.True(t, w.marked())

		w.say("A1@50") // audio waits for video still longer
		time.Sleep(24 * time.Millisecond)
		require.False(t, w.marked())
		w.say("P2@80")
		time.Sleep(16 * time.Millisecond)
		require.True(t, w.marked(), "40 ms after the audio, though the video alone might wait for 8 more")
		time.Sleep(time.Second)
		require.False(t, w.marked())
	})
}

func TestNewsThatHasWaitedToBeReadLeavesAtOnce(t *testing.T) {
	paced(t, Config{}, 1, func(loop *Loop, g []*world) {
		w := g[0]
		w.say("new", "V1", "K1@0")
		require.True(t, w.marked())
		loop.load.pass.Store(int64(time.Millisecond))
		w.say("P1@40~", "A1@50~")
		require.True(t, w.marked())

		w.say("P2@80")
		w.say("P3@120~")
		require.True(t, w.marked(), "what was waiting goes along")
		time.Sleep(time.Second)
		require.False(t, w.marked())

		w.say("P4@160~", "P5@200")
		require.False(t, w.marked(), "some of it has not waited")
		time.Sleep(24 * time.Millisecond)
		require.True(t, w.marked())
	})
}

func TestPatience(t *testing.T) {
	paced(t, Config{}, 1, func(busy *Loop, g []*world) {
		idle := NewLoop(nil, zerolog.Nop())
		loops := []*Loop{idle, busy}
		busy.load.pass.Store(int64(time.Millisecond))
		require.Equal(t, 24*time.Millisecond, Config{}.Patience(loops), "as long as news waits where there are viewers")
		require.Equal(t, 10*time.Millisecond, Config{FlushMax: 11 * time.Millisecond}.Patience(loops))
		require.Zero(t, Config{Flush: FlushLatency}.Patience(loops))
		require.Equal(t, 50*time.Millisecond, Config{Flush: FlushEvery(50 * time.Millisecond)}.Patience(loops))
		idle.viewers.Add(1)
		require.Zero(t, Config{}.Patience(loops), "nothing waits there")
	})
}

func TestLatencyMakesAudioNotWait(t *testing.T) {
	paced(t, Config{Flush: FlushLatency}, 1, func(loop *Loop, g []*world) {
		g[0].say("new", "V1", "K1@0")
		require.True(t, g[0].marked())
		g[0].say("A1@10")
		require.True(t, g[0].marked())
		loop.load.pass.Store(int64(2 * time.Millisecond))
		g[0].say("A2@30")
		require.True(t, g[0].marked())
	})
}

func TestKernelMergesForManyViewers(t *testing.T) {
	pass := func(w *world, p time.Duration) { w.group.loop.load.pass.Store(int64(p)) }
	f := func(flush Flush, merges ...bool) {
		t.Helper()
		w := newWorld(t, Config{Flush: flush})
		_, s := w.watch(ViewerConfig{})
		w.feed("new K1@0")
		require.False(t, s.merges)
		for i, p := range []time.Duration{mergeFrom - 1, mergeFrom, mergeUntil, mergeUntil - 1} {
			pass(w, p)
			w.feed("P1@40")
			require.Equal(t, merges[i], s.merges, "%v", p)
		}
	}
	f(FlushLatency, false, true, true, false)
	f(FlushAdaptive, false, false, false, false)
}

func TestWaitingIsNoLag(t *testing.T) {
	lag := func(c Config) time.Duration { return c.withDefaults().Lag }
	require.Equal(t, 5*time.Second, lag(Config{}))
	require.Equal(t, 4*time.Second, lag(Config{Lag: time.Second, Flush: FlushEvery(2 * time.Second)}))
	require.Equal(t, 3*time.Second, lag(Config{Lag: time.Second, FlushMax: 1500 * time.Millisecond}))
	require.Equal(t, time.Second, lag(Config{Lag: time.Second}))
}

func TestNewsThatIsNotDueDoesNotExtendAPass(t *testing.T) {
	paced(t, Config{Flush: FlushEvery(50 * time.Millisecond)}, 1, func(_ *Loop, g []*world) {
		w := g[0]
		sinks := []*sink{{room: -1}, {room: -1}, {room: -1}}
		for _, s := range sinks {
			w.group.Add(s, ViewerConfig{})
		}
		w.loop.run()
		w.say("new", "K1@0")
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		w.loop.step(2) // the viewer of paced and the first sink
		w.say("P1@40")
		require.True(t, w.marked())
		require.Equal(t, "K1", sinks[0].transcript(t), "its turn is over")
		require.Equal(t, "K1 P1", sinks[2].transcript(t), "who comes later gets all that there is")
		time.Sleep(50 * time.Millisecond)
		require.True(t, w.marked())
		require.Equal(t, "K1 P1", sinks[0].transcript(t))
	})
}

func TestRetryServesOnlyWhoMissedSomething(t *testing.T) {
	paced(t, Config{Flush: FlushEvery(50 * time.Millisecond)}, 1, func(_ *Loop, g []*world) {
		w := g[0]
		fast, slow := &sink{room: -1}, &sink{room: 5}
		w.group.Add(fast, ViewerConfig{})
		w.group.Add(slow, ViewerConfig{})
		w.loop.run()
		w.say("new", "K1@0")
		time.Sleep(50 * time.Millisecond)
		require.True(t, w.marked())
		w.say("P1@40")
		slow.room = -1
		w.loop.retry()
		require.Equal(t, "K1 P1", slow.transcript(t))
		require.Equal(t, "K1", fast.transcript(t))
		w.group.Add(new(sink), ViewerConfig{}) // nor does a newcomer concern the others
		w.loop.run()
		require.Equal(t, "K1", fast.transcript(t))
		time.Sleep(50 * time.Millisecond)
		require.True(t, w.marked())
		require.Equal(t, "K1 P1", fast.transcript(t))
	})
}

func TestWhoWasThereFirstGetsAllOfTheStreamHoweverLongNewsWaits(t *testing.T) {
	paced(t, Config{Flush: FlushEvery(3 * time.Second)}, 1, func(_ *Loop, g []*world) {
		w := g[0]
		s := &sink{room: -1}
		w.group.Add(s, ViewerConfig{})
		w.loop.run()
		w.say("new")
		var want []string
		for i := range 29 { // key frames of a segment each
			w.say(fmt.Sprintf("K%d@%d*60000", i, 100*i))
			want = append(want, fmt.Sprint("K", i))
			time.Sleep(100 * time.Millisecond)
		}
		require.Empty(t, s.transcript(t))
		time.Sleep(time.Second)
		require.True(t, w.marked())
		require.Equal(t, strings.Join(want, " "), s.transcript(t))
	})
}
