package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// writeConfig writes a configuration file and returns its path.
func writeConfig(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "some.config")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// TestCheck is the command that reads a file and starts nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	server := must(t, binary)
	good := startProcess(t, server, "check", writeConfig(t, "settings {\n}\n"+"workflow a {\n rtmp_receive rtmp_app=x stream_key=*\n}\n"))
	good.succeeds(patience)
	require.Contains(t, good.output.String(), "good, 1 workflow\n")

	file := writeConfig(t, "settings {\n http_api_port x\n}\nworkflow a {\n rtmp_receive stream_key=*\n rtmp_watch rtmp_app=x stream_key=* port=0\n}\n")
	bad := startProcess(t, server, "check", file)
	require.Equal(t, 1, bad.wait(patience))
	for _, want := range []string{file + ":2:", file + ":5:", file + ":6:", "3 mistakes"} {
		require.Contains(t, bad.output.String(), want)
	}

	nothing := startProcess(t, server, "check", filepath.Join(t.TempDir(), "nothing.config"))
	require.Equal(t, 1, nothing.wait(patience))
	require.Contains(t, nothing.output.String(), "nothing.config")

	help := startProcess(t, server, "check", "--help")
	help.succeeds(patience)
	require.Contains(t, help.output.String(), "Usage:")
	for _, command := range []string{"check", "plan", "health"} {
		p := startProcess(t, server, command, file, "--json")
		require.Equal(t, 1, p.wait(patience), "what is not understood is not left out")
		require.Contains(t, p.output.String(), `"--json" is too much`)
	}
}

// TestStartThatCannotWork ends with an error that says where it is.
func TestStartThatCannotWork(t *testing.T) {
	t.Parallel()
	server := must(t, binary)
	fails := func(text string, want ...string) {
		t.Helper()
		file := writeConfig(t, text)
		p := startProcess(t, server, "--config", file)
		require.Equal(t, 1, p.wait(patience))
		for _, w := range want {
			require.Contains(t, p.output.String(), w)
		}
	}
	fails("settings {\n}\nworkflow a {\n rtmp_receive rtmp_app=live stream_key=*\n", "some.config:")
	fails("settings {\n}\n\nworkflow a {\n rtmp_wotch rtmp_app=live stream_key=*\n}\n", "some.config:5:", "rtmp_watch")
	fails("stage one {\n}\n", "some.config:1:")
	fails("workflow a {\n}\nworkflow a {\n}\n", "some.config:3:")

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	fails("settings {\n http_api_port "+port+"\n}\n", port)

	missing := startProcess(t, server) // there is no mmids.config in its directory
	require.Equal(t, 1, missing.wait(patience))
	require.Contains(t, missing.output.String(), "mmids.config")
}

// TestRTMPPortInUse puts only the workflow that needs the port in error; the server starts.
func TestRTMPPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	s := startServer(t, "", simple+"workflow unlucky {\n rtmp_watch rtmp_app=live stream_key=* port="+port+"\n}\n")
	require.Contains(t, s.details("unlucky").Status, port)
	s.running("simple", 2)
	feed(t, s.url("live/k"))
}

// TestVersion prints the version and what it was built from.
func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--version"}, {"-version"}} {
		p := startProcess(t, must(t, binary), args...)
		p.succeeds(patience)
		require.Regexp(t, `^mmids `+version+`\ncommit [0-9a-z]+( with changes)?\ngo1\.\S+ linux/\w+\n$`, p.output.String())
	}
}

// TestReaderOfTheLogGoes lets standard output and standard error end in a pipe that nobody reads. The log goes on in its
// files, and the server stops in order.
func TestReaderOfTheLogGoes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	port := freePort(t, "127.0.0.1")
	file := writeConfig(t, fmt.Sprintf("settings {\n http_api_port %d\n log_dir %q\n}\n", port, dir))
	read, write, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, read.Close())
	cmd := exec.Command(must(t, binary), "--config", file)
	cmd.Stdout, cmd.Stderr = write, write
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	require.NoError(t, write.Close())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	eventually(t, "the server is ready", func() bool {
		select {
		case err := <-ended:
			t.Fatalf("the server ended: %v", err)
		default:
		}
		answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/readyz", port))
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, <-ended)
	files, err := filepath.Glob(filepath.Join(dir, "application", "application.log.*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	log, err := os.ReadFile(files[len(files)-1])
	require.NoError(t, err)
	require.Contains(t, string(log), `"message":"stopped"`)
}
