package main

import (
	"os"
	"slices"
	"time"

	"mmids/bench/measure"
	"mmids/bench/result"
)

// measuring is what the loop counts while it measures.
type measuring struct {
	schedule []moment
	readings chan reading // one each second

	on        bool          // the measured time
	onMeasure func(on bool) // told when it begins and ends
	delivered int64
	messages  int64
	bytes     int64
	late      []int32 // µs
	latencies []int32 // µs
	since     time.Time
	from, to  reading // at the ends of the measured time
	lastTick  reading
	windows   []result.Window
	problem   error
}

// moment is something to do at a time.
type moment struct {
	at time.Time
	do func(now time.Time)
}

// reading is how things stand.
type reading struct {
	at                time.Time
	server, generator time.Duration // CPU time
	machine           measure.Machine
	rss               int64 // bytes, of the server
	delivered         int64 // bytes
	measured          bool
	disturbed         bool
}

func (l *loop) sentMessage(size int, late time.Duration) {
	if l.on {
		l.messages++
		l.bytes += int64(size)
		l.late = append(l.late, micros(late))
	}
}

func (l *loop) received(n int) { l.delivered += int64(n) }

// latency takes in how long a message took that was sent while measuring.
func (l *loop) latency(sent time.Time, d time.Duration) {
	if l.on && !sent.Before(l.since) {
		l.latencies = append(l.latencies, micros(d))
	}
}

func micros(d time.Duration) int32 { return int32(min(d.Microseconds(), 1<<31-1)) }

// plan makes the schedule of warming up and measuring. done is called at its end. The function is called on the loop.
func (l *loop) plan(done func()) {
	o := l.options
	begin := time.Now().Add(o.warmup)
	end := begin.Add(o.seconds)
	edge := min(o.shape.Period(), o.seconds/2)
	for at := begin.Add(time.Second - o.warmup.Truncate(time.Second)); !at.After(end); at = at.Add(time.Second) {
		l.schedule = append(l.schedule, moment{at, l.tick})
	}
	l.schedule = append(l.schedule,
		moment{begin, l.begin},
		moment{begin.Add(edge), func(time.Time) { l.compare(func(a *arrears) { a.first = a.least }) }},
		moment{end.Add(-edge), func(time.Time) { l.beginLast() }},
		moment{end, func(now time.Time) { l.finish(now); done() }},
	)
	slices.SortStableFunc(l.schedule, func(a, b moment) int { return a.at.Compare(b.at) })
}

func (l *loop) keepSchedule(now time.Time) {
	for len(l.schedule) > 0 && !l.schedule[0].at.After(now) {
		next := l.schedule[0]
		l.schedule = l.schedule[1:]
		next.do(now)
	}
}

// everyViewer calls f for the viewers of both kinds.
func (l *loop) everyViewer(f func(v *viewer)) {
	for _, v := range l.viewers {
		f(v)
	}
	for _, v := range l.verifiers {
		f(&v.viewer)
	}
}

func (l *loop) begin(now time.Time) {
	l.on, l.since, l.from = true, now, l.read(now)
	l.lastTick = l.from
	l.onMeasure(true)
	l.everyViewer(func(v *viewer) {
		v.begin = v.received
		v.arrears.reset()
	})
	for _, v := range l.verifiers {
		v.excess.reset()
		v.payloadBegin = v.payload
	}
	for _, s := range l.streams {
		s.begin = s.bytes
	}
}

func (l *loop) beginLast() {
	l.everyViewer(func(v *viewer) { v.arrears.reset() })
	for _, v := range l.verifiers {
		v.excess.reset()
		v.payloadEnd = v.payload
	}
	for _, s := range l.streams {
		s.end = s.bytes
	}
}

// compare has f keep what viewers lacked at least since the last reset. Who got nothing since has not been looked at.
func (l *loop) compare(f func(a *arrears)) {
	l.everyViewer(func(v *viewer) {
		v.arrears.see(v.lacking())
		f(&v.arrears)
	})
	for _, v := range l.verifiers {
		v.excess.see(v.received - v.payload)
		f(&v.excess)
	}
}

func (l *loop) finish(now time.Time) {
	l.compare(func(a *arrears) { a.last = a.least })
	l.to = l.read(now)
	l.on = false
	l.onMeasure(false)
	l.everyViewer(func(v *viewer) { v.end = v.received })
}

// tick is the end of a second.
func (l *loop) tick(now time.Time) {
	r := l.read(now)
	if l.on {
		w := window(l.lastTick, r, l.options.busy)
		l.windows = append(l.windows, w)
		r.measured, r.disturbed = true, w.Disturbed
	}
	l.lastTick = r
	select {
	case l.readings <- r:
	default: // nobody looks
	}
}

func (l *loop) read(now time.Time) reading {
	r := reading{at: now, delivered: l.delivered}
	var errs [4]error
	r.server, errs[0] = measure.CPU(l.options.pids...)
	r.generator, errs[1] = measure.CPU(os.Getpid())
	r.machine, errs[2] = measure.ReadMachine()
	r.rss, errs[3] = measure.RSS(l.options.pids...)
	if err := firstError(errs[:]...); err != nil && l.problem == nil {
		l.problem = err
	}
	return r
}

// window is what happened between two readings. It is disturbed when everything else on the machine used more than busy
// CPUs, or the hypervisor took as much.
func window(a, b reading, busy float64) result.Window {
	length := b.at.Sub(a.at).Seconds()
	w := result.Window{
		Seconds: length, Bytes: b.delivered - a.delivered,
		Server: (b.server - a.server).Seconds(), Generator: (b.generator - a.generator).Seconds(),
		RSS: b.rss, Steal: (b.machine.Steal - a.machine.Steal).Seconds(),
	}
	w.Other = max((b.machine.Busy-a.machine.Busy).Seconds()-w.Server-w.Generator, 0)
	w.Disturbed = w.Other > busy*length || w.Steal > busy*length
	return w
}
