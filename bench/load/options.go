package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mmids/bench/stream"
)

// The modes.
const (
	modePublish = "publish" // publishers, and nobody watches
	modePlay    = "play"    // viewers of one stream
	modeMixed   = "mixed"   // several streams, each with its viewers
	modeLatency = "latency" // all viewers verify
	modeChurn   = "churn"   // clients connect, play and leave
	modeIdle    = "idle"    // viewers of a stream that nobody publishes
)

var modes = []string{modePublish, modePlay, modeMixed, modeLatency, modeChurn, modeIdle}

// options are what the command line says.
type options struct {
	mode       string
	target     *url.URL // rtmp, rtmps, http, or tcp for a raw stream
	publish    *url.URL // where publishers go
	key        string
	format     string // of http
	publishers int
	viewers    int // of each stream
	verify     int // viewers that verify, in all
	warmup     time.Duration
	seconds    time.Duration
	shape      stream.Config
	chunk      int           // bytes
	sweep      time.Duration // between two visits to the same viewer
	rate       float64       // sessions per second
	busy       float64       // CPUs
	connecting int
	within     time.Duration // for all to connect
	pids       []int
	cpus       []int
	json       string
}

// raw reports whether viewers speak nothing: they connect and get a stream.
func (o *options) raw() bool { return o.target.Scheme == "tcp" }

// streams is how many there are, whoever publishes them.
func (o *options) streams() int { return max(o.publishers, 1) }

func (o *options) allViewers() int { return o.viewers * o.streams() }

// parseOptions reads a command line; defaults depend on the mode.
func parseOptions(args []string, out io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.mode, "mode", modeMixed, "what to do: "+strings.Join(modes, ", "))
	target := f.String("target", "rtmp://127.0.0.1/live", "app to publish to and to watch; rtmps:// for TLS, http://HOST:PORT/live/APP to watch over HTTP, tcp://HOST:PORT for a raw stream")
	f.StringVar(&o.format, "format", formatFLV, "what to watch over HTTP: flv, or mp4, which is not verified")
	publish := f.String("publish", "", "app to publish to, if it is not the target")
	f.StringVar(&o.key, "key", "", "stream key, of each stream followed by its number; without publishers, the key to watch (default: a new one)")
	f.IntVar(&o.publishers, "publishers", 1, "streams to publish; 0 to watch what others publish")
	f.IntVar(&o.viewers, "viewers", 1, "viewers of each stream")
	verify := f.String("verify", "", "how many of all viewers verify every byte and time and give the latency: a number, or all (default: 10, all for latency, none for idle)")
	f.DurationVar(&o.warmup, "warmup", 3*time.Second, "time before measuring, when all are connected")
	f.DurationVar(&o.within, "connect-within", 0, "the time in which all clients have to be connected; otherwise the exit code is 3 (default: any)")
	seconds := f.Int("seconds", 10, "seconds to measure")
	kbps := f.Int("bitrate", 2600, "bit rate of each stream in kbit/s, audio included")
	f.IntVar(&o.shape.FPS, "fps", 30, "video frames per second")
	f.IntVar(&o.shape.GOP, "gop", 60, "video frames from key frame to key frame")
	f.IntVar(&o.chunk, "chunk", 4096, "chunk size of publishers in bytes")
	f.DurationVar(&o.sweep, "sweep", 20*time.Millisecond, "how often each viewer that does not verify takes what is there")
	f.Float64Var(&o.rate, "rate", 200, "sessions per second, for churn")
	f.Float64Var(&o.busy, "busy", 0.1, "CPUs that everything else on the machine may use in a second before it is marked as disturbed")
	f.IntVar(&o.connecting, "connecting", 16, "how many clients connect at the same time")
	pids := f.String("pid", "", "process ids of the server, with commas between them, to measure it")
	cpus := f.String("cpu", "", "CPUs to run on, with commas between them")
	f.StringVar(&o.json, "json", "", "file to write the result to, - for the output")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	given := map[string]bool{}
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	o.seconds = time.Duration(*seconds) * time.Second
	o.shape.Bitrate = *kbps * 1000

	var errs [4]error
	o.target, errs[0] = parseTarget(*target)
	o.publish = o.target
	if *publish != "" {
		o.publish, errs[1] = parseTarget(*publish)
	}
	o.pids, errs[2] = parseNumbers(*pids)
	o.cpus, errs[3] = parseNumbers(*cpus)
	err := errors.Join(errs[:]...)
	if err != nil {
		return nil, err
	}
	o.applyMode(given)
	if o.verify, err = o.parseVerify(*verify); err != nil {
		return nil, err
	}
	return o, o.check(f.NArg())
}

// applyMode sets what the mode decides.
func (o *options) applyMode(given map[string]bool) {
	switch o.mode {
	case modePublish:
		o.viewers = 0
	case modeChurn:
		o.viewers = 0
		if !given["publishers"] {
			o.publishers = 0
		}
	case modeIdle:
		o.publishers = 0
		if !given["sweep"] {
			o.sweep = time.Second // there is nothing to take
		}
	}
	if o.raw() {
		o.publishers = 0
	}
	if o.mode == modePlay && o.publishers > 1 {
		o.publishers = 1
	}
}

// parseVerify returns how many viewers verify.
func (o *options) parseVerify(text string) (int, error) {
	all := o.allViewers()
	switch {
	case text == "all", text == "" && o.mode == modeLatency:
		return all, nil
	case text == "" && o.mode == modeIdle, o.overHTTP() && o.format == formatMP4:
		return 0, nil
	case text == "":
		return min(10, all), nil
	}
	n, err := strconv.Atoi(text)
	return min(n, all), err
}

func (o *options) check(more int) error {
	switch {
	case more > 0:
		return errors.New("there is something behind the options")
	case !slices.Contains(modes, o.mode):
		return fmt.Errorf("-mode is one of %s", strings.Join(modes, ", "))
	case o.overHTTP() && (o.publish == o.target || o.mode == modeChurn):
		return errors.New("to watch over HTTP, -publish says where to publish; churn is for RTMP")
	case o.format != formatFLV && o.format != formatMP4:
		return fmt.Errorf("-format is %s or %s", formatFLV, formatMP4)
	case o.publishers < 0 || o.viewers < 0 || o.verify < 0:
		return errors.New("there are no negative numbers of clients")
	case o.publishers == 0 && o.viewers == 0 && o.mode != modeChurn:
		return errors.New("there are neither publishers nor viewers")
	case o.seconds <= 0 || o.warmup < 0 || o.sweep <= 0 || o.connecting < 1:
		return errors.New("-seconds, -sweep and -connecting are positive, -warmup is not negative")
	case o.shape.FPS < 1 || o.shape.GOP < 1 || o.chunk < 128:
		return errors.New("-fps and -gop are at least 1, -chunk is at least 128")
	case o.shape.Bitrate < o.shape.BitrateMin():
		return fmt.Errorf("-bitrate is at least %d", o.shape.BitrateMin()/1000+1)
	case o.viewers > 0 && o.mode != modeIdle && o.seconds < 2*o.shape.Period():
		return fmt.Errorf("-seconds is at least %.0f, two times from key frame to key frame, to compare what viewers got", (2 * o.shape.Period()).Seconds())
	case o.mode == modeChurn && o.rate <= 0:
		return errors.New("-rate is positive")
	}
	return nil
}

func parseTarget(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil {
		return nil, err
	}
	port, ok := map[string]string{"rtmp": "1935", "rtmps": "443", "http": "80", "tcp": ""}[u.Scheme]
	if !ok || u.Host == "" {
		return nil, fmt.Errorf("%q is not of the form rtmp://host/app, rtmps://host/app, http://host/live/app or tcp://host:port", text)
	}
	if u.Port() == "" {
		if port == "" {
			return nil, fmt.Errorf("%q has no port", text)
		}
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, nil
}

func parseNumbers(list string) ([]int, error) {
	if list == "" {
		return nil, nil
	}
	var numbers []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is not a list of numbers", list)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
