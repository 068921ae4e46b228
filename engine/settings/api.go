package settings

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"mmids/engine/config"
)

// A token of 16 characters from a generator cannot be guessed; fewer are typed by people who think of words.
const (
	tokenBytesMin = 16
	tokenBytesMax = 512
)

const tokenHint = "16 to 512 letters, digits and signs without blanks, for example what openssl rand -hex 32 prints"

// api reads where the HTTP API listens, if it does, and what its callers need. Whoever reaches an API without a token can do
// all that the server can, so one that others than this machine reach needs one: a warning in a log would be read afterwards.
func (r *reader) api() (address, token string) {
	host := r.address("http_api_address", "127.0.0.1")
	port := r.number("http_api_port", 0, 1, 65535)
	token, given := r.token()
	if port == 0 {
		return "", ""
	}
	if a, err := netip.ParseAddr(host); err == nil && !a.Unmap().IsLoopback() && !given {
		s, _ := r.value("http_api_address")
		r.mistake(s.ValuePos, fmt.Sprintf("http_api_address %q lets other machines use the API, and there is no token", host),
			"set http_api_token_file or http_api_token, or leave http_api_address out")
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), token
}

// token reads the token itself or the file that has it. given says that there is to be one, whatever is wrong with it. What
// is wrong must not show it.
func (r *reader) token() (token string, given bool) {
	text, inText := r.value("http_api_token")
	file, inFile := r.value("http_api_token_file")
	switch {
	case inText && inFile:
		r.mistake(file.Pos, "http_api_token and http_api_token_file exclude each other", "keep one of the two")
	case inText && !isToken(text.Value):
		r.mistake(text.Pos, "http_api_token is not a token that can be used", tokenHint)
	case inText:
		return text.Value, true
	case inFile:
		token, err := readToken(file.Value)
		if err != nil {
			r.mistake(file.ValuePos, fmt.Sprintf("http_api_token_file cannot be read: %v", err), "")
		} else if !isToken(token) {
			r.mistake(file.ValuePos, "http_api_token_file has no token that can be used", tokenHint)
		}
		return token, true
	default:
		r.tokenWithoutValue()
	}
	return "", inText || inFile
}

// tokenWithoutValue notes a token that is announced and empty, which would silently let everybody in.
func (r *reader) tokenWithoutValue() {
	for _, name := range []string{"http_api_token", "http_api_token_file"} {
		if s, named := r.settings.Get(name); named {
			r.mistake(s.Pos, name+" has no value", tokenHint)
		}
	}
}

func isToken(text string) bool {
	isOther := func(c rune) bool { return c <= ' ' || c > '~' }
	return len(text) >= tokenBytesMin && len(text) <= tokenBytesMax && !strings.ContainsFunc(text, isOther)
}

// readToken reads a file, but no more of it than a token can have, without the line end behind it.
func readToken(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 2*tokenBytesMax))
	return strings.TrimSpace(string(text)), err
}

// needs notes a setting that means nothing without another.
func (r *reader) needs(name, other, why string) {
	s, named := r.value(name)
	if _, ok := r.value(other); named && !ok {
		r.mistake(s.Pos, name+" means nothing without "+other+", "+why, "set "+other+", or leave "+name+" out")
	}
}

func (r *reader) mistake(at config.Pos, message, hint string) {
	r.mistakes = append(r.mistakes, config.Mistake{ID: IDSetting, Pos: at, Message: message, Hint: hint})
}
