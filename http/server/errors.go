package server

import (
	"errors"
	"fmt"
)

// ErrNoCertificate refuses a registration with TLS at a server that has no certificate.
var ErrNoCertificate = errors.New("use_tls needs a certificate: name one in the settings with tls_cert_path")

// TakenError refuses a registration because another one has its port, app and key.
type TakenError struct {
	Port     int
	App, Key string // of the registration that is in the way
	Workflow string // that holds it
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("HTTP viewers of app %q, stream key %q on port %d belong to workflow %q already", e.App, e.Key, e.Port, e.Workflow)
}

// TLSError refuses a registration because the port is open the other way: a port has TLS for all or for none.
type TLSError struct {
	Port int
	TLS  bool // of the port as it is
}

func (e *TLSError) Error() string {
	if e.TLS {
		return fmt.Sprintf("port %d is open with TLS and cannot be used without it at the same time; choose another port or add use_tls", e.Port)
	}
	return fmt.Sprintf("port %d is open without TLS and cannot be used with it at the same time; choose another port or leave use_tls out", e.Port)
}
