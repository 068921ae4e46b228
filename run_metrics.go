package main

import (
	"mmids/engine/figures"
	"mmids/engine/logging"
	"mmids/engine/metrics"
)

// metrics are where the figures for Prometheus come from.
func (s *running) metrics(output *logging.Output) metrics.Sources {
	return metrics.Sources{
		Version: version,
		Server:  s.serverFigures,
		Streams: s.view.Streams,
		Totals:  func() []figures.Sums { return []figures.Sums{s.rtmp.Totals(), s.http.Totals()} },
		Sockets: func() (received, sent, accepted uint64) {
			t := s.sockets.Traffic()
			return t.Received, t.Sent, s.sockets.Admitted()
		},
		Workflows: s.workflows.Summaries,
		Reactors:  s.reactorFigures,
		FFmpegs:   s.ffmpeg.Figures,
		Starts:    s.ffmpeg.Starts,
		API:       func() figures.Times { return s.api.Times() },
		Limits:    &s.limits,
		LostLines: func() uint64 {
			if output == nil {
				return 0
			}
			return output.Lost()
		},
	}
}
