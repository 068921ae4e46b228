package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"mmids/api"
	"mmids/engine/config"
	"mmids/engine/deploy"
	"mmids/engine/logging"
	"mmids/engine/panics"
	"mmids/engine/settings"
)

// service is a server that runs, and what its operator can ask of it by signals and by changing the file.
type service struct {
	parts     parts
	file      string
	log       zerolog.Logger
	output    *logging.Output
	running   *running
	manager   serviceManager
	terminals terminals
	watch     fileWatch
}

// operatorSignals are those that mean something other than to stop. One of each kind can wait, since more of them say nothing
// new; and many of one kind leave room for the other.
type operatorSignals struct{ apply, reopen chan os.Signal }

// listenToOperator is called before the start, during which signals wait.
func listenToOperator() operatorSignals {
	s := operatorSignals{make(chan os.Signal, 1), make(chan os.Signal, 1)}
	signal.Notify(s.apply, syscall.SIGHUP)
	signal.Notify(s.reopen, syscall.SIGUSR1)
	return s
}

// operate does what is asked for until the server is to stop.
func (s *service) operate(stop context.Context, signals operatorSignals) {
	for {
		select {
		case <-stop.Done():
			return
		case <-signals.reopen:
			s.reopenLog()
		case <-signals.apply:
			if stop.Err() != nil {
				return
			}
			if s.terminals.closed() {
				s.log.Info().Msg("the terminal is closed")
				return
			}
			s.reload(stop, "SIGHUP")
		case <-s.watch.tick():
			if s.watch.hasChanged() {
				s.reload(stop, "the file has changed")
			}
		}
	}
}

func (s *service) reopenLog() {
	if err := s.output.Reopen(); err != nil {
		s.log.Error().Err(err).Msg("the log file cannot be opened anew")
		return
	}
	s.log.Info().Msg("the log file is opened anew")
}

// reloadMax is how long applying a file may take, which is some milliseconds for hundreds of workflows unless one hangs.
const reloadMax = time.Minute

// reload applies the file as it is now. If it has mistakes, nothing at all is changed. What it changes and how is told by
// plan, which asks the same.
func (s *service) reload(stop context.Context, reason string) {
	if !panics.Contain(s.log, "panic while the configuration was applied", func() { s.apply(stop, reason) }) {
		s.manager.ready("The configuration file cannot be applied, see the log")
	}
}

func (s *service) apply(stop context.Context, reason string) {
	const requestID = "mmids-reload"
	s.log.Info().Str("reason", reason).Str("file", s.file).Msg("configuration is read again")
	s.manager.reloading()
	s.watch.begin()
	read, err := readFile(s.parts, s.file)
	if err != nil {
		s.refuse(err)
		return
	}
	// What needs a restart, such as ffmpeg_protocols, may be necessary for what does not.
	if mistakes := (planner{s.running}).Check(read.document); len(mistakes) > 0 {
		s.refuse(config.Errors(mistakes))
		return
	}
	ctx, cancel := context.WithTimeout(stop, reloadMax)
	defer cancel()
	plan, err := s.running.deploy.Apply(ctx, requestID, read.document)
	status := "Configuration applied"
	switch {
	case stop.Err() != nil:
		return
	case errors.Is(err, deploy.ErrInPart):
		s.log.Error().Err(err).Msg("configuration is applied in part")
		status += " in part, see the log"
	case err != nil:
		s.refuse(err)
		return
	}
	s.putIntoEffect(read.settings)
	logWarnings(s.log, read.warnings)
	for _, setting := range plan.Settings {
		if setting.Kind == deploy.WithRestart {
			s.log.Warn().Str("setting", setting.Name).Str("at", setting.Pos.String()).Msg("this setting needs a restart to take effect")
		}
	}
	s.log.Info().Int("kept", plan.Count(deploy.Kept)).Int("started", plan.Count(deploy.Started)).
		Int("changed", plan.Count(deploy.Changed)).Int("stopped", plan.Count(deploy.Stopped)).Msg("configuration is applied")
	s.manager.ready(status)
}

// refuse tells all that is wrong.
func (s *service) refuse(err error) {
	var mistakes config.Errors
	if !errors.As(err, &mistakes) {
		s.log.Error().Err(err).Msg("configuration cannot be applied")
	}
	for _, m := range mistakes {
		s.log.Error().Str("at", m.Pos.String()).Str("hint", m.Hint).Msg(m.Message)
	}
	s.log.Error().Int("mistakes", len(mistakes)).Msg("configuration is not applied, what runs goes on")
	s.manager.ready("The configuration file cannot be applied, see the log; what runs goes on")
}

// putIntoEffect is for the settings that can change while the server runs.
func (s *service) putIntoEffect(c settings.Settings) {
	s.watch.on = c.WatchConfig
	logging.SetLevel(logging.LevelFromEnv(os.Getenv, c.LogLevel))
	s.output.Rotate(c.LogRotation)
	s.running.changeToken(c.APIToken, s.log)
}

// changeToken leaves an API its token when the file has none any more: others than this machine may reach the API, as the
// address that it listens on cannot change.
func (s *running) changeToken(token string, log zerolog.Logger) {
	switch {
	case s.api == nil || token == s.token:
	case token == "":
		log.Warn().Msg("the HTTP API keeps its token until a restart")
	default:
		s.api.SetToken(token)
		s.token = token
		log.Info().Msg("the HTTP API has another token")
	}
}

// planner answers mmids plan.
type planner struct{ *running }

var _ api.FilePlanner = planner{}

// Check implements api.FilePlanner. Settings are not looked at: some name files, which nobody shall explore by it.
func (p planner) Check(d *config.Document) (mistakes []config.Mistake) {
	for _, r := range d.Reactors {
		mistakes = append(mistakes, p.reactors.Check(r)...)
	}
	for _, w := range d.Workflows {
		mistakes = append(mistakes, p.workflows.Check(w)...)
	}
	return mistakes
}

// Plan implements api.FilePlanner.
func (p planner) Plan(ctx context.Context, d *config.Document) (deploy.Plan, error) {
	return p.deploy.Plan(ctx, d)
}

// settingKind says when a setting takes effect.
func settingKind() func(name string) deploy.SettingKind {
	kinds := make(map[string]deploy.SettingKind)
	for _, name := range settings.Names() {
		kinds[name] = deploy.WithRestart
		if settings.TakesEffectAtOnce(name) {
			kinds[name] = deploy.AtOnce
		}
	}
	return func(name string) deploy.SettingKind { return kinds[name] }
}
