package fuzz

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/figures"
	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/workflow"
	httpserver "mmids/http/server"
	httpstep "mmids/http/step"
	"mmids/rtmp/client"
	"mmids/rtmp/server"
	"mmids/rtmp/step"
)

// patience is how long anything may take. Only what fails takes so long.
const patience = 20 * time.Second

// liveServer is a whole server in the test's process: it takes streams of the app live and shows them over RTMP and HTTP. At the
// end of the test nothing may be left of it, and nothing in it has panicked.
type liveServer struct {
	rtmp, http string // addresses
	viewers    *httpserver.Server
	log        lockedText
}

func startLive(t *testing.T) *liveServer {
	t.Helper()
	held := media.InUse()
	s := &liveServer{rtmp: freeAddress(t), http: freeAddress(t)}
	log := zerolog.New(&s.log)
	sockets, err := tcp.Start(tcp.Config{Loops: 2, Log: log, Linger: time.Second})
	require.NoError(t, err)
	endpoint := server.New(sockets, server.Config{BindAddress: "127.0.0.1", Log: log})
	s.viewers = httpserver.New(sockets, httpserver.Config{BindAddress: "127.0.0.1", Log: log})
	var steps workflow.Registry
	require.NoError(t, errors.Join(
		steps.Add(step.ReceiveType, step.Receive(endpoint, nil)), steps.Add(step.WatchType, step.Watch(endpoint, nil)),
		steps.Add(httpstep.WatchType, httpstep.Watch(s.viewers, nil)),
	))
	hub := event.NewHub(log)
	manager := workflow.NewManager(&steps, hub, log)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, manager.Close(ctx))
		sockets.Stop(ctx)
		hub.Close()
		require.Equal(t, held, media.InUse(), "payload memory is left")
		require.NotContains(t, s.log.String(), `"panic":`)
	})
	document, err := config.Parse("", fmt.Appendf(nil, "workflow live {\n rtmp_receive rtmp_app=live stream_key=* port=%s\n"+
		" rtmp_watch rtmp_app=live stream_key=* port=%[1]s\n http_watch app=live stream_key=* http_port=%s\n}\n", portOf(s.rtmp), portOf(s.http)))
	require.NoError(t, err)
	require.NoError(t, manager.Upsert(t.Context(), "test", document.Workflows[0]))
	details, err := manager.Details(t.Context(), "live") // when it has been set up
	require.NoError(t, err)
	require.Len(t, details.Active, 3)
	return s
}

// freeAddress is one of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

func (s *liveServer) url(key string) string { return "rtmp://" + s.rtmp + "/live/" + key }

// publish begins a stream, which lasts as long as the test.
func (s *liveServer) publish(t *testing.T, key string) *client.Publisher {
	t.Helper()
	p, err := client.Publish(t.Context(), s.url(key), client.Config{})
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// hear has the server hear a stream of bytes to its end, or for as long as it wants to.
func (s *liveServer) hear(t *testing.T, stream []byte) {
	t.Helper()
	c := s.dial(t, s.rtmp)
	defer c.Close()
	_, _ = c.Write(stream) // it may close the connection in the middle
	_ = c.CloseWrite()
	_, _ = io.Copy(io.Discard, c)
}

// watch waits for a stream over HTTP. What comes of it as long as the test takes is kept.
func (s *liveServer) watch(t *testing.T, path string, kept *lockedText) {
	t.Helper()
	c := s.dial(t, s.http)
	_, err := fmt.Fprintf(c, "GET /live/live/%s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	require.NoError(t, err)
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(kept, c) })
	t.Cleanup(func() { _ = c.Close(); reading.Wait() })
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(s.viewers.Connections(t.Context(), nil, 1000), func(f figures.Connection) bool {
			return f.RemoteAddress == c.LocalAddr().String() && f.State == figures.Watching
		})
	}, patience, time.Millisecond, "the viewer of %s waits", path)
}

func (s *liveServer) dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c, err := net.DialTimeout("tcp", address, patience)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c.(*net.TCPConn)
}

// lockedText is a strings.Builder for several goroutines.
type lockedText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
