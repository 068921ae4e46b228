package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/web/browsertest"
)

// TestEveryPacketArrivesOverHTTP: ffmpeg publishes a file with B-frames; viewers of every format come before it and in the
// middle, and each recording is compared with the file packet by packet.
func TestEveryPacketArrivesOverHTTP(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 2s", shownByHTTP)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name+".flv") }
	sent := source(t)

	socket, frames := watchWebSocket(t, s.httpURL("abc.flv"))
	early := map[string]*process{}
	for _, name := range []string{"flv", "mp4"} {
		early[name] = ffmpegRecords(t, s.httpURL("abc."+name), file("early-"+name))
	}
	raw := startProcess(t, "curl", "-s", "-S", "-o", file("early-curl"), s.httpURL("abc.flv"))
	eventually(t, "all viewers are there", func() bool { return len(s.logged("viewer started")) == 4 })
	overRTMP := watch(t, s.url("live/abc"))
	publisher := publishFile(t, must(t, sourceFile), s.url("live/abc"))
	overRTMP.waitVideo(sourceGOP + sourceGOP/2)
	late := map[string]*process{}
	for _, name := range []string{"flv", "mp4"} {
		late[name] = ffmpegRecords(t, s.httpURL("abc."+name), file("late-"+name))
	}
	lateViewer := watchFLV(t, s.httpURL("abc.flv"))

	publisher.succeeds(patience)
	requireSame(t, "over a WebSocket, in the order of arrival", sent, socket.waitAll(sent))
	requireFromKeyFrame(t, "over HTTP, late", sent, lateViewer.waitAll(sent))
	raw.succeeds(patience)
	requireSame(t, "curl", sent, readFLV(t, file("early-curl")))
	for name, p := range early {
		p.succeeds(patience) // at the end of the answer
		requireWhole(t, name, sent, readFLV(t, file("early-"+name)))
	}
	for name, p := range late {
		p.succeeds(patience)
		requireFromKeyFrame(t, name, sent, readFLV(t, file("late-"+name)))
	}
	requireDone(t, "the WebSocket viewer", socket.done)
	require.Equal(t, "\x03\xf5There is no such stream at the moment.", frames.end)
}

// TestMP4DecodesWithoutErrors: a whole decoder has nothing to complain about.
func TestMP4DecodesWithoutErrors(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 2s", shownByHTTP)
	decode := startProcess(t, "ffmpeg", "-nostdin", "-v", "warning", "-xerror", "-i", s.httpURL("k.mp4"), "-f", "null", "-")
	eventually(t, "viewer is there", func() bool { return len(s.logged("viewer started")) == 1 })
	publishFile(t, must(t, sourceFile), s.url("live/k")).succeeds(2 * patience)
	decode.succeeds(patience)
	require.Empty(t, decode.output.String())
}

// TestHTTPRefusals: curl sees why, and browsers may show it to the page.
func TestHTTPRefusals(t *testing.T) {
	t.Parallel()
	asked := startReactor(t)
	s := startServer(t, "return_timeout 1s", fmt.Sprintf(`
reactor lookup executor=simple_http {
    url %s
}
workflow simple {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    http_watch   app=live stream_key=cam http_port={port2}
    http_watch   app=denied stream_key=* http_port={port2} deny_ips=127.0.0.1
    http_watch   app=asked stream_key=* http_port={port2} reactor=lookup
}
`, asked))
	f := feed(t, s.url("live/cam"))
	f.send(3)
	base := strings.TrimSuffix(s.httpURL(""), "live/")
	has := func(path string, want ...string) {
		t.Helper()
		got := curl(t, "--include", base+path)
		for _, w := range append(want, "Access-Control-Allow-Origin: *\r\n", "Connection: close\r\n") {
			require.Contains(t, got, w)
		}
	}
	has("live/other.flv", "HTTP/1.1 404 Not Found\r\n", `There is no stream "live/other" here.`)
	has("nothing/cam.flv", "HTTP/1.1 404 Not Found\r\n", `No workflow shows "nothing/cam" on port `)
	has("denied/cam.mp4", "HTTP/1.1 403 Forbidden\r\n", "Watching is not allowed from 127.0.0.1.")
	has("asked/cam.mp4", "HTTP/1.1 403 Forbidden\r\n")
	require.Contains(t, curl(t, "--include", "-X", "OPTIONS", "-H", "Origin: http://example.com", "-H", "Access-Control-Request-Method: GET", base+"live/cam.flv"),
		"HTTP/1.1 204 No Content\r\n")
	require.Contains(t, curl(t, "--include", "-X", "DELETE", base+"live/cam.flv"), "HTTP/1.1 405 Method Not Allowed\r\n")
	head := curl(t, "--head", base+"live/cam.flv")
	require.Contains(t, head, "HTTP/1.1 200 OK\r\n")
	require.Contains(t, head, "Content-Type: video/x-flv\r\n")
	f.stop()
	eventually(t, "stream is gone", func() bool { return strings.Contains(curl(t, "--head", base+"live/cam.flv"), "Retry-After: 2\r\n") })
	has("live/cam.flv", "HTTP/1.1 503 Service Unavailable\r\n", "There is no such stream at the moment.")
}

// startReactor returns the address of a lookup service that knows no stream.
func startReactor(t testing.TB) string {
	t.Helper()
	port := freePort(t, "127.0.0.1")
	server := &http.Server{Addr: fmt.Sprintf("127.0.0.1:%d", port), Handler: http.NotFoundHandler()}
	done := make(chan error, 1)
	go func() { done <- server.ListenAndServe() }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return "http://" + server.Addr
}

// TestHTTPS: the same certificate as that of RTMPS, and clients that mix HTTP and HTTPS up.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	s := startServer(t, fmt.Sprintf("return_timeout 2s\ntls_cert_path %q\ntls_cert_password secret", makePFX(t, "secret")),
		strings.Replace(shownByHTTP, "http_port={port2}", "http_port={port2} use_tls\nhttp_watch app=live stream_key=* http_port={port3}", 1))
	secure := strings.Replace(s.httpURL("k.flv"), "http:", "https:", 1)
	f := feed(t, s.url("live/k"))
	v := watchFLV(t, secure)
	file := filepath.Join(t.TempDir(), "over-tls.flv")
	record := ffmpegRecords(t, strings.Replace(secure, ".flv", ".mp4", 1), file)
	eventually(t, "viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	f.send(2 * sourceGOP)
	requireSame(t, "over TLS", f.sent, v.waitAll(f.sent))

	mistaken := startProcess(t, "curl", "-s", "-k", strings.Replace(secure, fmt.Sprint(s.port("2")), fmt.Sprint(s.port("3")), 1))
	require.NotZero(t, mistaken.wait(patience))
	eventually(t, "there is a line for the client that mixes them up", func() bool {
		return len(s.logged("client speaks TLS on a port that does not; its URL may have to begin with http://, or the step needs use_tls")) == 1
	})
	f.stop()
	record.succeeds(patience)
	requireFromKeyFrame(t, "ffmpeg over TLS", f.sent, readFLV(t, file))

	s.put("workflow clash {\n http_watch app=x stream_key=* http_port={port2}\n}\n")
	eventually(t, "the clash of TLS is noticed", func() bool {
		return strings.Contains(s.details("clash").Status, "is open with TLS and cannot be used without it")
	})
	s.put("workflow other {\n http_watch app=x stream_key=* http_port={port}\n}\n")
	eventually(t, "the clash of protocols is noticed", func() bool {
		return strings.Contains(s.details("other").Status, s.fill("port {port} is in use by another program, or for another protocol"))
	})
	s.put("workflow rtmp {\n rtmp_watch rtmp_app=x stream_key=* port={port3}\n}\n")
	eventually(t, "the clash of protocols is noticed by RTMP", func() bool {
		return strings.Contains(s.details("rtmp").Status, s.fill("port {port3} is in use by another program, or for another protocol"))
	})
}

// TestHTTPViewersWhenThePublisherReturns: killed or gone in order, viewers go on with the next one, and times with them.
func TestHTTPViewersWhenThePublisherReturns(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 30s", shownByHTTP)
	publisher := publishFile(t, must(t, sourceFile), s.url("live/k"))
	v := watchFLV(t, s.httpURL("k.flv"))
	socket, _ := watchWebSocket(t, s.httpURL("k.flv"))
	file := filepath.Join(t.TempDir(), "return.flv")
	mp4 := ffmpegRecords(t, s.httpURL("k.mp4"), file)
	v.waitVideo(sourceGOP)
	eventually(t, "MP4 is recorded", func() bool { return len(videoOf(readFLV(t, file))) > 10 })
	publisher.signal(syscall.SIGKILL)
	publisher.wait(patience)
	before := len(videoOf(v.got()))
	publishFile(t, must(t, sourceFile), s.url("live/k")).succeeds(2 * patience)
	for who, got := range map[string][]packet{"http": v.waitVideo(before + sourceGOP), "websocket": socket.waitVideo(before + sourceGOP)} {
		requireTimesNeverGoBack(t, who, got)
	}
	s.delete("simple")
	mp4.succeeds(patience)
	got := readFLV(t, file)
	requireTimesNeverGoBack(t, "mp4", got)
	keys := 0
	for _, p := range videoOf(got) {
		if p.key {
			keys++
		}
	}
	require.Greater(t, keys, sourceSeconds, "key frames of both streams")
}

// TestUpdateKeepsHTTPViewers: a step that stays keeps its viewers, whatever happens around it.
func TestUpdateKeepsHTTPViewers(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", shownByHTTP)
	f := feed(t, s.url("live/k"))
	v := watchFLV(t, s.httpURL("k.flv"))
	ended := make(chan string, 1)
	go func() { ended <- wholeAnswer(s.httpURL("k.mp4")) }()
	eventually(t, "viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	f.send(5)
	s.put(strings.Replace(shownByHTTP, "\n}", "\nrtmp_watch rtmp_app=more stream_key=* port={port}\n}", 1))
	s.running("simple", 4)
	f.send(30)
	requireSame(t, "the viewer", f.sent, v.waitAll(f.sent))
	require.False(t, v.gone())
	s.put(strings.Replace(shownByHTTP, "http_watch", "# http_watch", 1))
	s.running("simple", 2)
	requireDone(t, "the viewer of a step that goes", v.done)
	select {
	case got := <-ended:
		require.Contains(t, got, "avc1.")
		require.Contains(t, got, "mdat")
	case <-time.After(patience):
		t.Fatal("the MP4 viewer of a step that goes was not ended")
	}
}

// wholeAnswer returns the media type and the body of an answer, or why it did not end in order.
func wholeAnswer(url string) string {
	r, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return fmt.Sprint(r.Header.Get("Content-Type"), string(body), err)
}

// TestStoppedHTTPViewer: a viewer process that is stopped skips to a key frame when it wakes up, and nobody has a gap.
func TestStoppedHTTPViewer(t *testing.T) {
	t.Parallel()
	s := startServer(t, "viewer_lag_mb 4\nreturn_timeout 500ms", shownByHTTP)
	good := watch(t, s.url("live/k"))
	file := filepath.Join(t.TempDir(), "slow.flv")
	slow := startProcess(t, "curl", "-s", "-S", "-N", "-o", file, s.httpURL("k.flv"))
	eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	f := feed(t, s.url("live/k"))
	f.sendLarge(largeGOP, good)
	eventually(t, "curl records", func() bool {
		i, err := os.Stat(file)
		return err == nil && i.Size() > 5*largeFrame
	})
	slow.signal(syscall.SIGSTOP)
	f.sendLarge(10*largeGOP, good)
	slow.signal(syscall.SIGCONT)
	f.sendLarge(2*largeGOP, good)
	f.stop()
	slow.succeeds(patience)
	requireSame(t, "the other viewer", f.sent, good.waitVideo(len(f.sent)))
	got := readFLV(t, file)
	requireSkipsToKeyFrames(t, f.sent, got)
	require.True(t, got[len(got)-1].equal(f.sent[len(f.sent)-1]), "the stopped viewer is live again")
}

// TestPageOfTheDocs: the smallest page that plays a stream, as docs/steps.md shows it, plays one, although it comes from elsewhere.
func TestPageOfTheDocs(t *testing.T) {
	s := startServer(t, "", shownByHTTP)
	publishClock(t, s, "live/test")
	steps, err := os.ReadFile("docs/steps.md")
	require.NoError(t, err)
	_, page, found := strings.Cut(string(steps), "```html\n")
	require.True(t, found)
	page, _, _ = strings.Cut(page, "```")
	const address = "http://HOST:8080/live/live/test.mp4"
	require.Contains(t, page, address)
	page = strings.Replace(page, address, s.httpURL("test.mp4"), 1)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(site.Close)
	p := browsertest.Start(t).Open(t, site.URL)
	p.Until("it plays", fmt.Sprintf(videoPlays, 0.5, 10))
}
