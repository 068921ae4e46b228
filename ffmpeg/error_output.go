package ffmpeg

import (
	"fmt"
	"strings"
	"time"

	"mmids/engine/logging"
)

// errorOutput takes ffmpeg's standard error: lines go to the log file with the secrets in their addresses made illegible,
// and with everything escaped that a terminal would obey, since ffmpeg repeats what it finds in media.
// It is an io.Writer that never fails, so that ffmpeg is never held up.
type errorOutput struct {
	lines lines
	batch []byte            // what one Write adds to the file
	file  *logFile          // nil without log files
	own   *strings.Replacer // of the job's own addresses
	last  []byte            // the last line
}

func newErrorOutput(file *logFile, job Job) *errorOutput {
	o := &errorOutput{file: file, own: job.redactor()}
	o.lines = lines{max: logLineBytesMax, emit: o.line}
	return o
}

// separate writes the line that tells a run's output from the one before.
func (o *errorOutput) separate(now time.Time) {
	if o.file != nil {
		o.file.write(fmt.Appendf(nil, "\n===== %s: ffmpeg starts =====\n\n", now.UTC().Format(time.RFC3339)))
	}
}

func (o *errorOutput) Write(b []byte) (int, error) {
	o.lines.write(b)
	o.store()
	return len(b), nil
}

func (o *errorOutput) line(line []byte, cut bool) {
	begin := len(o.batch)
	o.batch = appendRedacted(o.batch, []byte(logging.Printable(o.own.Replace(string(line)))))
	if cut {
		o.batch = append(o.batch, "…"...)
	}
	o.last = append(o.last[:0], o.batch[begin:]...)
	o.batch = append(o.batch, '\n')
}

func (o *errorOutput) store() {
	if o.file != nil && len(o.batch) > 0 {
		o.file.write(o.batch)
	}
	o.batch = o.batch[:0]
}

// finish stores what came last and closes the file. It returns the last line.
func (o *errorOutput) finish() string {
	o.lines.flush()
	o.store()
	if o.file != nil {
		o.file.close()
	}
	return string(o.last)
}
