package watch

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"mmids/engine/tcp"
	"mmids/engine/workflow"
)

// OpenPort opens the port of a number for an endpoint, on an address, which may be empty for all. The rest of what a port
// needs is in c. The error is temporary, and made for the status of a workflow.
func OpenPort(sockets *tcp.Manager, address string, number int, c tcp.PortConfig) (*tcp.Port, error) {
	c.Address = net.JoinHostPort(address, strconv.Itoa(number))
	port, err := sockets.Open(c)
	switch {
	case err == nil:
		return port, nil
	case errors.Is(err, syscall.EADDRINUSE):
		err = fmt.Errorf("port %d is in use by another program, or for another protocol", number)
	default:
		err = fmt.Errorf("port %d cannot be opened: %w", number, err)
	}
	return nil, workflow.Temporary(err)
}

// TLSError refuses a registration because the port is open the other way: a port has TLS for all or for none.
type TLSError struct {
	Port   int
	TLS    bool   // of the port as it is
	Own    bool   // it is only the workflow's own steps that hold the port
	Option string // with which a step asks for TLS
}

func (e *TLSError) Error() string {
	is, other, instead := "without TLS and cannot be used with it", "with it", "leave "+e.Option+" out"
	if e.TLS {
		is, other, instead = "with TLS and cannot be used without it", "without it", "add "+e.Option
	}
	if e.Own {
		return fmt.Sprintf("port %d is open %s as long as this workflow's present steps have it; "+
			"choose another port, or stop the workflow and start it again %s", e.Port, is, other)
	}
	return fmt.Sprintf("port %d is open %s at the same time; choose another port or %s", e.Port, is, instead)
}
