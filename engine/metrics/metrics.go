// Package metrics shows a server's figures to Prometheus. All of them are looked up when they are asked for; nothing is
// counted here.
package metrics

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"mmids/engine/figures"
	"mmids/engine/limits"
	"mmids/engine/panics"
	"mmids/engine/workflow"
)

// Sources are where figures come from. All of them may be asked from any goroutine.
type Sources struct {
	Version   string
	Server    func() figures.Server
	Streams   func() []figures.Stream
	Totals    func() []figures.Sums // of each endpoint
	Sockets   func() (received, sent, accepted uint64)
	Workflows func() []workflow.Summary
	Reactors  func() []figures.Reactor
	FFmpegs   func() []figures.FFmpeg
	Starts    func() (all, again uint64) // of ffmpegs
	API       func() figures.Times
	Limits    *limits.Counters
	LostLines func() uint64 // of the log
	Log       zerolog.Logger
}

// Handler answers with all metrics.
func Handler(s Sources) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// metric is one of ours. Names end in _total if they only grow.
type metric struct {
	*prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("mmids_"+name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("mmids_"+name+"_total", help, labels, nil), prometheus.CounterValue}
}

var (
	buildInfo = gauge("build_info", "The server's version; always 1.", "version", "go_version")

	connections = gauge("connections", "Open connections of publishers and viewers.")
	streams     = gauge("streams", "Live streams, by codec.", "video_codec", "audio_codec")
	viewers     = gauge("viewers", "Viewers of live streams, by protocol.", "protocol")
	lag         = gauge("fanout_lag_seconds", "How far behind the newest frame the slowest viewer of any stream is.")

	accepted      = counter("connections_accepted", "Connections that were accepted.")
	receivedBytes = counter("socket_received_bytes", "Bytes received from clients, protocol included.")
	sentBytes     = counter("socket_sent_bytes", "Bytes sent to clients, protocol included.")

	busy  = gauge("loop_busy_ratio", "Share of its time that an event loop has worked in the last second.", "loop")
	held  = gauge("loop_connections", "Connections of an event loop.", "loop")
	flush = gauge("loop_flush_interval_seconds", "How long news waits at present before it leaves.", "loop")

	begun        = counter("streams_begun", "Streams that have begun.", "workflow", "app")
	mediaBytes   = counter("media_received_bytes", "Bytes of audio and video from publishers.", "workflow", "app")
	frames       = counter("frames_received", "Frames from publishers.", "workflow", "app", "kind")
	noMedia      = counter("messages_dropped", "Messages of publishers that were no media.", "workflow", "app")
	viewerBytes  = counter("viewer_sent_bytes", "Bytes sent to viewers.", "workflow", "app")
	skips        = counter("viewer_skips", "Times that a viewer was too slow and skipped to a key frame.", "workflow", "app")
	skippedBytes = counter("viewer_skipped_bytes", "Bytes that slow viewers did not get.", "workflow", "app")

	workflows = gauge("workflows", "Workflows by state: running, error, update_failed.", "state")
	steps     = gauge("steps", "Steps by type and state.", "type", "state")
	futures   = gauge("futures", "Work of steps that has not returned.")
	dropped   = gauge("workflow_dropped_packets", "Packets that the workflows running now could not keep up with.")

	reactorStreams  = gauge("reactor_streams", "Stream names that somebody wants to know about.", "reactor")
	reactorFailures = counter("reactor_failures", "Questions that were not answered.", "reactor")
	reactorTimes    = prometheus.NewDesc("mmids_reactor_call_seconds", "How long questions to a reactor took.", []string{"reactor"}, nil)

	ffmpegs        = gauge("ffmpegs", "ffmpeg processes by state: starting, running, waiting, ended.", "state")
	ffmpegStarts   = counter("ffmpeg_starts", "Times that an ffmpeg was started.")
	ffmpegRestarts = counter("ffmpeg_restarts", "Times of these that it was started again by itself.")

	apiTimes = prometheus.NewDesc("mmids_api_request_seconds", "How long requests to the HTTP API took.", nil, nil)
	exceeded = counter("limit_exceeded", "Times that a limit refused something.", "limit")
	lost     = counter("log_lines_lost", "Lines of the log that could not be written.")
)

// collector is a prometheus.Collector. It describes nothing in advance, since what there is depends on what runs.
type collector struct{ Sources }

// Describe implements prometheus.Collector.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector. The library would keep a panic to itself; here it gets a line in the log.
func (c collector) Collect(out chan<- prometheus.Metric) {
	panics.Contain(c.Log, "panic while metrics were collected", func() { c.collect(output{out}) })
}

func (c collector) collect(o output) {
	o.add(buildInfo, 1, c.Version, runtime.Version())
	c.serverTo(o)
	c.streamsTo(o)
	c.totalsTo(o)
	c.workflowsTo(o)
	for _, r := range c.Reactors() {
		o.add(reactorStreams, float64(r.Streams), r.Name)
		o.add(reactorFailures, float64(r.Failures), r.Name)
		o.times(reactorTimes, r.Times, r.Name)
	}
	c.ffmpegsTo(o)
	o.times(apiTimes, c.API())
	for _, l := range limits.All() {
		o.add(exceeded, float64(c.Limits.Count(l)), l.String())
	}
	o.add(lost, float64(c.LostLines()))
}

// output takes metrics.
type output struct{ to chan<- prometheus.Metric }

func (o output) add(m metric, value float64, labels ...string) {
	o.to <- prometheus.MustNewConstMetric(m.Desc, m.kind, value, labels...)
}

func (o output) times(d *prometheus.Desc, t figures.Times, labels ...string) {
	o.to <- prometheus.MustNewConstHistogram(d, t.Count, t.Sum.Seconds(), t.Buckets(), labels...)
}

// counts adds up values by their labels.
type counts[K comparable] map[K]float64
