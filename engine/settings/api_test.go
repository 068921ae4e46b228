package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPIAddress(t *testing.T) {
	s, _, _ := read(t, "http_api_port 9011")
	require.Equal(t, "127.0.0.1:9011", s.API)
	s, mistakes, _ := read(t, "http_api_port 9011\nhttp_api_address ::1")
	require.Empty(t, mistakes)
	require.Equal(t, "[::1]:9011", s.API)
	s, _, _ = read(t, "http_api_port")
	require.Empty(t, s.API, "without a value it is off")
}

// TestAPIForOtherMachinesNeedsAToken: an API that is off does not.
func TestAPIForOtherMachinesNeedsAToken(t *testing.T) {
	const token = "\nhttp_api_token 0123456789abcdef"
	for address, isOwn := range map[string]bool{
		"127.0.0.1": true, "127.1.2.3": true, "::1": true, "::ffff:127.0.0.1": true,
		"0.0.0.0": false, "::": false, "192.0.2.7": false, "fe80::1": false, "::ffff:192.0.2.7": false,
	} {
		lines := "http_api_address " + address
		_, mistakes, _ := read(t, lines)
		require.Empty(t, mistakes, address)
		lines += "\nhttp_api_port 9011"
		_, mistakes, _ = read(t, lines)
		if isOwn {
			require.Empty(t, mistakes, address)
		} else {
			require.Equal(t, []string{`f:2:18: http_api_address "` + address + `" lets other machines use the API, and there is no token; ` +
				"set http_api_token_file or http_api_token, or leave http_api_address out"}, mistakes)
		}
		s, mistakes, _ := read(t, lines+token)
		require.Empty(t, mistakes, address)
		require.Equal(t, "0123456789abcdef", s.APIToken)
	}
}

func TestToken(t *testing.T) {
	dir := t.TempDir()
	file := func(text string) string {
		t.Helper()
		name := filepath.Join(dir, "token")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	good := func(want, lines string) {
		t.Helper()
		s, mistakes, warnings := read(t, "http_api_port 9011\n"+lines)
		require.Empty(t, mistakes)
		require.Empty(t, warnings)
		require.Equal(t, want, s.APIToken)
	}
	const short, long = "0123456789abcdef", "~!@$%^&*()-_+=/"
	good(short, "http_api_token "+short)
	good(strings.Repeat("x", tokenBytesMax), "http_api_token "+strings.Repeat("x", tokenBytesMax))
	good(short+long, "http_api_token_file "+file(short+long+"\n"))
	good(short, "http_api_token_file "+file(" "+short+"\r\n"))

	bad := func(want, lines string) {
		t.Helper()
		s, mistakes, _ := read(t, "http_api_port 9011\n"+lines)
		require.Len(t, mistakes, 1)
		require.Contains(t, mistakes[0], want)
		require.NotContains(t, mistakes[0], short[:8], "the token is not shown")
		_ = s
	}
	bad("f:3:1: http_api_token is not a token that can be used", "http_api_token "+short[1:])
	bad("f:3:1: http_api_token is not a token that can be used", "http_api_token "+strings.Repeat("x", tokenBytesMax+1))
	bad("f:3:1: http_api_token is not a token that can be used", `http_api_token "`+short+` x"`)
	bad("f:3:1: http_api_token is not a token that can be used", "http_api_token "+short+"é")
	bad("f:3:1: http_api_token has no value", "http_api_token")
	bad("f:3:1: http_api_token_file has no value", "http_api_token_file")
	bad("exclude each other", "http_api_token "+short+"\nhttp_api_token_file x")
	bad("no such file", "http_api_token_file "+filepath.Join(dir, "none"))
	bad("f:3:21: http_api_token_file has no token", "http_api_token_file "+file(""))
	bad("has no token", "http_api_token_file "+file(short+"\n"+short+"\n"))
	bad("has no token", "http_api_token_file "+file(strings.Repeat("x", 1<<20)))
}

func TestCertificateSettingsThatMeanNothingAlone(t *testing.T) {
	f := func(lines string, want ...string) {
		t.Helper()
		_, mistakes, _ := read(t, lines)
		require.Equal(t, want, mistakes)
	}
	const key = "tls_key_path means nothing without tls_cert_path, which names the certificate that the key belongs to; set tls_cert_path, or leave tls_key_path out"
	f("tls_key_path key.pem", "f:2:1: "+key)
	f("\ntls_cert_path\n  tls_key_path key.pem", "f:4:3: "+key)
	f("tls_cert_password secret", "f:2:1: tls_cert_password means nothing without tls_cert_path, which names the file that the password opens; "+
		"set tls_cert_path, or leave tls_cert_password out")
	f("tls_key_path") // as all settings without a value
	f("tls_key_path key.pem\ntls_cert_path cert.pem")
}
