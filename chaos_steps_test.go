package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/workflow"
)

// misbehaves is what the panics that an attack asks for begin with.
const misbehaves = "as it was told"

// misbehave is a step type that passes media on until a parameter has it do something else, at its first packet:
//
//	when=new, execute, close, future, discard, report, patience     it panics there
//	when=block      it holds up its workflow's goroutine for a while, again and again
func misbehave() workflow.Kind {
	return workflow.Kind{New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
		when, _ := d.Params.Get("when")
		s := &misbehaving{when: when.Value, env: env}
		s.panicIf("new")
		return s, workflow.Status{State: workflow.Active}, nil
	}}
}

var misbehaviours = []string{"new", "execute", "close", "future", "discard", "report", "patience", "block"}

type misbehaving struct {
	when string
	env  workflow.Env
}

func (s *misbehaving) panicIf(when string) {
	if s.when == when {
		panic(misbehaves + " in " + when)
	}
}

// Execute implements workflow.Step.
func (s *misbehaving) Execute(in workflow.Input, out *workflow.Output) workflow.Status {
	for i := range in.Media {
		if in.Media[i].Event != media.Coded {
			continue
		}
		s.panicIf("execute")
		switch s.when {
		case "block":
			time.Sleep(300 * time.Millisecond) // the mistake that this step is about
		case "future", "discard":
			s.env.Futures.Go(func(ctx context.Context) any {
				s.panicIf("future")
				<-ctx.Done()
				return s
			})
		}
		break
	}
	out.Pass(in.Media...)
	return workflow.Status{State: workflow.Active}
}

func (s *misbehaving) Close()                  { s.panicIf("close") }
func (s *misbehaving) Discard()                { s.panicIf("discard") }
func (s *misbehaving) Patience() time.Duration { s.panicIf("patience"); return workflow.Endless }
func (s *misbehaving) Report() any             { s.panicIf("report"); return s.when }

// badSteps starts workflows whose steps block or panic, publishes to them, looks at them and stops them.
func badSteps(a *attack, r *rand.Rand) {
	when := misbehaviours[r.IntN(len(misbehaviours))]
	name := fmt.Sprintf("bad%d", r.Uint32())
	text := a.server.fill(fmt.Sprintf("workflow %s {\n rtmp_receive rtmp_app=%s stream_key=* port={port}\n misbehave when=%s\n"+
		" rtmp_watch rtmp_app=%s stream_key=* port={port}\n}\n", name, name, when, name))
	a.faults.Add(1)
	a.ask("PUT", "/workflows", text)
	a.publish(r, name+"/k", 10+r.IntN(30))
	a.ask("GET", "/workflows/"+name, "")
	a.ask("DELETE", "/workflows/"+name, "")
}

// ask makes a request of the HTTP API, which must have an answer that is no failure of the server.
func (a *attack) ask(method, path, body string) {
	request, err := http.NewRequest(method, a.server.api+path, strings.NewReader(body))
	if err != nil {
		a.wrong("%v", err)
		return
	}
	answer, err := a.server.client.Do(request)
	if err != nil {
		if a.ctx.Err() == nil {
			a.wrong("%s %s: %v", method, path, err)
		}
		return
	}
	answer.Body.Close()
	if answer.StatusCode >= 500 {
		a.wrong("%s %s: status %d", method, path, answer.StatusCode)
	}
}
