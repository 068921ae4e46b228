// Package logging sets up the process's log: one event, two outputs:
//
//	terminal   short coloured lines if it is a terminal, JSON lines if it is a pipe or a file
//	files      JSON lines in <dir>/application/application.log.<yyyy-mm-dd-hh>, a new file every hour, UTC
//
// Every line is written by one write call before the logging call returns, so no line is lost when the
// process ends, however it ends. The price is that a terminal which does not take bytes makes the caller
// wait; nothing on a media path may log per packet.
package logging

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// keepDefault is how many hourly files stay by default: one week.
const keepDefault = 7 * 24

// Options says where log lines go. Only Dir has no default.
type Options struct {
	// Level is the least important level that is logged. Mind that zerolog's zero value is debug;
	// [LevelFromEnv] gives the level that the operator asked for.
	Level zerolog.Level

	// Terminal gets every line. Nil means no terminal output.
	Terminal io.Writer
	// TerminalIsTTY says that people read Terminal, so lines are short text instead of JSON.
	TerminalIsTTY bool

	// Dir is the log directory; files go to its subfolder "application". It is created if missing. Empty
	// means no files.
	Dir string
	// Keep is how many hourly files stay; older ones are deleted when a new one begins. Zero means 7*24,
	// negative means all.
	Keep int

	// Complaints gets one line for an hour in which a log file cannot be written. Nil means standard error.
	Complaints io.Writer

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

func (o *Options) setDefaults() {
	if o.Keep == 0 {
		o.Keep = keepDefault
	}
	if o.Complaints == nil {
		o.Complaints = os.Stderr
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// New returns the logger from which all loggers of the process derive, and the output behind it, which is to
// be closed after the last line. It fails only if the directory or the first file cannot be made; what goes
// wrong later is counted and never fails a logging call.
func New(o Options) (zerolog.Logger, *Output, error) {
	o.setDefaults()
	out := &Output{}
	switch {
	case o.Terminal == nil:
	case o.TerminalIsTTY:
		out.terminal = consoleWriter(o.Terminal)
	default:
		out.terminal = o.Terminal
	}
	if o.Dir != "" {
		files, err := openFiles(filepath.Join(o.Dir, "application"), o.Keep, o.Now, o.Complaints)
		if err != nil {
			return zerolog.Nop(), nil, fmt.Errorf("logging: %w", err)
		}
		out.files = files
	}
	return zerolog.New(out).Level(o.Level).Hook(clock{o.Now}), out, nil
}

// Output writes each line to the terminal and to the file of its hour. It may be used from any goroutine.
type Output struct {
	mu        sync.Mutex
	terminal  io.Writer // nil without
	files     *hourlyFiles
	closed    bool
	lost      uint64
	important func(level zerolog.Level, line []byte)
	escaped   []byte // the line that is being written, if it needed that
}

// Important calls f with every line from warnings on, as it is written. It is called once, before there are lines that
// matter. f borrows the line, must not log and must not block.
func (o *Output) Important(f func(level zerolog.Level, line []byte)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.important = f
}

// WriteLevel implements zerolog.LevelWriter.
func (o *Output) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	n, err := o.Write(line)
	if level < zerolog.WarnLevel || level > zerolog.PanicLevel {
		return n, err
	}
	o.mu.Lock()
	f := o.important
	o.mu.Unlock()
	if f != nil {
		f(level, line)
	}
	return n, err
}

// Write takes one JSON line and always reports success: a log that cannot be written must not change what the
// server does. It keeps no reference to line.
func (o *Output) Write(line []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	size := len(line)
	if !isPlain(line) {
		o.escaped = appendEscaped(o.escaped[:0], line)
		line = o.escaped
	}
	if o.terminal != nil {
		// There is nobody left to tell when the terminal is gone; the file still gets the line.
		_, _ = o.terminal.Write(line)
	}
	if o.files != nil && (o.closed || !o.files.write(line)) {
		o.lost++
	}
	return size, nil
}

// Lost returns how many lines did not reach a file.
func (o *Output) Lost() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost
}

// Close closes the file. Lines that come later still go to the terminal. Closing twice does nothing.
func (o *Output) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.files == nil {
		o.closed = true
		return nil
	}
	o.closed = true
	if err := o.files.close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("logging: %w", err)
	}
	return nil
}

// timeFormat has milliseconds and always UTC, the clock that file names use too.
const timeFormat = "2006-01-02T15:04:05.000Z"

// clock stamps each event. zerolog's own stamp takes its format and its clock from global variables.
type clock struct{ now func() time.Time }

// Run implements zerolog.Hook.
func (c clock) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	var text [len(timeFormat)]byte
	e.Bytes(zerolog.TimestampFieldName, c.now().UTC().AppendFormat(text[:0], timeFormat))
}
