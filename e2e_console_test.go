package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/web/browsertest"
)

// console opens a page of the console of a server, and checks at the end that nothing went wrong on it and that it asked
// nobody but the server. What the test makes fail is in expected.
func console(t *testing.T, s *testServer, route string, expected ...string) *browsertest.Page {
	t.Helper()
	p := browsertest.Start(t).Open(t, s.api+"/console/"+route)
	t.Cleanup(func() {
		for _, trouble := range p.Troubles() {
			if !slices.ContainsFunc(expected, func(part string) bool { return strings.Contains(trouble, part) }) {
				t.Error(trouble)
			}
		}
		if len(p.Requests()) == 0 {
			t.Error("the page has asked for nothing")
		}
		for _, address := range p.Requests() {
			if u, err := url.Parse(address); err != nil || u.Host != "" && "http://"+u.Host != s.api {
				t.Errorf("a request to %s", address)
			}
		}
	})
	return p
}

// pageShows waits until the main part of a page shows a text.
func pageShows(p *browsertest.Page, text string) {
	p.Until(fmt.Sprintf("%q is shown", text), fmt.Sprintf("document.querySelector('main').innerText.includes(%q)", text))
}

// publishClock publishes pictures that show when they were made.
func publishClock(t *testing.T, s *testServer, path string) *process {
	t.Helper()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(missing("ffmpeg"))
	}
	cmd := exec.Command(ffmpeg, "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", fmt.Sprintf("%dx%d", browsertest.ClockWidth, browsertest.ClockHeight),
		"-framerate", fmt.Sprint(browsertest.ClockRate), "-i", "-", "-re", "-f", "lavfi", "-i", "sine=sample_rate=48000",
		"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", fmt.Sprint(browsertest.ClockRate), "-pix_fmt", "yuv420p",
		"-c:a", "aac", "-f", "flv", s.url(path))
	pictures, err := cmd.StdinPipe()
	require.NoError(t, err)
	p := runProcess(t, "ffmpeg", cmd)
	go browsertest.WriteClock(pictures)
	return p
}

const videoPlays = `(video => video.currentTime > %f && video.getVideoPlaybackQuality().totalVideoFrames > %d)(document.querySelector('video'))`

// TestConsolePlays: a stream that is published appears with what it is made of, plays in the page with little delay, and
// plays on when its publisher returns.
func TestConsolePlays(t *testing.T) {
	s := startServer(t, "", simple)
	p := console(t, s, "", "preview.mp4", "/streams/")
	pageShows(p, "No stream is live")
	pageShows(p, "rtmp://127.0.0.1:"+fmt.Sprint(s.port(""))+"/live")
	publisher := publishClock(t, s, "live/clock")
	pageShows(p, "live/clock")
	pageShows(p, "H.264 · AAC")
	pageShows(p, "320 × 96")
	p.Click("tbody th a")
	p.Click(".curtain button")
	p.Until("it plays", fmt.Sprintf(videoPlays, 0.0, 10))
	var at float64
	p.Eval(`document.querySelector('video').currentTime`, &at)
	p.Until("it plays on", fmt.Sprintf(videoPlays, at+2, 60))

	// A machine that does other things as well may take a while to find time for a browser.
	eventuallyIn(t, time.Minute, "95 % of all pictures are shown within a second", func() bool {
		delays := p.ClockDelays(4 * time.Second)
		p50, p95 := browsertest.Percentile(delays, 50), browsertest.Percentile(delays, 95)
		t.Logf("%d pictures, behind the publisher: median %v, p95 %v", len(delays), p50, p95)
		return len(delays) > 2*browsertest.ClockRate && p95 < time.Second
	})

	publisher.signal(os.Interrupt)
	<-publisher.done
	p.Until("it says so", `document.querySelector('main').innerText.includes('The page goes on when it returns')`)
	publishClock(t, s, "live/clock")
	p.Until("it plays again", `document.querySelector('.curtain').hidden && document.querySelector('.bar').innerText.includes('s delay')`)
	require.NotEmpty(t, p.ClockDelays(time.Second), "pictures come")

	for range 5 { // at any moment of it
		p.Click(".bar button")
		p.Until("it is stopped", `document.querySelector('.curtain').innerText.includes('Play here')`)
		p.Click(".bar button")
		p.Until("it plays", fmt.Sprintf(videoPlays, 0.0, 1))
	}
	p.Eval(`location.hash = '#/'`, nil)
	pageShows(p, "Most watched")
}

// TestConsoleChanges: a step is added by the page, and publisher and viewer go on; then the workflow is stopped.
func TestConsoleChanges(t *testing.T) {
	s := startServer(t, "", strings.Replace(simple, "\n}", "\n    ffmpeg_push target=rtmp://127.0.0.1:1/app/my-secret\n}", 1))
	publisher := publishClock(t, s, "live/clock")
	p := console(t, s, "#/streams", "/workflows/")
	pageShows(p, "live/clock")
	p.Click("tbody th a")
	pageShows(p, "This line in the workflow does")
	p.Eval(`[...document.querySelectorAll('main a')].find(a => a.textContent === 'Add it to the workflow').click()`, nil)
	pageShows(p, "1 step starts, 3 steps go on undisturbed.")
	require.NotContains(t, p.Text(), "my-secret")
	p.Eval(fmt.Sprintf(`(area => { area.value = area.value.replace('http_watch', 'http_watch http_port=%d'); area.dispatchEvent(new Event('input')); })(document.querySelector('textarea'))`, s.port("2")), nil)
	pageShows(p, fmt.Sprintf("http_port=%d", s.port("2")))
	p.Click(".head button.primary")
	p.Click("dialog button.primary")
	pageShows(p, "http_watch")
	eventually(t, "the step is active", func() bool {
		d := s.details("simple")
		return len(d.ActiveSteps) == 4 && len(d.PendingSteps) == 0
	})
	require.False(t, publisher.ended(), "it is not disturbed")
	watching, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/live/live/clock.mp4", s.port("2")))
	require.NoError(t, err)
	require.NoError(t, watching.Body.Close())
	require.Equal(t, 200, watching.StatusCode)

	p.Eval(`location.hash = '#/workflows/simple'`, nil)
	p.Click(".head button.danger")
	p.Click("dialog button.danger")
	pageShows(p, "There is no workflow.")
	require.Equal(t, 404, s.request("GET", "/workflows/simple", "").status)
}

// TestConsolePages: every page of the console of a real server, whatever the streams are called, has no error.
func TestConsolePages(t *testing.T) {
	s := startServer(t, "", simple)
	p := console(t, s, "")
	publishClock(t, s, "live/a<b>")
	for route, text := range map[string]string{
		"#/streams": "live/a<b>", "#/workflows": "rtmp_receive", "#/workflows/simple": "1 publisher", "#/edit/simple": "Nothing changes: this is what runs.",
		"#/connections": "publishing", "#/reactors": "The configuration has no reactor", "#/ffmpegs": "No step needs ffmpeg", "#/log": "stream started", "#/": "live/a<b>",
	} {
		p.Eval(fmt.Sprintf("location.hash = %q", route), nil)
		pageShows(p, text)
	}
	p.Eval(`location.hash = '#/edit/simple'`, nil)
	pageShows(p, "Nothing changes: this is what runs.")
	p.Until("there is nothing to apply", `document.querySelector('.head button.primary').disabled`)
}
