package watch

import (
	"errors"
	"io"
	"syscall"

	"github.com/rs/zerolog"
)

// CloseLevel is how much an operator wants to know of the end of a connection with err. Clients come and go; one that the server
// has ended had a line of its own, which said says; but whoever breaks a rule or a deadline is worth one.
func CloseLevel(said bool, err error) zerolog.Level {
	var network syscall.Errno
	if said || errors.Is(err, io.EOF) || errors.As(err, &network) {
		return zerolog.DebugLevel
	}
	return zerolog.InfoLevel
}
