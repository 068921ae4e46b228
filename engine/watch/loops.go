package watch

import (
	"github.com/rs/zerolog"

	"mmids/engine/fanout"
	"mmids/engine/tcp"
)

// Loops returns what serving viewers on each event loop has in common. Endpoints that share sockets share it: how long news
// waits depends on all viewers of a loop, whatever protocol they speak. log hears of panics.
func Loops(sockets *tcp.Manager, log zerolog.Logger) []*fanout.Loop {
	var loops []*fanout.Loop
	for _, l := range sockets.Loops() {
		loops = append(loops, fanout.NewLoop(func(visit func(int) (int, bool)) fanout.Task { return l.NewTask(visit) }, log))
	}
	return loops
}
