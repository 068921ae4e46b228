package tcp

import "sync/atomic"

// Task is recurring work on one loop, such as writing a stream's news to its viewers there.
type Task struct {
	loop   *Loop
	marked atomic.Bool
	waits  bool // in loop.later; loop only
	visit  func(budget int) (used int, more bool)
}

// NewTask returns a task of this loop. visit runs on the loop after Mark: it makes at most about budget writes,
// and returns how many it made and whether it left work behind, which the loop comes back to after other I/O.
func (l *Loop) NewTask(visit func(budget int) (used int, more bool)) *Task {
	return &Task{loop: l, visit: visit}
}

// Mark asks for a visit soon. Any goroutine; costs a few nanoseconds when the task is marked already and does
// not allocate.
func (t *Task) Mark() {
	if t.marked.CompareAndSwap(false, true) {
		t.loop.enqueue(t)
	}
}

// Later asks for a visit after a short pause, for work that a full socket stopped. Loop only.
func (t *Task) Later() {
	if t.waits {
		return
	}
	t.waits = true
	t.loop.retryLater(t)
}
