package workflow

import (
	"mmids/engine/media"
)

// queue holds what arrived in an inbox, in its order: a list of runs, and for each kind a list of what the runs cover.
// A run grows while more of the same comes from the same source. So the media of a thousand publishers on one instance
// is one slice, which steps are executed with as it lies there.
type queue struct {
	runs     []run
	media    []media.Notification
	results  []any
	controls []func()
	calm     int // takes in a row that left most of the room unused
}

// run is a number of entries of one kind from one source.
type run struct {
	kind  runKind
	from  *instance // nil for media from outside and for control
	count int
}

type runKind uint8

const (
	runMedia runKind = iota
	runResults
	runControl
)

func (q *queue) empty() bool { return len(q.runs) == 0 }

func (q *queue) addMedia(from *instance, n *media.Notification) {
	q.media = append(q.media, *n)
	q.extend(runMedia, from)
}

func (q *queue) addResult(from *instance, result any) {
	q.results = append(q.results, result)
	q.extend(runResults, from)
}

func (q *queue) addControl(f func()) {
	q.controls = append(q.controls, f)
	q.extend(runControl, nil)
}

func (q *queue) extend(kind runKind, from *instance) {
	if last := len(q.runs) - 1; last >= 0 && q.runs[last].kind == kind && q.runs[last].from == from {
		q.runs[last].count++
		return
	}
	q.runs = append(q.runs, run{kind, from, 1})
}

// reset empties the queue for its next use. It releases the media, and discards the results that are still there.
func (q *queue) reset(discard func(result any)) {
	for i := range q.media {
		q.media[i].Release()
	}
	for _, result := range q.results {
		discard(result)
	}
	if cap(q.media) > queueKeptMax && len(q.media) < cap(q.media)/8 {
		q.calm++
	} else {
		q.calm = 0
	}
	if q.calm > queueCalmMax {
		*q = queue{}
		return
	}
	clear(q.runs)
	clear(q.media)
	clear(q.results)
	clear(q.controls)
	q.runs, q.media, q.results, q.controls = q.runs[:0], q.media[:0], q.results[:0], q.controls[:0]
}
