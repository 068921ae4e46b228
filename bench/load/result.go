package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// result is what a measurement says.
type result struct {
	Publishers int     `json:"publishers"`
	Viewers    int     `json:"viewers"` // of each publisher
	Seconds    float64 `json:"seconds"`
	Complete   bool    `json:"complete"` // everything was delivered, in order and unchanged

	PacketsSent uint64 `json:"packets_sent"`
	BytesSent   uint64 `json:"bytes_sent"` // of tag bodies

	Checked          int    `json:"checked"`           // viewers that looked at every byte
	PacketsExpected  uint64 `json:"packets_expected"`  // by them
	PacketsDelivered uint64 `json:"packets_delivered"` // in order and unchanged
	Gaps             int    `json:"gaps"`

	BytesDelivered uint64 `json:"bytes_delivered"` // to all viewers, on their connections
	BytesExpected  uint64 `json:"bytes_expected"`
	Short          int    `json:"short"` // viewers that got another number of bytes than the one that was checked

	LagMedianMS float64  `json:"lag_median_ms"`
	Lag99MS     float64  `json:"lag_99_ms"`
	LagMaxMS    float64  `json:"lag_max_ms"`
	Problems    []string `json:"problems,omitempty"` // the first few
	Server      *usage   `json:"server,omitempty"`

	lags []time.Duration
}

// drained reports whether everybody has everything.
func drained(streams []*stream) bool {
	for _, s := range streams {
		for _, c := range s.checkers {
			if c.packets.Load() != s.sent.Load() {
				return false
			}
		}
		for _, c := range s.counters {
			if c.received.Load() != s.checkers[0].received.Load() {
				return false
			}
		}
	}
	return true
}

// standing is the progress so far.
func standing(streams []*stream, m *meter) string {
	var sent, received uint64
	var behind uint64
	for _, s := range streams {
		sent += s.sent.Load()
		for _, c := range s.checkers {
			received += c.received.Load()
			behind = max(behind, s.sent.Load()-min(s.sent.Load(), c.packets.Load()))
		}
		for _, c := range s.counters {
			received += c.received.Load()
		}
	}
	text := fmt.Sprintf("%d packets sent, %s delivered, at most %d packets on their way", sent, megabytes(received), behind)
	if m != nil {
		text += ", server memory " + megabytes(uint64(m.resident.Load()))
	}
	return text
}

// summarize closes the clients and adds up what they found.
func summarize(o options, streams []*stream, seconds float64, server *usage) *result {
	r := &result{Publishers: o.publishers, Viewers: o.viewers, Seconds: seconds, Server: server}
	for _, s := range streams {
		s.close()
		r.add(s)
	}
	r.finish()
	return r
}

// add takes in what the clients of a stream found. They have ended.
func (r *result) add(s *stream) {
	sent, expected := s.sent.Load(), s.checkers[0].received.Load()
	r.PacketsSent += sent
	r.BytesSent += s.bytes.Load()
	if s.err != nil {
		r.problem("publisher %d: %v", s.number, s.err)
	}
	for _, c := range s.checkers {
		delivered := c.packets.Load()
		r.Checked++
		r.BytesDelivered += c.received.Load()
		r.BytesExpected += expected
		r.PacketsDelivered += delivered
		r.PacketsExpected += sent
		r.Gaps += c.gaps
		r.lags = append(r.lags, c.lags...)
		for _, p := range c.problems {
			r.problem("a viewer of stream %d: %s", s.number, p)
		}
		if delivered != sent {
			r.problem("a viewer of stream %d got %d of %d packets: %v", s.number, delivered, sent, c.err)
		}
	}
	for _, c := range s.counters {
		received := c.received.Load()
		r.BytesDelivered += received
		r.BytesExpected += expected
		if received != expected || c.closed {
			r.Short++
			r.problem("a viewer of stream %d got %d bytes instead of %d (disconnected: %v)", s.number, received, expected, c.closed)
		}
	}
}

func (r *result) problem(format string, a ...any) {
	const most = 20
	if len(r.Problems) < most {
		r.Problems = append(r.Problems, fmt.Sprintf(format, a...))
	}
}

// finish works out what needs all of it.
func (r *result) finish() {
	if slices.Sort(r.lags); len(r.lags) > 0 {
		at := func(share float64) float64 {
			return float64(r.lags[int(share*float64(len(r.lags)-1))].Microseconds()) / 1000
		}
		r.LagMedianMS, r.Lag99MS, r.LagMaxMS = at(0.5), at(0.99), at(1)
	}
	r.Complete = len(r.Problems) == 0 && r.PacketsSent > 0
}

func megabytes(n uint64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func (r *result) String() string {
	var b strings.Builder
	verdict := "everything was delivered, in order and unchanged"
	if !r.Complete {
		verdict = "NOT everything was delivered"
	}
	fmt.Fprintf(&b, "%d publishers, %d viewers each, %.0f s: %s\n", r.Publishers, r.Viewers, r.Seconds, verdict)
	fmt.Fprintf(&b, "  sent       %d packets, %s\n", r.PacketsSent, megabytes(r.BytesSent))
	fmt.Fprintf(&b, "  delivered  %s of %s, %.0f Mbit/s; %d viewers with another number of bytes\n",
		megabytes(r.BytesDelivered), megabytes(r.BytesExpected), float64(r.BytesDelivered)*8/1e6/r.Seconds, r.Short)
	fmt.Fprintf(&b, "  checked    %d of %d packets by %d viewers, %d gaps\n", r.PacketsDelivered, r.PacketsExpected, r.Checked, r.Gaps)
	fmt.Fprintf(&b, "  lag        median %.1f ms, 99%% %.1f ms, most %.1f ms\n", r.LagMedianMS, r.Lag99MS, r.LagMaxMS)
	if u := r.Server; u != nil {
		fmt.Fprintf(&b, "  server     %.1f CPU s, %.2f cores, %.2f CPU s/GB; memory %s to %s, %s in the first quarter, %s in the last\n",
			u.CPUSeconds, u.CPUSeconds/r.Seconds, u.CPUSeconds/(float64(r.BytesDelivered)/1e9),
			megabytes(uint64(u.MemoryMin)), megabytes(uint64(u.MemoryMax)), megabytes(uint64(u.MemoryFirst)), megabytes(uint64(u.MemoryLast)))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  problem: %s\n", p)
	}
	return b.String()
}
