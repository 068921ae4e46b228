// Command custom is a distribution of its own: the server's packages with a step, a reactor executor and a route that the
// official distribution does not have. README.md walks through it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"mmids/api"
	"mmids/engine/config"
	"mmids/engine/event"
	"mmids/engine/reactor"
	"mmids/engine/tcp"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
	"mmids/rtmp/step"
)

const configuration = `
reactor members executor=member_list {
    names alice,bob
}

workflow live {
    rtmp_receive rtmp_app=live stream_key=* reactor=members
    frame_counter log_every=250
    rtmp_watch rtmp_app=live stream_key=*
}
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logger := zerolog.New(zerolog.NewConsoleWriter()).With().Timestamp().Logger()
	d, err := start(logger, "", "127.0.0.1:9012", configuration)
	if err != nil {
		log.Fatal(err)
	}
	defer d.stop()
	fmt.Println("publish to rtmp://127.0.0.1/live/alice, watch it, and look at http://127.0.0.1:9012/frames")
	<-ctx.Done()
}

// distribution is what runs.
type distribution struct {
	sockets   *tcp.Manager
	hub       *event.Hub
	reactors  *reactor.Manager
	workflows *workflow.Manager
	api       *api.Server
}

// start builds the parts by hand, each with the neighbours that it needs. A part that is not wanted is left out.
func start(log zerolog.Logger, bindAddress, apiAddress, text string) (*distribution, error) {
	document, err := config.Parse("built in", []byte(text))
	if err != nil {
		return nil, err
	}
	d := &distribution{}
	if d.sockets, err = tcp.Start(tcp.Config{Log: log}); err != nil {
		return nil, err
	}
	rtmp := server.New(d.sockets, server.Config{BindAddress: bindAddress, Log: log})
	d.hub = event.NewHub(log)

	var executors reactor.Executors
	if err := executors.Add("member_list", memberList()); err != nil {
		return nil, err
	}
	d.reactors = reactor.NewManager(&executors, d.hub, log)
	for _, r := range document.Reactors {
		if err := d.reactors.Create(r); err != nil {
			return nil, err
		}
	}

	frames := &frameTotals{}
	var steps workflow.Registry
	if err := errors.Join(
		steps.Add(step.ReceiveType, step.Receive(rtmp, d.reactors)),
		steps.Add(step.WatchType, step.Watch(rtmp, d.reactors)),
		steps.Add("frame_counter", frameCounter(frames)),
	); err != nil {
		return nil, err
	}
	d.workflows = workflow.NewManager(&steps, d.hub, log)
	for _, w := range document.Workflows {
		if mistakes := steps.Check(w); len(mistakes) > 0 {
			return nil, config.Errors(mistakes)
		}
		if err := d.workflows.Upsert(context.Background(), "start", w); err != nil {
			return nil, err
		}
	}

	router := api.NewRouter()
	ready := func() error { return nil }
	routes := append(api.Routes(d.workflows, "custom", ready), framesRoute(frames))
	for _, r := range routes {
		if err := router.Add(r); err != nil {
			return nil, err
		}
	}
	if d.api, err = api.Listen(api.Config{Address: apiAddress, Router: router, Log: log}); err != nil {
		return nil, err
	}
	d.api.Serve()
	return d, nil
}

func (d *distribution) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = d.api.Shutdown(ctx)
	_ = d.workflows.Close(ctx)
	_ = d.reactors.Close(ctx)
	d.sockets.Stop(ctx)
	d.hub.Close()
}
