package main

import (
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUpdateInPlace, with a second rtmp_watch as the added step: nobody is disconnected and no packet is
// lost when it comes and when it goes.
func TestUpdateInPlace(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 1s", simple)
	url := s.url("live/k")
	recorded := filepath.Join(t.TempDir(), "recorded.flv")
	ours := watch(t, url)
	player := ffmpegRecords(t, url, recorded)
	eventually(t, "the viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	publisher := publishFile(t, must(t, sourceFile), url)
	ours.waitVideo(sourceGOP + 5)

	before := s.running("simple", 2)
	const grown = `
workflow simple {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch   rtmp_app=monitor stream_key=* port={port}
    rtmp_watch   rtmp_app=live stream_key=* port={port}
}`
	s.put(grown)
	during := s.running("simple", 3)
	require.Equal(t, []string{before.ActiveSteps[0].ID, before.ActiveSteps[1].ID},
		[]string{during.ActiveSteps[0].ID, during.ActiveSteps[2].ID}, "the kept steps are the same")
	require.Equal(t, "monitor", *during.ActiveSteps[1].Parameters["rtmp_app"])
	monitor := watch(t, s.url("monitor/k"))
	monitor.waitVideo(10)
	s.put(simple)
	after := s.running("simple", 2)
	require.Equal(t, before, after)
	requireDone(t, "the viewer of the step that was taken out", monitor.done)
	_, err := tryWatch(t, s.url("monitor/k"))
	require.Error(t, err)

	sent := source(t)
	publisher.succeeds(patience)
	requireWhole(t, "our viewer", sent, ours.waitAll(sent))
	requireClockNeverGoesBack(t, "our viewer", ours.got())
	player.succeeds(patience)
	requireWhole(t, "ffmpeg", sent, readFLV(t, recorded))
	// The new step learned of the stream in its middle: sequence headers at once, then pictures from a key frame on.
	requireHeaders(t, "monitor", sent, monitor.got())
	video := videoOf(monitor.got())
	start := indexOf(videoOf(sent), video[0])
	require.GreaterOrEqual(t, start, 0)
	requireSame(t, "monitor", videoOf(sent)[start:start+len(video)], video)
}

// TestUpdateTakesRegistrationOver: a changed parameter of rtmp_receive is a new step on the same port, app and
// key; it takes over, and the old step's clients are disconnected.
func TestUpdateTakesRegistrationOver(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	definition := func(rule string) string {
		return `
workflow simple {
    rtmp_receive rtmp_app=live stream_key=* port={port} ` + rule + `
    rtmp_watch   rtmp_app=live stream_key=* port={port}
}`
	}
	url := s.url("live/k")
	f := feed(t, url)
	v := watch(t, url)
	f.send(30)
	v.waitAll(f.sent)

	s.put(definition("allow_ips=10.0.0.0/8"))
	s.running("simple", 2)
	requireDone(t, "the old step's publisher", f.publisher.Done())
	_, err := tryFeed(t, url)
	require.ErrorContains(t, err, "127.0.0.1")
	require.False(t, v.gone(), "the other step's viewers stay")

	s.put(definition("allow_ips=127.0.0.1"))
	s.running("simple", 2)
	next := feed(t, url)
	before := len(videoOf(v.got()))
	next.send(30)
	v.waitVideo(before + 30)
	require.False(t, v.gone())
}

// TestDefinitionsThatCannotWork are refused with all their mistakes, and nothing that runs is touched.
func TestDefinitionsThatCannotWork(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	f := feed(t, s.url("live/k"))
	v := watch(t, s.url("live/k"))
	f.begin(v)
	before := s.details("simple")

	a := s.request("PUT", "/workflows", s.fill(`workflow simple {
    rtmp_receive rtmp_app=live port={port}
    rtmp_wotch   rtmp_app=live stream_key=*
    rtmp_watch   rtmp_app=live stream_key=* port=19355x allow_ips=1.2.3
}`))
	require.Equal(t, 400, a.status)
	var refusal struct {
		Error    string
		Mistakes []struct {
			Line, Column int
			ID, Message  string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &refusal), a.body)
	require.NotEmpty(t, refusal.Error)
	var lines []int
	for _, m := range refusal.Mistakes {
		lines = append(lines, m.Line)
		require.NotEmpty(t, m.Message)
	}
	require.Equal(t, []int{2, 3, 4, 4}, lines, a.body)

	for _, body := range []string{"", "workflow", "workflow a {", "settings {\n}\n", "workflow a {\n}\nworkflow b {\n}\n", "\xff\xfe"} {
		require.Equal(t, 400, s.request("PUT", "/workflows", body).status, "%q", body)
	}
	require.Equal(t, 413, s.request("PUT", "/workflows", "#"+strings.Repeat("x", 2<<20)).status)
	require.Equal(t, 415, s.request("PUT", "/workflows", "workflow a {\n}\n", "Content-Type", "image/png").status)

	require.Equal(t, before, s.details("simple"))
	f.send(30)
	requireSame(t, "the viewer", f.sent, v.waitAll(f.sent))
}

// TestCollidingWorkflows: every pair of the table of registration rules, for both kinds of step, while a client uses
// the first.
func TestCollidingWorkflows(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", "")
	for _, step := range []string{"rtmp_receive", "rtmp_watch"} {
		for _, c := range []struct {
			first, second string
			fits          bool
		}{
			{"*", "*", false}, {"*", "a", false}, {"a", "*", false}, {"a", "a", false}, {"a", "b", true},
		} {
			t.Run(fmt.Sprintf("%s %s then %s", step, c.first, c.second), func(t *testing.T) {
				collide(t, s, step, c.first, c.second, c.fits)
			})
		}
	}
}

func collide(t *testing.T, s *testServer, step, first, second string, fits bool) {
	definition := func(name, key string) string {
		return "workflow " + name + " {\n " + step + " rtmp_app=live stream_key=" + key + " port={port}\n}\n"
	}
	s.put(definition("first", first))
	s.running("first", 1)
	var connected func() bool
	if step == "rtmp_receive" {
		f := feed(t, s.url("live/a"))
		connected = func() bool {
			f.send(5)
			return f.alive()
		}
	} else {
		v := watch(t, s.url("live/a"))
		connected = func() bool { return !v.gone() }
	}

	s.put(definition("second", second))
	if fits {
		s.running("second", 1)
	} else {
		eventually(t, "the second workflow is in error", func() bool {
			d := s.details("second")
			return strings.HasPrefix(d.Status, "Step id ") && strings.Contains(d.Status, "first")
		})
	}
	s.running("first", 1)
	require.True(t, connected(), "the first one's client is untouched")

	s.delete("first")
	s.put(definition("second", second))
	s.running("second", 1)
	s.delete("second")
}

// TestWorkflowInErrorIsCorrected: the details name the step that failed; a corrected definition starts the workflow, and the
// same one again changes nothing.
func TestWorkflowInErrorIsCorrected(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	wrong := "workflow next {\n rtmp_watch rtmp_app=next stream_key=* port={port}\n rtmp_receive rtmp_app=live stream_key=cam port={port}\n}\n"
	s.put(wrong)
	var d details
	eventually(t, "the workflow is in error", func() bool {
		d = s.details("next")
		return d.Status != "Running"
	})
	require.Len(t, d.PendingSteps, 2)
	require.Equal(t, "Shut Down", d.PendingSteps[0].Status)
	const message = `not instantiated: workflow "simple" already takes publishers for app "live", stream key "*" on port {port}`
	require.Equal(t, s.fill("Error: "+message), d.PendingSteps[1].Status)
	require.Equal(t, s.fill("Step id "+d.PendingSteps[1].ID+" failed: "+message), d.Status)

	right := strings.Replace(wrong, "rtmp_app=live", "rtmp_app=next", 1)
	s.put(right)
	running := s.running("next", 2)
	f := feed(t, s.url("next/cam"))
	s.put(right)
	require.Equal(t, running, s.running("next", 2))
	f.send(5)
	require.True(t, f.alive())
}

// TestStepsChangePlaces: another order of the same steps is another way for the media, and the clients stay.
func TestStepsChangePlaces(t *testing.T) {
	t.Parallel()
	const receive, show, witness = "rtmp_receive rtmp_app=live stream_key=* port={port}\n",
		"rtmp_watch rtmp_app=live stream_key=* port={port}\n", "rtmp_watch rtmp_app=witness stream_key=* port={port}\n"
	s := startServer(t, "", "workflow w {\n"+receive+show+witness+"}\n")
	f, v, all := feed(t, s.url("live/k")), watch(t, s.url("live/k")), watch(t, s.url("witness/k"))
	f.begin(v, all)
	before := s.running("w", 3)
	s.put("workflow w {\n" + show + receive + witness + "}\n")
	eventually(t, "the order is another one", func() bool {
		d := s.details("w")
		return len(d.PendingSteps) == 0 && d.ActiveSteps[0].ID == before.ActiveSteps[1].ID && d.ActiveSteps[1].ID == before.ActiveSteps[0].ID
	})
	f.send(sourceGOP - 10) // to behind the step that shows it
	all.waitAll(f.sent)
	s.put("workflow w {\n" + receive + show + witness + "}\n")
	require.Equal(t, before, s.running("w", 3))
	at := len(f.sent)
	f.send(2 * sourceGOP)
	all.waitAll(f.sent)
	video := videoOf(v.waitLast(videoOf(f.sent)))
	require.Equal(t, 0, indexOf(videoOf(f.sent[:at]), video[0]))
	from := indexOf(videoOf(f.sent), video[5])
	require.GreaterOrEqual(t, from, len(videoOf(f.sent[:at])), "what came while the steps stood the other way round is not shown")
	requireSame(t, "what came later", videoOf(f.sent)[from:], video[5:])
	requireWhole(t, "the step that stayed in its place", f.sent, all.got())
	require.True(t, f.alive())
	require.False(t, v.gone())
}

// TestReplaceAtOnce deletes a workflow and starts another one on the same port, app and key, without a pause.
func TestReplaceAtOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	for i := range 20 {
		old, next := "simple", fmt.Sprintf("w%d", i)
		if i > 0 {
			old = fmt.Sprintf("w%d", i-1)
		}
		s.delete(old)
		s.put(strings.Replace(simple, "workflow simple", "workflow "+next, 1))
		require.Equal(t, "Running", s.running(next, 2).Status)
	}
}

// TestPutGetDelete: a hundred rounds without a pause end in the right state, and the app is free again.
func TestPutGetDelete(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", "")
	names := func() (list []struct{ Name string }) {
		a := s.request("GET", "/workflows", "")
		require.NoError(t, json.Unmarshal([]byte(a.body), &list), a.body)
		return list
	}
	for range 100 {
		s.put(simple)
		require.Len(t, names(), 1)
		s.delete("simple")
	}
	require.Empty(t, names())
	requireNobodyListens(t, s.address())
	s.put(strings.Replace(simple, "workflow simple", "workflow other", 1))
	s.running("other", 2)
	f, v := feed(t, s.url("live/k")), watch(t, s.url("live/k"))
	f.begin(v)
	f.send(30)
	requireSame(t, "viewer", f.sent, v.waitAll(f.sent))
}

// TestPortClosesWhenUnused deletes the workflow that has the port: its clients are told, and then the port belongs to
// nobody.
func TestPortClosesWhenUnused(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	f, v := feed(t, s.url("live/k")), watch(t, s.url("live/k"))
	f.send(30)
	v.waitAll(f.sent)
	s.delete("simple")
	requireDone(t, "the publisher", f.publisher.Done())
	requireDone(t, "the viewer", v.done)
	requireNobodyListens(t, s.address())
	l, err := net.Listen("tcp", s.address())
	require.NoError(t, err, "another program can have the port")

	// And while it has it, a workflow that wants the port says so, and goes on by itself when it is free.
	s.put(simple)
	eventually(t, "the workflow is in error", func() bool {
		return strings.Contains(s.details("simple").Status, "in use")
	})
	require.NoError(t, l.Close())
	s.running("simple", 2)
	feed(t, s.url("live/k"))
}

func requireNobodyListens(t testing.TB, address string) {
	t.Helper()
	eventually(t, "the port is closed", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
}
