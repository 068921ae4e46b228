package metrics

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/figures"
	"mmids/engine/limits"
	"mmids/engine/workflow"
	"mmids/flv"
)

// scrape returns the metrics of a server with these streams and workflows.
func scrape(streams []figures.Stream, workflows func() []workflow.Summary) string {
	h := Handler(Sources{
		Server: func() figures.Server { return figures.Server{} }, Streams: func() []figures.Stream { return streams },
		Totals: func() []figures.Sums {
			return []figures.Sums{{{Workflow: "w", App: "a"}: {Bytes: 1}}, {{Workflow: "w", App: "a"}: {Bytes: 2}, figures.Others: {Sent: 3}}}
		},
		Sockets: func() (received, sent, accepted uint64) { return 1, 2, 3 }, Workflows: workflows,
		Reactors: func() []figures.Reactor { return []figures.Reactor{{Name: "r"}} }, FFmpegs: func() []figures.FFmpeg { return nil },
		Starts: func() (all, again uint64) { return 2, 1 }, API: func() figures.Times { return figures.Times{Count: 1, Sum: time.Second} },
		Limits: &limits.Counters{}, LostLines: func() uint64 { return 0 },
	})
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

func noWorkflows() []workflow.Summary { return nil }

func TestStrangersMakeNoSeries(t *testing.T) {
	var streams []figures.Stream
	for i := range 1000 {
		codec := flv.Codec('x'<<24 | 0xff0000 | i)
		streams = append(streams, figures.Stream{Key: "secret", Video: &figures.Video{Codec: codec.String()}})
	}
	streams = append(streams, figures.Stream{Video: &figures.Video{Codec: flv.AV1.String()}, Audio: &figures.Audio{Codec: flv.Opus.String()}})
	text := scrape(streams, noWorkflows)
	require.Contains(t, text, `mmids_streams{audio_codec="none",video_codec="other"} 1000`)
	require.Contains(t, text, `mmids_streams{audio_codec="Opus",video_codec="AV1"} 1`)
	require.NotContains(t, text, "secret")
}

func TestTotalsOfEndpointsAreAddedUp(t *testing.T) {
	text := scrape(nil, noWorkflows)
	require.Contains(t, text, `mmids_media_received_bytes_total{app="a",workflow="w"} 3`)
	require.Contains(t, text, `mmids_viewer_sent_bytes_total{app="(others)",workflow="(others)"} 3`)
}

func BenchmarkScrapeOf1000Streams(b *testing.B) {
	streams := make([]figures.Stream, 1000)
	for b.Loop() {
		scrape(streams, noWorkflows)
	}
}
