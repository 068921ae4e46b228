package certificate

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"software.sslmate.com/src/go-pkcs12"
)

// issued is a certificate with its key.
type issued struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// issue makes a certificate; by nil for one that is signed by itself.
func issue(t *testing.T, name string, by *issued) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	parent, signer := template, crypto.Signer(key)
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &issued{c, key}
}

func (i *issued) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Raw})
}

func (i *issued) keyPEM(t *testing.T) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func file(t *testing.T, content ...[]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, bytes.Join(content, nil), 0o600))
	return path
}

func pfx(t *testing.T, encoder *pkcs12.Encoder, password string, key any, leaf *issued, others ...*issued) string {
	t.Helper()
	var list []*x509.Certificate
	for _, o := range others {
		list = append(list, o.Certificate)
	}
	b, err := encoder.Encode(key, leaf.Certificate, list, password)
	require.NoError(t, err)
	return file(t, b)
}

func TestLoad(t *testing.T) {
	root := issue(t, "root", nil)
	middle := issue(t, "middle", root)
	leaf := issue(t, "leaf", middle)
	stranger := issue(t, "stranger", nil)
	f := func(name string, files Files, chain ...*issued) {
		t.Helper()
		s, err := Load(files, zerolog.Nop())
		require.NoError(t, err, name)
		c, err := s.GetCertificate(nil)
		require.NoError(t, err)
		require.Equal(t, chain[0].Raw, c.Leaf.Raw)
		require.True(t, leaf.key.Equal(c.PrivateKey), name)
		require.Len(t, c.Certificate, len(chain), name)
		for i := range chain {
			require.Equal(t, chain[i].Raw, c.Certificate[i], "%s: %d", name, i)
		}
	}
	for name, e := range map[string]*pkcs12.Encoder{"modern": pkcs12.Modern, "3DES": pkcs12.LegacyDES, "RC2": pkcs12.LegacyRC2} {
		f(name, Files{Path: pfx(t, e, "secret", leaf.key, leaf), Password: "secret"}, leaf)
		f(name+" with a chain", Files{Path: pfx(t, e, "", leaf.key, leaf, middle, root)}, leaf, middle, root)
		f(name+" out of order", Files{Path: pfx(t, e, "ü", leaf.key, root, stranger, middle, leaf), Password: "ü"}, leaf, middle, root)
	}
	f("without a password", Files{Path: pfx(t, pkcs12.Passwordless, "", leaf.key, leaf)}, leaf)
	f("PEM pair", Files{Path: file(t, leaf.pem(), middle.pem()), KeyPath: file(t, leaf.keyPEM(t))}, leaf, middle)
	f("PEM file", Files{Path: file(t, leaf.keyPEM(t), leaf.pem())}, leaf)
}

func TestLoadFails(t *testing.T) {
	leaf, other := issue(t, "leaf", nil), issue(t, "other", nil)
	f := func(files Files, want error) {
		t.Helper()
		_, err := Load(files, zerolog.Nop())
		require.ErrorIs(t, err, want)
		require.ErrorContains(t, err, files.Path)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for _, e := range []*pkcs12.Encoder{pkcs12.Modern, pkcs12.LegacyDES, pkcs12.LegacyRC2} {
		f(Files{Path: pfx(t, e, "secret", leaf.key, leaf), Password: "hunter2"}, ErrPassword)
		f(Files{Path: pfx(t, e, "secret", leaf.key, leaf)}, ErrPassword)
	}
	f(Files{Path: pfx(t, pkcs12.Modern, "secret", other.key, leaf), Password: "secret"}, ErrMismatch)
	f(Files{Path: filepath.Join(t.TempDir(), "nothing")}, os.ErrNotExist)
	f(Files{Path: file(t)}, ErrFormat)
	f(Files{Path: file(t, []byte("garbage"))}, ErrFormat)
	f(Files{Path: file(t, leaf.Raw)}, ErrFormat)
	f(Files{Path: file(t, leaf.pem())}, ErrNoKey)
	f(Files{Path: file(t, leaf.pem()), KeyPath: file(t, leaf.pem())}, ErrNoKey)
	f(Files{Path: file(t, make([]byte, fileBytesMax))}, ErrFormat)
	f(Files{Path: file(t, make([]byte, fileBytesMax+1))}, ErrTooLarge)
	_, err := Load(Files{Path: file(t, leaf.pem()), KeyPath: filepath.Join(t.TempDir(), "nothing")}, zerolog.Nop())
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Load(Files{Path: file(t, leaf.pem()), KeyPath: file(t, other.keyPEM(t))}, zerolog.Nop())
	require.ErrorContains(t, err, "does not match")
}

func TestReload(t *testing.T) {
	first, second := issue(t, "first", nil), issue(t, "second", nil)
	var log strings.Builder
	now := time.Now()
	path := file(t, first.pem(), first.keyPEM(t))
	s, err := load(Files{Path: path}, zerolog.New(&log), func() time.Time { return now })
	require.NoError(t, err)
	serves := func(want *issued) {
		t.Helper()
		c, err := s.GetCertificate(nil)
		require.NoError(t, err)
		require.Equal(t, want.DNSNames, c.Leaf.DNSNames)
	}
	replace := func(content ...[]byte) {
		t.Helper()
		require.NoError(t, os.Rename(file(t, content...), path))
	}
	serves(first)
	replace([]byte("half a fi"))
	for range 3 {
		now = now.Add(lookInterval)
		serves(first)
	}
	require.Equal(t, 1, strings.Count(log.String(), "cannot be used"), "once, not with each client")
	replace(second.pem(), second.keyPEM(t))
	now = now.Add(lookInterval - 1)
	serves(first)
	now = now.Add(1)
	serves(second)
	require.NoError(t, os.Remove(path))
	now = now.Add(lookInterval)
	serves(second)
	replace(first.pem(), first.keyPEM(t))
	now = now.Add(lookInterval)
	serves(first)
	require.NotContains(t, log.String(), "expired")
	now = now.Add(2 * time.Hour)
	replace(second.pem(), second.keyPEM(t))
	serves(second)
	require.Contains(t, log.String(), "expired")
}

// TestReloadOfThePair follows the key's file as well.
func TestReloadOfThePair(t *testing.T) {
	first, second := issue(t, "first", nil), issue(t, "second", nil)
	now := time.Now()
	files := Files{Path: file(t, first.pem()), KeyPath: file(t, first.keyPEM(t))}
	s, err := load(files, zerolog.Nop(), func() time.Time { return now })
	require.NoError(t, err)
	served := func() *tls.Certificate {
		now = now.Add(lookInterval)
		c, err := s.GetCertificate(nil)
		require.NoError(t, err)
		return c
	}
	require.NoError(t, os.Rename(file(t, second.pem()), files.Path))
	require.Equal(t, first.Raw, served().Leaf.Raw, "the pair does not match yet")
	require.NoError(t, os.Rename(file(t, second.keyPEM(t)), files.KeyPath))
	require.Equal(t, second.Raw, served().Leaf.Raw)
}
