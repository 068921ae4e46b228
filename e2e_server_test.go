package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testServer is the built server as a process, with a configuration of its own.
type testServer struct {
	*process
	t     testing.TB
	dir   string
	host  string
	ports map[string]int // by the name they have in the configuration
	api   string         // http://host:port
	told  bool           // to stop
}

// simple is the workflow that most tests use. {port} is a free port, the same wherever it stands.
const simple = `
workflow simple {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch   rtmp_app=live stream_key=* port={port}
}
`

// startServer runs a server with these settings and workflows until the end of the test, and waits until it is ready. At
// the end it has to stop by itself, with exit code 0, and without a panic or a data race on the way.
func startServer(t testing.TB, settings, workflows string) *testServer {
	t.Helper()
	return startServerOn(t, "127.0.0.1", settings, workflows)
}

func startServerOn(t testing.TB, host, settings, workflows string) *testServer {
	t.Helper()
	return startServerAs(t, must(t, binary), host, settings, workflows)
}

// startServerAs starts another program, such as a script that runs the server in its own way.
func startServerAs(t testing.TB, program, host, settings, workflows string) *testServer {
	t.Helper()
	s := &testServer{t: t, dir: t.TempDir(), host: host, ports: map[string]int{}}
	api := freePort(t, "127.0.0.1")
	s.api = fmt.Sprintf("http://127.0.0.1:%d", api)
	file := filepath.Join(s.dir, "test.config")
	text := fmt.Sprintf("settings {\n http_api_port %d\n bind_address %s\n log_dir %q\n%s\n}\n%s", api, host,
		filepath.Join(s.dir, "logs"), settings, s.fill(workflows))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	s.process = startProcess(t, program, "--config", file)
	t.Cleanup(s.stop)
	eventually(t, "server is ready", func() bool {
		if s.ended() {
			t.Fatalf("the server ended at once:\n%s", s.output.String())
		}
		answer, err := http.Get(s.api + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return s
}

// stop ends the server as an operator does, and checks how it went.
func (s *testServer) stop() {
	if s.told {
		return
	}
	s.told = true
	if !s.ended() {
		s.signal(syscall.SIGTERM)
	}
	select {
	case <-s.done:
	case <-time.After(patience):
		s.signal(syscall.SIGABRT) // it prints its goroutines
		<-s.done
		s.t.Errorf("the server did not stop:\n%s", s.output.String())
		return
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("the server ended with %v", s.cmd.ProcessState)
	}
	for _, sign := range []string{"panic", "DATA RACE", "BUG", "goroutine "} {
		if strings.Contains(s.output.String(), sign) {
			s.t.Errorf("the server wrote %q", sign)
		}
	}
	_, last, _ := strings.Cut(s.output.String(), `"message":"stopping"`)
	if strings.Contains(last, `"level":"error"`) {
		s.t.Errorf("an orderly stop is no error:\n%s", last)
	}
}

// fill puts free ports in the place of {port}, {port2} ….
func (s *testServer) fill(text string) string {
	for {
		before, rest, found := strings.Cut(text, "{port")
		if !found {
			return text
		}
		name, after, _ := strings.Cut(rest, "}")
		text = before + strconv.Itoa(s.port(name)) + after
	}
}

// port is a port of the configuration; the name is what follows {port.
func (s *testServer) port(name string) int {
	if s.ports[name] == 0 {
		s.ports[name] = freePort(s.t, s.host)
	}
	return s.ports[name]
}

// address is host and port of {port}.
func (s *testServer) address() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port(""))) }

// url is the address of a stream on {port}.
func (s *testServer) url(path string) string { return "rtmp://" + s.address() + "/" + path }

// Ports are taken from below the range that the kernel uses for outgoing connections: a connection of another test
// cannot take one between the look and the bind.
const portMin, portMax = 12000, 32000

var handedOut sync.Map

func freePort(t testing.TB, host string) int {
	t.Helper()
	for range 1000 {
		port := portMin + rand.IntN(portMax-portMin)
		if _, taken := handedOut.LoadOrStore(port, true); taken {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		_ = l.Close()
		return port
	}
	t.Fatal("no free port")
	return 0
}

// answer is what the HTTP API said.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *testServer) request(method, path, body string, header ...string) answer {
	s.t.Helper()
	request, err := http.NewRequest(method, s.api+path, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return answer{response.StatusCode, response.Header, string(text)}
}

// details are the details of a workflow by the HTTP API.
type details struct {
	Status       string    `json:"status"`
	ActiveSteps  []stepNow `json:"active_steps"`
	PendingSteps []stepNow `json:"pending_steps"`
	UpdateError  string    `json:"update_error"`

	RetryInSeconds float64 `json:"retry_in_seconds"`
}

type stepNow struct {
	ID         string             `json:"step_id"`
	Type       string             `json:"step_type"`
	Parameters map[string]*string `json:"parameters"`
	Status     string             `json:"status"`
}

func (s *testServer) details(workflow string) (d details) {
	s.t.Helper()
	a := s.request("GET", "/workflows/"+workflow, "")
	require.Equal(s.t, 200, a.status, a.body)
	require.NoError(s.t, json.Unmarshal([]byte(a.body), &d))
	return d
}

// put hands over a definition that has no mistakes.
func (s *testServer) put(definition string) {
	s.t.Helper()
	a := s.request("PUT", "/workflows", s.fill(definition))
	require.Equal(s.t, 200, a.status, a.body)
}

// running waits until an update of a workflow has taken effect.
func (s *testServer) running(workflow string, steps int) details {
	s.t.Helper()
	var d details
	eventually(s.t, "workflow "+workflow+" runs", func() bool {
		d = s.details(workflow)
		return d.Status == "Running" && len(d.PendingSteps) == 0 && len(d.ActiveSteps) == steps
	})
	for _, step := range d.ActiveSteps {
		require.Equal(s.t, "Active", step.Status)
	}
	return d
}

func (s *testServer) delete(workflow string) {
	s.t.Helper()
	require.Equal(s.t, 200, s.request("DELETE", "/workflows/"+workflow, "").status)
}

// logged returns the lines of the server's log so far that have a message, as JSON objects.
func (s *testServer) logged(message string) (lines []map[string]any) {
	for line := range strings.Lines(s.output.String()) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && (message == "" || fields["message"] == message) {
			lines = append(lines, fields)
		}
	}
	return lines
}
