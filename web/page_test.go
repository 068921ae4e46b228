package web

import (
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/web/browsertest"
)

// routes are all pages, with what each shows of a populated server.
var routes = map[string]string{
	"#/":                 "Most watched",
	"#/streams":          "live/camera-1",
	"#/streams/1":        "http://127.0.0.1:8080/live/live/camera-1.mp4",
	"#/workflows":        "It is tried again in",
	"#/workflows/studio": "The update was given up",
	"#/edit/studio":      "1 step starts, 1 step stops, 1 step goes on undisturbed",
	"#/new":              "1 step starts",
	"#/connections":      "198.51.100.1:40022",
	"#/reactors":         "1.2 s",
	"#/ffmpegs":          "Connection refused",
	"#/log":              "is exceeded",
	"#/nothing":          "There is no such page",
	"#/constructor":      "There is no such page",
}

// open opens the console of a fake server and waits until it is live.
func open(t *testing.T, b *browsertest.Browser, f *fake, route string) *browsertest.Page {
	t.Helper()
	p := b.Open(t, f.console()+route)
	p.Until("the page is live", `document.querySelector('#link').dataset.state === 'live'`)
	return p
}

func shows(p *browsertest.Page, text string) {
	p.Until(fmt.Sprintf("%q is shown", text), fmt.Sprintf("document.querySelector('main').innerText.includes(%q)", text))
}

// untroubled checks that nothing went wrong, and that the page asked nobody but its server.
func untroubled(t *testing.T, f *fake, p *browsertest.Page) {
	t.Helper()
	require.Empty(t, p.Troubles())
	host := strings.TrimPrefix(f.base, "http://")
	for _, address := range p.Requests() {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Contains(t, []string{host, ""}, u.Host, address)
	}
}

//go:embed testdata/accessibility.js
var accessibility string

// TestPages: every page shows what it should, without an error, without a request elsewhere, in both colours and all widths,
// readable and with a name for whatever can be used.
func TestPages(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.populate(14)
	b := browsertest.Start(t)
	p := open(t, b, f, "")
	f.publish("log", object{"level": "warn", "message": "limit is exceeded", "limit": "viewer_timeout"})
	f.publish("log", object{"level": "error", "message": "ffmpeg ended"})
	f.publish("viewer_started", object{"connection_id": "1", "stream_key": "camera-1"})
	for _, view := range []struct {
		width, height int
		colours       string
	}{{1440, 900, "light"}, {390, 844, "dark"}, {2560, 1300, "dark"}} {
		p.Size(view.width, view.height)
		p.Media("prefers-color-scheme", view.colours)
		for route, text := range routes {
			p.Eval(fmt.Sprintf("location.hash = %q", route), nil)
			shows(p, text)
			var problems []string
			p.Eval(accessibility, &problems)
			require.Empty(t, problems, "%s, %d points wide, %s", route, view.width, view.colours)
			axe(t, p, route)
		}
	}
	p.Eval(`location.hash = '#/streams/1'`, nil)
	shows(p, "2 skips (340 KiB)")
	untroubled(t, f, p)
}

// axe has axe-core look for what keeps people out, by the rules of others.
func axe(t *testing.T, p *browsertest.Page, route string) {
	script, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err, "make tools installs it")
	var violations []string
	p.Eval(string(script)+`;axe.run({resultTypes: ['violations']}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 200) + ' ' + n.failureSummary)))`, &violations)
	require.Empty(t, violations, route)
}

// TestMarkupStaysText: what strangers call their streams and programs is text, wherever it is shown.
func TestMarkupStaysText(t *testing.T) {
	const markup = `<img src=x onerror="window.hit=1"><script>window.hit=2</script>"'&lt;`
	f := startFake(t, "127.0.0.1:0")
	f.streams = []*fakeStream{{id: "1", app: "live" + markup, key: markup, workflow: markup, client: markup, bits: 1e6, fps: 25, viewers: 1}}
	f.workflows[markup] = object{
		"status": "Step id 1 failed: " + markup, "update_error": markup, "pending_steps": []object{}, "dropped_packets": 0,
		"active_steps": []object{fakeStep(markup, "Error: "+markup, object{markup: markup}, fakeProcesses(markup))},
	}
	f.texts[markup] = markup
	b := browsertest.Start(t)
	p := open(t, b, f, "")
	f.publish("log", object{"level": "warn", "message": markup, markup: markup})
	f.publish("stream_started", f.describe(f.streams[0]))
	for _, route := range []string{"#/", "#/log", "#/streams", "#/streams/1", "#/connections", "#/workflows", "#/workflows/" + url.PathEscape(markup)} {
		p.Eval(fmt.Sprintf("location.hash = %q", route), nil)
		shows(p, markup)
	}
	p.Eval(fmt.Sprintf("location.hash = %q", "#/edit/"+url.PathEscape(markup)), nil)
	p.Until("the definition is there", fmt.Sprintf("document.querySelector('textarea').value === %q", markup))
	var hit bool
	p.Eval("Boolean(window.hit) || document.querySelector('main img, main script, .alerts img, main [onerror]') !== null", &hit)
	require.False(t, hit)
	untroubled(t, f, p)
}

// TestToken: the page asks for the token, says when it is wrong, and keeps the right one for this tab.
func TestToken(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.token = "0123456789abcdef"
	f.populate(3)
	b := browsertest.Start(t)
	p := b.Open(t, f.console())
	p.Until("it asks", `document.querySelector('dialog').open`)
	for range 3 {
		p.Key("Escape", false)
		p.Until("it goes on asking", `document.querySelector('dialog').open && document.querySelector('dialog').contains(document.activeElement)`)
	}
	p.Fill("#token", "a wrong one")
	p.Key("Enter", false)
	p.Until("the token is wrong", `document.querySelector('dialog').innerText.includes('not the right one')`)
	p.Fill("#token", f.token)
	p.Key("Enter", false)
	shows(p, "live/camera-1")
	p.Until("the page is live", `document.querySelector('#link').dataset.state === 'live'`)
	p.Go(f.console() + "#/streams")
	shows(p, "live/camera-1")
	var kept bool
	p.Eval(fmt.Sprintf("sessionStorage.getItem('mmids-token') === %q && localStorage.length === 0 && !document.cookie", f.token), &kept)
	require.True(t, kept)
	for _, address := range p.Requests() {
		require.NotContains(t, address, f.token)
	}
}

// TestNothingIsKept: a browser that keeps nothing for pages shows this one all the same.
func TestNothingIsKept(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.token = "0123456789abcdef"
	f.populate(3)
	b := browsertest.Start(t)
	p := b.Open(t, "about:blank")
	p.Before(`for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError'); }});`)
	p.Go(f.console())
	p.Fill("#token", f.token)
	p.Key("Enter", false)
	shows(p, "live/camera-1")
	p.Click("#theme")
	p.Until("the colours change", `document.documentElement.dataset.theme === 'light'`)
}

// TestUpdate: a mistake is shown at its place, a plan before anything happens, and what is confirmed is put.
func TestUpdate(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.populate(3)
	b := browsertest.Start(t)
	p := open(t, b, f, "#/edit/studio")
	shows(p, "1 step starts, 1 step stops, 1 step goes on undisturbed")

	p.Fill("textarea", "workflow studio {\n    rtmp_watch port=wrong\n}\n")
	shows(p, "is not a port number")
	var place []int
	p.Eval(`(document.querySelector('.mistakes button').click(), [document.querySelector('textarea').selectionStart, document.querySelectorAll('.lines [data-wrong]').length])`, &place)
	require.Equal(t, []int{len("workflow studio {\n    rtmp_watch port="), 1}, place, "the caret is at line 2, column 21")
	p.Until("a mistake cannot be applied", `document.querySelector('.head button.primary').disabled`)

	text := "workflow studio {\n    rtmp_receive rtmp_app=live stream_key=*\n}\n"
	p.Fill("textarea", text)
	shows(p, "1 step starts")
	p.Click(".head button.primary")
	p.Until("it asks", `document.querySelector('dialog').innerText.includes('Clients of steps that stop are disconnected')`)
	require.Empty(t, f.allPut(), "nothing has happened yet")
	p.Click("dialog button.primary")
	p.Until("the workflow is shown", `location.hash === '#/workflows/studio'`)
	require.Equal(t, []string{text}, f.allPut())

	p.Click(".head button.danger")
	p.Key("Escape", false)
	p.Until("the question is gone", `!document.querySelector('dialog')`)
	require.Empty(t, f.allStopped())
	p.Click(".head button.danger")
	p.Click("dialog button.danger")
	p.Until("the list is shown", `location.hash === '#/workflows'`)
	require.Equal(t, []string{"studio"}, f.allStopped())
	for _, trouble := range p.Troubles() { // what the test made the server refuse
		require.Regexp(t, `/workflows/plan: 400$|/workflows/studio: 404$`, trouble)
	}
}

// TestDraft: who looks at another page meanwhile finds the text again, until it is applied.
func TestDraft(t *testing.T) {
	f := startFake(t, "127.0.0.1:0")
	f.populate(3)
	b := browsertest.Start(t)
	p := open(t, b, f, "#/edit/studio")
	shows(p, "1 step starts")
	holds := func(text string) {
		t.Helper()
		p.Until("the text is there", fmt.Sprintf("document.querySelector('textarea')?.value === %q", text))
	}
	const text = "workflow studio {\n}\n"
	leave := func() {
		t.Helper()
		p.Eval(`location.hash = '#/streams'`, nil)
		shows(p, "live/camera-1")
		p.Eval(`location.hash = '#/edit/studio'`, nil)
	}
	p.Fill("textarea", text)
	leave()
	holds(text)
	shows(p, "This is what you had written and not applied.")
	p.Click(".note-box button")
	holds(f.texts["studio"])

	p.Fill("textarea", text)
	shows(p, "1 step starts")
	p.Click(".head button.primary")
	p.Click("dialog button.primary")
	p.Until("the workflow is shown", `location.hash === '#/workflows/studio'`)
	leave()
	holds(f.texts["studio"])
	untroubled(t, f, p)
}
