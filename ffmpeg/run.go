package ffmpeg

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// run runs ffmpeg once, from its start until it is reaped. The error says why it could not be started.
func (p *Process) run() (Stopped, error) {
	e := p.endpoint
	if err := e.claim(p); err != nil {
		return Stopped{}, err
	}
	path, err := findExecutable(e.config.Path)
	if err != nil {
		return Stopped{}, err
	}
	file, err := p.openLog()
	if err != nil {
		return Stopped{}, err
	}
	output := newErrorOutput(file, p.job)
	output.separate(e.clock.now())
	p.setProgress(Progress{})
	announced := make(chan struct{}) // closed when Started has been reported, which comes first
	announce := sync.OnceFunc(func() { close(announced) })
	progress := newProgressReader(func(v Progress) {
		<-announced
		p.setProgress(v)
		p.report(v)
	})

	cmd := exec.Command(path, p.job.Args()...)
	cmd.Env = environment(os.Environ())
	cmd.Stdout, cmd.Stderr = contained{progress, p.log}, contained{output, p.log}
	cmd.WaitDelay = outputGrace
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := e.starter.start(cmd); err != nil {
		output.finish()
		return Stopped{}, err
	}
	reaped := false
	defer func() {
		if !reaped { // supervision has panicked
			announce()
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
			output.finish()
		}
	}()
	began := e.clock.now()
	p.started(cmd.Process.Pid)
	announce()
	p.superviseExit(cmd.Process.Pid)
	_ = cmd.Wait() // the state says the same and more
	reaped = true
	ended := Stopped{Exit: "unknown", Code: -1, LastLine: output.finish(), Ran: e.clock.now().Sub(began)}
	if s := cmd.ProcessState; s != nil {
		ended.Exit, ended.Code = s.String(), s.ExitCode()
	}
	return ended, nil
}

func (p *Process) openLog() (*logFile, error) {
	c := p.endpoint.config
	if c.LogDir == "" {
		return nil, nil
	}
	file, err := openLogFile(filepath.Join(c.LogDir, logFolder, logName(p.id)), c.LogBytesMax, c.LogFilesMax)
	if err != nil {
		return nil, fmt.Errorf("the log file cannot be opened: %w", err)
	}
	return file, nil
}

// superviseExit returns when the process has ended, and leaves it to be reaped. It interrupts it when it is to stop or
// has had the time to finish, and kills it when that does not help.
//
// Signals go to the process group, for the case that the executable is a script which runs ffmpeg as its child. They
// cannot hit another one: a process keeps its number until it is reaped, and that happens after this has returned.
func (p *Process) superviseExit(pid int) {
	exited := make(chan error, 1)
	go func() { exited <- waitForExit(pid) }()

	finish, stop, kill := p.finish, p.stop, p.kill
	var unfinished, late <-chan time.Time
	for {
		select {
		case err := <-exited:
			if err == nil {
				_ = syscall.Kill(-pid, syscall.SIGKILL) // what a script has left behind
			}
			return
		case <-finish:
			finish = nil
			timeout, cancel := p.endpoint.clock.after(p.endpoint.config.FinishTimeout)
			defer cancel()
			unfinished = timeout
		case <-unfinished:
			p.Stop()
		case <-stop:
			stop = nil
			_ = syscall.Kill(-pid, syscall.SIGINT)
			timeout, cancel := p.endpoint.clock.after(p.endpoint.config.InterruptTimeout)
			defer cancel()
			late = timeout
		case <-late:
			late = nil
			p.log.Warn().Msg("ffmpeg does not end after an interrupt and is killed")
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		case <-kill:
			kill = nil
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		}
	}
}

// waitForExit returns when a child has ended, without reaping it.
func waitForExit(pid int) error {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return err
		}
	}
}
