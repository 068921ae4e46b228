package main

import (
	"context"
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
	"golang.org/x/sys/unix"

	"mmids/api"
	"mmids/engine/event"
	"mmids/engine/logging"
	"mmids/engine/tcp"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
	"mmids/rtmp/step"
)

// addSteps registers every step type of this distribution.
func addSteps(registry *workflow.Registry, rtmp step.Endpoint) error {
	return errors.Join(
		registry.Add(step.ReceiveType, step.Receive(rtmp)),
		registry.Add(step.WatchType, step.Watch(rtmp)),
	)
}

// run is the server, from start to stop.
func run(file string, stdout, stderr io.Writer) error {
	tune()
	interrupted, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()

	var steps workflow.Registry
	var endpoint lateEndpoint // the steps are checked before the sockets are opened
	if err := addSteps(&steps, &endpoint); err != nil {
		return err
	}
	read, err := readConfig(file, &steps, stderr)
	if err != nil {
		return err
	}
	log, output, err := openLog(read, stdout)
	if err != nil {
		return err
	}
	defer output.Close()

	s, err := start(read, &steps, &endpoint, log)
	if err != nil {
		log.Error().Err(err).Msg("the server cannot start")
		return err
	}
	fmt.Fprint(stderr, summary(read)) // not to stdout, which may be a file of JSON lines
	<-interrupted.Done()
	release() // a second signal ends the process at once
	log.Info().Msg("stopping")
	s.stop(log)
	log.Info().Msg("stopped")
	return nil
}

func openLog(read configuration, stdout io.Writer) (zerolog.Logger, *logging.Output, error) {
	log, output, err := logging.New(logging.Options{
		Level: logging.LevelFromEnv(os.Getenv), Terminal: stdout, TerminalIsTTY: isTerminal(stdout), Dir: read.settings.LogDir,
	})
	if err != nil {
		return log, nil, err
	}
	log.Info().Str("version", version).Msg("mmids")
	dir, _ := filepath.Abs(read.settings.LogDir)
	log.Info().Str("directory", dir).Msg("log files")
	for _, w := range read.warnings {
		log.Warn().Str("at", w.Pos.String()).Msg(w.Message)
	}
	return log, output, nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// running is everything that start has started, to be stopped in reverse order.
type running struct {
	sockets *tcp.Manager
	hub     *event.Hub
	manager *workflow.Manager
	api     *api.Server // nil when it is off
	ready   atomic.Bool
}

// start brings the server up: sockets and endpoint, event hub, workflows in the order of the file, HTTP API.
func start(read configuration, steps *workflow.Registry, endpoint *lateEndpoint, log zerolog.Logger) (*running, error) {
	s := &running{}
	target := func(name string) zerolog.Logger { return log.With().Str("target", name).Logger() }
	read.settings.Sockets.Log = target("tcp")
	sockets, err := tcp.Start(read.settings.Sockets)
	if err != nil {
		return nil, err
	}
	s.sockets = sockets
	read.settings.RTMP.Log = target("rtmp")
	endpoint.Server = server.New(sockets, read.settings.RTMP)
	s.hub = event.NewHub(target("event"))
	s.manager = workflow.NewManager(steps, s.hub, target("workflow"))
	for _, w := range read.document.Workflows {
		if err := s.manager.Upsert(context.Background(), "mmids-app-startup", w); err != nil {
			s.stop(log)
			return nil, err
		}
	}
	if err := s.startAPI(read.settings.API, log); err != nil {
		s.stop(log)
		return nil, err
	}
	s.ready.Store(true)
	return s, nil
}

func (s *running) startAPI(address string, log zerolog.Logger) error {
	if address == "" {
		log.Warn().Msg("the HTTP API is off, because http_api_port is not set")
		return nil
	}
	router := api.NewRouter()
	for _, route := range api.Routes(s.manager, version, s.readiness) {
		if err := router.Add(route); err != nil {
			return err
		}
	}
	listening, err := api.Listen(api.Config{Address: address, Router: router, Log: log})
	if err != nil {
		return err
	}
	s.api = listening
	s.api.Serve()
	return nil
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
	stopWorkflowsMax = 4 * time.Second
	stopSocketsMax   = 2 * time.Second
)

// stop ends everything in reverse order: no more requests, then the workflows, whose clients are told, then the
// sockets.
func (s *running) stop(log zerolog.Logger) {
	s.ready.Store(false)
	if s.api != nil {
		bounded(stopAPIMax, func(ctx context.Context) {
			if err := s.api.Shutdown(ctx); err != nil {
				log.Warn().Err(err).Msg("HTTP API did not end in time")
			}
		})
	}
	bounded(stopWorkflowsMax, func(ctx context.Context) {
		if err := s.manager.Close(ctx); err != nil {
			log.Warn().Err(err).Msg("workflows did not end in time")
		}
	})
	bounded(stopSocketsMax, s.sockets.Stop)
	s.hub.Close()
}

func bounded(limit time.Duration, f func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	f(ctx)
}

// lateEndpoint lets the steps be registered before the endpoint that they use exists.
type lateEndpoint struct{ *server.Server }
