package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"mmids/api"
	"mmids/engine/bulletin"
	"mmids/engine/deploy"
	"mmids/engine/event"
	"mmids/engine/figures"
	"mmids/engine/limits"
	"mmids/engine/logging"
	"mmids/engine/reactor"
	"mmids/engine/tcp"
	enginewatch "mmids/engine/watch"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	httpserver "mmids/http/server"
	"mmids/rtmp/server"
)

// running is everything that start has started, to be stopped in reverse order.
type running struct {
	sockets   *tcp.Manager
	ffmpeg    *ffmpeg.Endpoint
	hub       *event.Hub
	reactors  *reactor.Manager
	workflows *workflow.Manager
	deploy    *deploy.Server
	api       *api.Server // nil when it is off
	rtmp      *server.Server
	http      *httpserver.Server
	view      figures.View
	board     *bulletin.Board
	began     time.Time
	token     string // of the API

	limits limits.Counters
	ready  atomic.Bool
}

// start brings the server up: sockets and endpoints, event hub, reactors, workflows in the order of the file, HTTP API.
func start(p parts, read configuration, log zerolog.Logger, output *logging.Output) (_ *running, err error) {
	s := &running{began: time.Now()}
	defer func() {
		if err != nil {
			s.stop(log)
		}
	}()
	s.openBoard(read.settings.EventStreamsMax)
	s.postLog(output)
	if err := s.startEndpoints(read, log); err != nil {
		return nil, err
	}
	s.hub = event.NewHub(target(log, "event"))
	s.postWorkflows()
	if err := s.startReactors(p, read.settings.Reactors, log); err != nil {
		return nil, err
	}
	if err := s.startWorkflows(p, read, log); err != nil {
		return nil, err
	}
	if err := s.startAPI(read.settings, log, output); err != nil {
		return nil, err
	}
	s.ready.Store(true)
	return s, nil
}

// target is the log of a part.
func target(log zerolog.Logger, name string) zerolog.Logger {
	return log.With().Str("target", name).Logger()
}

// startEndpoints starts the event loops, and what clients and ffmpegs reach by them. No port is open yet.
func (s *running) startEndpoints(read configuration, log zerolog.Logger) (err error) {
	sockets := read.settings.Sockets
	sockets.Limits, sockets.Log = &s.limits, target(log, "tcp")
	if s.sockets, err = tcp.Start(sockets); err != nil {
		return err
	}
	rtmp := rtmpConfig(read.settings.RTMP)
	if rtmp.TLS, err = loadCertificate(read, target(log, "tls")); err != nil {
		return err
	}
	rtmp.Loops = enginewatch.Loops(s.sockets, target(log, "loops"))
	rtmp.Labels = figures.NewLabels(read.settings.MetricsLabelsMax)
	rtmp.News, rtmp.Limits, rtmp.Log = s.board, &s.limits, target(log, "rtmp")
	s.rtmp = server.New(s.sockets, rtmp)
	s.http = httpserver.New(s.sockets, httpConfig(rtmp, read.settings.HTTP, target(log, "http")))
	s.view = figures.View{s.rtmp, s.http}
	s.ffmpeg = ffmpeg.New(ffmpeg.Config{
		Path: read.settings.FFmpegPath, LogDir: read.settings.LogDir, LogFilesKept: read.settings.FFmpegLogFiles,
		News: s.board, Log: target(log, "ffmpeg"),
	})
	return nil
}

func (s *running) startReactors(p parts, l reactor.Limits, log zerolog.Logger) error {
	executors, err := p.executors()
	if err != nil {
		return err
	}
	s.reactors = reactor.NewManager(executors, s.hub, target(log, "reactor"))
	l.Counters = &s.limits
	s.reactors.Limit(l)
	s.reactors.Tell(s.board)
	return nil
}

// startWorkflows applies the configuration file, with its reactors.
func (s *running) startWorkflows(p parts, read configuration, log zerolog.Logger) error {
	steps, err := p.steps(neighbours{
		rtmp: s.rtmp, http: s.http, ffmpeg: s.ffmpeg,
		protocols: ffmpegProtocols(read.settings), reactors: s.reactors, hub: s.hub,
	})
	if err != nil {
		return err
	}
	s.workflows = workflow.NewManager(steps, s.hub, target(log, "workflow"))
	s.workflows.Limit(read.settings.WorkflowsMax, &s.limits)
	s.deploy = deploy.NewServer(s.workflows, s.reactors, read.document.Settings, settingKind())
	_, err = s.deploy.Apply(context.Background(), "mmids-app-startup", read.document)
	return err
}
