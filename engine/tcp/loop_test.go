package tcp

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDoKeepsTheOrderOfEachCaller(t *testing.T) {
	const callers, calls = 8, 5000
	m := start(t, Config{Loops: 2})
	var last [2][callers]int // by loop; each touched by its loop only
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			for i := range calls {
				for n, l := range m.Loops() {
					if !l.Do(func() {
						if last[n][caller] != i {
							t.Errorf("call %d of caller %d came when %d was due", i, caller, last[n][caller])
						}
						last[n][caller]++
					}) {
						t.Error("refused")
					}
				}
			}
		})
	}
	all.Wait()
	for n, l := range m.Loops() {
		on(t, l, func() {
			for caller := range callers {
				if last[n][caller] != calls {
					t.Errorf("%d of %d calls", last[n][caller], calls)
				}
			}
		})
	}
}

func TestDoFromTheLoopItself(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	var order []int
	done := make(chan struct{})
	l.Do(func() {
		l.Do(func() {
			order = append(order, 2)
			close(done)
		})
		order = append(order, 1)
	})
	receive(t, done)
	require.Equal(t, []int{1, 2}, order)
}

func TestEveryMarkIsFollowedByAVisit(t *testing.T) {
	m := start(t, Config{Loops: 2})
	var marking sync.WaitGroup
	type work struct {
		published, seen atomic.Int64
		visits          int // loop only
		task            *Task
	}
	var all []*work
	for i := range 20 {
		w := new(work)
		w.task = m.Loops()[i%2].NewTask(func(int) (int, bool) {
			w.seen.Store(w.published.Load())
			w.visits++
			return 1, false
		})
		all = append(all, w)
		for range 2 {
			marking.Go(func() {
				for range 2000 {
					w.published.Add(1)
					w.task.Mark()
				}
			})
		}
	}
	marking.Wait()
	for _, w := range all {
		eventually(t, func() bool { return w.seen.Load() == 4000 }, "the newest state was not visited")
		on(t, w.task.loop, func() {
			if w.visits > 4000 {
				t.Errorf("%d visits for 4,000 marks", w.visits)
			}
		})
	}
}

func TestMarkDuringAVisitAsksForAnother(t *testing.T) {
	m := start(t, Config{Loops: 1})
	done := make(chan int)
	visits := 0
	var task *Task
	task = m.Loops()[0].NewTask(func(int) (int, bool) {
		if visits++; visits < 100 {
			task.Mark()
		} else {
			done <- visits
		}
		return 0, false
	})
	task.Mark()
	require.Equal(t, 100, receive(t, done))
}

// A byte that has been received is handled before the loop comes back to a task that always has work left.
func TestBusyTaskDoesNotStarveOtherSockets(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	visits, sentAt, rounds := 0, -1, 0
	var waited []int
	done := make(chan struct{})
	c, peer := accepted(t, m, &handler{})
	on(t, l, func() {
		c.handler.(*handler).received = func([]byte) error {
			waited = append(waited, visits-sentAt)
			sentAt = -1
			if rounds++; rounds == 50 {
				close(done)
			}
			return nil
		}
	})
	busy := func(budget int) (int, bool) {
		visits++
		if sentAt < 0 && rounds < 50 {
			sentAt = visits
			_, _ = peer.Write([]byte("x")) // over loopback it has arrived when this returns
		}
		return budget, rounds < 50
	}
	l.NewTask(busy).Mark()
	receive(t, done)
	require.LessOrEqual(t, slices.Max(waited), 2, "visits between arrival and handling: %v", waited)
}

func TestBudgetIsSharedAndTasksTakeTurns(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	const tasks, each = 5, 20
	var order []int
	left := tasks * each
	done := make(chan struct{})
	var all []*Task
	for i := range tasks {
		n := 0
		all = append(all, l.NewTask(func(budget int) (int, bool) {
			if budget < 1 || budget > visitBudget {
				t.Errorf("budget %d", budget)
			}
			order = append(order, i)
			n++
			if left--; left == 0 {
				close(done)
			}
			return budget, n < each
		}))
	}
	on(t, l, func() {
		for _, task := range all {
			task.Mark()
		}
	})
	receive(t, done)
	for i, task := range order {
		require.Equal(t, i%tasks, task, "%v", order)
	}
}

func TestVisitsThatMakeNoWritesUseTheBudgetUpToo(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	var order []string
	done := make(chan struct{})
	on(t, l, func() {
		for i := range 3 * visitBudget {
			l.NewTask(func(int) (int, bool) {
				if i == 0 {
					l.Do(func() { order = append(order, "call") })
				}
				order = append(order, "visit")
				return 0, false
			}).Mark()
		}
		l.NewTask(func(int) (int, bool) { close(done); return 0, false }).Mark()
	})
	receive(t, done)
	require.Equal(t, visitBudget, slices.Index(order, "call"), "the loop looks up in between")
}

func TestLaterBringsAVisit(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	visits := 0
	done := make(chan struct{})
	var task *Task
	task = l.NewTask(func(int) (int, bool) {
		visits++
		switch visits {
		case 1, 2:
			task.Later()
			task.Later()
		case 3:
			close(done)
		}
		return 0, false
	})
	other := make(chan struct{})
	second := l.NewTask(func(int) (int, bool) { close(other); return 0, false })
	on(t, l, func() { task.Later(); second.Later() })
	receive(t, other)
	receive(t, done)
	on(t, l, func() {
		if visits != 3 {
			t.Errorf("%d visits", visits)
		}
		if task.waits || len(l.later) != 0 {
			t.Error("still waits")
		}
	})
}

func TestListsAreGivenBackAfterABurst(t *testing.T) {
	m := start(t, Config{Loops: 1})
	l := m.Loops()[0]
	const burst = 4 * listKeepMax
	on(t, l, func() {
		for range burst {
			l.Do(func() {})
			task := l.NewTask(func(int) (int, bool) { return 0, false })
			task.Mark()
			task.Later()
		}
	})
	eventually(t, func() (calm bool) {
		on(t, l, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			calm = len(l.visiting)+len(l.later)+len(l.marked) == 0
		})
		return calm
	}, "the burst is not over")
	for range 3 { // two lists take turns
		on(t, l, func() { l.NewTask(func(int) (int, bool) { return 0, false }).Mark() })
	}
	on(t, l, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range []int{cap(l.calls), cap(l.runCalls), cap(l.marked), cap(l.visiting), cap(l.later), cap(l.dying)} {
			if c > listKeepMax {
				t.Errorf("a list keeps room for %d entries", c)
			}
		}
	})
}
