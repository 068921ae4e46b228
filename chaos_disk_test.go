package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mmids/rtmp/client"
)

// smallDisk is where the server writes logs and HLS: a file system of its own that can be filled. Who may not mount one
// gets a limit on the size of files instead, which fails writes as well.
type smallDisk struct {
	dir     string
	mounted bool
}

const smallDiskBytes = 8 << 20

func newSmallDisk(t testing.TB, dir string) *smallDisk {
	t.Helper()
	d := &smallDisk{dir: filepath.Join(dir, "disk")}
	require.NoError(t, os.Mkdir(d.dir, 0o755))
	if unix.Mount("tmpfs", d.dir, "tmpfs", 0, "size=8m") == nil {
		d.mounted = true
		t.Cleanup(func() { _ = unix.Unmount(d.dir, unix.MNT_DETACH) })
	}
	return d
}

func (d *smallDisk) logs() string    { return filepath.Join(d.dir, "logs") }
func (d *smallDisk) hls() string     { return filepath.Join(d.dir, "hls") }
func (d *smallDisk) ballast() string { return filepath.Join(d.dir, "ballast") }

// fill leaves no room.
func (d *smallDisk) fill(pid int) error {
	if !d.mounted {
		return unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 0, Max: unix.RLIM_INFINITY}, nil)
	}
	f, err := os.Create(d.ballast())
	if err != nil {
		return err
	}
	defer f.Close()
	_, _ = f.Write(make([]byte, smallDiskBytes)) // as much as fits
	return nil
}

// free gives the room back.
func (d *smallDisk) free(pid int) error {
	if !d.mounted {
		return unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}, nil)
	}
	return os.Remove(d.ballast())
}

// fillDisk fills the disk under the server's logs and under ffmpeg's playlists, and gives the room back, again and again. In
// between the server has something to write down.
func fillDisk(a *attack, r *rand.Rand) {
	defer a.server.ffmpegs.becomes("real")()
	pid := a.server.cmd.Process.Pid
	lost := a.server.lostLines()
	defer func() {
		if now := a.server.lostLines(); now <= lost {
			a.wrong("no line of the log was lost on the full disk: %v, %v", lost, now)
		}
	}()
	for goesOn := true; goesOn; {
		a.faults.Add(1)
		if err := a.server.disk.fill(pid); err != nil {
			a.wrong("the disk cannot be filled: %v", err)
			return
		}
		for range 15 { // lines of more than a page: what is left of the newest one is no longer free
			a.beRefused(r)
		}
		goesOn = a.pause(time.Duration(500+r.IntN(1000)) * time.Millisecond)
		if err := a.server.disk.free(pid); err != nil {
			a.wrong("the disk cannot be emptied: %v", err)
			return
		}
		goesOn = goesOn && a.pause(time.Duration(300+r.IntN(500))*time.Millisecond)
	}
}

// beRefused is worth a line in the log.
func (a *attack) beRefused(r *rand.Rand) {
	_, err := client.Publish(a.ctx, a.server.url("nowhere/k"), a.clientConfig(r))
	if err == nil {
		a.wrong("anybody may publish")
	}
}

// lostLines is how many lines of the server's log did not get into a file.
func (s *chaosServer) lostLines() (n float64) {
	answer, err := s.client.Get(s.api + "/metrics")
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	_, value, _ := strings.Cut(string(text), "\nmmids_log_lines_lost_total ")
	_, _ = fmt.Sscan(value, &n)
	return n
}

// requireWritten checks that ffmpeg has written HLS when it could, and that the log goes on.
func (s *chaosServer) requireWritten(t testing.TB) {
	t.Helper()
	eventually(t, "there is HLS", func() bool {
		files, err := filepath.Glob(filepath.Join(s.disk.hls(), "*.ts"))
		require.NoError(t, err)
		return len(files) > 0
	})
	s.requireLogGoesOn(t)
}

// requireLogGoesOn checks that what the server writes now gets into a file, as a line of its own.
func (s *chaosServer) requireLogGoesOn(t testing.TB) {
	t.Helper()
	a := &attack{server: s, ctx: t.Context()}
	r := rand.New(rand.NewPCG(1, 1))
	before := s.refusalsInFiles(t)
	eventually(t, "the log goes on", func() bool {
		a.beRefused(r) // again, as there is a bound on lines about strangers, which those of the attack may have reached
		return s.refusalsInFiles(t) > before
	})
}

// refusalsInFiles counts the whole lines about clients that were refused.
func (s *chaosServer) refusalsInFiles(t testing.TB) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.disk.logs(), "application", "*"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, `"client refused"`) && json.Valid([]byte(line)) {
				n++
			}
		}
	}
	return n
}
