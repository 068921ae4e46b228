package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/web/browsertest"
)

// TestThousands: with thousands of streams the page shows a few, and no second of figures keeps it busy for long.
func TestThousands(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.populate(5000)
	b := browsertest.Start(t)
	p := open(t, b, f, "#/streams")
	shows(p, "1–50 of 5,000")
	var rows int
	p.Eval(`document.querySelectorAll('tbody tr').length`, &rows)
	require.Equal(t, 50, rows)
	p.Fill(".tools input", "match-42-4997")
	p.Until("one is found", `document.querySelectorAll('tbody tr').length === 1`)
	p.Fill(".tools input", " ")
	p.Click("thead tr :nth-child(9) button")
	shows(p, "1–50 of 5,000")
	var first float64
	p.Eval(`Number(document.querySelector('tbody tr :nth-child(9)').textContent)`, &first)
	require.EqualValues(t, 239, first, "the most viewers come first")

	var touched int
	p.Eval(`new Promise(resolve => {
		let touched = 0;
		new MutationObserver(list => { touched += list.length; }).observe(document.body, {subtree: true, childList: true, characterData: true});
		setTimeout(() => resolve(touched), 3000);
	})`, &touched)
	require.Positive(t, touched, "figures move")
	require.Less(t, touched, 4*(50+30), "only what changed is touched: a rate in each row and a few figures")
	untroubled(t, f, p)
}

// TestKeyboard: everything can be reached and left by keys.
func TestKeyboard(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.populate(3)
	b := browsertest.Start(t)
	p := open(t, b, f, "#/edit/studio")
	shows(p, "1 step starts")
	active := func() (name string) {
		p.Eval(`document.activeElement.id || document.activeElement.textContent || document.activeElement.tagName`, &name)
		return name
	}
	p.Key("Tab", false)
	require.Equal(t, "Skip to the content", active())
	var visible bool
	p.Eval(`document.activeElement.getBoundingClientRect().top >= 0 && getComputedStyle(document.activeElement).outlineStyle !== 'none'`, &visible)
	require.True(t, visible)
	p.Key("Enter", false)
	require.Equal(t, "main", active())
	p.Key("Tab", false)
	require.Equal(t, "← studio", active())
	p.Key("Tab", false)
	require.Equal(t, "Apply…", active())
	p.Key("Tab", false)
	require.Equal(t, "definition", active())
	p.Key("Tab", false)
	require.NotEqual(t, "definition", active(), "the field does not keep the focus")
	p.Key("Tab", true)
	p.Key("Tab", true)
	require.Equal(t, "Apply…", active())
	p.Key("Enter", false)
	p.Until("it asks", `document.querySelector('dialog')`)
	require.Equal(t, "Cancel", active(), "what does nothing is what Enter does")
	p.Key("Escape", false)
	p.Until("the question is gone", `!document.querySelector('dialog')`)
	require.Equal(t, "Apply…", active(), "the focus is where it was")

	p.Eval(`location.hash = '#/workflows'`, nil)
	p.Until("the heading has the focus", `document.activeElement.textContent === 'Workflows'`)
	p.Media("prefers-reduced-motion", "reduce")
	p.Until("nothing moves", `document.querySelector('.arrow path') && document.getAnimations().length === 0`)
}

// TestServerAway: the page says so, goes on when the server is there again, and knows what has changed meanwhile.
func TestServerAway(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.populate(2)
	address := strings.TrimPrefix(f.base, "http://")
	b := browsertest.Start(t)
	p := open(t, b, f, "#/streams")
	shows(p, "main-stage")
	require.NoError(t, f.http.Close())
	p.Until("the page says so", `document.querySelector('#link').innerText.includes('Server is away')`)
	shows(p, "main-stage")

	again := startFake(t, address)
	again.populate(1)
	p.Until("it is live again", `document.querySelector('#link').dataset.state === 'live'`)
	p.Until("the list is new", `!document.querySelector('main').innerText.includes('main-stage')`)
	again.publish("stream_started", object{"stream": object{"id": "77", "port": 1935, "rtmp_app": "live", "stream_key": "newcomer", "workflow_name": "live", "seconds": 0, "viewers": 0}})
	shows(p, "live/newcomer")
	again.publish("stream_ended", object{"id": "77", "reason": "closed"})
	p.Until("it has gone", `!document.querySelector('main').innerText.includes('newcomer')`)
}

// TestLog: it can be filtered and paused, and it is bounded.
func TestLog(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	b := browsertest.Start(t)
	p := open(t, b, f, "#/log")
	for i := range 150 {
		f.publish("log", object{"level": []string{"warn", "error"}[i%2], "message": fmt.Sprintf("line %d", i)})
	}
	shows(p, "line 149")
	p.Eval(`(select => { select.value = 'error'; select.dispatchEvent(new Event('change')); })(document.querySelector('main select'))`, nil)
	p.Until("only errors", `!document.querySelector('main').innerText.includes('line 148') && document.querySelector('main').innerText.includes('line 149')`)
	p.Fill(".tools input", "line 13")
	p.Until("only some", `document.querySelectorAll('.log li').length === 7`)
	p.Fill(".tools input", " ")
	p.Click(".tools button")
	f.publish("log", object{"level": "error", "message": "while it rests"})
	shows(p, "Paused; 1 lines have come since.")
	p.Until("it rests", `!document.querySelector('main').innerText.includes('while it rests')`)
	p.Click(".tools button")
	shows(p, "while it rests")
	for range 20 {
		for range 100 {
			f.publish("log", object{"level": "error", "message": "flood"})
		}
		p.Until("the browser keeps up", "true")
	}
	f.publish("log", object{"level": "error", "message": "the last one"})
	shows(p, "the last one")
	var lines int
	p.Eval(`document.querySelectorAll('.log li').length`, &lines)
	require.LessOrEqual(t, lines, 300)
	untroubled(t, f, p)
}

// TestEventsLeftOut: when more comes and goes than events tell of, the lists are right all the same.
func TestEventsLeftOut(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	p := open(t, browsertest.Start(t), f, "#/workflows")
	shows(p, "There is no workflow.")
	f.mu.Lock()
	f.workflows["made by a reactor"] = object{"status": "Running", "active_steps": []object{}, "pending_steps": []object{}, "dropped_packets": 0}
	f.streams = []*fakeStream{{id: "1", app: "live", key: "one of hundreds", workflow: "made by a reactor", bits: 1e6}}
	f.mu.Unlock()
	f.publish("left_out", object{"event": "workflow_started", "count": 3})
	shows(p, "made by a reactor")
	f.publish("left_out", object{"event": "stream_started", "count": 200})
	p.Eval("location.hash = '#/streams'", nil)
	shows(p, "one of hundreds")
	untroubled(t, f, p)
}

// TestNewsOfReactors: what they do is in the log, in words.
func TestNewsOfReactors(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	p := open(t, browsertest.Start(t), f, "#/log")
	about := func(more object) object {
		more["reactor_name"], more["stream_name"] = "customers", "cam1"
		return more
	}
	f.publish("reactor_called", about(object{"kind": "publish"}))
	f.publish("reactor_answered", about(object{"valid": true, "workflows": 1, "answer_ms": 8.5}))
	f.publish("reactor_workflow_started", about(object{"workflow_name": "of cam1"}))
	f.publish("reactor_failed", about(object{"refresh": true, "error": "status 500"}))
	f.publish("reactor_answered", about(object{"valid": false, "reason": "banned", "workflows": 0, "answer_ms": 9}))
	f.publish("reactor_workflow_ended", about(object{"workflow_name": "of cam1"}))
	shows(p, "workflow not needed for a stream any more")
	for _, text := range []string{
		"reactor asks about a stream", "reactor allows a stream", "workflow started for a stream", "reactor has no new answer, the last one stays",
		"reactor refuses a stream", "reactor_name=customers", "stream_name=cam1", "workflow_name=of cam1", "reason=banned", "error=status 500",
	} {
		shows(p, text)
	}
	untroubled(t, f, p)
}

// TestRatesOfSteps: the graph of a workflow shows what the server counts at its steps.
func TestRatesOfSteps(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.streams = []*fakeStream{
		{id: "1", app: "live", key: "a", workflow: "live", bits: 5e6}, {id: "2", app: "live", key: "b", workflow: "live", bits: 3e6},
	}
	f.workflows["live"] = object{
		"status": "Running", "pending_steps": []object{}, "dropped_packets": 0,
		"active_steps": []object{fakeStep("custom", "Active", object{}, nil), fakeStep("another", "Active", object{}, nil)},
	}
	p := open(t, browsertest.Start(t), f, "#/workflows/live")
	p.Until("the rate of both streams together", `/^(7\.[5-9]|8\.[0-4])\d Mbit\/s\s*2 streams$/.test(document.querySelector('.graph .arrow').innerText.trim())`)
	untroubled(t, f, p)
}
