// Package panics is where panics end: at the call that caused them, with a line in the log, and never with the process.
//
// A panic is always somebody's mistake, ours or that of a step, an executor or a handler that was built in. What it took
// along must be small and visible: one connection, one workflow, one request.
package panics

import (
	"fmt"
	"runtime/debug"

	"github.com/rs/zerolog"
)

// Describe adds a recovered panic, and the stack that it came from, to a line. It is to be called by the deferred function
// that recovered.
func Describe(line *zerolog.Event, recovered any) *zerolog.Event {
	return line.Str("panic", fmt.Sprint(recovered)).Bytes("stack", debug.Stack())
}

// Contain runs f and reports whether it returned. If it panics, the panic ends here and a line with the message is logged.
func Contain(log zerolog.Logger, message string, f func()) (returned bool) {
	defer func() {
		if v := recover(); v != nil {
			Describe(log.Error(), v).Msg(message)
		}
	}()
	f()
	return true
}
