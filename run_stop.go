package main

import (
	"context"
	"time"

	"github.com/rs/zerolog"
)

// What stopping may take; together less than the 10 s that service managers grant.
const (
	stopAPIMax       = 2 * time.Second
	stopWorkflowsMax = 2 * time.Second
	stopReactorsMax  = time.Second
	stopFFmpegMax    = 3 * time.Second
	stopSocketsMax   = time.Second
)

// stop ends everything that was started, in reverse order: no more requests, then workflows, whose clients are told, then
// reactors, whose end would put workflows that ask them in error, then ffmpeg, then the sockets.
func (s *running) stop(log zerolog.Logger) {
	s.ready.Store(false)
	if s.board != nil {
		s.board.Close() // ends the requests that have no end of their own
	}
	bounded := func(limit time.Duration, what string, f func(context.Context) error) {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := f(ctx); err != nil {
			log.Warn().Err(err).Msg(what + " did not end in time")
		}
	}
	if s.api != nil {
		bounded(stopAPIMax, "the HTTP API", s.api.Shutdown)
	}
	if s.workflows != nil {
		bounded(stopWorkflowsMax, "the workflows", s.workflows.Close)
	}
	if s.reactors != nil {
		bounded(stopReactorsMax, "the reactors", s.reactors.Close)
	}
	if s.ffmpeg != nil {
		bounded(stopFFmpegMax, "ffmpeg", s.ffmpeg.Close)
	}
	if s.sockets != nil {
		bounded(stopSocketsMax, "the sockets", func(ctx context.Context) error { s.sockets.Stop(ctx); return nil })
	}
	if s.hub != nil {
		s.hub.Close()
	}
}
