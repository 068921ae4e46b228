package fanout

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// bubble runs f with a clock of its own and a viewer of a stream that has begun. woken returns when the loop was
// woken, counted from the beginning.
func bubble(t *testing.T, config Config, begin string, f func(w *world, woken func() []time.Duration)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, Log: New(config, testFormat{})}
		w.group, w.loop = w.newLoop()
		defer w.Close()
		w.watch(ViewerConfig{})
		w.feed(begin)
		var mu sync.Mutex
		var woken []time.Duration
		start := time.Now()
		w.loop.onMark = func() {
			mu.Lock()
			defer mu.Unlock()
			woken = append(woken, time.Since(start))
		}
		f(w, func() []time.Duration {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(woken)
		})
	})
}

// say appends words and publishes them without letting the loop work.
func (w *world) say(words ...string) {
	for _, word := range words {
		w.word(word)
	}
	w.Publish()
}

func TestAudioWaitsForVideo(t *testing.T) {
	bubble(t, Config{}, "new V1 K1@0", func(w *world, woken func() []time.Duration) {
		w.say("A1@0")
		time.Sleep(20 * time.Millisecond)
		w.say("A2@20")
		time.Sleep(10 * time.Millisecond)
		require.Empty(t, woken())
		w.say("P1@33")
		require.Equal(t, []time.Duration{30 * time.Millisecond}, woken())
		time.Sleep(time.Second)
		require.Len(t, woken(), 1, "the timer has been stopped")
	})
}

func TestAudioWaitsNoLongerThanItsDelay(t *testing.T) {
	f := func(config Config, delay time.Duration) {
		t.Helper()
		bubble(t, config, "new V1 K1@0", func(w *world, woken func() []time.Duration) {
			w.say("A1@0")
			time.Sleep(delay - 1)
			w.say("A2@20") // does not put it off
			require.Empty(t, woken())
			time.Sleep(time.Nanosecond)
			require.Equal(t, []time.Duration{delay}, woken())
			time.Sleep(time.Second)
			require.Len(t, woken(), 1)
			w.say("A3@40") // the next one waits anew
			time.Sleep(time.Second)
			require.Equal(t, []time.Duration{delay, time.Second + 2*delay}, woken())
		})
	}
	f(Config{}, 40*time.Millisecond)
	f(Config{AudioDelay: 5 * time.Millisecond}, 5*time.Millisecond)
}

func TestWhatLeavesAtOnce(t *testing.T) {
	f := func(config Config, begin string, words ...string) {
		t.Helper()
		bubble(t, config, begin, func(w *world, woken func() []time.Duration) {
			w.say(words...)
			require.Equal(t, []time.Duration{0}, woken(), "%v", words)
		})
	}
	f(Config{}, "new V1 K1@0", "K2@0")
	f(Config{}, "new V1 K1@0", "P2@0")
	f(Config{}, "new V1 K1@0", "A1@0", "P2@0")
	f(Config{}, "new V1 K1@0", "P2@0", "A1@0")
	f(Config{}, "new V1 K1@0", "V2")
	f(Config{}, "new V1 K1@0", "H2")
	f(Config{}, "new V1 K1@0", "S2")
	f(Config{}, "new V1 K1@0", "end")
	f(Config{}, "new H1 A1@0", "A2@20") // no video to wait for
	f(Config{AudioDelay: -1}, "new V1 K1@0", "A1@0")
}

func TestNobodyIsWokenWithoutViewers(t *testing.T) {
	w := newWorld(t, Config{})
	w.feed("new V1 K1@0 | P1@40 | A1@40")
	require.Zero(t, w.loop.marks.Load())
	require.True(t, w.group.waiting.due.IsZero())
}

func TestOnlyLoopsWithViewersAreWoken(t *testing.T) {
	w := newWorld(t, Config{})
	_, other := w.newLoop()
	w.watch(ViewerConfig{})
	w.feed("new V1 K1@0 | P1@40")
	require.Zero(t, other.marks.Load())
	require.Equal(t, int32(1+2), w.loop.marks.Load(), "the newcomer and two publications")
}

func TestPublishingNothingWakesNobody(t *testing.T) {
	w := newWorld(t, Config{})
	w.watch(ViewerConfig{})
	w.feed("new K1@0")
	marks := w.loop.marks.Load()
	w.Publish()
	require.Equal(t, marks, w.loop.marks.Load())
}

func TestTimerAfterTheLogWasClosed(t *testing.T) {
	bubble(t, Config{}, "new V1 K1@0", func(w *world, woken func() []time.Duration) {
		w.say("A1@0")
		w.Close()
		time.Sleep(time.Second)
		require.Empty(t, woken())
	})
}
