package step

import (
	"mmids/engine/config"
	"mmids/engine/watch"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// WatchType is the type name of the step that Watch makes.
const WatchType = "rtmp_watch"

// Watch is the step that shows streams to RTMP viewers, under the configured stream key, or with the key * each under
// its own name. All media is passed on unchanged.
func Watch(endpoint Endpoint, reactors watch.Reactors) workflow.Kind {
	return workflow.Kind{
		Check: check,
		New: func(d config.Step, env workflow.Env) (workflow.Step, workflow.Status, error) {
			registration, p, err := listen(endpoint.ListenWatchers, reactors, d, env)
			if err != nil {
				return nil, workflow.Status{}, err
			}
			return watch.New(feeds{registration}, p.key, env.Log), workflow.Status{State: workflow.Active}, nil
		},
	}
}

type feeds struct{ *server.Registration }

func (f feeds) Feed(key string) watch.Feed { return f.Registration.Feed(key) }
