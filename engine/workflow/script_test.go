package workflow_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
)

var rewrite = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestScripts plays the scripts in testdata. A script has cases, which begin with "== " and a title. A case is a list
// of blocks: commands, a line "----", what must happen then, an empty line. The commands:
//
//	apply STEP ; STEP        define the workflow (a STEP is a line of the configuration, see fake)
//	outside MEDIA            deliver media from outside (see read)
//	emit NAME MEDIA          deliver media as output of a step
//	post NAME TEXT           give a step a result, which it obeys (see fake.obey)
//	finish NAME TEXT         let the step's work return that result
//	wait DURATION            let time pass
//	retiring                 say which steps are to be closed by the update
//	state                    say what the manager answers
//	stop                     stop the workflow
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".script"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			cases := strings.Split(string(text), "\n== ")
			for k := 1; k < len(cases); k++ { // what stands before the first one is a remark
				cases[k] = playCase(t, cases[k])
			}
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(strings.Join(cases, "\n== ")), 0o644))
			}
		})
	}
}

// playCase plays one case and returns its text with what really happened.
func playCase(t *testing.T, text string) string {
	title, body, _ := strings.Cut(text, "\n")
	blocks := strings.Split(strings.Trim(body, "\n"), "\n\n")
	t.Run(title, func(t *testing.T) {
		workflowtest.NoLeaks(t)
		synctest.Test(t, func(t *testing.T) {
			p := newPlay(t)
			defer p.end()
			for k, block := range blocks {
				commands, want, _ := strings.Cut(block+"\n", "----\n")
				got := p.block(commands)
				if !*rewrite {
					require.Equal(t, strings.TrimSpace(want), got, "after\n%s", commands)
				}
				blocks[k] = strings.TrimSpace(commands) + strings.TrimRight("\n----\n"+got, "\n")
			}
		})
	})
	return title + "\n" + strings.Join(blocks, "\n\n") + "\n"
}

// play is a case on stage.
type play struct {
	t       *testing.T
	stage   *stage
	manager *workflow.Manager
	inbox   event.Inbox // of the workflow, once it runs
}

func newPlay(t *testing.T) *play {
	p := &play{t: t, stage: newStage()}
	p.manager = workflow.NewManager(p.stage.registry(), p, zerolog.Nop())
	return p
}

// Publish makes the play an event hub.
func (p *play) Publish(e event.Event) {
	if e, ok := e.(event.WorkflowStarted); ok {
		p.inbox = e.Inbox
	}
}

func (p *play) end() { require.NoError(p.t, p.manager.Close(context.Background())) }

// block runs commands and returns what was said.
func (p *play) block(commands string) string {
	for _, line := range strings.Split(commands, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			p.command(line)
			synctest.Wait()
		}
	}
	return p.stage.said()
}

func (p *play) command(line string) {
	command, rest, _ := strings.Cut(line, " ")
	name, what, _ := strings.Cut(rest, " ")
	switch command {
	case "apply":
		require.NoError(p.t, p.manager.Upsert(context.Background(), "r1", define(p.t, "w", rest)))
	case "outside":
		p.inbox.Deliver(read(rest))
	case "emit":
		p.stage.find(name).env.Futures.Deliver(read(what))
	case "post":
		p.stage.find(name).env.Futures.Post(result{what, p.stage})
	case "finish":
		p.stage.find(name).release <- what
	case "wait":
		d, err := time.ParseDuration(rest)
		require.NoError(p.t, err)
		time.Sleep(d)
	case "retiring":
		p.stage.say("retiring: %v", p.stage.retiring())
	case "state":
		p.state()
	case "stop":
		require.NoError(p.t, p.manager.Stop(context.Background(), "r2", "w"))
	default:
		p.t.Fatalf("no such command: %s", line)
	}
}

func (p *play) state() {
	d, err := p.manager.Details(context.Background(), "w")
	require.NoError(p.t, err)
	if d.Failure == nil {
		p.stage.say("status: %s", d.Status())
	} else {
		p.stage.say("status: error: %s", d.Failure.Message)
		if d.Failure.RetryIn > 0 {
			p.stage.say("retry in %v", d.Failure.RetryIn)
		}
	}
	if d.UpdateFailure != nil {
		p.stage.say("update given up: %s", d.UpdateFailure.Message)
		if d.UpdateFailure.RetryIn > 0 {
			p.stage.say("retry in %v", d.UpdateFailure.RetryIn)
		}
	}
	for _, list := range []struct {
		title string
		steps []workflow.StepDetails
	}{{"active", d.Active}, {"pending", d.Pending}} {
		for _, s := range list.steps {
			name, _ := s.Parameters.Get("name")
			line := fmt.Sprintf("%s: %s: %v", list.title, name.Value, s.Status)
			if s.UnderWay > 0 {
				line += fmt.Sprintf(" (%d under way)", s.UnderWay)
			}
			p.stage.say("%s", line)
		}
	}
}

// define returns the workflow that a list of steps, separated by semicolons, makes.
func define(t testing.TB, name, steps string) config.Workflow {
	t.Helper()
	text := "workflow " + name + " {\n" + strings.ReplaceAll(steps, ";", "\n") + "\n}"
	doc, err := config.Parse("script", []byte(text))
	require.NoError(t, err)
	return doc.Workflows[0]
}
