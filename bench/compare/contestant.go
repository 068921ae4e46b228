package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// contestant is a server in one configuration.
type contestant struct {
	name  string
	start func(b *bench, cpus string) (*server, error)
}

// server is one that runs.
type server struct {
	target  string // where to watch
	publish string // where to publish
	pids    []int
	process *exec.Cmd // nil if somebody else started it
	output  bytes.Buffer
}

// startTime is how long a server may take to open its port.
const startTime = 10 * time.Second

// launch starts a program on some CPUs, taskset's list, and waits until it listens on a port.
func launch(cpus string, port int, dir string, name string, args ...string) (*server, error) {
	s := &server{process: exec.Command("taskset", append([]string{"-c", cpus, name}, args...)...)}
	s.process.Dir = dir
	s.process.Env = append(os.Environ(), "mmids_log=warn")
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	// It must not outlive this program, whatever happens to that.
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	s.pids = []int{s.process.Process.Pid}
	for deadline := time.Now().Add(startTime); !accepts(port); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) || ended(s.process.Process.Pid) {
			s.stop()
			return nil, fmt.Errorf("%s does not listen:\n%s", name, s.output.String())
		}
	}
	return s, nil
}

// ended reports whether a child has ended, without taking its exit code.
func ended(pid int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err != nil || info.Signo != 0
}

// stopTime is how long a server may take to end.
const stopTime = 10 * time.Second

func (s *server) stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(stopTime, func() { _ = s.process.Process.Kill() })
	_ = s.process.Wait() // it was told to end
	kill.Stop()
}

// parseOther reads NAME=URL[,pid=PID…].
func parseOther(text string) (*contestant, error) {
	name, rest, ok := strings.Cut(text, "=")
	url, list, _ := strings.Cut(rest, ",")
	if !ok || name == "" || url == "" {
		return nil, errors.New("it is not of the form NAME=URL[,pid=PID…]")
	}
	var pids []int
	for text := range strings.SplitSeq(list, ",") {
		if text == "" {
			continue
		}
		pid, err := strconv.Atoi(strings.TrimPrefix(text, "pid="))
		if err != nil {
			return nil, err
		}
		pids = append(pids, pid)
	}
	return &contestant{name, func(*bench, string) (*server, error) {
		return &server{target: url, publish: url, pids: pids}, nil
	}}, nil
}

// ours is this project's server with a setting of flush.
func ours(flush string) *contestant {
	return &contestant{"mmids " + flush, func(b *bench, cpus string) (*server, error) { return startOurs(b, cpus, flush, false) }}
}

// oursSecure is watched over RTMPS.
func oursSecure(flush string) *contestant {
	return &contestant{"mmids " + flush + " RTMPS", func(b *bench, cpus string) (*server, error) { return startOurs(b, cpus, flush, true) }}
}

func startOurs(b *bench, cpus, flush string, secure bool) (*server, error) {
	in, err := freePort()
	if err != nil {
		return nil, err
	}
	watch, scheme, rtmps := in, "rtmp", ""
	if secure {
		if watch, err = freePort(); err != nil {
			return nil, err
		}
		scheme, rtmps = "rtmps", " rtmps"
	}
	config := fmt.Sprintf(`settings {
    bind_address 127.0.0.1
    log_dir %q
    flush %s
    tls_cert_path %q
}
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port=%d
    rtmp_watch   rtmp_app=live stream_key=* port=%d%s
}
`, filepath.Join(b.dir, "logs"), flush, b.certificate, in, watch, rtmps)
	file := filepath.Join(b.dir, "mmids.config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	s, err := launch(cpus, watch, b.dir, filepath.Join(b.dir, "mmids"), "--config", file)
	if err != nil {
		return nil, err
	}
	s.publish = fmt.Sprintf("rtmp://127.0.0.1:%d/live", in)
	s.target = fmt.Sprintf("%s://127.0.0.1:%d/live", scheme, watch)
	return s, nil
}

// nginx is nginx-rtmp in Debian's build with one worker, as it comes but for the limits of open connections.
func nginx() *contestant { return &contestant{nginxName, startNginx} }

const nginxName = "nginx-rtmp"

func startNginx(b *bench, cpus string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf(`load_module %s;
daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile %d;
pid %s/nginx.pid;
error_log %s/nginx.log;
events { worker_connections %d; }
rtmp {
    access_log off;
    server {
        listen 127.0.0.1:%d;
        application live { live on; }
    }
}
`, rtmpModule, openFiles, b.dir, b.dir, openFiles, port)
	file := filepath.Join(b.dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	s, err := launch(cpus, port, b.dir, "nginx", "-p", b.dir, "-c", file)
	if err != nil {
		return nil, err
	}
	s.target = fmt.Sprintf("rtmp://127.0.0.1:%d/live", port)
	s.publish = s.target
	if err := s.addChildren(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// addChildren adds the worker, which the master has started some time after opening the port.
func (s *server) addChildren() error {
	master := s.pids[0]
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", master, master))
		if err != nil {
			return err
		}
		for field := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				return err
			}
			s.pids = append(s.pids, pid)
		}
		if len(s.pids) > 1 {
			return nil
		}
	}
	return errors.New("nginx starts no worker")
}

// bareName is the floor's that sends each message at once.
const bareName = "floor"

// bare is the floor, with an interval or "0s".
func bare(interval string) *contestant {
	name := bareName
	if interval != "0s" {
		name += " " + interval
	}
	return &contestant{name, func(b *bench, cpus string) (*server, error) {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		address := fmt.Sprintf("127.0.0.1:%d", port)
		s, err := launch(cpus, port, b.dir, filepath.Join(b.dir, "floor"), "-listen", address, "-interval", interval)
		if err != nil {
			return nil, err
		}
		s.target = "tcp://" + address
		s.publish = s.target
		return s, nil
	}}
}
