package main

import (
	"strconv"
	"sync"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
)

// frameCounter is the step type frame_counter: it counts video frames and passes everything on.
//
//	log_every=N   write a log line for every N frames; default never
func frameCounter(totals *frameTotals) workflow.Kind {
	return workflow.Kind{
		Check: func(d config.Step) []config.Mistake {
			_, mistakes := logEvery(d)
			return mistakes
		},
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			every, _ := logEvery(d)
			return &counter{totals: totals, every: every, log: env.Log}, workflow.Status{State: workflow.Active}, nil
		},
	}
}

func logEvery(d config.Step) (int, []config.Mistake) {
	p, ok := d.Params.Get("log_every")
	if !ok {
		return 0, nil
	}
	n, err := strconv.Atoi(p.Value)
	if err != nil || n < 1 {
		return 0, []config.Mistake{{
			ID: workflow.IDStepParameter, Pos: p.Pos,
			Message: "frame_counter: log_every is not a number of frames", Hint: "for example log_every=250",
		}}
	}
	return n, nil
}

// counter is one use of the step. Its workflow calls it on one goroutine, so it needs no lock of its own.
type counter struct {
	totals *frameTotals
	every  int
	log    zerolog.Logger
	frames int
}

func (c *counter) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	for i := range in.Media {
		if in.Media[i].Event != media.Coded || in.Media[i].Packet.Kind != media.Video || in.Media[i].Packet.Required {
			continue
		}
		c.frames++
		c.totals.add(in.Media[i].Stream)
		if c.every > 0 && c.frames%c.every == 0 {
			c.log.Info().Int("frames", c.frames).Msg("frames counted")
		}
	}
	out.Pass(in.Media...)
	return workflow.Status{State: workflow.Active}
}

func (c *counter) Close() {}

// frameTotals are shared by all frame counters and the route that shows them.
type frameTotals struct {
	mu      sync.Mutex
	streams map[media.StreamID]int
}

func (t *frameTotals) add(id media.StreamID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.streams == nil {
		t.streams = make(map[media.StreamID]int)
	}
	t.streams[id]++
}

func (t *frameTotals) snapshot() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[string]int, len(t.streams))
	for id, n := range t.streams {
		all[string(id)] = n
	}
	return all
}
