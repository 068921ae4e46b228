package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// perPublisher is a configuration in which a reactor says who may publish and what becomes of the stream.
func perPublisher(l *lookup, more ...string) string {
	return l.reactor("lookup", more...) + `
workflow receiver {
    rtmp_receive rtmp_app=live stream_key=* port={port} reactor=lookup
    workflow_forwarder reactor=lookup
}`
}

// shows is a workflow with viewers.
func (s *testServer) shows(name, more string) string {
	return fmt.Sprintf("workflow %s %s {\n rtmp_watch rtmp_app=%s stream_key=* port=%d\n}\n", name, more, name, s.port(""))
}

const routable = "routed_by_reactor"

// TestWorkflowPerPublisher: one stream name is refused, another gets a workflow of its own while it lives.
func TestWorkflowPerPublisher(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", perPublisher(l, "update_interval=60"))
	l.says("good", 200, s.shows("good_out", routable))

	requireRefused(t, s.url("live/bad"))
	s.waitWorkflows("receiver")
	publisher := publishOn(t, s.url("live/good?token=abc"))
	s.waitWorkflows("good_out", "receiver")
	s.running("good_out", 1)
	v := watch(t, s.url("good_out/good"))
	v.waitVideo(25)
	require.Equal(t, []string{"aac", "h264,160,120"}, probe(t, s.url("good_out/good")))
	endPublishing(publisher)
	s.waitWorkflows("receiver")
	requireDone(t, "the viewer of the workflow that has ended", v.done)
	requireRun(t, "the viewer", long(t), v.got())

	require.Len(t, l.about("bad"), 1)
	require.Equal(t, []asked{{
		path: "/lookup", method: "POST", contentType: "application/json", body: map[string]string{
			"stream_name": "good", "query": "token=abc", "client_ip": "127.0.0.1", "app": "live", "kind": "publish",
		},
	}}, l.about("good"), "one question, although the publisher and the forwarder want to know")
	require.NotContains(t, s.output.String(), "token=abc", "secrets of publishers are not logged")

	requireRefused(t, s.url("live/bad"))
	require.Len(t, l.about("bad"), 2, "a refusal is not remembered")
	feed(t, s.url("live/good"))
	s.waitWorkflows("good_out", "receiver")
	require.Len(t, l.about("good"), 2, "a publisher that returns is asked about again")
	s.stop() // while it is live
}

// TestAnswersChange: the service is asked again and again, and what it says is brought about.
func TestAnswersChange(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", perPublisher(l, "update_interval=1"))
	l.says("good", 200, s.shows("a", routable)+s.shows("b", ""))
	began := time.Now()
	publisher := publishOn(t, s.url("live/good"))
	s.waitWorkflows("a", "b", "receiver")
	s.running("a", 1)
	s.running("b", 1)
	a, b := watch(t, s.url("a/good")), watch(t, s.url("b/good"))
	a.waitVideo(10)

	l.says("good", 200, s.shows("a", routable)+s.shows("c", routable))
	s.waitWorkflows("a", "c", "receiver")
	requireDone(t, "the viewer of the workflow that is no longer wanted", b.done)
	require.Empty(t, b.got(), "a workflow that is not routable is not fed")
	s.running("c", 1)
	c := watch(t, s.url("c/good"))
	c.waitVideo(10)
	a.waitVideo(len(videoOf(a.got())) + 25)
	requireRun(t, "the viewer of the workflow that stays", long(t), a.got())
	requireRun(t, "the viewer of the new workflow", long(t), c.got())

	asked := len(l.about("good"))
	require.LessOrEqual(t, asked, int(time.Since(began).Seconds())+2, "one question in each interval")
	require.Len(t, s.came("publisher started", "live"), 1)
	l.sets("good", lookupAnswer{status: 404})
	require.NotZero(t, publisher.wait(patience), "the publisher is disconnected")
	s.waitWorkflows("receiver")
	requireDone(t, "the viewer of a", a.done)
	requireDone(t, "the viewer of c", c.done)
	require.Equal(t, "Running", s.details("receiver").Status)
	s.waitCame("publisher stopped", "live", 1)
}

// TestSlowService: a service that takes its time delays nobody but the client that it is asked about.
func TestSlowService(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", perPublisher(l)+simpleOn("free"))
	release := l.holds("slow", 200, "")
	l.says("quick", 200, s.shows("quick_out", routable))

	viewer := watch(t, s.url("free/k"))
	free := feed(t, s.url("free/k"))
	free.begin(viewer)
	slow := make(chan *feeder, 1)
	go func() {
		f, err := tryFeed(t, s.url("live/slow"))
		if err != nil {
			t.Error(err)
		}
		slow <- f
	}()
	eventually(t, "the service is asked", func() bool { return len(l.about("slow")) == 1 })
	quick := feed(t, s.url("live/quick"))
	s.waitWorkflows("free", "quick_out", "receiver")
	s.running("quick_out", 1)
	other := watch(t, s.url("quick_out/quick"))
	quick.begin(other)
	quick.send(50)
	other.waitAll(quick.sent)
	free.send(50)
	requireSame(t, "the viewer of a stream without a reactor", free.sent, viewer.waitAll(free.sent))

	require.Empty(t, slow, "no answer, no publisher")
	require.Len(t, s.came("publisher started", "live"), 1)
	release()
	f := <-slow
	require.NotNil(t, f)
	f.send(5)
	require.True(t, f.alive())
}

// simpleOn is a workflow without a reactor, named after its app.
func simpleOn(app string) string {
	return "\nworkflow " + app + " {\n rtmp_receive rtmp_app=" + app + " stream_key=* port={port}\n rtmp_watch rtmp_app=" + app + " stream_key=* port={port}\n}\n"
}

// TestClientThatDoesNotWait leaves while the service is asked about it. Nothing is left of it.
func TestClientThatDoesNotWait(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", perPublisher(l))
	release := l.holds("k", 200, s.shows("k_out", routable))
	impatient := publishLong(t, s.url("live/k"), 5)
	eventually(t, "the service is asked", func() bool { return len(l.about("k")) == 1 })
	require.NoError(t, impatient.cmd.Process.Kill())
	impatient.wait(patience)
	release()

	l.says("k", 200, s.shows("k_out", routable))
	f := feed(t, s.url("live/k"))
	s.waitWorkflows("k_out", "receiver")
	s.waitCame("publisher started", "live", 1)
	f.stop()
	s.waitWorkflows("receiver")
}

// TestTwoReactors: each step asks its own reactor; publishers may be others than viewers.
func TestTwoReactors(t *testing.T) {
	t.Parallel()
	publishers, viewers := startLookup(t), startLookup(t)
	s := startServer(t, "", publishers.reactor("publishers")+viewers.reactor("viewers")+`
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port} reactor=publishers
    rtmp_watch   rtmp_app=live stream_key=* port={port} reactor=viewers
    rtmp_watch   rtmp_app=open stream_key=* port={port}
}
workflow wrong {
    rtmp_receive rtmp_app=wrong stream_key=* port={port} reactor=nobody
    rtmp_watch   rtmp_app=wrong stream_key=* port={port} reactor=nobody
}`)
	publishers.says("k", 200, "")
	f := feed(t, s.url("live/k"))
	_, err := tryWatch(t, s.url("live/k"))
	require.ErrorContains(t, err, "the stream is not allowed")
	viewers.says("k", 200, "")
	v := watch(t, s.url("live/k"))
	f.begin(v)
	viewers.says("other", 200, "")
	_, err = tryFeed(t, s.url("live/other"))
	require.ErrorContains(t, err, "the stream is not allowed")
	require.Equal(t, []string{"publish", "publish"}, kinds(publishers))
	require.Equal(t, []string{"play", "play"}, kinds(viewers))

	// A reactor that does not exist refuses everybody, and the workflow runs all the same.
	_, err = tryFeed(t, s.url("wrong/k"))
	require.ErrorContains(t, err, "not set up")
	_, err = tryWatch(t, s.url("wrong/k"))
	require.ErrorContains(t, err, "not set up")
	s.running("wrong", 2)
	requireRefused(t, s.url("wrong/k"))
}

func kinds(l *lookup) (list []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.asked {
		list = append(list, a.body["kind"])
	}
	return list
}

// TestServiceGoesDown: what lives stays, who comes for the first time is refused with a reason.
func TestServiceGoesDown(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", perPublisher(l, "update_interval=1"))
	l.says("k", 200, s.shows("k_out", routable))
	f := feed(t, s.url("live/k"))
	s.waitWorkflows("k_out", "receiver")
	s.running("k_out", 1)
	v := watch(t, s.url("k_out/k"))
	f.begin(v)

	for _, status := range []int{500, 403} { // from there on; then nobody is there any more
		l.says("k", status, "")
		was := len(l.about("k"))
		eventually(t, "the service is asked again", func() bool { return len(l.about("k")) > was })
	}
	l.Listener.Close()
	l.CloseClientConnections()
	was := len(s.logged("the answer could not be refreshed, the last one stays"))
	eventually(t, "the service cannot be reached", func() bool {
		return len(s.logged("the answer could not be refreshed, the last one stays")) >= was+2
	})
	f.send(50)
	requireSame(t, "the viewer", f.sent, v.waitAll(f.sent))
	require.True(t, f.alive())
	require.Equal(t, []string{"k_out", "receiver"}, s.workflows())

	_, err := tryFeed(t, s.url("live/other"))
	require.ErrorContains(t, err, "could not be found out")
	requireRefused(t, s.url("live/other"))
	f.send(5)
	require.True(t, f.alive())
}

// TestServiceIsTriedAgain, with short pauses.
func TestServiceIsTriedAgain(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", fmt.Sprintf(`
reactor lookup executor=simple_http {
    url %s/lookup
    retry_delays 300ms,300ms
}`, l.URL)+`
workflow receiver {
    rtmp_receive rtmp_app=live stream_key=* port={port} reactor=lookup
}`)
	l.says("k", 500, "")
	done := make(chan error, 1)
	go func() {
		_, err := tryFeed(t, s.url("live/k"))
		done <- err
	}()
	eventually(t, "the first two attempts fail", func() bool { return len(l.about("k")) == 2 })
	l.says("k", 200, "")
	require.NoError(t, <-done)
	require.Len(t, l.about("k"), 3)

	l.says("unreadable", 200, "workflow {")
	_, err := tryFeed(t, s.url("live/unreadable"))
	require.ErrorContains(t, err, "could not be found out")
	require.Len(t, l.about("unreadable"), 3)
	_, err = tryFeed(t, s.url("live/unknown"))
	require.ErrorContains(t, err, "not allowed")
	require.Len(t, l.about("unknown"), 1, "no is an answer")
	eventually(t, "the refusal is in the log", func() bool {
		return slices.ContainsFunc(s.logged("client refused"), func(line map[string]any) bool {
			return line["stream_key"] == "unknown" && line["ip"] == "127.0.0.1"
		})
	})
}
