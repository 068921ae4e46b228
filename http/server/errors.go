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
