package ffmpeg

import "time"

// Event is what happens to a process: [Started], [Stopped], [FailedToStart] or [Progress].
type Event interface{ event() }

// Started says that ffmpeg is running.
type Started struct {
	PID int
}

// Stopped says that ffmpeg has ended, for whatever reason, and is reaped.
type Stopped struct {
	// Exit is how it ended, for example "exit status 1" or "signal: killed".
	Exit string
	// Code is its exit code, or -1 if a signal ended it.
	Code int
	// LastLine is the last line that it wrote to standard error: its own words on why it ended, as a rule. Secrets
	// in addresses are made illegible. It may be empty.
	LastLine string
	// Ran is how long it was running.
	Ran time.Duration
	// RestartIn is how long it takes until it is started again. Zero means that it is not, since it was to stop.
	RestartIn time.Duration
}

// FailedToStart says that ffmpeg could not be started.
type FailedToStart struct {
	// Err wraps [ErrNotFound], [ErrJob], [ErrIDInUse], [ErrClosed], or an error of the operating system.
	Err error
	// RestartIn is how long it takes until it is tried again. Zero means that it is not: it cannot help, or
	// the process was to stop.
	RestartIn time.Duration
}

func (Started) event()       {}
func (Stopped) event()       {}
func (FailedToStart) event() {}
func (Progress) event()      {}
