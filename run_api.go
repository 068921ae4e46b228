package main

import (
	"errors"

	"github.com/rs/zerolog"

	"mmids/api"
	"mmids/engine/logging"
	"mmids/engine/media"
	"mmids/engine/metrics"
	"mmids/engine/settings"
	"mmids/web"
)

// startAPI opens the HTTP API, if the settings say so.
func (s *running) startAPI(c settings.Settings, log zerolog.Logger, output *logging.Output) error {
	if c.API == "" {
		log.Warn().Msg("the HTTP API is off, because http_api_port is not set")
		return nil
	}
	router, err := s.routes(output)
	if err != nil {
		return err
	}
	listening, err := api.Listen(api.Config{Address: c.API, Token: c.APIToken, Router: router, Limits: apiLimits(c.HTTP, &s.limits), Log: log})
	if err != nil {
		return err
	}
	s.api, s.token = listening, c.APIToken
	s.api.Serve()
	return nil
}

// routes are all routes of this distribution.
func (s *running) routes(output *logging.Output) (*api.Router, error) {
	console, err := api.Static("console", web.Page())
	if err != nil {
		return nil, err
	}
	routes := append(api.Routes(s.workflows, version, s.readiness),
		api.LimitsRoute(&s.limits), api.PlanRoute(planner{s}), api.PreviewRoute(s.workflows, s.workflowOf))
	routes = append(routes, api.FiguresRoutes(s.figures())...)
	routes = append(routes, api.MetricsRoute(metrics.Handler(s.metrics(output))))
	router := api.NewRouter()
	for _, route := range append(routes, console...) {
		if err := router.Add(route); err != nil {
			return nil, err
		}
	}
	return router, nil
}

// workflowOf returns the workflow that receives a stream, without asking any. Others may have it, too: those that it is
// forwarded to. What comes back from a helper under the id that it had before is no stream of its own for the view.
func (s *running) workflowOf(stream media.StreamID) (string, bool) {
	known, ok := s.view.Stream(string(stream))
	return known.Workflow, ok
}

var errNotReady = errors.New("starting or stopping")

func (s *running) readiness() error {
	if !s.ready.Load() {
		return errNotReady
	}
	return nil
}
