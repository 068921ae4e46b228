package fuzz

import (
	"net"
	"strings"
	"testing"

	"mmids/rtmp/client"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// splitAddress takes an address apart on both ways on which that is done: as a client, and as a server that a client has
// sent the parts to.
func splitAddress(text string) {
	if a, err := client.ParseAddress(text); err == nil {
		splitKey(a.App, a.TcURL(), a.Key)
	}
	splitKey(text, text, text)
}

func splitKey(app, tcURL, key string) {
	h := &bareHandler{memory: recycler{}}
	h.server = session.NewServer(session.ServerConfig{}, h)
	say := func(body []byte, err error) {
		if err == nil {
			_ = h.server.Handle(chunkOf(message.TypeCommandAMF0, body))
		}
	}
	say((&message.Command{Name: "connect", Transaction: 1, Object: sessionObject("app", app, "tcUrl", tcURL)}).AppendBody(nil))
	say((&message.Command{Name: "publish", Arguments: []any{key, "live"}}).AppendBody(nil))
	h.server.Close()
}

// splitSeeds are addresses as people write them.
var splitSeeds = []string{
	"rtmp://h/live/cam", "rtmp://h:1936/live/room/cam?token=a&b=2", "rtmp://h/live?vhost=x/cam", "rtmp://u:p@h/live/cam", "rtmp://h/live//cam",
	"rtmp://[::1]/live/cam", "rtmp://[::1]:1935/live/cam", "rtmp://::1/live/cam", "rtmp://h:/live/cam", "rtmp:///live/cam", "rtmp://h/live",
	"rtmp://h/live/", "rtmp://h/live/?k", "rtmp://h//cam", "rtmps://h/live/cam", "rtmp://h/live/cam?a?b#c", "'rtmp://h/live?a=1'", "", "live/_definst_/",
}

// FuzzAddress takes addresses apart. What can be taken apart has all its parts, and put together again they are the same.
func FuzzAddress(f *testing.F) {
	for _, seed := range splitSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		bareAddress.require(t, []byte(text))
		a, err := client.ParseAddress(text)
		if err != nil {
			if a != (client.Address{}) || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Fatalf("%+v, %q", a, err)
			}
			return
		}
		host, port, err := net.SplitHostPort(a.Host)
		if err != nil || strings.Contains(host, "/") || strings.Contains(port, "/") {
			t.Fatalf("%q has the host %q: %v", text, a.Host, err)
		}
		if name, _, _ := strings.Cut(a.Key, "?"); a.App == "" || name == "" || strings.Contains(name, "/") {
			t.Fatalf("%q has the app %q and the key %q", text, a.App, a.Key)
		}
		if again, err := client.ParseAddress(a.TcURL() + "/" + a.Key); err != nil || again != a {
			t.Fatalf("%+v became %+v: %v", a, again, err)
		}
	})
}

// splitter is a server that keeps what it was asked for.
type splitter struct {
	bareHandler
	connect session.Connect
	publish session.Publish
}

func (s *splitter) OnConnect(c session.Connect) {
	s.connect = c
	s.bareHandler.OnConnect(c)
}

func (s *splitter) OnPublish(p session.Publish) {
	s.publish = p
	s.bareHandler.OnPublish(p)
}

// FuzzStreamKey sends a server parts of an address. The app and the key that it makes of them are the beginnings of what was
// sent, and each pair of the query is one that was sent, those of the key before all others.
func FuzzStreamKey(f *testing.F) {
	for _, seed := range splitSeeds {
		f.Add(strings.TrimPrefix(seed, "rtmp://h/"), seed, seed[strings.LastIndexByte(seed, '/')+1:])
	}
	f.Add("live?a=1&b=2", "rtmp://h/live?b=3&c=4", "cam?c=5&c=6")
	f.Add("live", "rtmp://h/live", "cam?"+strings.Repeat("a&b&", 100))
	f.Add(strings.Repeat("l", 9000), "", strings.Repeat("k", 9000))
	f.Fuzz(func(t *testing.T, app, tcURL, key string) {
		bareAddress.budget.Require(t, len(app)+len(tcURL)+len(key), func() { splitKey(app, tcURL, key) })
		s := &splitter{}
		s.server = session.NewServer(session.ServerConfig{}, s)
		for _, body := range [][]byte{
			sessionBody("connect", 1.0, sessionObject("app", app, "tcUrl", tcURL)), sessionBody("publish", 2.0, nil, key, "live"),
		} {
			if err := s.server.Handle(chunkOf(message.TypeCommandAMF0, body)); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasPrefix(app, s.connect.App) || strings.Contains(s.connect.App, "?") {
			t.Fatalf("%q became the app %q", app, s.connect.App)
		}
		if s.publish.Key == "" {
			return // refused, as without a key or with one too long
		}
		if name, _, _ := strings.Cut(key, "?"); s.publish.Key != name {
			t.Fatalf("%q became the key %q", key, s.publish.Key)
		}
		checkQuery(t, s.publish.Query, app, tcURL, key)
	})
}

// checkQuery compares a merged query with what it can be made of.
func checkQuery(t *testing.T, merged, app, tcURL, key string) {
	t.Helper()
	pairs := func(text string) []string {
		_, query, _ := strings.Cut(text, "?")
		return strings.Split(query, "&")
	}
	sent := map[string]bool{}
	for _, text := range []string{app, strings.Trim(tcURL, "'"), key} {
		for _, pair := range pairs(text) {
			sent[pair] = true
		}
	}
	inKey := map[string]bool{}
	for _, pair := range pairs(key) {
		inKey[pair] = true
	}
	decided := map[string]bool{}
	for _, pair := range pairs(key) {
		name, _, _ := strings.Cut(pair, "=")
		decided[name] = pair != ""
	}
	if merged == "" {
		return
	}
	all := strings.Split(merged, "&")
	if len(all) > 64 {
		t.Fatalf("%d pairs", len(all))
	}
	for _, pair := range all {
		if name, _, _ := strings.Cut(pair, "="); pair == "" || !sent[pair] || decided[name] && !inKey[pair] {
			t.Fatalf("%q has %q, which is not of %q, %q and %q", merged, pair, app, tcURL, key)
		}
	}
}
