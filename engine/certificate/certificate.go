// Package certificate reads the server's certificate and its private key from files, and again when they change.
package certificate

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"

	"software.sslmate.com/src/go-pkcs12"
)

// Files says where a certificate is.
type Files struct {
	// Path is a PKCS#12 file (.pfx, .p12) with certificate and key, or a PEM file with the certificate and those of
	// its issuers, its own first.
	Path string

	// KeyPath is the PEM file with the private key. Empty means that Path has it.
	KeyPath string

	// Password is that of a PKCS#12 file.
	Password string
}

// The reasons why files cannot be used.
var (
	ErrPassword = errors.New("the password is wrong")
	ErrNoKey    = errors.New("there is no private key in it")
	ErrMismatch = errors.New("the private key does not belong to the certificate")
	ErrFormat   = errors.New("it is neither a PKCS#12 file nor PEM")
	ErrTooLarge = errors.New("it is too large for a certificate")
)

// fileBytesMax bounds a file. A chain of four certificates takes some 8 KiB.
const fileBytesMax = 1 << 20

func (f Files) load() (*tls.Certificate, error) {
	file, err := readBounded(f.Path)
	if err != nil {
		return nil, err
	}
	var c *tls.Certificate
	switch {
	case f.KeyPath != "":
		key, err := readBounded(f.KeyPath)
		if err != nil {
			return nil, err
		}
		c, err = fromPEM(file, key)
		if err != nil {
			return nil, fmt.Errorf("%s with the key %s: %w", f.Path, f.KeyPath, err)
		}
		return c, nil
	case isPEM(file):
		c, err = fromPEM(file, file)
	default:
		c, err = fromPKCS12(file, f.Password)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return c, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, fileBytesMax+1))
	if err == nil && len(b) > fileBytesMax {
		err = fmt.Errorf("%s: %w", path, ErrTooLarge)
	}
	return b, err
}

func isPEM(b []byte) bool { return bytes.Contains(b, []byte("-----BEGIN ")) }

func fromPEM(certificate, key []byte) (*tls.Certificate, error) {
	if !bytes.Contains(key, []byte("PRIVATE KEY-----")) {
		return nil, ErrNoKey
	}
	c, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	return &c, nil
}

func fromPKCS12(file []byte, password string) (*tls.Certificate, error) {
	key, first, others, err := pkcs12.DecodeChain(file, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return nil, ErrPassword
	case err != nil && err.Error() == "pkcs12: private key missing":
		return nil, ErrNoKey
	case err != nil && bytes.HasPrefix([]byte(err.Error()), []byte("pkcs12: error reading P12 data")):
		return nil, ErrFormat
	case err != nil:
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, ErrNoKey
	}
	chain := append([]*x509.Certificate{first}, others...)
	leaf := leafOf(chain, signer.Public())
	if leaf == nil {
		return nil, ErrMismatch
	}
	c := &tls.Certificate{PrivateKey: key, Leaf: leaf}
	for _, link := range ordered(leaf, chain) {
		c.Certificate = append(c.Certificate, link.Raw)
	}
	return c, nil
}

// leafOf finds the certificate of a key. Not every program writes it first.
func leafOf(list []*x509.Certificate, public crypto.PublicKey) *x509.Certificate {
	for _, c := range list {
		if k, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); ok && k.Equal(public) {
			return c
		}
	}
	return nil
}

// ordered returns the leaf, its issuer, the issuer's issuer …, as TLS sends them (RFC 5246 §7.4.2), without what does not
// belong to that line.
func ordered(leaf *x509.Certificate, list []*x509.Certificate) []*x509.Certificate {
	line := []*x509.Certificate{leaf}
	for range list {
		last := line[len(line)-1]
		if bytes.Equal(last.RawIssuer, last.RawSubject) {
			break // signed by itself
		}
		for _, c := range list {
			if bytes.Equal(c.RawSubject, last.RawIssuer) && last.CheckSignatureFrom(c) == nil {
				line = append(line, c)
				break
			}
		}
		if line[len(line)-1] == last {
			break
		}
	}
	return line
}
