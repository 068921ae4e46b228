// Command load puts a server under load and checks what it delivers: publishers send marked packets in real time, and
// viewers find out whether all of them came, in order, unchanged, and how late.
//
//	go run ./bench/load -target rtmp://127.0.0.1/live -publishers 1 -viewers 500 -seconds 60 -pid $(pgrep -x mmids)
//
// All viewers are there before the first packet. Some of them, -verify for each stream, look at every byte; the others
// only count bytes, which costs next to nothing, and must have got exactly as many. With -pid, a process of this
// machine is measured: CPU time and memory.
//
// It ends with exit code 1 if anything was lost or changed. The last line of its output is the result as JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// options are what the command line says.
type options struct {
	target     string // rtmp://host/app
	publishers int
	viewers    int // of each publisher
	verify     int // of each publisher's viewers
	seconds    int
	bitrate    int // video, bit/s
	fps        int
	gop        int // frames
	pid        int // 0 for none
}

func main() {
	var o options
	flag.StringVar(&o.target, "target", "rtmp://127.0.0.1/live", "app to publish to and to watch")
	flag.IntVar(&o.publishers, "publishers", 1, "number of streams")
	flag.IntVar(&o.viewers, "viewers", 1, "viewers of each stream")
	flag.IntVar(&o.verify, "verify", 1, "how many viewers of each stream look at every byte, at least 1")
	flag.IntVar(&o.seconds, "seconds", 60, "length of the streams")
	kbps := flag.Int("bitrate", 2000, "video bit rate of each stream in kbit/s")
	flag.IntVar(&o.fps, "fps", 30, "video frames per second")
	flag.IntVar(&o.gop, "gop", 60, "video frames from key frame to key frame")
	flag.IntVar(&o.pid, "pid", 0, "process id of the server, to measure it")
	flag.Parse()
	o.bitrate = *kbps * 1000
	o.verify = min(max(o.verify, 1), o.viewers)
	if flag.NArg() > 0 || min(o.publishers, o.viewers, o.seconds, o.bitrate, o.fps, o.gop) < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	r, err := run(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	r.print(os.Stdout)
	if !r.Complete {
		os.Exit(1)
	}
}

// drainMax is how long viewers may take to get the rest after the last packet was sent.
const drainMax = 10 * time.Second

// run is the whole measurement.
func run(ctx context.Context, o options, progress io.Writer) (*result, error) {
	streams := make([]*stream, o.publishers)
	for i := range streams {
		streams[i] = newStream(o, i)
	}
	defer func() {
		for _, s := range streams {
			s.close()
		}
	}()
	if err := connect(ctx, o, streams); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%d publishers and %d viewers are connected\n", o.publishers, o.publishers*o.viewers)

	counting := startSweep(streams)
	defer counting.stop()
	meter, err := startMeter(o.pid)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	sending := publishAll(ctx, o, streams)
	report := time.NewTicker(5 * time.Second)
	defer report.Stop()
	for running := true; running; {
		select {
		case <-sending:
			running = false
		case <-report.C:
			fmt.Fprintf(progress, "%3.0f s  %s\n", time.Since(began).Seconds(), standing(streams, meter))
		}
	}
	seconds := time.Since(began).Seconds()
	process := meter.stop()
	for deadline := time.Now().Add(drainMax); !drained(streams) && time.Now().Before(deadline) && ctx.Err() == nil; {
		time.Sleep(20 * time.Millisecond)
	}
	counting.stop()
	return summarize(o, streams, seconds, process), ctx.Err()
}

// print writes the result for people, then for programs.
func (r *result) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n", r)
	line, err := json.Marshal(r)
	if err != nil {
		panic("BUG: the result cannot be encoded: " + err.Error())
	}
	fmt.Fprintf(w, "%s\n", line)
}
