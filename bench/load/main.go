// Command load puts an RTMP server under load and measures what it delivers, how late, and what that costs. It works
// against any server, and is cheap: one thread publishes, checks and counts.
//
//	go run ./bench/load -mode play -viewers 1000 -target rtmp://127.0.0.1/live -pid $(pgrep -x mmids)
//
// Publishers send each message when it is due. Most viewers only count: after the play command their connections are bare
// sockets whose bytes the kernel throws away. Some, -verify of them, read at once and look at every byte and time; latency
// is theirs. With -pid, processes of this machine are measured. bench/README.md says how to read the result.
//
// It ends with exit code 1 if something was not delivered, and 3 if the clients could not be connected in time.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"

	"mmids/bench/measure"
	"mmids/bench/result"
)

func main() {
	o, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	r, err := run(ctx, o, os.Stderr)
	if err == nil {
		err = write(r, o.json, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		if errors.Is(err, errTooFull) {
			os.Exit(result.ExitTooFull)
		}
		os.Exit(1)
	}
	if !r.Complete {
		os.Exit(1)
	}
}

// filesBeside are files that are open besides the clients' sockets.
const filesBeside = 200

// prepare sets up this process.
func prepare(o *options) error {
	// The loop takes a thread for itself, whatever CPUs there are; the others connect clients meanwhile.
	runtime.GOMAXPROCS(4)
	debug.SetGCPercent(400)
	if len(o.cpus) > 0 {
		if err := measure.Pin(o.cpus...); err != nil {
			return err
		}
	}
	return measure.AllowFiles(o.publishers + o.allViewers() + 2*o.connecting + churnOpen + filesBeside)
}

// run is the whole measurement; live is where progress is shown.
func run(ctx context.Context, o *options, live *os.File) (*result.Result, error) {
	if err := prepare(o); err != nil {
		return nil, err
	}
	before, err := measure.MemoryOf(o.pids...)
	if err != nil {
		return nil, err
	}
	l, err := newLoop(o)
	if err != nil {
		return nil, err
	}
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			l.stop()
		}
	}
	defer stop()
	c := newConnector(o)
	if err := c.connectWithin(ctx, l); err != nil {
		return nil, err
	}
	var ch *churn
	if o.mode == modeChurn {
		ch = startChurn(ctx, c)
	}
	watchErr := watch(ctx, l, ch, newProgress(live))
	memory, memoryErr := measure.MemoryOf(o.pids...)
	var churned result.Churn
	var failure error
	if ch != nil {
		churned, failure = ch.stop()
	}
	stop()
	if err := firstError(watchErr, l.err, l.problem, memoryErr); err != nil {
		return nil, err
	}
	return summarize(l, before, memory, &churned, failure), nil
}

// watch starts measuring, shows how it goes, and returns at its end.
func watch(ctx context.Context, l *loop, ch *churn, p *progress) error {
	done := make(chan struct{})
	l.call(func() {
		if ch != nil {
			l.onMeasure = ch.measure
		}
		l.plan(func() { close(done) })
	})
	defer p.end()
	for {
		select {
		case r := <-l.readings:
			p.show(r)
		case <-done:
			return nil
		case <-l.done:
			return errors.New("the loop has ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// write writes the result for people, and for programs to a file if there is to be one.
func write(r *result.Result, file string, w io.Writer) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	switch file {
	case "":
		r.Print(w)
		return nil
	case "-":
		_, err = w.Write(text)
		return err
	}
	r.Print(w)
	return os.WriteFile(file, text, 0o644)
}
