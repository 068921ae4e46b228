package step

import (
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
	"mmids/http/server"
)

// definition parses a step as it stands in a workflow.
func definition(t *testing.T, line string) config.Step {
	t.Helper()
	d, err := config.Parse("live.conf", []byte("workflow w {\n"+line+"\n}\n"))
	require.NoError(t, err)
	return d.Workflows[0].Steps[0]
}

// endpoint is a fake that keeps the last request.
type endpoint struct {
	request    server.Request
	registrant server.Registrant
	err        error
}

func (e *endpoint) Listen(r server.Request, by server.Registrant) (*server.Registration, error) {
	e.request, e.registrant = r, by
	return nil, e.err
}

func TestParameterMistakes(t *testing.T) {
	f := func(line string, want ...string) {
		t.Helper()
		var got []string
		for _, m := range Watch(nil, nil).Check(definition(t, line)) {
			got = append(got, m.Error())
		}
		require.Equal(t, want, got, line)
	}
	f("http_watch app=live stream_key=*")
	f("http_watch app=live stream_key=cam http_port=80 use_tls allow_ips=::1 gop_cache=off flush=350ms reactor=lookup")
	f("http_watch",
		"live.conf:2:1: http_watch: app is missing; for example app=live",
		"live.conf:2:1: http_watch: stream_key is missing; for example stream_key=* for any key")
	f("http_watch app=live stream_key=* http_port=0",
		`live.conf:2:44: http_watch: http_port "0" is not a port number; a whole number from 1 to 65535, for example http_port=8080`)
	f("http_watch app=live stream_key=* allow_ips=::1 deny_ips=::2",
		"live.conf:2:48: http_watch: allow_ips and deny_ips exclude each other; keep one of the two")
	f("http_watch app=live stream_key=* reactor",
		"live.conf:2:34: http_watch: reactor names no reactor; for example reactor=lookup, for a block: reactor lookup executor=simple_http {")
}

func TestRequest(t *testing.T) {
	e := &endpoint{}
	owner := workflow.NewOwner("w")
	futures := workflowtest.NewFutures(t)
	env := workflow.Env{Owner: owner, Futures: futures, Log: zerolog.Nop()}
	f := func(line string) server.Request {
		t.Helper()
		_, status, err := Watch(e, nil).New(definition(t, line), env)
		require.NoError(t, err)
		require.Equal(t, workflow.Active, status.State)
		return e.request
	}
	r := f(`http_watch app=" live " stream_key=cam deny_ips=10.0.0.0/8`)
	require.Equal(t, "live", r.App)
	require.Equal(t, "cam", r.Key)
	require.Equal(t, 8080, r.Port)
	require.False(t, r.TLS)
	require.False(t, r.FromNextKey)
	require.Nil(t, r.Flush)
	require.Nil(t, r.Approve)
	require.Equal(t, "deny 10.0.0.0/8", r.Rule.String())
	require.Same(t, owner, r.Owner)
	r = f("http_watch app=live stream_key=* use_tls gop_cache=off flush=latency reactor=lookup")
	require.Equal(t, 8443, r.Port)
	require.True(t, r.TLS)
	require.True(t, r.FromNextKey)
	require.Equal(t, "latency", r.Flush.String())
	require.NotNil(t, r.Approve)

	e.err = errors.New("taken")
	_, _, err := Watch(e, nil).New(definition(t, "http_watch app=live stream_key=*"), env)
	require.ErrorIs(t, err, e.err)
}

func TestURL(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		got, ok := URL(definition(t, line), "127.0.0.1")
		require.Equal(t, want != "", ok)
		require.Equal(t, want, got)
	}
	f("http_watch app=live stream_key=*", "http://127.0.0.1:8080/live/live/<key>.mp4")
	f("http_watch app=live stream_key=cam use_tls http_port=443", "https://127.0.0.1:443/live/live/cam.mp4")
	f("http_watch app=live", "")
	f("rtmp_watch rtmp_app=live stream_key=cam", "")
}
