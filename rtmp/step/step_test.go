package step

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/config"
	"mmids/engine/media"
	"mmids/engine/reactor"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// definition parses a step as it stands in a workflow.
func definition(t *testing.T, line string) config.Step {
	t.Helper()
	d, err := config.Parse("live.conf", []byte("workflow w {\n"+line+"\n}\n"))
	require.NoError(t, err)
	return d.Workflows[0].Steps[0]
}

func TestParameterMistakes(t *testing.T) {
	f := func(line string, want ...string) {
		t.Helper()
		var got []string
		for _, m := range check(definition(t, line)) {
			got = append(got, m.Error())
		}
		require.Equal(t, want, got, line)
	}
	f("rtmp_receive rtmp_app=live stream_key=*")
	f("rtmp_watch rtmp_app=live stream_key=* port=65535 allow_ips=::1 gop_cache=off")
	f("rtmp_watch rtmp_app=live stream_key=* flush=350ms")
	f("rtmp_watch rtmp_app=live stream_key=* flush=soon",
		`live.conf:2:39: rtmp_watch: flush: "soon" is not latency, adaptive or a time up to 5s such as 350ms; for example flush=latency, or flush=350ms for many viewers at little cost`)
	f("rtmp_receive",
		"live.conf:2:1: rtmp_receive: rtmp_app is missing; for example rtmp_app=live",
		"live.conf:2:1: rtmp_receive: stream_key is missing; for example stream_key=* for any key")
	f("rtmp_watch rtmp_app stream_key=*", "live.conf:2:1: rtmp_watch: rtmp_app is missing; for example rtmp_app=live")
	f(`rtmp_watch rtmp_app="" stream_key=" "`,
		"live.conf:2:21: rtmp_watch: rtmp_app is empty; for example rtmp_app=live",
		"live.conf:2:35: rtmp_watch: stream_key is empty; for example stream_key=* for any key")
	for _, port := range []string{"0", "65536", "-1", "19355x", "1.5"} {
		f("rtmp_receive rtmp_app=live stream_key=* port="+port,
			`live.conf:2:46: rtmp_receive: port "`+port+`" is not a port number; a whole number from 1 to 65535, for example port=1935`)
	}
	f("rtmp_receive rtmp_app=live stream_key=* allow_ips",
		"live.conf:2:41: rtmp_receive: allow_ips names no address; for example allow_ips=192.0.2.7,10.0.0.0/24,2001:db8::/32")
	f(`rtmp_receive rtmp_app=live stream_key=* deny_ips="10.0.0.1, 10.0.0.2"`,
		`live.conf:2:50: rtmp_receive: deny_ips: " 10.0.0.2" is neither an address such as 192.0.2.7 or 2001:db8::7 nor a network such as 192.0.2.0/24; for example deny_ips=192.0.2.7,10.0.0.0/24,2001:db8::/32, without blanks`)
	f("rtmp_receive rtmp_app=live stream_key=* allow_ips=10.0.0.1 deny_ips=10.0.0.2",
		"live.conf:2:60: rtmp_receive: allow_ips and deny_ips exclude each other; keep one of the two")
	f("rtmp_receive rtmp_app=live stream_key=* reactor",
		"live.conf:2:41: rtmp_receive: reactor names no reactor; for example reactor=lookup, for a block: reactor lookup executor=simple_http {")
	f("rtmp_watch rtmp_app=live stream_key=* gop_cache=maybe",
		`live.conf:2:39: rtmp_watch: gop_cache "maybe" is neither on nor off; gop_cache=off makes viewers begin at the next key frame`)
}

// endpoint is a fake that keeps the last request.
type endpoint struct {
	publishers, watchers *server.Request
	registrant           server.Registrant
	err                  error
}

func (e *endpoint) ListenPublishers(r server.Request, by server.Registrant) (*server.Registration, error) {
	e.publishers, e.registrant = &r, by
	return nil, e.err
}

func (e *endpoint) ListenWatchers(r server.Request, by server.Registrant) (*server.Registration, error) {
	e.watchers, e.registrant = &r, by
	return nil, e.err
}

// futures is a fake that keeps what is posted and delivered.
type futures struct {
	posted    []any
	delivered int
}

func (f *futures) Go(func(context.Context) any)       {}
func (f *futures) Post(result any)                    { f.posted = append(f.posted, result) }
func (f *futures) Deliver(batch []media.Notification) { f.delivered += len(batch) }

func TestRegistrationRequests(t *testing.T) {
	owner := workflow.NewOwner("w")
	env := workflow.Env{Owner: owner, Futures: &futures{}, Log: zerolog.Nop()}
	e := &endpoint{}
	s, status, err := Receive(e, nil).New(definition(t, `rtmp_receive rtmp_app=" live " stream_key=cam port=1936 deny_ips=10.0.0.0/8`), env)
	require.NoError(t, err)
	require.NotNil(t, s)
	require.Equal(t, workflow.Active, status.State)
	require.Equal(t, "live", e.publishers.App)
	require.Equal(t, "cam", e.publishers.Key)
	require.Equal(t, 1936, e.publishers.Port)
	require.Equal(t, "deny 10.0.0.0/8", e.publishers.Rule.String())
	require.Same(t, owner, e.publishers.Owner)

	_, _, err = Watch(e, nil).New(definition(t, `rtmp_watch rtmp_app=live stream_key=" cam "`), env)
	require.NoError(t, err)
	require.Equal(t, "cam", e.watchers.Key)
	require.Equal(t, "cam", e.watchers.Key)

	_, _, err = Watch(e, nil).New(definition(t, "rtmp_watch rtmp_app=live stream_key=* gop_cache=off"), env)
	require.NoError(t, err)
	require.Equal(t, 1935, e.watchers.Port)
	require.Equal(t, access.AnyKey, e.watchers.Key)
	require.True(t, e.watchers.FromNextKey)

	_, _, err = Watch(e, nil).New(definition(t, "rtmp_watch rtmp_app=live"), env)
	require.ErrorContains(t, err, "stream_key is missing")

	require.False(t, e.watchers.TLS)
	for _, rtmps := range []string{"rtmps", "rtmps=true", "rtmps=false"} {
		_, _, err = Receive(e, nil).New(definition(t, "rtmp_receive rtmp_app=live stream_key=* "+rtmps), env)
		require.NoError(t, err)
		require.True(t, e.publishers.TLS, rtmps)
		require.Equal(t, 443, e.publishers.Port)
	}
	_, _, err = Watch(e, nil).New(definition(t, "rtmp_watch rtmp_app=live stream_key=* port=8443 rtmps"), env)
	require.NoError(t, err)
	require.True(t, e.watchers.TLS)
	require.Equal(t, 8443, e.watchers.Port)

	e.err = errors.New("taken")
	_, _, err = Receive(e, nil).New(definition(t, "rtmp_receive rtmp_app=live stream_key=*"), env)
	require.ErrorIs(t, err, e.err)
}

func TestReceive(t *testing.T) {
	f := &futures{}
	e := &endpoint{}
	s, _, err := Receive(e, nil).New(definition(t, "rtmp_receive rtmp_app=live stream_key=*"), workflow.Env{Futures: f})
	require.NoError(t, err)

	e.registrant.Deliver(make([]media.Notification, 3))
	require.Equal(t, 3, f.delivered, "what the endpoint has goes to the workflow")

	var out workflow.Output
	in := workflow.Input{Media: []media.Notification{{Event: media.NewStream, Stream: "a"}}}
	require.Equal(t, workflow.Active, s.Execute(in, &out).State)
	require.Empty(t, out.Media(), "what comes from the step before is swallowed")

	gone := workflow.Temporary(errors.New("port 1935 was lost"))
	e.registrant.Lost(gone)
	status := s.Execute(workflow.Input{Results: f.posted}, &out)
	require.Equal(t, workflow.Failed, status.State)
	require.True(t, workflow.IsTemporary(status.Err))
}

// reactors is a fake that keeps the question.
type reactors struct {
	name   string
	query  reactor.Query
	answer func(reactor.Answer)
}

func (r *reactors) Ask(name string, q reactor.Query, f func(reactor.Answer)) *reactor.Interest {
	r.name, r.query, r.answer = name, q, f
	return nil
}

func TestReactorApproves(t *testing.T) {
	r, e := &reactors{}, &endpoint{}
	env := workflow.Env{Owner: workflow.NewOwner("w"), Futures: &futures{}, Log: zerolog.Nop()}
	_, _, err := Receive(e, r).New(definition(t, "rtmp_receive rtmp_app=live stream_key=* reactor=lookup"), env)
	require.NoError(t, err)
	var updates []string
	note := func(valid bool, reason string) { updates = append(updates, fmt.Sprint(valid, reason)) }
	e.publishers.Approve(access.Applicant{Key: "cam", App: "live", Query: "a=1", ClientIP: "192.0.2.1", Publishes: true}, note)
	require.Equal(t, "lookup", r.name)
	require.Equal(t, reactor.Query{StreamName: "cam", App: "live", Query: "a=1", ClientIP: "192.0.2.1", Kind: reactor.Publish}, r.query)
	r.answer(reactor.Answer{Valid: true})
	r.answer(reactor.Answer{Reason: " no"})
	require.Equal(t, []string{"true", "false no"}, updates)

	_, _, err = Watch(e, r).New(definition(t, "rtmp_watch rtmp_app=live stream_key=* reactor=lookup"), env)
	require.NoError(t, err)
	e.watchers.Approve(access.Applicant{Key: "cam"}, note)
	require.Equal(t, reactor.Play, r.query.Kind)

	_, _, err = Watch(e, r).New(definition(t, "rtmp_watch rtmp_app=live stream_key=*"), env)
	require.NoError(t, err)
	require.Nil(t, e.watchers.Approve)
}

func TestURL(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		got, ok := URL(definition(t, line), "127.0.0.1")
		require.Equal(t, want != "", ok)
		require.Equal(t, want, got)
	}
	f("rtmp_receive rtmp_app=live stream_key=*", "rtmp://127.0.0.1/live/<key>")
	f("rtmp_watch rtmp_app=live stream_key=cam port=1936", "rtmp://127.0.0.1:1936/live/cam")
	f("rtmp_watch rtmp_app=live stream_key=cam rtmps", "rtmps://127.0.0.1/live/cam")
	f("rtmp_watch rtmp_app=live stream_key=cam rtmps port=1935", "rtmps://127.0.0.1:1935/live/cam")
	f("rtmp_watch rtmp_app=live stream_key=cam port=443", "rtmp://127.0.0.1:443/live/cam")
	f("rtmp_watch rtmp_app=live", "")
	f("other rtmp_app=live stream_key=cam", "")
	for line, want := range map[string]string{
		"rtmp_watch rtmp_app=live stream_key=cam":           "rtmp://[::1]/live/cam",
		"rtmp_watch rtmp_app=live stream_key=cam port=1936": "rtmp://[::1]:1936/live/cam",
	} {
		got, _ := URL(definition(t, line), "::1")
		require.Equal(t, want, got)
	}
}
