package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// patience is how long anything may take. Only what fails takes so long.
const patience = 20 * time.Second

// program is a child process.
type program struct {
	command *exec.Cmd
	output  bytes.Buffer
	done    chan struct{} // closed when it has ended
	err     error         // how, once it has
}

func start(name string, args ...string) (*program, error) {
	p := &program{command: exec.Command(name, args...), done: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	// It must not outlive this program, whatever happens to that.
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.command.Wait()
		close(p.done)
	}()
	return p, nil
}

// ends reports whether the program ends by itself within a time.
func (p *program) ends(within time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(within):
		return false
	}
}

// stop asks the program to end, and makes it if it does not.
func (p *program) stop() {
	_ = p.command.Process.Signal(syscall.SIGINT)
	if !p.ends(patience) {
		_ = p.command.Process.Kill()
		<-p.done
	}
}

// run runs a program that has to end by itself and well.
func run(name string, args ...string) error {
	p, err := start(name, args...)
	if err != nil {
		return err
	}
	if !p.ends(patience) {
		p.stop()
		return fmt.Errorf("%s does not end:\n%s", name, p.output.String())
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w\n%s", name, p.err, p.output.String())
	}
	return nil
}

// startServer builds this project's server and starts it in a directory. It returns where it takes RTMP.
func startServer(dir string) (*program, string, error) {
	binary, config := filepath.Join(dir, "mmids"), filepath.Join(dir, "record.config")
	if err := run("go", "build", "-o", binary, "mmids"); err != nil {
		return nil, "", err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, "", err
	}
	text := fmt.Sprintf(`settings {
    http_api_port %d
    bind_address 127.0.0.1
    log_dir %q
    return_timeout 100ms
}
workflow record {
    rtmp_receive rtmp_app=live stream_key=* port=%[3]d
    rtmp_watch   rtmp_app=live stream_key=* port=%[3]d
}
`, ports[0], dir, ports[1])
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, "", err
	}
	p, err := start(binary, "--config", config)
	if err != nil {
		return nil, "", err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[1]))
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			return p, address, c.Close()
		}
	}
	p.stop()
	return nil, "", fmt.Errorf("the server does not listen:\n%s", p.output.String())
}

// freePorts returns different ports that nothing listens on.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// makeClip writes two seconds of video with B-frames and of sound, as small as a picture can be.
func makeClip(file string) error {
	return run("ffmpeg", "-nostdin", "-v", "error", "-y",
		"-f", "lavfi", "-i", "testsrc2=size=32x32:rate=10:duration=2", "-f", "lavfi", "-i", "sine=sample_rate=8000:duration=2",
		"-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "10", "-pix_fmt", "yuv420p",
		"-c:a", "aac", "-b:a", "16k", "-f", "flv", file)
}
