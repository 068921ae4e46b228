package server_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// mine is a log hook that panics at the first line with a message, once it has been laid. Lines are written all over the
// server, so it blows up wherever a test wants.
type mine struct{ message atomic.Pointer[string] }

func (m *mine) lay(message string) { m.message.Store(&message) }

func (m *mine) Run(_ *zerolog.Event, _ zerolog.Level, message string) {
	if at := m.message.Load(); at != nil && *at == message && m.message.CompareAndSwap(at, nil) {
		panic("at " + message)
	}
}

// TestPanicEndsOneConnection has the connection of a victim panic wherever it says something. It is closed and logged with
// its id, a publisher and a viewer beside it go on, and nothing is left of it.
func TestPanicEndsOneConnection(t *testing.T) {
	f := func(message string, victim func(t *testing.T, port int) *peer) {
		t.Run(message, func(t *testing.T) {
			var log logBuffer
			var trap mine
			logger := zerolog.New(&log).Hook(&trap)
			h, port := start(t, server.Config{Log: logger})
			viewer := dial(t, port, "live").play("honest")
			viewer.want("play start")
			publisher := dial(t, port, "live").publish("honest")
			publisher.want("publish start")
			goOn := func(at uint32) {
				t.Helper()
				publisher.send(video, at, key...)
				viewer.want(fmt.Sprintf("video %d %s", at, hex(key)))
			}
			goOn(0)

			trap.lay(message)
			p := victim(t, port)
			p.waitClosed()
			require.Eventually(t, func() bool { return len(log.lines(`"panic":`)) > 0 }, patience, time.Millisecond)
			goOn(40)

			again := dial(t, port, "live").publish("victim")
			again.want("publish start")
			for _, q := range []*peer{again, viewer, publisher} {
				q.close()
			}
			require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
			h.stop("w")
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			require.NoError(t, err, "the port is free")
			require.NoError(t, l.Close())
			requireOnePanic(t, &log, "at "+message)
		})
	}
	publishes := func(t *testing.T, port int) *peer {
		p := dial(t, port, "live").publish("victim")
		p.want("publish start")
		return p
	}
	f("connection opened", dialRawReading)
	f("connected to app", func(t *testing.T, port int) *peer { return dial(t, port, "live") })
	f("client refused", func(t *testing.T, port int) *peer { return dial(t, port, "nowhere") })
	f("publisher started", func(t *testing.T, port int) *peer { return dial(t, port, "live").publish("victim") })
	f("viewer started", func(t *testing.T, port int) *peer { return dial(t, port, "live").play("honest") })
	f("publisher sends messages that are no media; they are left out", func(t *testing.T, port int) *peer {
		p := publishes(t, port)
		p.send(video, 0, 0x17)
		return p
	})
	f("publisher stopped", func(t *testing.T, port int) *peer {
		p := publishes(t, port)
		p.send(video, 0, key...)
		p.do(func(c client) error { c.Stop(); return nil })
		return p
	})
	f("viewer stopped", func(t *testing.T, port int) *peer {
		p := dial(t, port, "live").play("honest")
		p.want("play start")
		p.close()
		return p
	})
	f("connection closed", func(t *testing.T, port int) *peer {
		p := publishes(t, port)
		p.close()
		return p
	})
}

// requireOnePanic looks for the one line about a panic. It says which connection it was.
func requireOnePanic(t *testing.T, log *logBuffer, what string) {
	t.Helper()
	lines := log.lines(`"panic":`)
	require.Len(t, lines, 1)
	var fields map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &fields))
	require.Equal(t, what, fields["panic"])
	require.Equal(t, "panic in a connection; it is closed", fields["message"])
	require.Contains(t, fields["stack"], "rtmp/server")
	require.Contains(t, strings.Join(log.lines("connection opened"), ""), fields["connection_id"])
}

func dialRawReading(t *testing.T, port int) *peer {
	p := dialRaw(t, port)
	go func() {
		_, _ = p.conn.Read(make([]byte, 1))
		p.mu.Lock()
		p.note("closed")
		p.mu.Unlock()
	}()
	return p
}

// waitClosed waits for the end of the connection, whatever comes before.
func (p *peer) waitClosed() {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		p.mu.Lock()
		closed := len(p.lines) > 0 && p.lines[len(p.lines)-1] == "closed"
		p.mu.Unlock()
		if closed {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatal("the connection is still open")
		}
		time.Sleep(time.Millisecond)
	}
}

// panicking is a registrant that can be made to panic.
type panicking struct {
	*registrant
	on atomic.Bool
}

func (p *panicking) Deliver(batch []media.Notification) {
	if p.on.Load() {
		for _, n := range batch {
			n.Release()
		}
		panic("at Deliver")
	}
	p.registrant.Deliver(batch)
}

// TestPanicOfARegistrant covers who takes a publisher's media: its connection ends and the key is free.
func TestPanicOfARegistrant(t *testing.T) {
	var log logBuffer
	h := newHarness(t, server.Config{Log: zerolog.New(&log)})
	r := &panicking{registrant: newRegistrant()}
	port := freePort(t)
	registration, err := h.server.ListenPublishers(request(port, "live", "*", workflow.NewOwner("w")), r)
	require.NoError(t, err)
	defer registration.Close()
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	require.Equal(t, media.NewStream, r.next(t).Event)
	r.on.Store(true)
	p.send(video, 0, key...)
	p.waitClosed()
	require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
	r.on.Store(false)
	again := dial(t, port, "live").publish("cam")
	again.want("publish start")
	require.NotEmpty(t, log.lines("at Deliver"))
	again.close()
	require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
}

// TestPanicOfAnApprover covers who is asked about clients, when it is asked and when it is told that the client has gone.
func TestPanicOfAnApprover(t *testing.T) {
	f := func(name string, approve access.Approver, leaves bool) {
		t.Run(name, func(t *testing.T) {
			var log logBuffer
			h := newHarness(t, server.Config{Log: zerolog.New(&log).Level(zerolog.DebugLevel)})
			port := freePort(t)
			ask := request(port, "live", "victim", workflow.NewOwner("w"))
			ask.Approve = approve
			victims, err := h.server.ListenPublishers(ask, newRegistrant())
			require.NoError(t, err)
			registrant := newRegistrant()
			others, err := h.server.ListenPublishers(request(port, "live", "other", workflow.NewOwner("w")), registrant)
			require.NoError(t, err)
			other := dial(t, port, "live").publish("other")
			other.want("publish start")
			require.Equal(t, media.NewStream, registrant.next(t).Event)

			p := dial(t, port, "live").publish("victim")
			if leaves {
				p.want("publish start")
				p.close()
			}
			p.waitClosed()
			require.Eventually(t, func() bool { return h.sockets.Connections() == 1 }, patience, time.Millisecond)
			other.send(video, 0, key...)
			n := registrant.next(t)
			require.Equal(t, media.Coded, n.Event)
			n.Release()
			victims.Close()
			others.Close()
			other.close()
			require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
			requireOnePanic(t, &log, "at approver")
		})
	}
	f("asked", func(access.Applicant, func(bool, string)) func() { panic("at approver") }, false)
	f("told", func(_ access.Applicant, update func(bool, string)) func() {
		update(true, "")
		return func() { panic("at approver") }
	}, true)
}
