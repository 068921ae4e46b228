package workflow

import (
	"context"
	"errors"

	"mmids/engine/config"
)

// ErrOperators refuses what a reactor's answer may not do. Such an answer often has the name of a stream in the names of its
// workflows, and streams are called as strangers like: no name may change or end what the operator has defined.
var ErrOperators = errors.New("the operator has defined a workflow of this name, and a reactor's answer cannot change it")

// forReactors is the manager as reactors know it, whose requests concern workflows of their own only.
type forReactors struct{ manager *Manager }

// Upsert implements event.Manager. Its error is ErrOperators as well.
func (f forReactors) Upsert(ctx context.Context, requestID string, w config.Workflow) error {
	w.FromReactor = true
	return f.manager.Upsert(ctx, requestID, w)
}

// Stop implements event.Manager. A workflow that the operator has taken over stays.
func (f forReactors) Stop(ctx context.Context, requestID, name string) error {
	return f.manager.stop(ctx, requestID, name, FromReactor)
}
