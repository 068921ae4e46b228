//go:build !race

package server_test

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/http/server"
)

// TestNoAllocationPerFrameOrViewer feeds frames through everything there is between a step and its viewers' sockets, in all
// formats at the same time.
func TestNoAllocationPerFrameOrViewer(t *testing.T) {
	const (
		viewersEach = 7
		frames      = 3000
	)
	s := newHarness(t, server.Config{}).show(nil)
	f := s.feed("cam")
	var received atomic.Int64
	for range viewersEach {
		for _, c := range []*client{
			s.get("/live/live/cam.flv"), s.get("/live/live/cam.mp4"), s.get("/live/live/cam.flv", handshake...),
		} {
			go func() {
				b := make([]byte, 64<<10)
				for {
					n, err := c.in.Read(b)
					if received.Add(int64(n)); err != nil {
						return
					}
				}
			}()
		}
	}
	eventually(t, "viewers are there", func() bool { return f.channel.Stats().Viewers == 3*viewersEach })

	video, audio := make([]byte, 10_005), make([]byte, 302)
	copy(audio, []byte{0xaf, 1})
	n := media.Notification{Event: media.Coded}
	feed := func(kind media.Kind, key bool, tag []byte) {
		n.Packet = media.Packet{Kind: kind, KeyFrame: key, Time: f.now, Body: media.CopyBuffer(tag)}
		f.channel.Append(&n)
		n.Release()
	}
	send := func(count int) {
		for range count {
			key := f.now%1000 == 0
			copy(video, []byte{0x27, 1})
			if key {
				video[0] = 0x17
			}
			feed(media.Video, key, video)
			feed(media.Audio, false, audio)
			f.channel.Publish()
			f.now += 20
		}
	}
	// Viewers who skip would get less, so nobody is let fall behind. MP4 is a frame behind, and the least that formats add to
	// a frame is counted.
	sendAll := func(count int) {
		for range count / 50 {
			want := received.Load() + 48*3*viewersEach*int64(len(video)+len(audio))
			send(50)
			for deadline := time.Now().Add(patience); received.Load() < want; runtime.Gosched() {
				if time.Now().After(deadline) {
					t.Fatalf("delivered %d of %d bytes", received.Load(), want)
				}
			}
		}
	}
	// A collection empties the pools of memory, and filling them again is no cost of frames or viewers.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	sendAll(frames)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sendAll(frames)
	runtime.ReadMemStats(&after)
	allocations := after.Mallocs - before.Mallocs
	t.Logf("%d allocations for %d frames to %d viewers", allocations, frames, 3*viewersEach)
	require.Less(t, allocations, uint64(frames/20), "allocations of the media path; housekeeping has a few a second")
}
