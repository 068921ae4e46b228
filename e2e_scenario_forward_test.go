package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTargetComesLater: the workflow that streams are forwarded to starts after the publisher, ends, and
// starts again.
func TestTargetComesLater(t *testing.T) {
	t.Parallel()
	const out = `
workflow out {
    rtmp_watch rtmp_app=out stream_key=* port={port}
}`
	s := startServer(t, "", `
workflow in {
    rtmp_receive rtmp_app=in stream_key=* port={port}
    workflow_forwarder target_workflow=out
    rtmp_watch rtmp_app=in stream_key=* port={port}
}`)
	witness := watch(t, s.url("in/k"))
	publisher := publishOn(t, s.url("in/k"))
	witness.waitVideo(10)
	before := s.running("in", 3)

	for range 2 {
		s.put(out)
		s.running("out", 1)
		v := watch(t, s.url("out/k"))
		v.waitVideo(30)
		require.Equal(t, []string{"aac", "h264,160,120"}, probe(t, s.url("out/k")))
		s.delete("out")
		requireDone(t, "the viewer", v.done)
		requireRun(t, "the viewer", long(t), v.got())
		for _, p := range videoOf(v.got()) {
			require.GreaterOrEqual(t, indexOf(witness.got(), p), 0, "it has other times than in the workflow itself: %v", p)
		}
		_, err := tryWatch(t, s.url("out/k"))
		require.Error(t, err)
	}
	s.put(out)
	s.running("out", 1)
	last := watch(t, s.url("out/k"))
	last.waitVideo(10)
	endPublishing(publisher)
	first := witness.got()
	s.waitCame("publisher stopped", "in", 1)
	next := publishLong(t, s.url("in/k"), 2)
	n := len(videoOf(last.got()))
	last.waitVideo(n + 25)
	next.succeeds(patience)
	require.False(t, last.gone())
	requireRun(t, "the workflow itself", long(t), first)
	require.Equal(t, before, s.running("in", 3))
}

// TestForwardInACircle: three workflows that forward to each other. Every packet arrives once in each,
// and there is nothing left to do when the publisher rests.
func TestForwardInACircle(t *testing.T) {
	t.Parallel()
	s := startServer(t, "viewer_lag 1m", ` # what is published at once is far ahead of a viewer in stream time
workflow a {
    rtmp_receive rtmp_app=a stream_key=* port={port}
    rtmp_watch   rtmp_app=a stream_key=* port={port}
    workflow_forwarder target_workflow=b
}
workflow b {
    rtmp_watch rtmp_app=b stream_key=* port={port}
    workflow_forwarder target_workflow=c
}
workflow c {
    rtmp_watch rtmp_app=c stream_key=* port={port}
    workflow_forwarder target_workflow=a
}`)
	viewers := []*viewer{watch(t, s.url("a/k")), watch(t, s.url("b/k")), watch(t, s.url("c/k"))}
	f := feed(t, s.url("a/k"))
	f.begin(viewers...)
	f.send(2 * sourceFrames)
	pid := s.cmd.Process.Pid
	for _, v := range viewers {
		v.waitAll(f.sent)
	}
	used, resident := cpuSeconds(t, pid), residentBytes(t, pid)
	for range 20 { // a second at the least, in which something that goes round would come by
		f.send(1)
		for _, v := range viewers {
			v.waitLast(f.sent)
		}
		<-time.After(50 * time.Millisecond)
	}
	require.Less(t, cpuSeconds(t, pid)-used, 0.5, "processor time")
	require.Less(t, residentBytes(t, pid)-resident, 8<<20, "memory")
	for i, v := range viewers {
		requireWhole(t, []string{"a", "b", "c"}[i], f.sent, v.got())
	}
	require.Len(t, s.logged("stream is not forwarded in a circle"), 1)
	f.stop()
	next := feed(t, s.url("a/k"))
	next.send(5)
	for _, v := range viewers {
		v.waitVideo(len(videoOf(f.sent)) + 5)
	}
}
