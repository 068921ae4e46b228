package result

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the result for people.
func (r *Result) Print(w io.Writer) {
	verdict := "everything was delivered, in order and unchanged"
	switch {
	case !r.Complete:
		verdict = "NOT everything was as it should be"
	case r.Viewers == 0:
		verdict = "no problems"
	}
	line := func(name, format string, a ...any) {
		fmt.Fprintf(w, "  %-10s %s\n", name, fmt.Sprintf(format, a...))
	}
	fmt.Fprintf(w, "%s %s: %d publishers, %d viewers, %.0f s: %s\n", r.Mode, r.Target, r.Publishers, r.Viewers, r.Seconds, verdict)
	line("machine", "%s, %d CPUs, Linux %s, %s", r.Machine.CPU, r.Machine.CPUs, r.Machine.Kernel, r.Machine.Congestion)
	if s := r.Sent; s.Messages > 0 {
		line("sent", "%d messages, %s, %.0f kbit/s each; late by %s", s.Messages, megabytes(s.Bytes),
			float64(s.Bytes)*8/1e3/r.Seconds/float64(r.Publishers), s.Late)
	}
	if d := r.Delivered; r.Viewers > 0 {
		line("delivered", "%s, %.0f Mbit/s; %d viewers served, %d below 99 %%, least %.1f %%, %d disconnected",
			megabytes(d.Bytes), d.Mbps, d.Served, d.Below, 100*d.Least, d.Closed)
	}
	if c := r.Checked; r.Verifying > 0 {
		line("checked", "%d messages by %d viewers: %d gaps, %d damaged, %d with another time", c.Messages, r.Verifying, c.Gaps, c.Damaged, c.Moved)
	}
	if r.Latency != nil {
		line("latency", "%s", r.Latency)
	}
	if c := r.Churn; c != nil {
		line("churn", "%d sessions at %.0f offered per second, %d failed, %d not begun; start after %s",
			c.Sessions, c.Offered, c.Failed, c.Behind, c.StartMS)
	}
	if s := r.Server; s != nil {
		line("server", "%s", r.serverText())
		line("memory", "%s RSS, %s anonymous; %s RSS before the first connection%s", megabytes(s.Memory.RSS), megabytes(s.Memory.Anonymous),
			megabytes(s.Before.RSS), per(s.PerViewer/1e3, "; %.1f KB per viewer"))
	}
	line("generator", "%.2f CPU s, %.3f cores", r.Generator.CPUSeconds, r.Generator.Cores)
	if r.Disturbed > 0 {
		line("DISTURBED", "something else kept the machine busy in %d of %d windows", r.Disturbed, len(r.Windows))
	}
	for _, p := range r.Problems {
		line("problem", "%s", p)
	}
}

func (r *Result) serverText() string {
	s := r.Server
	text := []string{fmt.Sprintf("%.2f CPU s, %.3f cores", s.CPUSeconds, s.Cores)}
	add := func(value float64, format string) {
		if value > 0 {
			text = append(text, fmt.Sprintf(format, value))
		}
	}
	add(s.PerGB, "%.3f CPU s/GB")
	add(s.BothPerGB, "%.3f with the generator's")
	add(s.PerStream*1000, "%.3f ms of CPU per publisher and second")
	if r.Churn != nil {
		add(r.Churn.CPUPerSession, "%.0f µs of CPU per session")
	}
	return strings.Join(text, ", ")
}

// per is the text of a value that there may be none of.
func per(value float64, format string) string {
	if value == 0 {
		return ""
	}
	return fmt.Sprintf(format, value)
}

func (s *Spread) String() string {
	if s == nil {
		return "–"
	}
	return fmt.Sprintf("p50 %.2f, p90 %.2f, p99 %.2f, at most %.2f ms", s.P50, s.P90, s.P99, s.Max)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
