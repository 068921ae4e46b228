package server

import "errors"

// ErrNoCertificate refuses a registration with TLS at a server that has no certificate.
var ErrNoCertificate = errors.New("rtmps needs a certificate: name one in the settings with tls_cert_path")

func scheme(withTLS bool) string {
	if withTLS {
		return "rtmps"
	}
	return "rtmp"
}
