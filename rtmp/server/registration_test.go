package server_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

func TestConflictTable(t *testing.T) {
	h := newHarness(t, server.Config{})
	listen := map[string]func(server.Request, server.Registrant) (*server.Registration, error){
		"publishers": h.server.ListenPublishers, "viewers": h.server.ListenWatchers,
	}
	for kind, register := range listen {
		for _, row := range []struct {
			existing, key string
			ok            bool
		}{
			{"*", "*", false}, {"*", "a", false}, {"a", "*", false}, {"a", "a", false}, {"a", "b", true}, {"a", "A", true},
		} {
			port := freePort(t)
			first, err := register(request(port, "live", row.existing, workflow.NewOwner("first")), newRegistrant())
			require.NoError(t, err)
			second, err := register(request(port, "live", row.key, workflow.NewOwner("second")), newRegistrant())
			name := fmt.Sprintf("%s: %q after %q", kind, row.key, row.existing)
			if row.ok {
				require.NoError(t, err, name)
				second.Close()
			} else {
				var taken *server.TakenError
				require.ErrorAs(t, err, &taken, name)
				require.Equal(t, &server.TakenError{Kind: kind, Port: port, App: "live", Key: row.existing, Workflow: "first"}, taken)
				require.Nil(t, second)
			}
			other, err := register(request(port, "Live", "*", workflow.NewOwner("third")), newRegistrant())
			require.NoError(t, err, "another app is another matter")
			other.Close()
			first.Close()
			first.Close()
		}
	}
}

func TestPublishersAndViewersDoNotConflict(t *testing.T) {
	h := newHarness(t, server.Config{})
	port := freePort(t)
	a, err := h.server.ListenPublishers(request(port, "live", "*", workflow.NewOwner("a")), newRegistrant())
	require.NoError(t, err)
	defer a.Close()
	b, err := h.server.ListenWatchers(request(port, "live", "*", workflow.NewOwner("b")), newRegistrant())
	require.NoError(t, err)
	defer b.Close()
}

func TestRefusedRegistrationTouchesNothing(t *testing.T) {
	h := newHarness(t, server.Config{})
	port := freePort(t)
	require.Equal(t, "Running", h.apply("first", receiveAndWatch(port, "live")).Status())
	publisher := dial(t, port, "live").publish("cam")
	publisher.want("publish start")

	require.Contains(t, h.apply("second", receiveAndWatch(port, "live")).Status(), `workflow "first" already takes publishers`)
	h.stop("second")

	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	publisher.send(video, 0, key...)
	viewer.want("video 0 " + hex(key))
}

func TestPortClosesWithItsLastRegistrationAndConnection(t *testing.T) {
	h := newHarness(t, server.Config{})
	port := freePort(t)
	h.apply("a", receiveAndWatch(port, "live"))
	h.apply("b", receiveAndWatch(port, "other"))
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	h.stop("b")
	require.True(t, isOpen(port))
	h.stop("a")
	viewer.want("status Play.Stop", "closed")
	viewer.close()
	require.Eventually(t, func() bool { return !isOpen(port) }, patience, 1e6, "the port is closed")
	require.Equal(t, "Running", h.apply("a", receiveAndWatch(port, "live")).Status(), "and can be opened again")
}

func TestBusyPort(t *testing.T) {
	h := newHarness(t, server.Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = h.server.ListenWatchers(request(port, "live", "*", workflow.NewOwner("a")), newRegistrant())
	require.EqualError(t, err, fmt.Sprintf("port %d is in use by another program, or for another protocol", port))
	require.True(t, workflow.IsTemporary(err), "it may become free")
}

func TestReplacingRegistration(t *testing.T) {
	h := newHarness(t, server.Config{})
	port := freePort(t)
	old, next := workflow.NewOwner("w"), workflow.NewOwner("w")
	first, err := h.server.ListenPublishers(request(port, "live", "*", old), newRegistrant())
	require.NoError(t, err)

	second := request(port, "live", "*", next)
	_, err = h.server.ListenPublishers(second, newRegistrant())
	require.Error(t, err, "the old instance is there to stay")

	old.SetRetiring(true)
	_, err = h.server.ListenPublishers(request(port, "live", "*", workflow.NewOwner("other")), newRegistrant())
	require.Error(t, err, "only its own workflow may follow it")
	second.Rule = rule(t, "192.0.2.1")
	replacement, err := h.server.ListenPublishers(second, newRegistrant())
	require.NoError(t, err)
	_, err = h.server.ListenPublishers(request(port, "live", "cam", next), newRegistrant())
	require.Error(t, err, "one may follow, not two")

	publisher := dial(t, port, "live").publish("cam")
	publisher.want("publish start") // the old registration still decides
	first.Close()
	publisher.want("refused: rtmp server refused publish: NetStream.Publish.Failed: The workflow no longer takes this stream.", "closed")
	dial(t, port, "live").publish("cam").
		want("refused: rtmp server refused publish: NetStream.Publish.Denied: Publishing is not allowed from 127.0.0.1.", "closed")
	replacement.Close()
}

func TestUpdateTakesOverTheRegistration(t *testing.T) {
	h := newHarness(t, server.Config{})
	port := freePort(t)
	h.apply("w", receiveAndWatch(port, "live"))
	publisher := dial(t, port, "live").publish("cam")
	publisher.want("publish start")
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")

	details := h.apply("w", fmt.Sprintf(`rtmp_receive rtmp_app=live stream_key=* port=%d
		rtmp_watch rtmp_app=live stream_key=* port=%d allow_ips=192.0.2.1`, port, port))
	require.Equal(t, "Running", details.Status())
	viewer.want("status Play.Stop", "closed")
	publisher.send(video, 0, key...) // is not disturbed
	dial(t, port, "live").play("cam").
		want("refused: rtmp server refused play: NetStream.Play.Failed: Watching is not allowed from 127.0.0.1.", "closed")
	publisher.do(func(c client) error { c.Stop(); return nil })
	publisher.close()
}

func TestInternalPort(t *testing.T) {
	h := newHarness(t, server.Config{})
	r := newRegistrant()
	in := server.Request{Internal: true, App: "helper-1", Key: "stream", StreamID: "fixed", Owner: workflow.NewOwner("w"), Log: zerolog.Nop()}
	publishers, err := h.server.ListenPublishers(in, r)
	require.NoError(t, err)
	watchers, err := h.server.ListenWatchers(in, newRegistrant())
	require.NoError(t, err)
	require.Equal(t, publishers.URL(), watchers.URL())
	var port int
	_, err = fmt.Sscanf(publishers.URL(), "rtmp://127.0.0.1:%d/helper-1/stream", &port)
	require.NoError(t, err, publishers.URL())

	p := dial(t, port, "helper-1").publish("stream")
	p.want("publish start")
	require.Equal(t, media.StreamID("fixed"), r.next(t).Stream)
	p.close()
	require.Equal(t, media.Disconnected, r.next(t).Event)
	publishers.Close()
	watchers.Close()
	require.Eventually(t, func() bool { return !isOpen(port) }, patience, 1e6)
}

func isOpen(port int) bool {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	c.Close()
	return true
}
