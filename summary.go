package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mmids/engine/config"
	"mmids/engine/logging"
	httpstep "mmids/http/step"
	"mmids/rtmp/step"
)

// linesMax bounds each list of the summary. Who has more than that does not read them all at a start.
const linesMax = 12

// summary says what a person at the terminal can do next: where to publish, where to watch, how to look into it and how to
// stop it. What does not work is in it, too, since it scrolls by in the log.
func (s *service) summary(read configuration, paint paint) string {
	var publish, watch []string
	host := reachableHost(read.settings.RTMP.BindAddress)
	for _, w := range read.document.Workflows {
		for _, d := range w.Steps {
			to, from := clientURLs(d, host)
			publish, watch = append(publish, to...), append(watch, from...)
		}
	}
	b := &summaryWriter{paint: paint}
	fmt.Fprintf(b, "\n%s is running.\n\n", paint.strong("mmids "+version))
	b.list("publish", publish)
	b.list("watch", watch)
	if read.settings.API != "" {
		b.list("console", []string{paint.strong("http://"+reachable(read.settings.API)+"/console/") + paint.faint(fromWhere(read.settings.API))})
		b.list("API", []string{"http://" + reachable(read.settings.API) + "/workflows"})
	}
	b.list("log", []string{logDirectory(read)})
	b.list("file", []string{s.file + s.howToApply()})
	b.list("stop", []string{"Ctrl+C"})
	b.problems(s.running.problems(read.document.Workflows))
	if len(publish) > 0 && len(watch) > 0 {
		fmt.Fprintf(b, "\n%s\n  ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine -c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac -f flv %s\n  ffplay %s\n",
			paint.faint("Try it:"), example(publish[0]), example(watch[0]))
	}
	fmt.Fprintln(b)
	return b.String()
}

// fromWhere says who reaches an address to listen on, unless everybody does.
func fromWhere(address string) string {
	listening, err := netip.ParseAddrPort(address)
	if err == nil && listening.Addr().IsLoopback() {
		return "  (from this machine)"
	}
	return ""
}

// clientURLs returns where clients on this machine publish to a step and where they watch it.
func clientURLs(d config.Step, host string) (publish, watch []string) {
	if url, ok := httpstep.URL(d, host); ok {
		return nil, []string{url}
	}
	url, ok := step.URL(d, host)
	switch {
	case !ok:
		return nil, nil
	case d.Type == step.ReceiveType:
		return []string{url}, nil
	default:
		return nil, []string{url}
	}
}

func logDirectory(read configuration) string {
	dir, err := filepath.Abs(filepath.Join(read.settings.LogDir, "application"))
	if err != nil {
		return read.settings.LogDir
	}
	return dir
}

func (s *service) howToApply() string {
	if s.watch.on {
		return ", applied whenever it changes"
	}
	look := os.Args[0] + " plan" // as the program was called, so that it can be called again
	if s.file != defaultConfig {
		look += " " + s.file
	}
	return fmt.Sprintf(", applied again with kill -HUP %d; %s shows what that would change", os.Getpid(), look)
}

// problem is a workflow that does not work, and why.
type problem struct{ workflow, reason string }

// problems returns the workflows that are in error. They have only just been started, so one that hangs is not waited for.
func (s *running) problems(workflows []config.Workflow) (list []problem) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, w := range workflows {
		details, err := s.workflows.Details(ctx, w.Name)
		if err == nil && details.Failure != nil {
			list = append(list, problem{w.Name, details.Failure.Message})
		}
	}
	return list
}

// summaryWriter lays the summary out.
type summaryWriter struct {
	strings.Builder
	paint paint
}

var _ io.Writer = (*summaryWriter)(nil)

func (b *summaryWriter) list(title string, lines []string) {
	for i, line := range lines {
		if i == linesMax {
			line = fmt.Sprintf("… and %d more", len(lines)-i)
		}
		fmt.Fprintf(b, "  %s %s\n", b.paint.faint(fmt.Sprintf("%-8s", title)), line)
		if title = ""; i == linesMax {
			return
		}
	}
}

func (b *summaryWriter) problems(list []problem) {
	for i, p := range list {
		if i == linesMax {
			fmt.Fprintf(b, "  … and %d more\n", len(list)-i)
			return
		}
		fmt.Fprintf(b, "\n  %s\n", b.paint.bad(fmt.Sprintf("workflow %s does not work: %s",
			logging.Printable(p.workflow), logging.Printable(p.reason))))
	}
}

// example puts a stream key in the place where any will do.
func example(url string) string { return strings.Replace(url, "<key>", "test", 1) }
