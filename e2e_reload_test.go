package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const (
	applied = "configuration is applied"
	refused = "configuration is not applied, what runs goes on"
)

// rewrite changes the server's file: some words in it, one after the other.
func (s *testServer) rewrite(oldNew ...string) {
	s.t.Helper()
	text, err := os.ReadFile(s.config())
	require.NoError(s.t, err)
	changed := strings.NewReplacer(oldNew...).Replace(string(text))
	require.NotEqual(s.t, string(text), changed)
	require.NoError(s.t, os.WriteFile(s.config(), []byte(s.fill(changed)), 0o600))
}

func (s *testServer) config() string { return filepath.Join(s.dir, "test.config") }

// reload has the server apply its file, and waits for the line that says how it went.
func (s *testServer) reload(message string) {
	s.t.Helper()
	before := len(s.logged(message))
	s.signal(syscall.SIGHUP)
	s.waitLogged(message, before)
}

func (s *testServer) waitLogged(message string, before int) {
	s.t.Helper()
	eventually(s.t, message, func() bool { return len(s.logged(message)) > before })
}

// plan runs the command and returns its exit code and what it printed on standard output.
func (s *testServer) plan(args ...string) (code int, text string) {
	s.t.Helper()
	cmd := exec.Command(must(s.t, binary), append([]string{"plan"}, args...)...)
	out, _ := cmd.Output()
	return cmd.ProcessState.ExitCode(), string(out)
}

// TestReloadWhileStreaming changes a workflow by its file while ffmpeg publishes and rtmpdump and our viewer watch: all three
// stay, and every packet arrives. What the plan says comes true.
func TestReloadWhileStreaming(t *testing.T) {
	t.Parallel()
	s := startServer(t, "return_timeout 1s", simple+"\nworkflow going {\n rtmp_watch rtmp_app=going stream_key=* port={port}\n}\n")
	sent, url := source(t), s.url("live/abc")
	recorded := filepath.Join(t.TempDir(), "recorded.flv")
	ours, dump := watch(t, url), rtmpdumpRecords(t, url, recorded)
	eventually(t, "both viewers are there", func() bool { return len(s.logged("viewer started")) == 2 })
	publisher := publishFile(t, must(t, sourceFile), url)
	ours.waitVideo(10)

	s.put("workflow mine {\n rtmp_watch rtmp_app=mine stream_key=* port={port}\n}\n")
	s.rewrite("}\n\nworkflow going {", "    rtmp_watch rtmp_app=monitor stream_key=* port={port}\n}\nworkflow coming {", "rtmp_app=going", "rtmp_app=coming", "return_timeout 1s", "return_timeout 2s")
	code, plan := s.plan(s.config())
	require.Equal(t, 2, code, plan)
	for _, line := range []string{
		"setting return_timeout needs a restart", "workflow simple is changed", "    + rtmp_watch port=", "    = rtmp_receive port=",
		"workflow coming is started", "workflow going is stopped", "3 workflows: 0 kept, 1 changed, 1 started, 1 stopped",
	} {
		require.Contains(t, plan, line)
	}
	before := s.running("simple", 2)

	s.reload(applied)
	after := s.running("simple", 3)
	require.Equal(t, before.ActiveSteps, after.ActiveSteps[:2], "the steps that stay are the same")
	s.waitWorkflows("coming", "mine", "simple")
	require.Len(t, s.logged("this setting needs a restart to take effect"), 1)
	monitor := watch(t, s.url("monitor/abc"))
	monitor.waitVideo(1)
	code, plan = s.plan(s.config())
	require.Equal(t, 2, code, "there is a setting that waits for a restart")
	require.NotContains(t, plan, "workflow ")

	s.rewrite("    rtmp_watch rtmp_app=monitor", "    # rtmp_watch rtmp_app=monitor")
	s.reload(applied)
	s.running("simple", 2)
	requireDone(t, "the viewer of the step that has gone", monitor.done)

	publisher.succeeds(patience)
	requireSame(t, "our viewer", sent, ours.waitAll(sent))
	dump.succeeds(patience)
	requireWhole(t, "rtmpdump", sent, readFLV(t, recorded))
}

// TestBadFileChangesNothing shows all mistakes with their places, and the good file works again.
func TestBadFileChangesNothing(t *testing.T) {
	t.Parallel()
	s := startServer(t, "log_level info", simple)
	f, v := feed(t, s.url("live/k")), watch(t, s.url("live/k"))
	f.begin(v)
	good, err := os.ReadFile(s.config())
	require.NoError(t, err)
	bad := strings.Replace(string(good), "log_level info", "log_level loud", 1) +
		"workflow new {\n rtmp_watch rtmp_app=new\n}\nworkflow other {\n nothing\n rtmp_receive rtmp_app=a stream_key=${MMIDS_TEST_UNSET:-b}\n}\n"
	require.NoError(t, os.WriteFile(s.config(), []byte(bad), 0o600))
	s.reload(refused)
	require.EqualValues(t, 3, s.logged(refused)[0]["mistakes"])
	lines := strings.Count(string(good), "\n")
	for message, at := range map[string]string{
		`log_level "loud" is not a level`: ":5:", "stream_key is missing": fmt.Sprintf(":%d:", lines+2), "unknown step type": fmt.Sprintf(":%d:", lines+5),
	} {
		found := false
		for _, line := range s.logged("") {
			text, _ := line["message"].(string)
			where, _ := line["at"].(string)
			found = found || strings.Contains(text, message) && strings.HasPrefix(where, s.config()+at) && line["level"] == "error"
		}
		require.True(t, found, "%s at %s\n%s", message, at, tail(s.output.String()))
	}
	require.Equal(t, []string{"simple"}, s.workflows())
	code, _ := s.plan(s.config())
	require.Equal(t, 1, code)

	require.NoError(t, os.WriteFile(s.config(), []byte("workflow simple {"), 0o600))
	s.reload(refused)
	require.NoError(t, os.WriteFile(s.config(), []byte("\n"), 0o600))
	s.reload(refused)
	require.NoError(t, os.Remove(s.config()))
	s.reload(refused)
	require.NoError(t, os.WriteFile(s.config(), append(good, "workflow new {\n}\n"...), 0o600))
	s.reload(applied)
	s.waitWorkflows("new", "simple")
	f.send(30)
	requireSame(t, "the viewer all the while", f.sent, v.waitAll(f.sent))
	s.told = true // there are errors in its log
	s.signal(syscall.SIGTERM)
	require.Zero(t, s.wait(patience))
}

// TestFileThatIsWatched is changed in all the ways that files are: written in place, replaced as by an editor, and by
// another symbolic link, as with a volume of Kubernetes.
func TestFileThatIsWatched(t *testing.T) {
	t.Parallel()
	s := startServer(t, "watch_config", simple)
	times := 0
	change := func(workflow string, how func(text []byte)) {
		t.Helper()
		text, err := os.ReadFile(s.config())
		require.NoError(t, err)
		how(append(text, "workflow "+workflow+" {\n}\n"...))
		s.waitLogged(applied, times)
		times++
		require.Contains(t, s.workflows(), workflow)
	}
	change("in-place", func(text []byte) { require.NoError(t, os.WriteFile(s.config(), text, 0o600)) })
	rename := func(text []byte) {
		require.NoError(t, os.WriteFile(s.config()+"~", text, 0o600))
		require.NoError(t, os.Rename(s.config()+"~", s.config()))
	}
	change("by-rename", rename)
	change("by-rename-again", rename)

	volume := filepath.Join(s.dir, "volume")
	link := func(name string) func([]byte) {
		return func(text []byte) {
			require.NoError(t, os.MkdirAll(filepath.Join(volume, name), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(volume, name, "test.config"), text, 0o600))
			require.NoError(t, os.Symlink(name, filepath.Join(volume, "next")))
			require.NoError(t, os.Rename(filepath.Join(volume, "next"), filepath.Join(volume, "data")))
		}
	}
	change("by-link", func(text []byte) {
		link("1")(text)
		require.NoError(t, os.Remove(s.config()))
		require.NoError(t, os.Symlink(filepath.Join(volume, "data", "test.config"), s.config()))
	})
	change("by-link-again", link("2"))
	require.Len(t, s.logged("configuration is read again"), times, "each change is applied once")

	s.rewrite("watch_config", "watch_config off")
	s.waitLogged(applied, times)
	s.rewrite("workflow by-link ", "workflow nobody-looks ")
	s.reload(applied)
	require.Equal(t, "SIGHUP", s.logged("configuration is read again")[times+1]["reason"])
	require.Contains(t, s.workflows(), "nobody-looks")
}

// TestSettingsThatChange while the server runs: the log's level, and the token, which is never taken away.
func TestSettingsThatChange(t *testing.T) {
	t.Parallel()
	s := startServer(t, "log_level info", simple)
	isDebug := func() bool {
		s.request("GET", "/healthz", "")
		for _, line := range s.logged("request out") {
			if line["level"] == "debug" {
				return true
			}
		}
		return false
	}
	require.False(t, isDebug())
	s.rewrite("log_level info", "log_level debug")
	s.reload(applied)
	eventually(t, "requests of probes are logged", isDebug) // behind the answer

	const token = "a-token-of-sixteen-or-more"
	s.rewrite("log_level debug", "http_api_token "+token)
	s.reload(applied)
	require.Equal(t, 401, s.request("GET", "/workflows", "").status)
	require.Equal(t, 200, s.request("GET", "/workflows", "", "Authorization", "Bearer "+token).status)
	code, _ := s.plan(s.config())
	require.Zero(t, code, "the command has the token from the file")
	code, _ = s.plan("--token-file", s.config(), s.config())
	require.Equal(t, 1, code)
	s.rewrite("http_api_token "+token, "")
	s.reload(applied)
	require.Equal(t, 401, s.request("GET", "/workflows", "").status)
	require.NotContains(t, s.output.String(), token)
}

// TestReactorsThatChange asks another service from the next question on; the stream goes on.
func TestReactorsThatChange(t *testing.T) {
	t.Parallel()
	first, second := startLookup(t), startLookup(t)
	s := startServer(t, "", first.reactor("ask", "update_interval=1")+strings.ReplaceAll(simple, "port={port}", "port={port} reactor=ask"))
	for _, l := range []*lookup{first, second} {
		l.says("k", 200, "")
	}
	f, v := feed(t, s.url("live/k")), watch(t, s.url("live/k"))
	f.begin(v)
	s.rewrite(first.URL, second.URL)
	s.reload(applied)
	eventually(t, "the second service is asked", func() bool { return len(second.about("k")) > 0 })
	f.send(20)
	requireSame(t, "the viewer", f.sent, v.waitAll(f.sent))
	second.says("k", 404, "")
	requireDone(t, "the publisher that is not valid any more", f.publisher.Done())
}

// TestSignalsDuringStartAndStop sends the signal as early and as late as possible.
func TestSignalsDuringStartAndStop(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	s.signal(syscall.SIGTERM)
	for !s.ended() {
		_ = s.cmd.Process.Signal(syscall.SIGHUP)
		_ = s.cmd.Process.Signal(syscall.SIGUSR1)
	}
	require.Zero(t, s.wait(patience))

	early := startProcess(t, must(t, binary), "--config", s.config())
	eventually(t, "it begins", func() bool { return early.output.String() != "" })
	early.signal(syscall.SIGHUP)
	eventually(t, "the file is applied again", func() bool { return strings.Contains(early.output.String(), applied) })
	early.signal(syscall.SIGTERM)
	early.succeeds(patience)
}

// onTerminal is a server in a window.
type onTerminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	window *os.File
	screen lockedBuffer
	read   chan struct{} // closed when nothing more can come
	dir    string        // of its logs
}

func startOnTerminal(t *testing.T) *onTerminal {
	t.Helper()
	s := &onTerminal{t: t, read: make(chan struct{}), dir: t.TempDir()}
	port := freePort(t, "127.0.0.1")
	window, slave := openTerminal(t)
	s.window = window
	s.cmd = exec.Command(must(t, binary), "--config", writeConfig(t, fmt.Sprintf("settings {\n http_api_port %d\n log_dir %q\n}\n", port, s.dir)))
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
	require.NoError(t, s.cmd.Start())
	require.NoError(t, slave.Close())
	go func() {
		defer close(s.read)
		buffer := make([]byte, 4096)
		for {
			n, err := window.Read(buffer)
			_, _ = s.screen.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	return s
}

// shows waits until a text is on the screen.
func (s *onTerminal) shows(text string) {
	s.t.Helper()
	eventually(s.t, text+" is shown", func() bool { return strings.Contains(s.screen.String(), text) })
}

// close closes the window and waits until the server has stopped in order.
func (s *onTerminal) close() {
	s.t.Helper()
	require.NoError(s.t, s.window.Close())
	require.NoError(s.t, s.cmd.Wait())
	<-s.read
	log, err := filepath.Glob(filepath.Join(s.dir, "application", "*"))
	require.NoError(s.t, err)
	text, err := os.ReadFile(log[len(log)-1])
	require.NoError(s.t, err)
	require.Contains(s.t, string(text), `"message":"stopped"`)
}

// TestTerminalIsClosed ends the server in order, as the end of its window did before the signal had another meaning.
func TestTerminalIsClosed(t *testing.T) {
	t.Parallel()
	s := startOnTerminal(t)
	s.shows("Ctrl+C")
	require.Contains(t, s.screen.String(), filepath.Join(s.dir, "application"))
	require.Contains(t, s.screen.String(), "\x1b[1mmmids")
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGHUP))
	s.shows(applied) // with its terminal it goes on
	s.close()

	early := startOnTerminal(t)
	early.shows("mmids") // the first line of the log, while it starts
	early.close()
}

// TestLogFileIsOpenedAnew as logrotate has it: renamed first, then the signal.
func TestLogFileIsOpenedAnew(t *testing.T) {
	t.Parallel()
	s := startServer(t, "log_rotation off", simple)
	path := filepath.Join(s.dir, "logs", "application", "application.log")
	require.NoError(t, os.Rename(path, path+".1"))
	s.signal(syscall.SIGUSR1)
	const message = "the log file is opened anew"
	s.waitLogged(message, 0)
	eventually(t, "the line is in the new file", func() bool {
		text, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(text), message)
	})
	old, err := os.ReadFile(path + ".1")
	require.NoError(t, err)
	require.Contains(t, string(old), "HTTP API listens")
	require.NotContains(t, string(old), message)
}

// openTerminal returns both ends of a terminal: the master is the window, the slave what programs see.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	return os.NewFile(uintptr(fd), "/dev/ptmx"), slave
}

// TestSystemdIsTold when the server is ready, applies its file, and stops.
func TestSystemdIsTold(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	require.NoError(t, err)
	defer conn.Close()
	file := writeConfig(t, fmt.Sprintf("settings {\n log_dir %q\n}\n", t.TempDir()))
	cmd := exec.Command(must(t, binary), "--config", file)
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket)
	p := runProcess(t, "mmids", cmd)
	want := func(news ...string) {
		t.Helper()
		buffer := make([]byte, 500)
		n, err := conn.Read(buffer)
		require.NoError(t, err)
		for _, line := range news {
			require.Contains(t, string(buffer[:n]), line)
		}
	}
	want("READY=1")
	p.signal(syscall.SIGHUP)
	want("RELOADING=1", "MONOTONIC_USEC=")
	want("READY=1", "STATUS=Configuration applied")
	require.NoError(t, os.WriteFile(file, []byte("workflow {"), 0o600))
	p.signal(syscall.SIGHUP)
	want("RELOADING=1")
	want("READY=1", "cannot be applied")
	p.signal(syscall.SIGTERM)
	want("STOPPING=1")
	p.succeeds(patience)
}
