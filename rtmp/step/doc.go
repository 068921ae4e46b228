// Package step holds the workflow steps that speak RTMP: rtmp_receive takes streams from publishers, rtmp_watch shows
// streams to viewers.
package step

import (
	"mmids/engine/media"
	"mmids/engine/watch"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// Endpoint is what the steps need of the RTMP server.
type Endpoint interface {
	ListenPublishers(server.Request, server.Registrant) (*server.Registration, error)
	ListenWatchers(server.Request, server.Registrant) (*server.Registration, error)
}

// registrant passes what the endpoint has for a step to the step's workflow.
type registrant struct{ futures workflow.Futures }

func (r registrant) Deliver(batch []media.Notification) { r.futures.Deliver(batch) }
func (r registrant) Lost(err error)                     { r.futures.Post(watch.Lost{Err: err}) }
