package browsertest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Page is a tab with nothing remembered from others.
type Page struct {
	t       testing.TB
	browser *Browser
	session string

	mu       sync.Mutex
	requests []string          // addresses
	troubles []string          // errors on the console, exceptions, requests that failed
	asked    map[string]string // addresses by request id
}

// Open opens a tab at an address. Its size is that of a desktop, and the colours are light.
func (b *Browser) Open(t testing.TB, address string) *Page {
	t.Helper()
	var context struct{ BrowserContextID string }
	b.must("", "Target.createBrowserContext", map[string]any{"disposeOnDetach": true}, &context)
	var target struct{ TargetID string }
	b.must("", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": context.BrowserContextID}, &target)
	var attached struct{ SessionID string }
	b.must("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	p := &Page{t: t, browser: b, session: attached.SessionID, asked: map[string]string{}}
	b.mu.Lock()
	b.pages[p.session] = p
	b.mu.Unlock()
	t.Cleanup(func() {
		_, _ = b.call("", "Target.closeTarget", map[string]any{"targetId": target.TargetID})
	})
	for _, domain := range []string{"Page", "Runtime", "Network", "Log", "Accessibility"} {
		p.call(domain+".enable", map[string]any{}, nil)
	}
	p.Size(1440, 900)
	p.Go(address)
	return p
}

func (p *Page) call(method string, params, v any) {
	p.t.Helper()
	p.browser.must(p.session, method, params, v)
}

// heard keeps what a test may ask for. It runs on the browser's reader.
func (p *Page) heard(method string, params json.RawMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	trouble := func(format string, args ...any) { p.troubles = append(p.troubles, fmt.Sprintf(format, args...)) }
	switch method {
	case "Network.requestWillBeSent":
		var e struct {
			RequestID string
			Request   struct{ URL string }
		}
		_ = json.Unmarshal(params, &e)
		p.requests = append(p.requests, e.Request.URL)
		p.asked[e.RequestID] = e.Request.URL
	case "Network.loadingFailed":
		var e struct {
			RequestID, ErrorText string
			Canceled             bool
		}
		_ = json.Unmarshal(params, &e)
		if !e.Canceled {
			trouble("%s: %s", p.asked[e.RequestID], e.ErrorText)
		}
	case "Network.responseReceived":
		var e struct {
			Response struct {
				URL    string
				Status int
			}
		}
		_ = json.Unmarshal(params, &e)
		if e.Response.Status >= 400 {
			trouble("%s: %d", e.Response.URL, e.Response.Status)
		}
	case "Runtime.exceptionThrown":
		trouble("exception: %s", params)
	case "Runtime.consoleAPICalled":
		var e struct{ Type string }
		_ = json.Unmarshal(params, &e)
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			trouble("console: %s", params)
		}
	case "Log.entryAdded":
		var e struct {
			Entry struct{ Level, Source, Text, URL string }
		}
		_ = json.Unmarshal(params, &e)
		if (e.Entry.Level == "error" || e.Entry.Level == "warning") && e.Entry.Source != "network" { // which is noted above
			trouble("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

// Troubles returns what went wrong on the page since the last call: errors and warnings of scripts and of the page's
// policy, requests that failed or were refused.
func (p *Page) Troubles() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	troubles := p.troubles
	p.troubles = nil
	return troubles
}

// Requests returns the addresses of all requests since the tab was opened.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Go loads an address.
func (p *Page) Go(address string) {
	p.t.Helper()
	p.call("Page.navigate", map[string]any{"url": address}, nil)
	p.Until("the page is loaded", `document.readyState === 'complete'`)
}

// Before runs a script in each document that the page loads from now on, before any script of its own.
func (p *Page) Before(script string) {
	p.t.Helper()
	p.call("Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": script}, nil)
}

// Size makes the page so large. Below 600 points of width it is a phone with two pixels for a point.
func (p *Page) Size(width, height int) {
	phone := width < 600
	scale := 1
	if phone {
		scale = 2
	}
	p.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone}, nil)
}

// Media makes the page think that its user wants it so, for example "prefers-color-scheme" "dark".
func (p *Page) Media(name, value string) {
	p.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": name, "value": value}}}, nil)
}

// Eval runs a script, awaits its value if that is a promise, and reads it into v unless that is nil.
func (p *Page) Eval(script string, v any) {
	p.t.Helper()
	require.NoError(p.t, p.eval(script, v), script)
}

func (p *Page) eval(script string, v any) error {
	result, err := p.browser.call(p.session, "Runtime.evaluate", map[string]any{
		"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true,
	})
	if err != nil {
		return err
	}
	var answer struct {
		Result struct {
			Value json.RawMessage
		}
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := json.Unmarshal(result, &answer); err != nil {
		return err
	}
	if e := answer.ExceptionDetails; e != nil {
		return fmt.Errorf("%s %s", e.Text, e.Exception.Description)
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, v)
}

// Until waits until an expression is true. While it throws, it is not.
func (p *Page) Until(what, expression string) {
	p.t.Helper()
	deadline := time.Now().Add(Patience)
	var last error
	for time.Now().Before(deadline) {
		holds := false
		if last = p.eval("Boolean("+expression+")", &holds); last == nil && holds {
			return
		}
		time.Sleep(30 * time.Millisecond)
	}
	p.t.Fatalf("%s: not within %v (%s, %v)\nthe page shows: %s\ntroubles: %s", what, Patience, expression, last, p.Text(), strings.Join(p.Troubles(), "\n"))
}

// Text returns what the page shows.
func (p *Page) Text() string {
	var text string
	_ = p.eval("document.body.innerText", &text)
	return text
}

// Click clicks on the first element that a selector names.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Until(selector+" can be clicked", fmt.Sprintf("document.querySelector(%q) && !document.querySelector(%q).disabled", selector, selector))
	p.Eval(fmt.Sprintf("document.querySelector(%q).click()", selector), nil)
}

// Fill types a text into the field that a selector names, in the place of what is there.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.Until(selector+" is there", fmt.Sprintf("document.querySelector(%q)", selector))
	p.Eval(fmt.Sprintf("(field => { field.focus(); field.select(); })(document.querySelector(%q))", selector), nil)
	p.call("Input.insertText", map[string]any{"text": text}, nil)
}

// Key presses a key, such as "Tab", with Shift if shift is true.
func (p *Page) Key(key string, shift bool) {
	codes := map[string]int{"Tab": 9, "Enter": 13, "Escape": 27}
	params := map[string]any{"key": key, "code": key, "windowsVirtualKeyCode": codes[key], "type": "keyDown"}
	if shift {
		params["modifiers"] = 8
	}
	if key == "Enter" {
		params["text"] = "\r"
	}
	p.call("Input.dispatchKeyEvent", params, nil)
	params["type"] = "keyUp"
	delete(params, "text")
	p.call("Input.dispatchKeyEvent", params, nil)
}

// Screenshot writes what is seen into a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	var shot struct{ Data string }
	p.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	content, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(file, content, 0o600))
}
