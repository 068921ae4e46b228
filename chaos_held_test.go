package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mmids/engine/media"
)

// doorOf answers what the server holds, and with /goroutines where they are; behind /clock its clock can be set.
func doorOf(s *running) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/clock", new(wallClock).serve)
	m.HandleFunc("/held", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("collect") { // pools need two collections to forget
			runtime.GC()
			debug.FreeOSMemory()
		}
		h := chaosHeld{Goroutines: countGoroutines(), Payloads: media.InUse(), Connections: s.sockets.Connections()}
		names, _ := s.workflows.List(r.Context())
		h.Workflows = len(names)
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		h.Heap = memory.HeapAlloc
		_ = json.NewEncoder(w).Encode(h)
	})
	m.HandleFunc("/goroutines", func(w http.ResponseWriter, _ *http.Request) {
		_ = pprof.Lookup("goroutine").WriteTo(w, 1)
	})
	return m
}

// keptWorkers are goroutines that libraries keep for a while when they have nothing to do: gnet's pool, and fasthttp's.
var keptWorkers = []string{"ants/v2.(*goWorker).run", "fasthttp.(*workerPool).workerFunc"}

// goroutineGroups describes goroutines: those with the same stack together, behind their number and " @ ".
func goroutineGroups() []string {
	var text strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&text, 1)
	_, groups, _ := strings.Cut(text.String(), "\n") // behind the title
	return strings.Split(groups, "\n\n")
}

// countGoroutines counts all others.
func countGoroutines() (n int) {
	for _, group := range goroutineGroups() {
		same, _, _ := strings.Cut(group, " @ ")
		count, err := strconv.Atoi(same)
		if err != nil {
			continue // what follows the last group
		}
		if !slices.ContainsFunc(keptWorkers, func(f string) bool { return strings.Contains(group, f) }) {
			n += count
		}
	}
	return n
}

// chaosHeld is what the server holds. Descriptors and children are looked up from outside.
type chaosHeld struct {
	Goroutines, Connections, Descriptors, Children, Workflows int
	Payloads                                                  int64
	Heap                                                      uint64 // bytes
}

// leftMessage is the message of what leftBehind returns.
const leftMessage = "left behind"

// leftBehind is what a stopped server still has, a moment after its stop: a line of a log, with nothing but its message if that
// is nothing.
func leftBehind(s *running) (line map[string]any) {
	const moment = 2 * time.Second
	comesTrue(moment, func() bool {
		line = map[string]any{"message": leftMessage}
		if n := media.InUse(); n != 0 {
			line["payloads"] = n
		}
		if n := s.sockets.Connections(); n != 0 {
			line["connections"] = n
		}
		for _, group := range goroutineGroups() {
			if strings.Contains(group, "\tmmids/") { // a function of a package of ours, and main is none
				line["goroutine"] = group
			}
		}
		return len(line) == 1
	})
	return line
}

// heapSlack is how much the heap may differ from one moment of rest to another: pools, maps that have grown, and the runtime's
// own bookkeeping for goroutines.
const heapSlack = 24 << 20

func (h chaosHeld) moreThan(first chaosHeld) bool {
	return h.Goroutines > first.Goroutines || h.Connections > first.Connections || h.Descriptors > first.Descriptors ||
		h.Children > first.Children || h.Payloads > first.Payloads || h.Workflows > first.Workflows || h.Heap > first.Heap+heapSlack
}

// held asks the server what it holds. With collect it looks for garbage first.
func (s *chaosServer) held(collect bool) (h chaosHeld, err error) {
	address := s.door + "/held"
	if collect {
		address += "?collect"
	}
	answer, err := s.client.Get(address)
	if err != nil {
		return h, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&h); err != nil {
		return h, err
	}
	pid := s.cmd.Process.Pid
	descriptors, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	h.Descriptors, h.Children = len(descriptors), len(children(s.t, pid))
	return h, err
}

// atRest waits until the server holds no more than at first, and returns what it holds in the end and whether that is so.
func (s *chaosServer) atRest(first chaosHeld) (h chaosHeld, rested bool) {
	rested = comesTrue(patience, func() bool {
		var err error
		h, err = s.held(true)
		return err == nil && !h.moreThan(first)
	})
	return h, rested
}

// settled waits until the server holds nothing of its clients and has let go of what it keeps for a moment, and returns what it
// holds then.
func (s *chaosServer) settled(t testing.TB) (least chaosHeld) {
	t.Helper()
	const still = 2 * time.Second
	since, begun := time.Now(), false
	eventuallyIn(t, 2*patience, "the server comes to rest", func() bool {
		h, err := s.held(true)
		if err != nil || h.Connections > 0 || h.Children > 0 {
			return false
		}
		if !begun || h.Goroutines < least.Goroutines || h.Descriptors < least.Descriptors {
			least, begun, since = h, true, time.Now()
		}
		return time.Since(since) > still
	})
	return least
}

// goroutines is where they are.
func (s *chaosServer) goroutines() string {
	answer, err := s.client.Get(s.door + "/goroutines")
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return string(text)
}
