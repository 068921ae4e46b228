//go:build webtools

package web

import (
	"flag"
	"os"
	"os/signal"
	"testing"
)

var (
	serve   = flag.String("serve", "", "address to serve the page at, with a server that is made up, until it is interrupted")
	streams = flag.Int("streams", 14, "streams of that server")
	shots   = flag.String("shots", "", "folder for screenshots")
)

// TestServe is for work on the page: go test ./web -tags webtools -run '^TestServe$' -serve 127.0.0.1:9012
func TestServe(t *testing.T) {
	f := startFake(t, *serve)
	f.populate(*streams)
	t.Logf("%s", f.console())
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	<-interrupted
}
