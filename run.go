package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"mmids/api"
	"mmids/engine/bulletin"
	"mmids/engine/certificate"
	"mmids/engine/config"
	"mmids/engine/deploy"
	"mmids/engine/event"
	"mmids/engine/figures"
	"mmids/engine/limits"
	"mmids/engine/logging"
	"mmids/engine/media"
	"mmids/engine/metrics"
	"mmids/engine/reactor"
	"mmids/engine/settings"
	"mmids/engine/tcp"
	enginewatch "mmids/engine/watch"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	httpserver "mmids/http/server"
	"mmids/rtmp/server"
	"mmids/web"
)

// run is the server, from start to stop.
func run(file string, stdout, stderr io.Writer) error {
	// When nobody reads standard output any more, such as a pipe to tee, writes fail instead of ending the process: the
	// log files go on. Ignoring the signal would make every ffmpeg ignore it, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	interrupted, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()

	signals := operatorSignals()
	manager := findServiceManager()

	watch := fileWatch{file: file}
	watch.begin()
	read, err := readConfig(official, file, stderr)
	if err != nil {
		return err
	}
	watch.on = read.settings.WatchConfig
	log, output, err := openLog(read, stdout)
	if err != nil {
		return err
	}
	defer output.Close()

	s, err := start(official, read, log, output)
	if err != nil {
		log.Error().Err(err).Msg("the server cannot start")
		return err
	}
	running := &service{parts: official, file: file, log: log, output: output, running: s, manager: manager, watch: watch}
	fmt.Fprint(stderr, running.summary(read, newPaint(stderr))) // not to stdout, which may be a file of JSON lines
	manager.ready("Running")
	running.operate(interrupted, signals)
	release() // a second signal ends the process at once
	manager.stopping()
	log.Info().Msg("stopping")
	s.stop(log)
	log.Info().Msg("stopped")
	return nil
}

func openLog(read configuration, stdout io.Writer) (zerolog.Logger, *logging.Output, error) {
	logging.SetLevel(logging.LevelFromEnv(os.Getenv, read.settings.LogLevel))
	log, output, err := logging.New(logging.Options{
		Level: zerolog.TraceLevel, Terminal: stdout, TerminalIsTTY: isTerminal(stdout),
		Dir: read.settings.LogDir, Rotation: read.settings.LogRotation,
	})
	if err != nil {
		return log, nil, err
	}
	log.Info().Str("version", version).Msg("mmids")
	dir, _ := filepath.Abs(read.settings.LogDir)
	log.Info().Str("directory", dir).Msg("log files")
	logWarnings(log, read.warnings)
	return log, output, nil
}

func logWarnings(log zerolog.Logger, warnings []config.Mistake) {
	for _, w := range warnings {
		log.Warn().Str("at", w.Pos.String()).Msg(w.Message)
	}
}

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
	target := func(name string) zerolog.Logger { return log.With().Str("target", name).Logger() }

	read.settings.CountIn(&s.limits)
	s.openBoard(read.settings.EventStreamsMax)
	s.postLog(output)
	read.settings.Sockets.Log = target("tcp")
	if s.sockets, err = tcp.Start(read.settings.Sockets); err != nil {
		return nil, err
	}
	read.settings.RTMP.Log = target("rtmp")
	if read.settings.RTMP.TLS, err = loadCertificate(read, target("tls")); err != nil {
		return nil, err
	}
	read.settings.RTMP.Loops = enginewatch.Loops(s.sockets, target("loops"))
	read.settings.RTMP.News = s.board
	s.rtmp = server.New(s.sockets, read.settings.RTMP)
	s.http = httpserver.New(s.sockets, httpConfig(read.settings, target("http")))
	s.view = figures.View{s.rtmp, s.http}
	s.ffmpeg = ffmpeg.New(ffmpeg.Config{
		Path: read.settings.FFmpegPath, LogDir: read.settings.LogDir, LogFilesKept: read.settings.FFmpegLogFiles,
		News: s.board, Log: target("ffmpeg"),
	})

	s.hub = event.NewHub(target("event"))
	s.postWorkflows()
	executors, err := p.executors()
	if err != nil {
		return nil, err
	}
	s.reactors = reactor.NewManager(executors, s.hub, target("reactor"))
	s.reactors.Limit(read.settings.Reactors)

	steps, err := p.steps(neighbours{
		rtmp: s.rtmp, http: s.http, ffmpeg: s.ffmpeg,
		protocols: read.settings.FFmpegProtocols, reactors: s.reactors, hub: s.hub,
	})
	if err != nil {
		return nil, err
	}
	s.workflows = workflow.NewManager(steps, s.hub, target("workflow"))
	s.workflows.Limit(read.settings.WorkflowsMax, &s.limits)
	s.deploy = deploy.NewServer(s.workflows, s.reactors, read.document.Settings, settingKind())
	if _, err := s.deploy.Apply(context.Background(), "mmids-app-startup", read.document); err != nil {
		return nil, err
	}
	if err := s.startAPI(read.settings, log, output); err != nil {
		return nil, err
	}
	s.ready.Store(true)
	return s, nil
}

// httpConfig is the configuration of the endpoint for HTTP viewers, for whom what is set for RTMP's viewers counts.
func httpConfig(s settings.Settings, log zerolog.Logger) httpserver.Config {
	return httpserver.Config{
		BindAddress: s.RTMP.BindAddress, TLS: s.RTMP.TLS,
		RequestTimeout: s.RTMP.HandshakeTimeout, RequestBytesMax: s.HTTP.HeaderBytesMax,
		ApprovalTimeout: s.RTMP.ApprovalTimeout, ReturnTimeout: s.RTMP.ReturnTimeout, ViewerTimeout: s.RTMP.ViewerTimeout, ViewerBytesMax: s.RTMP.UnacceptedBytesMax, PingsMax: s.RTMP.CommandsPerSecondMax,
		Fanout: s.RTMP.Fanout, Loops: s.RTMP.Loops, News: s.RTMP.News, LabelsMax: s.RTMP.LabelsMax, Limits: s.RTMP.Limits, Log: log,
	}
}

// loadCertificate returns what RTMPS and HTTPS need, or nil if the settings name no certificate.
func loadCertificate(read configuration, log zerolog.Logger) (*tls.Config, error) {
	files := read.settings.Certificate
	if files.Path == "" {
		log.Warn().Msg("RTMPS and HTTPS are off, because tls_cert_path is not set")
		return nil, nil
	}
	store, err := certificate.Load(files, log)
	if err != nil {
		return nil, fmt.Errorf("%s: tls_cert_path: %w", read.settings.CertificatePos, err)
	}
	return &tls.Config{GetCertificate: store.GetCertificate}, nil
}

func (s *running) startAPI(c settings.Settings, log zerolog.Logger, output *logging.Output) error {
	if c.API == "" {
		log.Warn().Msg("the HTTP API is off, because http_api_port is not set")
		return nil
	}
	router := api.NewRouter()
	console, err := api.Static("console", web.Page())
	if err != nil {
		return err
	}
	routes := append(api.Routes(s.workflows, version, s.readiness),
		api.LimitsRoute(&s.limits), api.PlanRoute(planner{s}), api.PreviewRoute(s.workflows, s.workflowOf))
	routes = append(routes, api.FiguresRoutes(s.figures())...)
	routes = append(routes, api.MetricsRoute(metrics.Handler(s.metrics(output))))
	for _, route := range append(routes, console...) {
		if err := router.Add(route); err != nil {
			return err
		}
	}
	listening, err := api.Listen(api.Config{Address: c.API, Token: c.APIToken, Router: router, Limits: c.HTTP, Log: log})
	if err != nil {
		return err
	}
	s.api, s.token = listening, c.APIToken
	s.api.Serve()
	return nil
}

// workflowOf returns the workflow that has a stream.
func (s *running) workflowOf(stream media.StreamID) (string, bool) {
	names, err := s.workflows.List(context.Background())
	if err != nil {
		return "", false
	}
	for _, name := range names {
		if tap, err := s.workflows.Tap(context.Background(), name, stream); err == nil {
			tap.Close()
			return name, true
		}
	}
	return "", false
}

var errNotReady = errors.New("starting or stopping")

func (s *running) readiness() error {
	if !s.ready.Load() {
		return errNotReady
	}
	return nil
}

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
