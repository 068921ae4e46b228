package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/message"
)

// The stopped viewers' tests publish large made-up frames: what counts is bytes, and a test picture has few.
const (
	largeFrame = 64 << 10
	largeGOP   = 25
)

// largePacket is the n-th frame of such a stream. Each is different from all others.
func largePacket(n int) packet {
	body := make([]byte, largeFrame)
	body[0], body[1] = 0x27, 1 // inter frame, AVC NAL units
	if n%largeGOP == 0 {
		body[0] = 0x17
	}
	for i := 5; i < len(body); i++ {
		body[i] = byte(i * (n + 1))
	}
	copy(body[5:], strconv.Itoa(n)+" ")
	p, _ := newPacket(message.TypeVideo, uint32(40*n), body)
	return p
}

// sendLarge publishes n large frames, never more than a few ahead of a viewer that keeps up. So it is no faster than the
// log can be looked after; at 100 MB/s a log of some megabytes passes by in the time of a scheduling hiccup.
func (f *feeder) sendLarge(n int, pace *viewer) {
	f.t.Helper()
	const ahead = 4
	for range n {
		p := largePacket(len(f.sent))
		require.NoError(f.t, f.publisher.WriteMedia(p.kind, uint32(p.dts), p.body))
		f.sent = append(f.sent, p)
		if len(f.sent) > ahead {
			pace.waitVideo(len(f.sent) - ahead)
		}
	}
}

// residentBytes is the memory that a process has in use.
func residentBytes(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	require.NoError(t, err)
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	require.NoError(t, err)
	return pages * os.Getpagesize()
}

// TestStoppedViewer: a viewer process that is stopped costs no memory beyond the log, nobody else has a
// gap, and when it wakes up it goes on at a key frame.
func TestStoppedViewer(t *testing.T) {
	t.Parallel()
	const logMB = 12
	s := startServer(t, fmt.Sprintf("viewer_lag_mb %d\nreturn_timeout 500ms", logMB), simple)
	url := s.url("live/k")
	recorded := filepath.Join(t.TempDir(), "slow.flv")
	slow := rtmpdumpRecords(t, url, recorded)
	good := watch(t, url)
	eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })

	f := feed(t, url)
	f.sendLarge(2*largeGOP, good)
	eventually(t, "rtmpdump records", func() bool { return len(videoOf(readFLV(t, recorded))) > largeGOP })
	slow.signal(syscall.SIGSTOP)
	f.sendLarge(8*largeGOP, good) // the log and the sockets are full
	before := residentBytes(t, s.cmd.Process.Pid)
	f.sendLarge(40*largeGOP, good)
	grown := residentBytes(t, s.cmd.Process.Pid) - before
	t.Logf("memory grew by %d KB while %d MB were sent", grown>>10, 40*largeGOP*largeFrame>>20)
	if !raceEnabled { // with the race detector pools forget on purpose
		require.Less(t, grown, (logMB+logMB/4)<<20, "a stopped viewer costs no memory beyond the log")
	}
	slow.signal(syscall.SIGCONT)
	f.sendLarge(2*largeGOP, good)
	f.stop()
	slow.succeeds(patience)

	requireSame(t, "the other viewer", f.sent, good.waitVideo(len(f.sent)))
	got := readFLV(t, recorded)
	requireSkipsToKeyFrames(t, f.sent, got)
	require.True(t, got[len(got)-1].equal(f.sent[len(f.sent)-1]), "the stopped viewer is live again")
	eventually(t, "the skip is in the log", func() bool {
		for _, line := range s.logged("viewer stopped") {
			if line["skips"] != float64(0) {
				return true
			}
		}
		return false
	})
}

// requireSkipsToKeyFrames checks that every packet is one that was sent, in order, and that each gap ends at a key frame.
func requireSkipsToKeyFrames(t testing.TB, sent, got []packet) {
	t.Helper()
	next, gaps := 0, 0
	for _, p := range got {
		at := indexOf(sent[next:], p)
		require.GreaterOrEqual(t, at, 0, "a packet that was not sent, or not in this order: %v", p)
		if at > 0 {
			gaps++
			require.True(t, p.key, "a gap ends at a key frame: %v", p)
		}
		next += at + 1
	}
	require.Positive(t, gaps, "the viewer was not slow at all")
}

// TestStalledViewerIsClosed covers a viewer that never wakes up.
func TestStalledViewerIsClosed(t *testing.T) {
	t.Parallel()
	s := startServer(t, "viewer_lag_mb 2\nviewer_timeout 1s", simple)
	url := s.url("live/k")
	slow := rtmpdumpRecords(t, url, filepath.Join(t.TempDir(), "slow.flv"))
	good := watch(t, url)
	eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	f := feed(t, url)
	f.sendLarge(largeGOP, good)
	slow.signal(syscall.SIGSTOP)
	eventually(t, "the stopped viewer is closed", func() bool {
		f.sendLarge(1, good)
		return len(s.logged("viewer stopped")) == 1
	})
	require.EqualValues(t, 1, s.exceeded()["viewer_timeout"])
	f.sendLarge(largeGOP, good)
	requireSame(t, "the other viewer", f.sent, good.waitVideo(len(f.sent)))
	slow.signal(syscall.SIGCONT)
	slow.wait(patience)
}
