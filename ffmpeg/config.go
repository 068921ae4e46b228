package ffmpeg

import (
	"time"

	"github.com/rs/zerolog"

	"mmids/engine/figures"
)

// Config holds what an operator can choose. Its zero value works.
type Config struct {
	// Path is the executable, absolute or relative to the working directory. Empty means "ffmpeg" in PATH, looked up
	// again at each start, so that it may be installed while the server runs. A script should exec ffmpeg: what it runs
	// as its child is stopped as well, but does not die with a server that is killed.
	Path string

	// LogDir is the directory for log files; ffmpeg's go to its subfolder "ffmpeg_stdout", one for each id. They may be
	// read by the server's user and group only, and the newest stay when their process is gone. Empty means no files.
	LogDir string

	// LogBytesMax bounds a log file; the next write begins a new one. Zero means 10 MiB.
	LogBytesMax int64

	// LogFilesMax is how many log files one id may have, together: id.log, id.log.1 … Zero means 3.
	LogFilesMax int

	// LogFilesKept is how many log files of processes that have ended stay, the newest, over all ids. Zero means 200.
	LogFilesKept int

	// RestartMin is the pause before the first restart; each further one doubles it. Zero means 1 s.
	RestartMin time.Duration

	// RestartMax bounds the pause. Zero means 30 s.
	RestartMax time.Duration

	// RestartReset is how long a process must have run for the pause to begin at RestartMin again. Zero means 60 s.
	RestartReset time.Duration

	// FinishTimeout is how long a process may go on reading when its input has ended, before it is interrupted. What it
	// reads in real time is behind by the time that it needs to begin, one or two seconds, and by as much as its input came
	// faster than real time. Zero means 10 s.
	FinishTimeout time.Duration

	// InterruptTimeout is how long a process may take to end after it was interrupted, before it is killed. Zero
	// means 5 s.
	InterruptTimeout time.Duration

	// News hears of processes that start and end. Nil means that nobody does.
	News figures.News

	// Log is for what concerns no process in particular.
	Log zerolog.Logger
}

func (c Config) withDefaults() Config {
	if c.News == nil {
		c.News = figures.Nobody{}
	}
	if c.LogBytesMax <= 0 {
		c.LogBytesMax = 10 << 20
	}
	if c.LogFilesMax <= 0 {
		c.LogFilesMax = 3
	}
	if c.LogFilesKept <= 0 {
		c.LogFilesKept = 200
	}
	if c.RestartMin <= 0 {
		c.RestartMin = time.Second
	}
	if c.RestartMax <= 0 {
		c.RestartMax = 30 * time.Second
	}
	if c.RestartReset <= 0 {
		c.RestartReset = time.Minute
	}
	if c.FinishTimeout <= 0 {
		c.FinishTimeout = 10 * time.Second
	}
	if c.InterruptTimeout <= 0 {
		c.InterruptTimeout = 5 * time.Second
	}
	return c
}

const (
	// outputGrace is how long output is still read when a process has ended, for the case that a descendant that left
	// its process group holds the pipes open.
	outputGrace = time.Second

	// reapGrace is how long Close waits for processes that it has killed. Killing takes milliseconds unless the kernel
	// is stuck in a device.
	reapGrace = time.Second

	// logLineBytesMax bounds a line of ffmpeg's standard error; the rest of a longer one is left out. The longest
	// that ffmpeg writes by itself is its build configuration with about 2 KB.
	logLineBytesMax = 4 << 10

	// progressLineBytesMax bounds a line of progress; a longer one is ignored. Real ones have less than 40 bytes.
	progressLineBytesMax = 256
)
