package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/api"
)

// TestPlanWithoutServer says what a start would do.
func TestPlanWithoutServer(t *testing.T) {
	t.Parallel()
	text := "reactor ask executor=simple_http {\n url http://127.0.0.1/\n}\nworkflow \"late show\" {\n rtmp_receive rtmp_app=a stream_key=*\n rtmp_watch rtmp_app=b stream_key=* port=2000 rtmps\n}\n"
	for _, settings := range []string{"", "settings {\n http_api_port " + strconv.Itoa(freePort(t, "127.0.0.1")) + "\n}\n"} {
		p := startProcess(t, must(t, binary), "plan", writeConfig(t, settings+text))
		require.Equal(t, 2, p.wait(patience))
		require.Contains(t, p.output.String(), "this is what a start would do")
		require.Contains(t, p.output.String(), "reactor ask is started\nworkflow late show is started\n    + rtmp_receive rtmp_app=a stream_key=*\n"+
			"    + rtmp_watch port=2000 rtmp_app=b rtmps stream_key=*\n1 workflow: 0 kept, 0 changed, 1 started, 0 stopped\n")
	}
}

// TestPlanOfARunningServer: what others have started, JSON, and what cannot be planned.
func TestPlanOfARunningServer(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple+"workflow spare {\n}\n")
	code, text := s.plan(s.config())
	require.Zero(t, code)
	require.Equal(t, s.config()+" changes nothing.\n2 workflows: 2 kept, 0 changed, 0 started, 0 stopped\n", text)
	s.put("workflow spare {\n rtmp_watch rtmp_app=x stream_key=* port={port}\n}\n")
	code, text = s.plan(s.config())
	require.Equal(t, 2, code)
	require.Contains(t, text, "workflow spare is changed and becomes the file's; it was defined by: api\n    - rtmp_watch port=")
	s.delete("spare")

	code, text = s.plan("--json", "--api", s.api+"/", s.config())
	require.Equal(t, 2, code)
	var planned api.FilePlan
	require.NoError(t, json.Unmarshal([]byte(text), &planned))
	require.Len(t, planned.Workflows, 2)
	require.EqualValues(t, "started", planned.Workflows[1].Action)

	for _, args := range [][]string{{"--api", "http://127.0.0.1:1/no"}, {"--nonsense"}, {"--token-file", "/nowhere"}, {"/nowhere"}} {
		code, _ := s.plan(append(args, s.config())...)
		if args[0] == "--api" { // there is no server there
			require.Equal(t, 2, code)
		} else {
			require.Equal(t, 1, code, args)
		}
	}
	require.Equal(t, []string{"simple"}, s.workflows(), "plans change nothing")

	unknown := startProcess(t, must(t, binary), "plan", writeConfig(t, "settings {\n htp_api_port 1\n}\n"))
	require.Equal(t, 0, unknown.wait(patience), "nothing would start")
	require.Contains(t, unknown.output.String(), "warning:")
}

// TestHealth is what a container's health check asks.
func TestHealth(t *testing.T) {
	t.Parallel()
	s := startServer(t, "http_api_token 0123456789abcdef", simple)
	health := func(args ...string) (int, string) {
		cmd := exec.Command(must(t, binary), append([]string{"health"}, args...)...)
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	code, text := health(s.config())
	require.Zero(t, code, text)
	require.Equal(t, "ready\n", text)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	code, text = health("--api", "http://"+address, s.config())
	require.Equal(t, 1, code)
	require.Contains(t, text, "no server is running: nobody listens at http://"+address)
}

func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:9011": "127.0.0.1:9011", "[::]:9011": "[::1]:9011", "10.0.0.1:9011": "10.0.0.1:9011", "[fe80::1]:80": "[fe80::1]:80",
	} {
		require.Equal(t, want, reachable(address))
	}
	require.Equal(t, "127.0.0.1", reachableHost(""), "which is all addresses")
}

// TestSummary says what works as it stands: addresses that ports are opened on, and the command by its name.
func TestSummary(t *testing.T) {
	t.Parallel()
	s := startServerOn(t, "127.0.0.2", "", simple+"workflow web {\n http_watch app=live stream_key=one http_port={port2}\n}\n")
	eventually(t, "the summary is there", func() bool { return strings.Contains(s.output.String(), "Ctrl+C") })
	rtmp := fmt.Sprintf("rtmp://127.0.0.2:%d/live/", s.port(""))
	for _, want := range []string{
		"  publish  " + rtmp + "<key>\n", "  watch    " + rtmp + "<key>\n",
		fmt.Sprintf("           http://127.0.0.2:%d/live/live/one.mp4\n", s.port("2")),
		"  console  " + s.api + "/console/  (from this machine)\n", fmt.Sprintf("kill -HUP %d; %s plan %s shows", s.cmd.Process.Pid, must(t, binary), s.config()),
		"-f flv " + rtmp + "test\n", "ffplay " + rtmp + "test\n",
	} {
		require.Contains(t, s.output.String(), want)
	}
}

// TestVariablesFromTheEnvironment start a server, and a missing one does not.
func TestVariablesFromTheEnvironment(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, "settings {\n http_api_port ${MMIDS_TEST_PORT}\n}\nworkflow a {\n rtmp_receive rtmp_app=live stream_key=*\n}\n")
	p := startProcess(t, must(t, binary), "--config", file)
	require.Equal(t, 1, p.wait(patience))
	require.Contains(t, p.output.String(), file+":2:16: the variable MMIDS_TEST_PORT is not set in the environment")
	cmd := exec.Command(must(t, binary), "check", file)
	cmd.Env = append(cmd.Environ(), "MMIDS_TEST_PORT=9011")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}
