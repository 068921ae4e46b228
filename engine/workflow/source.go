package workflow

import (
	"context"
	"slices"

	"mmids/engine/config"
)

// Source is who has defined a workflow last.
type Source string

const (
	FromAPI     Source = "api" // or another program that calls the manager
	FromFile    Source = "file"
	FromReactor Source = "reactor"

	anySource Source = ""
)

func sourceOf(w config.Workflow) Source {
	switch {
	case w.FromReactor:
		return FromReactor
	case w.FromFile:
		return FromFile
	default:
		return FromAPI
	}
}

// sourceOf returns the runner of a workflow and who has defined it, or nil if there is none.
func (m *Manager) sourceOf(name string) (*runner, Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.running[name]; known != nil {
		return known.runner, known.source
	}
	return nil, anySource
}

// ListFromFile returns the names of the workflows that the configuration file has defined, and nobody else since, in
// ascending order.
func (m *Manager) ListFromFile() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name, known := range m.running {
		if known.source == FromFile {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// StopFromFile is Stop for a workflow that ListFromFile has named. One that somebody else has defined since stays.
func (m *Manager) StopFromFile(ctx context.Context, requestID, name string) error {
	return m.stop(ctx, requestID, name, FromFile)
}
