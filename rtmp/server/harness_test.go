package server_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
	"mmids/rtmp/step"
)

// harness is a server with a workflow manager, as the distribution builds them.
type harness struct {
	t       *testing.T
	sockets *tcp.Manager
	server  *server.Server
	manager *workflow.Manager
}

func newHarness(t *testing.T, c server.Config) *harness {
	t.Helper()
	held := media.InUse()
	sockets, err := tcp.Start(tcp.Config{Loops: 2, Log: c.Log, Linger: time.Second, Limits: c.Limits})
	require.NoError(t, err)
	c.BindAddress = "127.0.0.1"
	h := &harness{t: t, sockets: sockets, server: server.New(sockets, c)}
	var steps workflow.Registry
	require.NoError(t, steps.Add(step.ReceiveType, step.Receive(h.server, nil)))
	require.NoError(t, steps.Add(step.WatchType, step.Watch(h.server, nil)))
	hub := event.NewHub(zerolog.Nop())
	h.manager = workflow.NewManager(&steps, hub, c.Log)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, h.manager.Close(ctx))
		sockets.Stop(ctx)
		hub.Close()
		require.Equal(t, held, media.InUse(), "all payload memory was given back")
	})
	return h
}

// apply starts or updates a workflow and waits until the update has taken effect or failed.
func (h *harness) apply(name string, steps string) workflow.Details {
	h.t.Helper()
	d, err := config.Parse("test", []byte("workflow "+name+" {\n"+steps+"\n}\n"))
	require.NoError(h.t, err)
	require.Empty(h.t, h.manager.Check(d.Workflows[0]))
	require.NoError(h.t, h.manager.Upsert(context.Background(), "test", d.Workflows[0]))
	details, err := h.manager.Details(context.Background(), name)
	require.NoError(h.t, err)
	return details
}

func (h *harness) stop(name string) {
	h.t.Helper()
	require.NoError(h.t, h.manager.Stop(context.Background(), "test", name))
}

// freePort returns a port that nothing listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// registrant is a fake that keeps what the endpoint says.
type registrant struct {
	lost chan error
	got  chan media.Notification
}

func newRegistrant() *registrant {
	return &registrant{make(chan error, 1), make(chan media.Notification, 1000)}
}

func (r *registrant) Lost(err error) { r.lost <- err }
func (r *registrant) Deliver(batch []media.Notification) {
	for _, n := range batch {
		r.got <- n
	}
}

func (r *registrant) next(t *testing.T) media.Notification {
	t.Helper()
	select {
	case n := <-r.got:
		return n
	case <-time.After(patience):
		t.Fatal("nothing came from the publisher")
	}
	return media.Notification{}
}

func request(port int, app, key string, owner *workflow.Owner) server.Request {
	return server.Request{Port: port, App: app, Key: key, Owner: owner, Log: zerolog.Nop()}
}

func rule(t *testing.T, allow string) access.Rule {
	t.Helper()
	networks, err := access.ParseNetworks(allow)
	require.NoError(t, err)
	return access.NewRule(networks, nil)
}

var loopback = netip.MustParseAddr("127.0.0.1")

// logBuffer keeps what is logged.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

// lines returns the lines that contain a text.
func (b *logBuffer) lines(text string) (list []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.text.String()) {
		if strings.Contains(line, text) {
			list = append(list, line)
		}
	}
	return list
}
