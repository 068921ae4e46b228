package server_test

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/limits"
	"mmids/http/server"
)

func TestRefusals(t *testing.T) {
	s := newHarness(t, server.Config{}).show(func(r *server.Request) { r.Key = "cam" })
	f := func(method, path string, want int, text string) {
		t.Helper()
		status, got, _ := s.refused(method, path)
		require.Equal(t, want, status, got)
		require.Contains(t, got, text)
	}
	f("GET", "/", 404, "/live/<app>/<key>.flv")
	f("GET", "/live/live/cam", 404, "/live/<app>/<key>.flv")
	f("GET", "/live/.flv", 404, "No workflow shows")
	f("GET", "/live/live/.flv", 404, "No workflow shows")
	f("GET", "/live/other/cam.flv", 404, `No workflow shows "other/cam" on port `)
	f("GET", "/live/live/other.mp4", 404, `There is no stream "live/other" here.`)
	f("GET", "/live/live/"+strings.Repeat("x", 1000)+".mp4", 404, "…")
	f("POST", "/live/live/cam.flv", 405, "read only")
	f("GET", "/%zz", 400, "cannot be understood")
	f("OPTIONS", "/live/live/cam.flv", 204, "")
	f("HEAD", "/live/live/cam.flv", 503, "")
	_, _, head := s.refused("POST", "/")
	require.Equal(t, "GET, HEAD, OPTIONS", head.Get("Allow"))
}

// TestRanges: a player may ask for everything as a range, but nobody can go on at a byte of a live stream.
func TestRanges(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	f.key("K1")
	for _, whole := range []string{"bytes=0-", "bytes=0-1", "bytes=-500", "lines=7"} {
		c := s.get("/live/live/cam.flv", "Range: "+whole)
		eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers > 0 })
		f.inter("P1")
		require.Equal(t, 200, c.response().StatusCode, whole)
		require.NoError(t, c.net.Close())
		eventually(t, "viewer is gone", func() bool { return f.channel.Stats().Viewers == 0 })
	}
	for _, path := range []string{"/live/live/cam.flv", "/live/live/cam.mp4"} {
		status, text, _ := s.refused("GET", path, "Range: bytes=1000-")
		require.Equal(t, 416, status)
		require.Contains(t, text, "without a range")
	}
}

// TestHosts: HTTP/1.1 wants a request to name its host, once.
func TestHosts(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	for lines, want := range map[string]int{"": 400, "Host: a\r\nhost: b\r\n": 400, "HOST: a\r\n": 404, "Host:\r\n": 404} {
		require.Equal(t, want, s.dial().write("GET / HTTP/1.1\r\n"+lines+"\r\n").response().StatusCode, lines)
	}
	require.Equal(t, 404, s.dial().write("GET / HTTP/1.0\r\n\r\n").response().StatusCode)
}

// TestHeadHasNoBody: what follows the head of an answer would be the next answer to a client that asks with HEAD.
func TestHeadHasNoBody(t *testing.T) {
	s := newHarness(t, server.Config{}).show(func(r *server.Request) { r.Key = "cam" })
	for _, path := range []string{"/", "/live/other/cam.flv", "/live/live/other.mp4", "/live/live/cam.flv"} {
		answer, err := io.ReadAll(s.dial().write("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").net)
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(string(answer), "\r\n\r\n"), "%s: %q", path, answer)
		require.Contains(t, string(answer), "Content-Length: ")
	}
}

func TestAddressRule(t *testing.T) {
	s := newHarness(t, server.Config{}).show(func(r *server.Request) {
		r.Rule = access.NewRule(nil, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	})
	status, text, _ := s.refused("GET", "/live/live/cam.flv")
	require.Equal(t, 403, status)
	require.Equal(t, "Watching is not allowed from 127.0.0.1.\n", text)
}

// TestRequestLimits: what is too long, too late or nothing at all costs the client its connection and nobody else anything.
func TestRequestLimits(t *testing.T) {
	h := newHarness(t, server.Config{RequestBytesMax: 2000, RequestTimeout: 300 * time.Millisecond})
	s := h.show(nil)
	head := func(size int) string {
		const begin, end = "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", "\r\n\r\n"
		return begin + strings.Repeat("x", size-len(begin)-len(end)) + end
	}
	require.Equal(t, 404, s.dial().write(head(2000)).response().StatusCode)
	require.Zero(t, h.limits.Count(limits.HTTPHeaderBytes), "at the limit")
	require.Equal(t, 431, s.dial().write(head(2001)).response().StatusCode)
	require.EqualValues(t, 1, h.limits.Count(limits.HTTPHeaderBytes))

	slow := s.dial().write("GET / HTTP/1.1\r\n")
	require.Equal(t, 408, slow.response().StatusCode)
	_, err := io.ReadAll(s.dial().in)
	require.NoError(t, err, "who says nothing is closed without a word")
	require.EqualValues(t, 2, h.limits.Count(limits.HandshakeTimeout))
	for _, strange := range []string{"\x16\x03\x01", "\x03", "get / HTTP/1.1\r\n\r\n"} {
		_, _ = io.ReadAll(s.dial().write(strange).in) // closed, at worst by a reset
	}
}

// TestRequestsInPieces: TCP may split anywhere.
func TestRequestsInPieces(t *testing.T) {
	s := newHarness(t, server.Config{}).show(nil)
	const request = "HEAD /live/other/cam.flv HTTP/1.1\r\nHost: x\r\n\r\n"
	for cut := range len(request) {
		if cut == 0 {
			continue
		}
		c := s.dial().write(request[:cut])
		c.write(request[cut:])
		require.Equal(t, 404, c.response().StatusCode)
	}
}

// TestViewerWhoSaysTooMuch is ended.
func TestViewerWhoSaysTooMuch(t *testing.T) {
	h := newHarness(t, server.Config{ViewerBytesMax: 1000})
	s := h.show(nil)
	f := s.feed("cam")
	f.key("K1")
	c := s.get("/live/live/cam.flv")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	c.write(strings.Repeat("x", 1000))
	f.inter("P1")
	c.want("P1")
	require.Zero(t, h.limits.Count(limits.UnacceptedBytes), "at the limit")
	c.write(strings.Repeat("x", 1001)) // at once: the count begins anew each second
	eventually(t, "viewer is ended", func() bool { return f.channel.Stats().Viewers == 0 })
	require.EqualValues(t, 1, h.limits.Count(limits.UnacceptedBytes))
}

// TestClientThatSaysTooMuchWhileItWaits for an approver is ended as well.
func TestClientThatSaysTooMuchWhileItWaits(t *testing.T) {
	asked, released := make(chan struct{}, 1), make(chan struct{}, 1)
	h := newHarness(t, server.Config{ViewerBytesMax: 1000})
	s := h.show(func(r *server.Request) {
		r.Approve = func(access.Applicant, func(bool, string)) func() {
			asked <- struct{}{}
			return func() { released <- struct{}{} }
		}
	})
	c := s.get("/live/live/cam.flv")
	<-asked
	c.write(strings.Repeat("x", 5000))
	<-released
	require.EqualValues(t, 1, h.limits.Count(limits.UnacceptedBytes))
}

// TestApproval: an approver sees the query, decides, and may take its word back.
func TestApproval(t *testing.T) {
	var updates = make(chan func(bool, string), 1)
	asked, released := make(chan access.Applicant, 1), make(chan struct{}, 1)
	s := newHarness(t, server.Config{}).show(func(r *server.Request) {
		r.Approve = func(a access.Applicant, update func(bool, string)) func() {
			a.ConnectionID = ""
			asked <- a
			updates <- update
			return func() { released <- struct{}{} }
		}
	})
	f := s.feed("cam")
	f.key("K1")
	f.inter("P1")
	f.inter("P2")
	no := s.get("/live/live/cam.flv?token=a%20b")
	require.Equal(t, access.Applicant{App: "live", Key: "cam", Query: "token=a%20b", ClientIP: "127.0.0.1"}, <-asked)
	(<-updates)(false, "not you")
	r := no.response()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, 403, r.StatusCode)
	require.Equal(t, "not you\n", string(text))
	<-released

	yes := s.get("/live/live/cam.flv")
	<-asked
	update := <-updates
	update(true, "")
	eventually(t, "viewer is there", func() bool { return f.channel.Stats().Viewers == 1 })
	f.inter("P3")
	yes.want("P3")
	update(false, "no longer")
	_, err = io.ReadAll(yes.in)
	require.NoError(t, err)
	<-released

	waiting := s.get("/live/live/later.flv")
	<-asked
	update = <-updates
	update(true, "")
	update(false, "no longer")
	require.Equal(t, 403, waiting.response().StatusCode)
	<-released

	gone := s.get("/live/live/cam.flv")
	<-asked
	late := <-updates
	require.NoError(t, gone.net.Close())
	<-released
	late(true, "") // too late
}

// TestRegistrations: what may share a port, and what may not.
func TestRegistrations(t *testing.T) {
	h := newHarness(t, server.Config{})
	s := h.show(func(r *server.Request) { r.Key = "cam" })
	listen := func(change func(*server.Request)) (*server.Registration, error) {
		r := server.Request{App: "live", Key: "cam", Owner: s.owner("other")}
		r.Port = s.port()
		change(&r)
		return h.server.Listen(r, registrant{make(chan error, 1)})
	}
	_, err := listen(func(*server.Request) {})
	require.EqualError(t, err, `HTTP viewers of app "live", stream key "cam" on port `+s.address[10:]+` belong to workflow "w" already`)
	_, err = listen(func(r *server.Request) { r.Key = "*" })
	require.ErrorAs(t, err, new(*server.TakenError))
	_, err = listen(func(r *server.Request) { r.TLS = true })
	require.ErrorIs(t, err, server.ErrNoCertificate)
	more, err := listen(func(r *server.Request) { r.App = "live/room" })
	require.NoError(t, err)
	status, _, _ := s.refused("HEAD", "/live/live/room/cam.flv")
	require.Equal(t, 503, status, "known, and not there at the moment")
	more.Close()
	more.Close()
	status, _, _ = s.refused("HEAD", "/live/live/room/cam.flv")
	require.Equal(t, 404, status)

	s.registration.Close()
	_, err = listen(func(*server.Request) {})
	require.NoError(t, err, "port and key are free at once")
}

// Whoever waits for a reactor that says nothing is refused, and its late answer changes nothing.
func TestApproverThatDoesNotAnswer(t *testing.T) {
	updates, released := make(chan func(bool, string), 1), make(chan struct{}, 1)
	h := newHarness(t, server.Config{ApprovalTimeout: time.Millisecond})
	s := h.show(func(r *server.Request) {
		r.Approve = func(_ access.Applicant, update func(bool, string)) func() {
			updates <- update
			return func() { released <- struct{}{} }
		}
	})
	r := s.get("/live/live/cam.flv").response()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, 503, r.StatusCode)
	require.Equal(t, access.ReasonLate+"\n", string(text))
	require.NotEmpty(t, r.Header.Get("Retry-After"))
	<-released
	(<-updates)(true, "")
	require.EqualValues(t, 1, h.limits.Count(limits.ApprovalTimeout))
}
