package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	metricNames = regexp.MustCompile(`mmids_[a-z0-9_]+`)
	typeLines   = regexp.MustCompile(`(?m)^# TYPE (mmids_\w+) (\w+)$`)
	docRows     = regexp.MustCompile("(?m)^\\| `(mmids_\\w+)` \\| (\\w+) \\|")
)

// TestMetrics: what Prometheus reads of a server with a stream is as it should be, and as docs/metrics.md says; the dashboard
// shows nothing else.
func TestMetrics(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
reactor ask executor=simple_http {
    url http://127.0.0.1:1/
}
`+simple)
	publishOn(t, s.url("live/a-secret-key"))
	var text string
	eventually(t, "frames of a stream", func() bool {
		text = s.request("GET", "/metrics", "").body
		return regexp.MustCompile(`mmids_frames_received_total\{app="live",kind="video",workflow="simple"\} [1-9]`).MatchString(text)
	})
	require.Contains(t, text, `mmids_streams{audio_codec="AAC",video_codec="H.264"} 1`)
	require.Contains(t, text, `mmids_workflows{state="running"} 1`)
	require.Contains(t, text, `mmids_steps{state="active",type="rtmp_receive"} 1`)
	require.NotContains(t, text, "a-secret-key")

	check := exec.Command("testdata/promtool/promtool", "check", "metrics")
	check.Stdin = strings.NewReader(text)
	said, err := check.CombinedOutput()
	require.NoError(t, err, "%s (make tools installs it)", said)
	require.Empty(t, string(said))

	has := map[string]string{}
	for _, m := range typeLines.FindAllStringSubmatch(text, -1) {
		has[m[1]] = m[2]
	}
	docs, err := os.ReadFile("docs/metrics.md")
	require.NoError(t, err)
	documented := map[string]string{}
	for _, m := range docRows.FindAllStringSubmatch(string(docs), -1) {
		documented[m[1]] = m[2]
	}
	require.Equal(t, documented, has)

	dashboard, err := os.ReadFile("docs/grafana-dashboard.json")
	require.NoError(t, err)
	used := metricNames.FindAllString(string(dashboard), -1)
	require.Greater(t, len(used), 20)
	for _, name := range used {
		require.Contains(t, has, strings.TrimSuffix(name, "_bucket"))
	}
}

// TestMetricsLabelsMax: as many pairs of workflow and app as the operator wants have series of their own, and one more has none.
func TestMetricsLabelsMax(t *testing.T) {
	t.Parallel()
	s := startServer(t, "metrics_labels_max 2", `
workflow w {
    rtmp_receive rtmp_app=first  stream_key=* port={port}
    rtmp_receive rtmp_app=second stream_key=* port={port}
    rtmp_receive rtmp_app=third  stream_key=* port={port}
}
`)
	begun := func(app, workflow string) func() bool {
		return func() bool {
			line := `mmids_streams_begun_total{app="` + app + `",workflow="` + workflow + `"} 1`
			return strings.Contains(s.request("GET", "/metrics", "").body, line)
		}
	}
	publishOn(t, s.url("first/k"))
	eventually(t, "the first pair", begun("first", "w"))
	publishOn(t, s.url("second/k"))
	eventually(t, "the last that has a place", begun("second", "w"))
	publishOn(t, s.url("third/k"))
	eventually(t, "one above", begun("(others)", "(others)"))
	require.NotContains(t, s.request("GET", "/metrics", "").body, "third")
}
