//go:build !race

package server_test

import (
	"bytes"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/server"
)

// TestNoAllocationPerFrameOrViewer sends frames through everything there is between two sockets: event loop, chunk reader,
// session, workflow, wire log, writes.
func TestNoAllocationPerFrameOrViewer(t *testing.T) {
	const (
		viewers = 20
		frames  = 3000
	)
	_, port := start(t, server.Config{})
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	var received atomic.Int64
	for range viewers {
		v := dial(t, port, "live").play("cam")
		v.want("play start")
		v.discard(&received)
	}

	timestamp := uint32(0)
	var encoded []byte
	send := func(count int) {
		for range count {
			picture := delta
			if timestamp%1000 == 0 {
				picture = key
			}
			encoded = chunk.AppendType0(encoded[:0], &chunk.Message{ChunkStream: 4, Type: message.TypeVideo, StreamID: 1, Timestamp: timestamp,
				Payload: append(append(payload[:0], picture...), filler...)}, 4096)
			encoded = chunk.AppendType0(encoded, &chunk.Message{ChunkStream: 5, Type: message.TypeAudio, StreamID: 1, Timestamp: timestamp, Payload: sound}, 4096)
			p.write(encoded)
			timestamp += 20
		}
	}
	perFrame := int64(chunk.WireLen(len(key)+len(filler), false, 4, 4096) + chunk.WireLen(len(sound), false, 5, 4096))
	// Viewers who skip would get less than all, so nobody is let fall behind.
	sendAll := func(count int) {
		for range count / 50 {
			want := received.Load() + 50*perFrame*viewers
			send(50)
			for deadline := time.Now().Add(patience); received.Load() < want; runtime.Gosched() {
				if time.Now().After(deadline) {
					t.Fatalf("delivered %d of %d bytes", received.Load(), want)
				}
			}
		}
	}
	sendAll(500)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sendAll(frames)
	runtime.ReadMemStats(&after)
	allocations := after.Mallocs - before.Mallocs
	t.Logf("%d allocations for %d frames to %d viewers", allocations, frames, viewers)
	require.Less(t, allocations, uint64(frames/20), "allocations of the media path; housekeeping has a few a second")
}

var (
	filler  = bytes.Repeat([]byte{7}, 10_000)
	payload = make([]byte, 0, 11_000)
)
