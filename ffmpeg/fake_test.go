package ffmpeg

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// The test binary is also the ffmpeg of these tests, and the server that is killed: a link to it with one of these names.
const (
	fakeName   = "ffmpeg"
	serverName = "server"
)

func TestMain(m *testing.M) {
	switch name := filepath.Base(os.Args[0]); {
	case name == fakeName:
		fakeFFmpeg(os.Args[1:])
	case name == serverName:
		fakeServer(os.Args[1], os.Args[2])
	}
	os.Exit(m.Run())
}

// fakeFFmpeg does what its input says:
//
//	run            reports progress, and ends with code 255 when it is interrupted
//	finish:FILE    reports progress, and ends with code 0 when the file is there, with code 255 when it is interrupted
//	stubborn       reports progress, and is not interrupted
//	exit:CODE      writes two lines to standard error and ends
//	flood:BYTES    writes lines to standard error, an endless one among them, and ends
//	leave          ends, and leaves a process behind that holds its output open
//	escape         as leave, but that process has left the process group; its PID is the last line
//	show:FILE      writes a self-portrait to a file and ends
//
// and then does not return. It leaves by syscall.Exit, since os.Exit writes to standard error under go test -cover.
func fakeFFmpeg(args []string) {
	input := args[1]
	if input == "-i" {
		input = args[2]
	}
	what, arg, _ := strings.Cut(input, ":")
	number, _ := strconv.Atoi(arg)
	const figures = "frame=7\nspeed=1.5x\nprogress=continue\n"
	switch what {
	case "run":
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, syscall.SIGINT)
		fmt.Print(figures)
		<-interrupted
		fmt.Fprintln(os.Stderr, "Exiting normally, received signal 2.")
		syscall.Exit(255)
	case "finish":
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, syscall.SIGINT)
		fmt.Print(figures)
		for {
			if _, err := os.Stat(arg); err == nil {
				syscall.Exit(0)
			}
			select {
			case <-interrupted:
				syscall.Exit(255)
			case <-time.After(time.Millisecond):
			}
		}
	case "stubborn":
		signal.Ignore(syscall.SIGINT)
		fmt.Print(figures)
		pause()
	case "exit":
		fmt.Fprintln(os.Stderr, "trying")
		fmt.Fprintln(os.Stderr, "rtmp://host/app/key: Connection refused")
		syscall.Exit(number)
	case "flood":
		line := strings.Repeat("flood ", 20) + "\n"
		for n := 0; n < number/2; n += len(line) {
			fmt.Fprint(os.Stderr, line)
		}
		for n := 0; n < number/2; n += len(line) {
			fmt.Fprint(os.Stderr, line[1:len(line)-1])
		}
		syscall.Exit(0)
	case "leave", "escape":
		child := exec.Command(os.Args[0], "-i", "stubborn")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: what == "escape"}
		if err := child.Start(); err != nil {
			panic(err)
		}
		fmt.Fprintln(os.Stderr, child.Process.Pid)
		syscall.Exit(0)
	case "show":
		if err := os.WriteFile(arg, portrait(args), 0o600); err != nil {
			panic(err)
		}
		syscall.Exit(0)
	}
	syscall.Exit(99)
}

// pause waits to be killed, but not for ever: a test that fails must not leave processes behind.
func pause() {
	time.AfterFunc(3*deadline, func() { syscall.Exit(98) })
	for {
		_ = syscall.Pause()
	}
}

// selfPortrait is how a process sees itself.
type selfPortrait struct {
	Args, Env  []string
	Stdin      string
	PID, Group int
}

func portrait(args []string) []byte {
	stdin, _ := os.Readlink("/proc/self/fd/0")
	b, err := json.Marshal(selfPortrait{
		Args: args, Env: os.Environ(), Stdin: stdin, PID: os.Getpid(), Group: syscall.Getpgrp(),
	})
	if err != nil {
		panic(err)
	}
	return b
}

// fakeServer runs a process and prints its PID, until it is killed.
func fakeServer(path, input string) {
	e := New(Config{Path: path})
	e.Start("id", zerolog.Nop(), Job{Input: input, Target: FLV{"out"}}, func(event Event) {
		switch event := event.(type) {
		case Started:
			fmt.Println(event.PID)
		case Progress: // so it has done what it wants to do with signals
			fmt.Println("ready")
		}
	})
	pause()
}
