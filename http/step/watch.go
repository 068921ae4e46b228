// Package step holds the workflow step that shows streams to viewers over HTTP: http_watch.
package step

import (
	"mmids/engine/config"
	"mmids/engine/watch"
	"mmids/engine/workflow"
	"mmids/http/server"
)

// WatchType is the type name of the step that Watch makes.
const WatchType = "http_watch"

// Endpoint is what the step needs of the HTTP server for viewers.
type Endpoint interface {
	Listen(server.Request, server.Registrant) (*server.Registration, error)
}

// Watch is the step that shows streams to viewers over HTTP, under the configured stream key, or with the key * each under
// its own name. All media is passed on unchanged.
func Watch(endpoint Endpoint, reactors watch.Reactors) workflow.Kind {
	return workflow.Kind{
		Check: func(d config.Step) []config.Mistake {
			_, mistakes := parse(d)
			return mistakes
		},
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			p, mistakes := parse(d)
			if len(mistakes) > 0 {
				return nil, workflow.Status{}, config.Errors(mistakes)
			}
			registration, err := endpoint.Listen(server.Request{
				Port: p.port, TLS: p.tls, App: p.app, Key: p.key, Rule: p.rule, FromNextKey: p.fromNextKey, Flush: p.flush,
				Approve: watch.Approver(reactors, p.reactor), Owner: env.Owner, Log: env.Log,
			}, registrant{env.Futures})
			if err != nil {
				return nil, workflow.Status{}, err
			}
			return watch.New(feeds{registration}, p.key, env.Log), workflow.Status{State: workflow.Active}, nil
		},
	}
}

type feeds struct{ *server.Registration }

func (f feeds) Feed(key string) watch.Feed { return f.Registration.Feed(key) }

// registrant passes what the endpoint has for a step to the step's workflow.
type registrant struct{ futures workflow.Futures }

func (r registrant) Lost(err error) { r.futures.Post(watch.Lost{Err: err}) }
