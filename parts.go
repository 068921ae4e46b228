package main

import (
	"errors"

	"mmids/engine/event"
	"mmids/engine/forward"
	"mmids/engine/reactor"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	ffmpegstep "mmids/ffmpeg/step"
	httpserver "mmids/http/server"
	httpstep "mmids/http/step"
	"mmids/rtmp/server"
	"mmids/rtmp/step"
)

// neighbours are what steps work with. None but protocols is touched before a step is made.
type neighbours struct {
	rtmp      *server.Server
	http      *httpserver.Server
	ffmpeg    *ffmpeg.Endpoint
	protocols ffmpeg.Protocols
	reactors  *reactor.Manager
	hub       *event.Hub
}

// parts are what a distribution is made of.
type parts struct {
	steps     func(neighbours) (*workflow.Registry, error)
	executors func() (*reactor.Executors, error)
}

// official is this distribution.
var official = parts{stepTypes, reactorExecutors}

// stepTypes are all step types of this distribution.
func stepTypes(n neighbours) (*workflow.Registry, error) {
	var r workflow.Registry
	err := errors.Join(
		r.Add(step.ReceiveType, step.Receive(n.rtmp, n.reactors)),
		r.Add(step.WatchType, step.Watch(n.rtmp, n.reactors)),
		r.Add(httpstep.WatchType, httpstep.Watch(n.http, n.reactors)),
		r.Add(ffmpegstep.PullType, ffmpegstep.Pull(n.rtmp, n.ffmpeg, n.protocols)),
		r.Add(ffmpegstep.PushType, ffmpegstep.Push(n.rtmp, n.ffmpeg, n.protocols)),
		r.Add(ffmpegstep.HLSType, ffmpegstep.HLS(n.rtmp, n.ffmpeg)),
		r.Add(ffmpegstep.TranscodeType, ffmpegstep.Transcode(n.rtmp, n.ffmpeg)),
		r.Add(forward.Type, forward.Step(n.hub, n.reactors)),
		r.Add(forward.OldType, forward.Step(n.hub, n.reactors)),
	)
	return &r, err
}

// reactorExecutors are all ways in which reactors of this distribution can ask.
func reactorExecutors() (*reactor.Executors, error) {
	var e reactor.Executors
	err := e.Add(reactor.SimpleHTTPName, reactor.SimpleHTTP())
	return &e, err
}
