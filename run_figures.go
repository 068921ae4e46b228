package main

import (
	"runtime"
	"time"

	"mmids/api"
	"mmids/engine/figures"
)

// moment is what is told once a second.
func (s *running) moment() figures.Moment {
	m := figures.Moment{Streams: s.view.Moment()}
	m.Server = s.server(m.Streams)
	return m
}

func (s *running) serverFigures() figures.Server { return s.server(s.view.Moment()) }

// server is how the server as a whole fares.
func (s *running) server(streams []figures.StreamMoment) figures.Server {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	f := figures.Server{
		Version: version, Seconds: time.Since(s.began).Seconds(), Goroutines: runtime.NumGoroutine(),
		MemoryBytes: memory.Sys - memory.HeapReleased, Connections: s.sockets.Connections(), Streams: len(streams),
	}
	for i := range streams {
		f.Viewers += streams[i].Viewers
	}
	in, out := s.sockets.Rates()
	f.BitsPerSecIn, f.BitsPerSecOut = 8*in, 8*out
	for i, l := range s.sockets.Loops() {
		f.Loops = append(f.Loops, figures.Loop{
			BusyShare: l.BusyShare(), Connections: l.Connections(), FlushMS: s.rtmp.FlushWait(i).Seconds() * 1000,
		})
	}
	return f
}

// reactorFigures is what reactors have done.
func (s *running) reactorFigures() []figures.Reactor {
	all := []figures.Reactor{}
	for _, r := range s.reactors.Stats() {
		all = append(all, figures.Reactor{
			Name: r.Reactor, Executor: r.Executor, Streams: r.Streams, Calls: r.Questions,
			Failures: r.FailedQuestions + r.FailedRefreshes, FailedRefreshes: r.FailedRefreshes,
			AnswerMSMean: r.Times.Mean().Seconds() * 1000, Times: r.Times,
		})
	}
	return all
}

// figures are what the API shows.
func (s *running) figures() api.Figures {
	return api.Figures{View: s.view, Board: s.board, Server: s.serverFigures, Reactors: s.reactorFigures, FFmpegs: s.ffmpeg.Figures}
}
