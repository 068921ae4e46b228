package api

import (
	"mmids/engine/bulletin"
	"mmids/engine/figures"
)

// Figures are what the server shows of itself.
type Figures struct {
	View     figures.View
	Board    *bulletin.Board
	Server   func() figures.Server
	Reactors func() []figures.Reactor
	FFmpegs  func() []figures.FFmpeg
}

// FiguresRoutes are where the official distribution shows its figures.
func FiguresRoutes(f Figures) []Route {
	get := func(path string, h Handler) Route {
		return Route{Method: "GET", Path: []Part{Exact(path)}, Handler: h, Quiet: true}
	}
	return []Route{
		get("streams", ListStreams(f.View)),
		{Method: "GET", Path: []Part{Exact("streams"), Param(streamParam)}, Handler: ShowStream(f.View), Quiet: true},
		get("connections", ListConnections(f.View)),
		get("reactors", ShowFigures(f.Reactors)),
		get("ffmpegs", ShowFigures(f.FFmpegs)),
		get("server", ShowFigures(f.Server)),
		get("events", Events(f.Board)),
	}
}
