package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"mmids/engine/settings"
)

// askServer runs the commands that ask a running server.
func askServer(name, file string, args []string, stdout, stderr io.Writer) error {
	flags := newFlags(stderr)
	url := flags.String("api", "", "")
	tokenFile := flags.String("token-file", "", "")
	asJSON := flags.Bool("json", false, "")
	if done, err := parseFile(flags, args, &file); done {
		return err
	}
	read, err := readConfig(official, file, stderr)
	if err != nil {
		return err
	}
	server, err := newRemote(read.settings, *url, *tokenFile)
	if err != nil {
		return err
	}
	if name == "health" {
		return health(server, stdout)
	}
	return plan(server, file, read, *asJSON, stdout, stderr)
}

// remote is a running server, as its HTTP API shows it.
type remote struct {
	url, token string // no url: the API is off
}

// newRemote returns the server that settings describe, unless url and tokenFile say otherwise.
func newRemote(s settings.Settings, url, tokenFile string) (remote, error) {
	r := remote{strings.TrimSuffix(url, "/"), s.APIToken}
	if tokenFile != "" {
		text, err := os.ReadFile(tokenFile)
		if err != nil {
			return r, err
		}
		r.token = strings.TrimSpace(string(text))
	}
	if r.url == "" && s.API != "" {
		r.url = "http://" + reachable(s.API)
	}
	return r, nil
}

// reachable is an address to connect to for one to listen on: on all addresses is on this machine's, too.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return net.JoinHostPort(reachableHost(host), port)
}

// reachableHost is reachable for addresses without a port. No address is all addresses.
func reachableHost(address string) string {
	listening, err := netip.ParseAddr(address)
	switch {
	case address == "" || err == nil && listening.IsUnspecified() && listening.Is4():
		return "127.0.0.1"
	case err == nil && listening.IsUnspecified():
		return "::1"
	}
	return address
}

// errNoServer says that nobody listens where the server should be.
var errNoServer = errors.New("no server is running")

// ask sends a request and returns the answer to it, whatever its status. The error is errNoServer if there is nobody.
func (r remote) ask(method, path string, body []byte) (status int, text []byte, err error) {
	const patience, answerBytesMax = 15 * time.Second, 64 << 20
	if r.url == "" {
		return 0, nil, fmt.Errorf("%w: its HTTP API is off, since http_api_port is not set", errNoServer)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, r.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	answer, err := http.DefaultClient.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return 0, nil, fmt.Errorf("%w: nobody listens at %s", errNoServer, r.url)
	}
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(io.LimitReader(answer.Body, answerBytesMax))
	return answer.StatusCode, text, err
}

// health is for those who watch over a server, such as a container's health check.
func health(server remote, stdout io.Writer) error {
	status, text, err := server.ask(http.MethodGet, "/readyz", nil)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("the server says: %s", firstLine(text))
	}
	fmt.Fprintln(stdout, "ready")
	return nil
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
