package deploy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/reactor"
	"mmids/engine/workflow"
)

var background = context.Background()

// place is a server whose steps and executors do nothing.
type place struct {
	*Server
	workflows *workflow.Manager
	reactors  *reactor.Manager
}

type idle struct{}

func (idle) Execute(workflow.Input, *workflow.Output) workflow.Status {
	return workflow.Status{State: workflow.Active}
}
func (idle) Close() {}

type mute struct{}

func (mute) Execute(context.Context, reactor.Query) (reactor.Result, error) {
	return reactor.Result{}, nil
}
func (mute) Close() {}

// inPlace runs f in a bubble with a server that works with these settings.
func inPlace(t *testing.T, settings string, f func(t *testing.T, p *place)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		hub := event.NewHub(zerolog.Nop())
		defer hub.Close()
		var kinds workflow.Registry
		require.NoError(t, kinds.Add("step", workflow.Kind{New: func(config.Step, workflow.Env) (workflow.Step, workflow.Status, error) {
			return idle{}, workflow.Status{State: workflow.Active}, nil
		}}))
		require.NoError(t, kinds.Add("hang", workflow.Kind{New: func(config.Step, workflow.Env) (workflow.Step, workflow.Status, error) {
			time.Sleep(time.Minute)
			return idle{}, workflow.Status{State: workflow.Active}, nil
		}}))
		var executors reactor.Executors
		require.NoError(t, executors.Add("mute", reactor.Generator{New: func(d config.Reactor, _ zerolog.Logger) (reactor.Executor, error) {
			if _, bad := d.Params.Get("bad"); bad {
				return nil, errors.New("it cannot be made")
			}
			return mute{}, nil
		}}))
		p := &place{workflows: workflow.NewManager(&kinds, hub, zerolog.Nop()), reactors: reactor.NewManager(&executors, hub, zerolog.Nop())}
		p.workflows.Limit(8, nil)
		defer func() {
			require.NoError(t, p.workflows.Close(background))
			require.NoError(t, p.reactors.Close(background))
		}()
		p.Server = NewServer(p.workflows, p.reactors, parse(t, settings).Settings, func(name string) SettingKind {
			return map[string]SettingKind{"level": AtOnce, "token": AtOnce, "port": WithRestart, "folder": WithRestart}[name]
		})
		f(t, p)
	})
}

func parse(t *testing.T, text string) *config.Document {
	t.Helper()
	document, err := config.Parse("f", []byte(strings.ReplaceAll(text, ";", "\n")))
	require.NoError(t, err)
	return document
}

func (p *place) apply(t *testing.T, text string) Plan {
	t.Helper()
	plan, err := p.Apply(background, "r", parse(t, text))
	require.NoError(t, err)
	synctest.Wait()
	return plan
}

// outline is a plan in one line.
func outline(plan Plan) string {
	var words []string
	for _, s := range plan.Settings {
		words = append(words, map[SettingKind]string{AtOnce: "set ", WithRestart: "restart for "}[s.Kind]+s.Name)
	}
	for _, r := range plan.Reactors {
		words = append(words, fmt.Sprintf("reactor %s %s", r.Name, r.Action))
	}
	for _, w := range plan.Workflows {
		words = append(words, fmt.Sprintf("%s %s %d+%d-%d", w.Name, w.Action, len(w.Kept), len(w.Started), len(w.Stopped)))
	}
	return strings.Join(words, ", ")
}

func TestApply(t *testing.T) {
	inPlace(t, "", func(t *testing.T, p *place) {
		f := func(text, want string) {
			t.Helper()
			require.Equal(t, want, outline(p.apply(t, text)))
		}
		f("workflow a {; step n=1; step n=2;}; workflow b {; step;};", "a started 0+2-0, b started 0+1-0")
		f("workflow b {; step;}; workflow a {; step n=1; step n=2;};", "b kept 1+0-0, a kept 2+0-0")
		f("workflow a {; step n=2; step n=3;};", "a changed 1+1-1, b stopped 0+0-1")
		f("reactor r executor=mute {; url x; key y;}; workflow a {; step n=2; step n=3;};", "reactor r started, a kept 2+0-0")
		f("reactor r executor=mute {; key y; url x;}; workflow a {; step n=3; step n=2;};", "reactor r kept, a changed 2+0-0")
		f("reactor r executor=mute update_interval=5 {; key y; url x;}; reactor s executor=mute {;};", "reactor r changed, reactor s started, a stopped 0+0-2")
		f("reactor s executor=mute {;};", "reactor s kept, reactor r stopped")
		f("", "reactor s stopped")
		f("", "")
	})
}

// TestWhatOthersHaveStarted is left alone, but for names that are in the file.
func TestWhatOthersHaveStarted(t *testing.T) {
	inPlace(t, "", func(t *testing.T, p *place) {
		byAPI := func(text string) {
			t.Helper()
			require.NoError(t, p.workflows.Upsert(background, "r", parse(t, text).Workflows[0]))
			synctest.Wait()
		}
		byAPI("workflow mine {; step;};")
		p.apply(t, "workflow a {; step n=1;}; workflow b {; step n=1;};")
		byAPI("workflow b {; step n=2;};")
		require.Equal(t, "a kept 1+0-0", outline(p.apply(t, "workflow a {; step n=1;};")), "b is the API's now")
		p.apply(t, "")
		require.Equal(t, []string{"b", "mine"}, p.names(t))

		plan := p.apply(t, "workflow b {; step n=2;}; workflow mine {; step n=3;};")
		require.Equal(t, "b kept 1+0-0, mine changed 0+1-1", outline(plan))
		require.Equal(t, workflow.FromAPI, plan.Workflows[0].Source)
		require.Equal(t, "b stopped 0+0-1, mine stopped 0+0-1", outline(p.apply(t, "")), "they are the file's now")

		p.apply(t, "workflow a {; step n=1;};")
		require.NoError(t, p.workflows.Stop(background, "r", "a"))
		require.Equal(t, "a started 0+1-0", outline(p.apply(t, "workflow a {; step n=1;};")))
	})
}

func (p *place) names(t *testing.T) []string {
	t.Helper()
	names, err := p.workflows.List(background)
	require.NoError(t, err)
	return names
}

// TestPlansComeTrue applies one document after the other and compares what has changed with the plan, which was asked for
// before.
func TestPlansComeTrue(t *testing.T) {
	inPlace(t, "", func(t *testing.T, p *place) {
		random := rand.New(rand.NewPCG(3, 4))
		for range 300 {
			if random.IntN(3) == 0 {
				name := []string{"a", "b", "mine"}[random.IntN(3)]
				require.NoError(t, p.workflows.Upsert(background, "r", parse(t, "workflow "+name+" {; step n=1;};").Workflows[0]))
				synctest.Wait()
			}
			text := anyDocument(random)
			plan, err := p.Plan(background, parse(t, text))
			require.NoError(t, err)
			before, sources := p.steps(t), p.workflows.ListFromFile()
			require.Equal(t, outline(plan), outline(p.apply(t, text)))
			after := p.steps(t)
			for _, w := range plan.Workflows {
				kept := slices.DeleteFunc(slices.Clone(after[w.Name]), func(id string) bool { return !slices.Contains(before[w.Name], id) })
				require.Len(t, w.Kept, len(kept), "%s: %s", w.Name, text)
				require.Len(t, w.Started, len(after[w.Name])-len(kept), "%s: %s", w.Name, text)
				require.Len(t, w.Stopped, len(before[w.Name])-len(kept), "%s: %s", w.Name, text)
				delete(before, w.Name)
				delete(after, w.Name)
			}
			require.Equal(t, before, after, "of what the plan does not name, nothing changes")
			for _, name := range sources {
				require.NotContains(t, after, name)
			}
			again, err := p.Plan(background, parse(t, text))
			require.NoError(t, err)
			require.True(t, again.IsEmpty(), outline(again))
		}
	})
}

// steps returns the steps that run, by workflow.
func (p *place) steps(t *testing.T) map[string][]string {
	t.Helper()
	steps := make(map[string][]string)
	for _, name := range p.names(t) {
		d, err := p.workflows.Details(background, name)
		require.NoError(t, err)
		ids := []string{}
		for _, s := range d.Active {
			ids = append(ids, s.ID.String())
		}
		steps[name] = ids
	}
	return steps
}

func anyDocument(random *rand.Rand) string {
	var text strings.Builder
	for _, name := range []string{"a", "b", "c"} {
		if random.IntN(3) == 0 {
			continue
		}
		fmt.Fprintf(&text, "workflow %s {;", name)
		for range random.IntN(4) {
			fmt.Fprintf(&text, "step n=%d;", random.IntN(3))
		}
		text.WriteString("};")
	}
	return text.String()
}

func TestSettings(t *testing.T) {
	inPlace(t, "settings {; level info; port 1; token secret;};", func(t *testing.T, p *place) {
		f := func(lines, want string) {
			t.Helper()
			require.Equal(t, want, outline(p.apply(t, "settings {; "+lines+";};")))
		}
		f("port 1; token secret; level info", "")
		f("level debug; port 1; token secret", "set level")
		f("level debug; port 2; token secret; nonsense 1", "restart for port")
		f("level debug; port 2; token other; folder x", "restart for port, set token, restart for folder")
		f("level debug; port 1", "set token")
		f("level; port 1", "set level")
		require.Equal(t, "restart for port", outline(p.apply(t, "")))
	})
}

// TestTooManyWorkflows changes nothing.
func TestTooManyWorkflows(t *testing.T) {
	inPlace(t, "", func(t *testing.T, p *place) {
		p.apply(t, "workflow a {; step;};")
		var text strings.Builder
		for n := range 9 {
			fmt.Fprintf(&text, "workflow w%d {; step;};", n)
		}
		_, err := p.Apply(background, "r", parse(t, text.String()+"reactor r executor=mute {;};"))
		require.ErrorIs(t, err, workflow.ErrTooMany)
		require.Equal(t, []string{"a"}, p.names(t))
		require.Empty(t, p.reactors.Definitions())
	})
}

// TestOneThatHangs is named, and nothing is changed.
func TestOneThatHangs(t *testing.T) {
	inPlace(t, "", func(t *testing.T, p *place) {
		require.NoError(t, p.workflows.Upsert(background, "r", parse(t, "workflow stuck {; hang;};").Workflows[0]))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		_, err := p.Apply(ctx, "r", parse(t, "workflow a {; step;}; workflow stuck {; step;};"))
		require.EqualError(t, err, `workflow "stuck" does not answer: context deadline exceeded`)
		require.Equal(t, []string{"stuck"}, p.names(t))
		time.Sleep(time.Minute)
	})
}

// TestOneThatFails does not keep the others.
func TestOneThatFails(t *testing.T) {
	inPlace(t, "", func(t *testing.T, p *place) {
		_, err := p.Apply(background, "r", parse(t, "reactor r executor=mute {; bad;}; workflow a {; step;};"))
		require.ErrorIs(t, err, ErrInPart)
		require.ErrorContains(t, err, `reactor "r": f:1:1`)
		require.Equal(t, []string{"a"}, p.names(t))
	})
}

// TestPlanOfNew is the plan of a server that does not run.
func TestPlanOfNew(t *testing.T) {
	plan := PlanOfNew(parse(t, "settings {; port 1;}; reactor r executor=mute {;}; workflow a {; step;};"))
	require.Equal(t, "reactor r started, a started 0+1-0", outline(plan))
	require.False(t, plan.IsEmpty())
	require.True(t, PlanOfNew(parse(t, "")).IsEmpty())
}
