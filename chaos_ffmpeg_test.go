package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/client"
)

// hostileFFmpeg is the ffmpeg of the server: a script that does what a file says when it is started.
type hostileFFmpeg struct{ path, mode string }

// What it may do: end at once or after a while, take no notice of an interrupt, pour lines into its outputs, write what is
// no text, or be the real one.
var ffmpegModes = []string{"dies", "ends", "hangs", "stubborn", "floods", "figures", "garbage", "real"}

const hostileScript = `#!/bin/sh
case "$(cat "$(dirname "$0")/ffmpeg-mode")" in
dies)     echo "I do not feel like it" >&2; exit 1 ;;
ends)     echo "frame=1"; echo "progress=continue"; sleep 0.3; exit 0 ;;
hangs)    exec sleep 60 ;;
stubborn) trap '' INT TERM; sleep 60 & wait; sleep 60 ;;
floods)   head -c 20000000 /dev/zero | tr '\0' 'x' | fold -w 200 >&2; exit 1 ;;
figures)  yes "frame=99999999999999999999" | head -c 5000000; yes "progress=continue" | head -c 100000; exit 1 ;;
garbage)  head -c 1000000 /dev/urandom >&2; head -c 1000000 /dev/urandom; exit 3 ;;
real)     exec ffmpeg "$@" ;;
esac
`

func newHostileFFmpeg(t testing.TB, dir string) *hostileFFmpeg {
	t.Helper()
	f := &hostileFFmpeg{path: filepath.Join(dir, "ffmpeg"), mode: filepath.Join(dir, "ffmpeg-mode")}
	require.NoError(t, os.WriteFile(f.path, []byte(hostileScript), 0o755))
	f.becomes("dies")
	return f
}

// becomes says what those do that start from now on, and returns how to undo that.
func (f *hostileFFmpeg) becomes(mode string) (undo func()) {
	next := f.mode + ".new"
	_ = os.WriteFile(next, []byte(mode), 0o600)
	_ = os.Rename(next, f.mode)
	return func() { f.becomes("dies") }
}

// badFFmpegs has ffmpegs do something else each moment.
func badFFmpegs(a *attack, r *rand.Rand) {
	for goesOn := true; goesOn; {
		a.faults.Add(1)
		undo := a.server.ffmpegs.becomes(ffmpegModes[r.IntN(len(ffmpegModes))])
		goesOn = a.pause(time.Duration(100+r.IntN(300)) * time.Millisecond)
		undo()
	}
}

// intoFFmpeg publishes to a workflow that gives its streams to ffmpegs, and watches what comes back, if anything does. Half of
// the streams have pictures that can be decoded.
func intoFFmpeg(a *attack, r *rand.Rand) {
	key := string(rune('a' + r.IntN(8)))
	switch frames := 40 + r.IntN(200); r.IntN(6) {
	case 0, 1:
		a.play(r, "coded/"+key, 5)
	case 2, 3:
		a.publish(r, "ffmpegs/"+key, frames)
	default:
		a.publishClip(r, "ffmpegs/"+key, frames)
	}
}

// publishClip publishes what comes first of a real clip, faster than it plays.
func (a *attack) publishClip(r *rand.Rand, path string, packets int) {
	p, err := client.Publish(a.ctx, a.server.url(path), a.clientConfig(r))
	if err != nil {
		return
	}
	defer p.Close()
	for n, packet := range a.server.clip[:packets] {
		if p.WriteMedia(packet.kind, uint32(packet.dts), packet.body) != nil {
			return
		}
		if n%8 == 7 && !a.pause(frameEvery*time.Millisecond) {
			return
		}
	}
	_ = p.Stop()
}
