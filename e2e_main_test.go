package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The end-to-end tests run the built server as a process and talk to it with the programs that people use. Each test has
// a server of its own, with its own ports and directory, and they run side by side.

// patience is how long anything may take that does not depend on the length of a stream. Nothing waits for it unless
// it fails; it is long because other tests run at the same time.
const patience = 20 * time.Second

// shared is what all tests of a run have in common: the built server and the source streams.
var shared string

func TestMain(m *testing.M) {
	if os.Getenv(chaosConfig) != "" {
		if err := serveChaos(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	dir, err := os.MkdirTemp("", "mmids-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shared = dir
	runSideBySide()
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// runSideBySide lets more tests run at the same time than there are processors, unless -parallel says how many: most of
// them wait for a stream that takes its time.
func runSideBySide() {
	const name = "test.parallel"
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == name })
	if !chosen {
		_ = flag.Set(name, "8")
	}
}

// binary is the server, built once per run, with the race detector if the tests have it.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(shared, "mmids")
	args := []string{"build", "-o", path}
	if raceEnabled {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// The source streams: a test picture and a tone, H.264 with B-frames and AAC, a key frame each second and nowhere else.
var (
	sourceFile = sync.OnceValues(func() (string, error) { return makeSource("source.flv", "320x240", 440) })
	otherFile  = sync.OnceValues(func() (string, error) { return makeSource("other.flv", "160x120", 880) })
)

const (
	sourceSeconds = 6
	sourceFrames  = 25 * sourceSeconds
	sourceGOP     = 25
)

func makeSource(name, size string, tone int) (string, error) {
	path := filepath.Join(shared, name)
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		return "", missing("ffmpeg")
	}
	out, err := exec.Command(ffmpeg, "-v", "error", "-y",
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=%s:rate=25:duration=%d", size, sourceSeconds),
		"-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=%d:sample_rate=44100:duration=%d", tone, sourceSeconds),
		"-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", fmt.Sprint(sourceGOP), "-keyint_min", fmt.Sprint(sourceGOP),
		"-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv", path).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ffmpeg: %w\n%s", err, out)
	}
	return path, nil
}

// must returns the value of a shared thing, or ends the test if it could not be made.
func must[T any](t testing.TB, get func() (T, error)) T {
	t.Helper()
	v, err := get()
	if err != nil {
		t.Fatal(err)
	}
	return v
}
