// Command compare measures our server, nginx-rtmp and the bare-send floor with the same work, one after the other, and
// writes what came out as a table, as JSON and as a picture.
//
//	make bench-compare
//	go run ./bench/compare -cases viewers,churn -rounds 1 -seconds 4 -out /tmp/results
//
// Each server runs on CPU 0 and the load generator on CPU 1, in a network of their own with Linux's usual settings.
// bench/README.md says what is measured and how it is kept fair.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	cases   []string
	rounds  int
	seconds int
	warmup  time.Duration
	out     string
	keep    bool
	private bool
	others  []*contestant
}

func main() {
	o, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func parseOptions(args []string, out io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("compare", flag.ContinueOnError)
	f.SetOutput(out)
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	list := f.String("cases", strings.Join(names[1:], ","), "what to measure, with commas between; none only writes the report again, with -keep")
	f.IntVar(&o.rounds, "rounds", 3, "how often; the report has medians")
	f.IntVar(&o.seconds, "seconds", 6, "seconds that each run measures; a multiple of 2 holds whole groups of pictures")
	f.DurationVar(&o.warmup, "warmup", 2*time.Second, "time before each run measures")
	f.StringVar(&o.out, "out", "bench/results", "directory for the report; empty for none")
	f.BoolVar(&o.keep, "keep", false, "keep the cases that are not measured now from the report that is there")
	f.BoolVar(&o.private, "private-network", os.Geteuid() == 0, "run everything in a network of its own; needs root")
	f.Func("server", "another server to measure, as NAME=URL[,pid=PID…]; it shares no network of its own", func(text string) error {
		c, err := parseOther(text)
		o.others = append(o.others, c)
		o.private = false
		return err
	})
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if *list != "none" {
		o.cases = strings.Split(*list, ",")
	}
	for _, name := range o.cases {
		if caseNamed(name) == nil {
			return nil, fmt.Errorf("there is no case %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	if o.rounds < 1 || o.seconds < 4 || f.NArg() > 0 {
		return nil, errors.New("-rounds is at least 1, -seconds at least 4, and nothing stands behind the options")
	}
	return o, nil
}

func run(ctx context.Context, o *options) error {
	runtime.LockOSThread() // the private network is this thread's and its children's
	defer runtime.UnlockOSThread()
	report, err := openReport(o)
	if err != nil {
		return err
	}
	if len(o.cases) > 0 {
		b, err := newBench(ctx, o, report)
		if err != nil {
			return err
		}
		defer b.close()
		for _, name := range o.cases {
			if err := caseNamed(name).measure(b); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			// After each case, so that nothing is lost when a later one fails.
			if err := report.write(o.out); err != nil {
				return err
			}
		}
	}
	return report.write(o.out)
}

// needsNginx reports whether something is measured that is compared.
func (o *options) needsNginx() bool {
	return slices.ContainsFunc(o.cases, func(name string) bool { return name != caseQuick })
}
