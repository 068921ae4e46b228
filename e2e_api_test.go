package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFirstSteps: with curl as a person would.
func TestFirstSteps(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow simple {
    rtmp_receive rtmp_app=basic_read  stream_key=* port={port}
    rtmp_watch   rtmp_app=basic_watch stream_key=* port={port}
}`)
	curl := func(path string) string {
		p := startProcess(t, "curl", "-sS", "--fail", s.api+path)
		p.succeeds(patience)
		return p.output.String()
	}
	require.Contains(t, curl("/"), version)
	eventually(t, "the list says how it fares", func() bool {
		return curl("/workflows") == `[{"name":"simple","status":"Running","steps":{"active":2},"dropped_packets":0}]`
	})
	var d details
	require.NoError(t, json.Unmarshal([]byte(curl("/workflows/simple")), &d))
	require.Equal(t, "Running", d.Status)
	require.Empty(t, d.PendingSteps)
	require.Len(t, d.ActiveSteps, 2)
	for i, want := range []struct{ kind, app string }{{"rtmp_receive", "basic_read"}, {"rtmp_watch", "basic_watch"}} {
		step := d.ActiveSteps[i]
		require.Equal(t, want.kind, step.Type)
		require.Equal(t, "Active", step.Status)
		require.Equal(t, want.app, *step.Parameters["rtmp_app"])
		require.Equal(t, "*", *step.Parameters["stream_key"])
		require.Regexp(t, `^\d+$`, step.ID)
	}
}

// TestAPI: every row of the table.
func TestAPI(t *testing.T) {
	t.Parallel()
	s := startServer(t, "log_level debug", simple) // what only looks is not in the log otherwise
	const other = "workflow \"late show\" {\n rtmp_watch rtmp_app=x stream_key=* port={port}\n}\n"
	seen := map[string]bool{}
	for _, c := range []struct {
		method, path, body string
		status             int
		contentType, want  string
	}{
		{"GET", "/", "", 200, "text/plain", version},
		{"GET", "/healthz", "", 200, "", ""},
		{"GET", "/readyz", "", 200, "", ""},
		{"GET", "/workflows", "", 200, "application/json", `"simple"`},
		{"GET", "/workflows/", "", 200, "application/json", `"simple"`},
		{"GET", "//workflows", "", 200, "application/json", `"simple"`},
		{"GET", "/workflows?x=y", "", 200, "application/json", `"simple"`},
		{"GET", "/workflows/simple", "", 200, "application/json", `"active_steps"`},
		{"GET", "/workflows/nobody", "", 404, "text/plain", "Workflow not found"},
		{"PUT", "/workflows", other, 200, "", ""},
		{"GET", "/workflows/late%20show", "", 200, "application/json", `"rtmp_watch"`},
		{"PUT", "/workflows", "workflow {\n}\n", 400, "application/json", `"error"`},
		{"DELETE", "/workflows/late%20show", "", 200, "", ""},
		{"DELETE", "/workflows/late%20show", "", 200, "", ""},
		{"GET", "/workflows/late%20show", "", 404, "", ""},
		{"GET", "/elsewhere", "", 404, "", ""},
		{"GET", "/workflows/simple/more", "", 404, "", ""},
		{"GET", "/Workflows", "", 404, "", ""},
		{"POST", "/workflows", "x", 405, "", ""},
		{"DELETE", "/", "", 405, "", ""},
	} {
		what := c.method + " " + c.path
		a := s.request(c.method, c.path, s.fill(c.body))
		require.Equal(t, c.status, a.status, "%s: %s", what, a.body)
		require.True(t, strings.HasPrefix(a.header.Get("Content-Type"), c.contentType), "%s: %s", what, a.header)
		require.Contains(t, a.body, c.want, what)
		if a.status == 200 && c.method != "GET" {
			require.Empty(t, a.body, what)
		}
		id := a.header.Get("X-Request-Id")
		require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, id, what)
		require.False(t, seen[id], "%s: a request id of its own", what)
		seen[id] = true
		eventually(t, what+": the request and its answer are in the log under its id", func() bool {
			lines := 0
			for _, line := range append(s.logged("request in"), s.logged("request out")...) {
				if line["request_id"] == id && line["http_method"] == c.method {
					lines++
				}
			}
			return lines == 2
		})
		if c.method == "PUT" && a.status == 200 {
			eventually(t, what+": so is what it causes", func() bool {
				for _, line := range s.logged("step is being created") {
					if line["request_id"] == id && line["workflow_name"] == "late show" {
						return true
					}
				}
				return false
			})
		}
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.api, "http://"))
	require.NoError(t, err)
	requireOnlyOnLoopback(t, port)
}

// requireOnlyOnLoopback looks for the listener of a port in the tables of the kernel.
func requireOnlyOnLoopback(t testing.TB, port string) {
	t.Helper()
	var number int
	_, err := fmt.Sscan(port, &number)
	require.NoError(t, err)
	const listening = "0A"
	found := 0
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue // no IPv6
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) > 3 && fields[3] == listening && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", number)) {
				require.Equal(t, fmt.Sprintf("0100007F:%04X", number), fields[1], "127.0.0.1 as the kernel writes it")
				found++
			}
		}
	}
	require.Equal(t, 1, found)
}

// TestDefinitionsByAPI: the rows of the language's table that are workflows, with a
// step that exists in the place of the made-up one.
func TestDefinitionsByAPI(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", "")
	step := s.fill("rtmp_watch rtmp_app=live stream_key=* port={port}")
	for _, c := range []struct {
		body string
		good bool
	}{
		{"workflow {\n}\n", false},
		{"workflow n=a {\n}\n", false},
		{"workflow a {\n}\n", true},
		{"workflow \"late show\" {\n}\n", true},
		{"workflow \"\" {\n}\n", false},
		{"workflow a routed_by_reactor {\n}\n", true},
		{"workflow routed_by_reactor {\n}\n", true},
		{"workflow a routed_by_reactor=yes {\n}\n", false},
		{"workflow a speedy x=1 {\n}\n", true},
		{"workflow a {\n}\nworkflow a {\n}\n", false},
		{"workflow a {\n}\nWorkflow A {\n}\n", false}, // good, but two
		{"workflow a {\n}workflow b {\n}\n", false},   // likewise
		{"workflow a {\n " + step + " }\n", false},
		{"workflow a {\n " + step + " {\n }\n}\n", false},
		{"workflow a {\n " + step + "\n", false},
		{"workflow a {\n " + step + " k=\"v w\" \"f g\" h\n}\n", true},
		{"workflow a {\n " + step + " k= j=1\n}\n", false},
		{"workflow a {\n " + step + " k=\"\"\n}\n", true},
		{"workflow a {\n " + step + " t=rtmp://h/app/key?a=b&c=d\n}\n", true},
		{"workflow a {\n " + step + " t=http://h/a%20b\n}\n", true},
		{"workflow a {\n " + step + " t=rtmp://u:p@h/a\n}\n", true},
		{"workflow a {\n " + step + " t=http://h/a#x\n}\n", true},
		{"workflow a {\n " + step + " k=1 k=2\n}\n", true},
		{"workflow a {\n " + step + " k==v\n}\n", true},
		{"workflow a {\n " + step + " a?b=c\n}\n", true},
		{"workflow a {\n \"" + step + "\" b\n}\n", false},
		{"workflow a {\n\t" + strings.ReplaceAll(step, " ", "\t") + "\t# r\n}\n", true},
		{"workflow a {\r\n " + step + "\r\n}\r\n", true},
		{"workflow a {\r " + step + "\r}\r", true},
		{"workflow café {\n}\n", true},
		{"\ufeffworkflow a {\n}\n", true},
	} {
		want := 400
		if c.good {
			want = 200
		}
		a := s.request("PUT", "/workflows", c.body)
		require.Equal(t, want, a.status, "%q: %s", c.body, a.body)
	}
}

// TestLogTiesThingsTogether: from the id of a stream its log finds the connection, the workflow
// and the steps, and the file has the same lines as the terminal.
func TestLogTiesThingsTogether(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow chain {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch   rtmp_app=preview stream_key=* port={port}
    rtmp_watch   rtmp_app=live stream_key=* port={port}
}`)
	f, v := feed(t, s.url("live/secret?token=hidden")), watch(t, s.url("live/secret"))
	f.send(30)
	v.waitAll(f.sent)
	f.stop()
	eventually(t, "the end is in the log", func() bool { return len(s.logged("publisher stopped")) == 1 })
	d := s.details("chain")
	s.stop()

	files, err := filepath.Glob(filepath.Join(s.dir, "logs", "application", "application.log.*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var lines []map[string]any
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NotContains(t, string(text), "hidden", "queries are not logged")
		for line := range strings.Lines(string(text)) {
			var fields map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &fields), line)
			require.Contains(t, fields, "time")
			require.Contains(t, fields, "level")
			lines = append(lines, fields)
		}
	}
	with := func(field string, value any) (list []map[string]any) {
		for _, line := range lines {
			if line[field] == value {
				list = append(list, line)
			}
		}
		return list
	}
	started := with("message", "publisher started")
	require.Len(t, started, 1)
	stream, connection := started[0]["stream_id"], started[0]["connection_id"]
	require.NotEmpty(t, stream)
	require.NotEmpty(t, connection)
	require.Equal(t, "chain", started[0]["workflow_name"])
	require.Equal(t, "secret", started[0]["stream_key"])

	steps := map[any]bool{}
	for _, line := range with("stream_id", stream) {
		require.Equal(t, "chain", line["workflow_name"], line)
		steps[line["step_id"]] = true
	}
	for _, step := range d.ActiveSteps {
		require.True(t, steps[step.ID], "step %s %s in the lines of the stream: %v", step.ID, step.Type, steps)
	}
	require.Contains(t, fmt.Sprint(with("connection_id", connection)), "publisher stopped")
	require.Less(t, len(lines), 100, "packets are not logged one by one")
}
