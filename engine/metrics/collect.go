package metrics

import (
	"cmp"
	"strconv"
	"strings"

	"mmids/engine/figures"
)

func (c collector) serverTo(o output) {
	s := c.Server()
	o.add(connections, float64(s.Connections))
	for i, l := range s.Loops {
		loop := strconv.Itoa(i)
		o.add(busy, l.BusyShare, loop)
		o.add(held, float64(l.Connections), loop)
		o.add(flush, l.FlushMS/1000, loop)
	}
	received, sent, in := c.Sockets()
	o.add(receivedBytes, float64(received))
	o.add(sentBytes, float64(sent))
	o.add(accepted, float64(in))
}

// streams counts what is live. Streams have no series of their own: their keys can be secrets, and there can be any number.
func (c collector) streamsTo(o output) {
	type codecs struct{ video, audio string }
	live, watching, slowest := counts[codecs]{}, counts[string]{"rtmp": 0, "http": 0}, 0.0
	for _, s := range c.Streams() {
		var k codecs
		if s.Video != nil {
			k.video = codecLabel(s.Video.Codec)
		}
		if s.Audio != nil {
			k.audio = codecLabel(s.Audio.Codec)
		}
		live[k]++
		for _, out := range s.Outputs {
			watching[out.Protocol] += float64(out.Viewers)
			slowest = max(slowest, out.LagMS/1000)
		}
	}
	for k, n := range live {
		o.add(streams, n, cmp.Or(k.video, "none"), cmp.Or(k.audio, "none"))
	}
	for protocol, n := range watching {
		o.add(viewers, n, protocol)
	}
	o.add(lag, slowest)
}

// codecLabel is a codec as a label. A FourCC that means nothing is a stranger's own choice, who could make a series of each.
func codecLabel(name string) string {
	if strings.HasPrefix(name, "FourCC ") {
		return "other"
	}
	return name
}

func (c collector) totalsTo(o output) {
	all := figures.Sums{}
	for _, sums := range c.Totals() {
		for l, n := range sums {
			sum := all[l]
			sum.Add(n)
			all[l] = sum
		}
	}
	for l, n := range all {
		o.add(begun, float64(n.Streams), l.Workflow, l.App)
		o.add(mediaBytes, float64(n.Bytes), l.Workflow, l.App)
		o.add(frames, float64(n.VideoFrames), l.Workflow, l.App, "video")
		o.add(frames, float64(n.AudioFrames), l.Workflow, l.App, "audio")
		o.add(noMedia, float64(n.Dropped), l.Workflow, l.App)
		o.add(viewerBytes, float64(n.Sent), l.Workflow, l.App)
		o.add(skips, float64(n.Skips), l.Workflow, l.App)
		o.add(skippedBytes, float64(n.SkippedBytes), l.Workflow, l.App)
	}
}

// workflowsTo adds up what workflows have made known, so that one which hangs delays nobody.
func (c collector) workflowsTo(o output) {
	type step struct{ typ, state string }
	states, kinds := counts[string]{"running": 0, "error": 0, "update_failed": 0}, counts[step]{}
	working, lostPackets := 0, uint64(0)
	for _, w := range c.Workflows() {
		switch {
		case w.Failure != "":
			states["error"]++
		case w.UpdateFailure != "":
			states["update_failed"]++
		default:
			states["running"]++
		}
		for _, s := range w.Steps {
			kinds[step{s.Type, s.State.String()}] += float64(s.Count)
		}
		working += w.UnderWay
		lostPackets += w.Dropped
	}
	for state, n := range states {
		o.add(workflows, n, state)
	}
	for k, n := range kinds {
		o.add(steps, n, k.typ, k.state)
	}
	o.add(futures, float64(working))
	o.add(dropped, float64(lostPackets))
}

func (c collector) ffmpegsTo(o output) {
	states := counts[string]{"starting": 0, "running": 0, "waiting": 0, "ended": 0}
	for _, f := range c.FFmpegs() {
		states[f.State]++
	}
	for state, n := range states {
		o.add(ffmpegs, n, state)
	}
	all, again := c.Starts()
	o.add(ffmpegStarts, float64(all))
	o.add(ffmpegRestarts, float64(again))
}
