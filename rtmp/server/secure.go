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
}

func (e *TLSError) Error() string {
	if e.TLS {
		return fmt.Sprintf("port %d is open with TLS and cannot be used without it at the same time; choose another port or add rtmps", e.Port)
	}
	return fmt.Sprintf("port %d is open without TLS and cannot be used with it at the same time; choose another port or leave rtmps out", e.Port)
}

func scheme(withTLS bool) string {
	if withTLS {
		return "rtmps"
	}
	return "rtmp"
}
