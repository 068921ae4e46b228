package reactor

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"mmids/engine/config"
)

const (
	// retriesMax bounds the list of pauses: with more attempts a client waits longer than any would.
	retriesMax = 10

	// caFileBytesMax bounds the file of authorities. The system's, with all the world's, have some 200 KB.
	caFileBytesMax = 4 << 20
)

// simpleHTTPParameters are what a reactor's block says, with defaults for what it does not say.
type simpleHTTPParameters struct {
	url         *url.URL
	timeout     time.Duration
	retryDelays []time.Duration
	authorities *x509.CertPool // nil: the system's
	unknown     []string       // names that mean nothing
}

// simpleHTTPParser reads the parameters of one reactor and collects what is wrong with them.
type simpleHTTPParser struct {
	reactor  config.Reactor
	known    map[string]bool
	mistakes []config.Mistake
}

func parseSimpleHTTP(d config.Reactor) (simpleHTTPParameters, []config.Mistake) {
	p := simpleHTTPParser{reactor: d, known: make(map[string]bool)}
	read := simpleHTTPParameters{
		url:         p.url(),
		timeout:     p.timeout(10 * time.Second),
		retryDelays: p.retryDelays(5*time.Second, 10*time.Second),
		authorities: p.authorities(),
	}
	for _, param := range d.Params {
		if !p.known[param.Name] {
			read.unknown = append(read.unknown, param.Name)
		}
	}
	return read, p.mistakes
}

func (p *simpleHTTPParser) wrong(at config.Pos, message, hint string) {
	message = fmt.Sprintf("reactor %s: %s", shown(p.reactor.Name), message)
	p.mistakes = append(p.mistakes, config.Mistake{ID: IDParameter, Pos: at, Message: message, Hint: hint})
}

// value returns a parameter's value without blanks around it. A parameter without one counts as absent.
func (p *simpleHTTPParser) value(name string) (value string, at config.Pos, ok bool) {
	p.known[name] = true
	param, ok := p.reactor.Params.Get(name)
	return strings.TrimSpace(param.Value), param.ValuePos, ok && param.HasValue
}

// url reads the address. What is wrong with it must not show it, since it may hold secrets.
func (p *simpleHTTPParser) url() *url.URL {
	const hint = "for example url http://127.0.0.1:8080/lookup"
	value, at, ok := p.value("url")
	if !ok {
		p.wrong(p.reactor.Pos, "url is missing", hint)
		return nil
	}
	address, err := url.Parse(value)
	switch {
	case err != nil:
		p.wrong(at, "url is not an address", hint)
	case address.Scheme != "http" && address.Scheme != "https":
		p.wrong(at, "url is not an http or https address", hint)
	case address.Hostname() == "":
		p.wrong(at, "url has no host", hint)
	case !isPort(address.Port()):
		p.wrong(at, "url has an impossible port", "a whole number from 1 to 65535")
	default:
		return address
	}
	return nil
}

// isPort reports whether text is a port or says nothing.
func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

func (p *simpleHTTPParser) timeout(missing time.Duration) time.Duration {
	value, at, ok := p.value("timeout")
	if !ok {
		return missing
	}
	d, err := parseDuration(value)
	if err != nil || d <= 0 {
		p.wrong(at, "timeout "+shown(value)+" is not a time", "a time above zero with its unit, for example 10s or 500ms")
	}
	return d
}

func (p *simpleHTTPParser) retryDelays(missing ...time.Duration) []time.Duration {
	value, at, ok := p.value("retry_delays")
	switch {
	case !ok:
		return missing
	case value == "none":
		return nil
	}
	words := strings.Split(value, ",")
	if len(words) > retriesMax {
		p.wrong(at, fmt.Sprintf("retry_delays has %d times", len(words)), fmt.Sprintf("at most %d", retriesMax))
		return nil
	}
	delays := make([]time.Duration, len(words))
	for i, word := range words {
		d, err := parseDuration(strings.TrimSpace(word))
		if err != nil || d < 0 {
			p.wrong(at, "retry_delays: "+shown(word)+" is not a time",
				"times with a comma between, for example 5s,10s, or none for only one attempt")
		}
		delays[i] = d
	}
	return delays
}

// parseDuration reads a time such as 10s or 500ms; a number alone is seconds.
func parseDuration(text string) (time.Duration, error) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	return time.ParseDuration(text + "s")
}

func (p *simpleHTTPParser) authorities() *x509.CertPool {
	name, at, ok := p.value("ca_file")
	if !ok {
		return nil
	}
	text, err := readBounded(name)
	if err != nil {
		p.wrong(at, fmt.Sprintf("ca_file cannot be read: %v", err), "")
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		p.wrong(at, "ca_file "+shown(name)+" has no certificate", "a text file with -----BEGIN CERTIFICATE----- in it")
	}
	return pool
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, caFileBytesMax))
}
