package server

import (
	"errors"
	"fmt"
)

// ErrNoCertificate refuses a registration with TLS at a server that has no certificate.
var ErrNoCertificate = errors.New("rtmps needs a certificate: name one in the settings with tls_cert_path")

// TLSError refuses a registration because the port is open the other way: a port has TLS for all or for none.
type TLSError struct {
	Port int
	TLS  bool // of the port as it is
	Own  bool // it is only the workflow's own steps that hold the port
}

func (e *TLSError) Error() string {
	is, other, instead := "without TLS and cannot be used with it", "with it", "leave rtmps out"
	if e.TLS {
		is, other, instead = "with TLS and cannot be used without it", "without it", "add rtmps"
	}
	if e.Own {
		return fmt.Sprintf("port %d is open %s as long as this workflow's present steps have it; "+
			"choose another port, or stop the workflow and start it again %s", e.Port, is, other)
	}
	return fmt.Sprintf("port %d is open %s at the same time; choose another port or %s", e.Port, is, instead)
}

func scheme(withTLS bool) string {
	if withTLS {
		return "rtmps"
	}
	return "rtmp"
}
