package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// The flags of TestChaos, which make chaos sets.
var (
	chaosTime = flag.Duration("chaos", 0, "how long TestChaos attacks; 0 is a moment for each family")
	chaosSeed = flag.Uint64("seed", 0, "seed of the attacks; 0 is another one each time")
	chaosBusy = flag.Float64("busy", 0, "share of all CPUs, in percent, that TestChaos is to make busy, by churn beside each family; 0 is as much as a family needs")
	chaosCSV  = flag.String("samples", "", "file to which TestChaos writes each second what the server holds")
	chaosOnly = flag.String("families", "", "which families attack, with commas between them; empty is all")
)

const (
	chaosMoment = 2 * time.Second  // of one family in the short form
	chaosTurn   = 30 * time.Second // and in the long form, at most

	// stallMax is how much longer than without an attack an honest viewer may wait for a message. Only the long form, which
	// has the machine to itself, holds the server to it.
	stallMax = 250 * time.Millisecond
)

// TestChaos lets one family of faults after the other loose on a server, with honest publishers and verifying viewers
// beside them all the time. These must get every byte in its place, and when a family has gone, the server must hold no
// more than before. make chaos does this for longer.
func TestChaos(t *testing.T) {
	if *chaosTime == 0 {
		t.Parallel()
	}
	seed := *chaosSeed
	if seed == 0 {
		seed = rand.Uint64N(1 << 32)
	}
	t.Logf("seed %d", seed)
	c := newChaos(t, seed)
	began := time.Now()
	for round := 0; ; round++ {
		for n, f := range c.families {
			c.attack(t, n, f, uint64(round))
			if t.Failed() {
				break
			}
		}
		if t.Failed() || time.Since(began) >= *chaosTime {
			break
		}
	}
	c.end(t)
}

// chaos is one run.
type chaos struct {
	server   *chaosServer
	seed     uint64
	turn     time.Duration
	families []family
	rows     []chaosRow // of families; the first is the quiet run
	atRest   chaosHeld  // what the server holds when nobody is there
	filling  *pace      // of churn beside the families, which keeps the CPUs busy; nil without
	samples  *samples   // nil without
	cancel   context.CancelFunc
}

// chaosRow is what has come of a family.
type chaosRow struct {
	name                          string
	sessions, faults              int64
	honest, exact, gaps, messages int64
	leaks                         int
	stall, late                   float64 // ms
	stallOverHTTP                 float64 // ms, as seen by a process that attacks at the same time
}

func newChaos(t *testing.T, seed uint64) *chaos {
	c := &chaos{server: startChaosServer(t), seed: seed, turn: chaosMoment}
	if *chaosBusy > 0 {
		c.filling = newPace(*chaosBusy / 100)
	}
	c.families = append(c.families, family{name: "none"})
	for _, f := range families {
		if *chaosOnly == "" || strings.Contains(","+*chaosOnly+",", ","+f.name+",") {
			c.families = append(c.families, f)
		}
	}
	if *chaosTime > 0 {
		c.turn = min(chaosTurn, *chaosTime/time.Duration(len(c.families)))
	}
	for _, f := range c.families {
		c.rows = append(c.rows, chaosRow{name: f.name})
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	t.Cleanup(cancel)
	if *chaosCSV != "" {
		c.samples = startSamples(ctx, t, c.server, *chaosCSV)
	}
	c.warmUp(t)
	return c
}

// warmUp has everything happen once that the server keeps something for, and notes what it holds afterwards.
func (c *chaos) warmUp(t *testing.T) {
	h := startHonest(t, c.server, 1)
	for _, session := range []func(*attack, *rand.Rand){churn, intoFFmpeg, intoReactor} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		attackFor(ctx, c.server, family{workers: 4, session: session}, c.seed, newPace(0))
		cancel()
	}
	h.finish(t, 2*patience)
	requireToTheEnd(t, "warming up", h.http, h.length)
	c.atRest = c.server.settled(t)
}

// attack gives a family its turn. Round and place decide what it does, together with the seed.
func (c *chaos) attack(t *testing.T, place int, f family, round uint64) {
	row := &c.rows[place]
	if c.samples != nil {
		c.samples.during(f.name)
	}
	const longer = 2 * time.Second // the honest ones are there before the attack, and after it
	h := startHonest(t, c.server, int((c.turn+longer)/time.Second))
	ctx, cancel := context.WithTimeout(context.Background(), c.turn)
	defer cancel()
	seed := c.seed ^ (round<<32 | uint64(place)<<16)
	var filler attack
	var beside sync.WaitGroup
	if c.filling != nil && f.session != nil {
		beside.Go(func() {
			filler.server, filler.ctx, filler.pace = c.server, ctx, c.filling
			filler.run(family{workers: 128, session: churn}, seed+1)
		})
	}
	a := attackFor(ctx, c.server, f, seed, newPace(0))
	beside.Wait()
	<-ctx.Done()
	if f.session != nil && (a.sessions.Load() == 0 || a.faults.Load() == 0) {
		t.Errorf("%s: %d sessions, %d faults: that is no attack", f.name, a.sessions.Load(), a.faults.Load())
	}
	r := h.finish(t, c.turn+2*patience)
	exactByHTTP := requireToTheEnd(t, f.name, h.http, h.length)

	row.sessions += a.sessions.Load() + filler.sessions.Load()
	row.faults += a.faults.Load() + filler.faults.Load()
	row.honest += int64(r.Verifying + len(h.http))
	row.exact += int64(exact(r) + exactByHTTP)
	row.gaps += r.Checked.Gaps
	row.messages += r.Checked.Messages
	for _, v := range h.http {
		row.messages += v.messages
		row.stallOverHTTP = max(row.stallOverHTTP, v.stall.Seconds()*1000)
	}
	if r.Latency != nil {
		row.stall, row.late = max(row.stall, r.Latency.Max), max(row.late, r.Sent.Late.Max)
	}
	for _, p := range append(a.problems, filler.problems...) {
		t.Errorf("%s: %s", f.name, p)
	}
	if exact(r) != r.Verifying || r.Checked.Messages == 0 {
		t.Errorf("%s: honest viewers were hurt: %+v, closed %d\n%s", f.name, r.Checked, r.Delivered.Closed, strings.Join(r.Problems, "\n"))
	}
	if f.after != nil {
		f.after(c.server, t)
	}
	if held, rested := c.server.atRest(c.atRest); !rested {
		row.leaks++
		t.Errorf("%s: the server holds %+v, before it held %+v\n%s", f.name, held, c.atRest, c.server.goroutines())
	}
}

// end stops the server, looks for stalls, and writes the table.
func (c *chaos) end(t *testing.T) {
	last, _ := c.server.atRest(c.atRest)
	c.cancel()
	if c.samples != nil {
		c.samples.close(t)
	}
	took := c.server.stopped(t)
	quiet := c.rows[0].stall
	if limit := quiet + float64(stallMax.Milliseconds()); *chaosTime > 0 {
		for _, row := range c.rows {
			if row.stall > limit {
				t.Errorf("%s: an honest viewer waited %.0f ms for a message, without an attack %.0f ms at most", row.name, row.stall, quiet)
			}
		}
	}
	t.Logf("\n%s\nat rest, at first: %+v\nat rest, at last:  %+v\nstopped in %v", c.table(), c.atRest, last, took.Round(time.Millisecond))
}

func (c *chaos) table() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "family\tsessions\tfaults\thonest viewers exact\tmessages checked\tgaps\tleaks\tlongest stall ms\tover HTTP ms\tgenerator late ms\t")
	for _, r := range c.rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d of %d\t%d\t%d\t%d\t%.0f\t%.0f\t%.0f\t\n",
			r.name, r.sessions, r.faults, r.exact, r.honest, r.messages, r.gaps, r.leaks, r.stall, r.stallOverHTTP, r.late)
	}
	_ = w.Flush()
	return b.String()
}

// TestStopDuringChaos stops the server in the middle of each family's attack: it ends in order and in time, leaves nothing
// behind, and until then honest viewers have got every byte.
func TestStopDuringChaos(t *testing.T) {
	t.Parallel()
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := startChaosServer(t)
			h := startHonest(t, s, 3) // their generator goes on without a server to the end of its time
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			done := make(chan struct{})
			a := &attack{}
			go func() {
				defer close(done)
				a = attackFor(ctx, s, f, 1, newPace(0))
			}()
			began := time.NewTimer(time.Second) // the attack is what is waited for
			<-began.C
			took := s.stopped(t)
			cancel()
			<-done
			for _, v := range h.http {
				v.requireExact(t, "until the stop")
			}
			if c := h.finish(t, 2*patience).Checked; c.Messages == 0 || c.Gaps+c.Damaged+c.Moved > 0 {
				t.Errorf("honest viewers were hurt before the stop: %+v", c)
			}
			if a.sessions.Load() == 0 {
				t.Error("there was no attack")
			}
			t.Logf("%d sessions, then stopped in %v", a.sessions.Load(), took.Round(time.Millisecond))
			const limit = 10 * time.Second
			if took > limit {
				t.Errorf("stopping took %v", took)
			}
		})
	}
}
