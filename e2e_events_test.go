package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEvents: clients hear of workflows and of lines of the log, and their events end in order with the server.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	events := startProcess(t, "curl", "-sSN", s.api+"/events")
	eventually(t, "figures", func() bool { return len(eventsOf(events)["figures"]) > 0 })

	s.put(s.fill("workflow second {\n rtmp_receive rtmp_app=live stream_key=* port={port}\n}")) // whose key is taken
	eventually(t, "news of a workflow in error, and a line of the log", func() bool {
		all := eventsOf(events)
		return len(all["workflow_started"]) == 1 && len(all["log"]) > 0 &&
			strings.Contains(strings.Join(all["workflow_changed"], ""), "already takes publishers")
	})
	s.delete("second")
	eventually(t, "its end", func() bool { return len(eventsOf(events)["workflow_ended"]) == 1 })

	s.stop()
	require.Zero(t, events.wait(patience), "%s", events.output.String())
}

// eventsOf returns the data of the events that curl has got, by their names.
func eventsOf(curl *process) map[string][]string {
	events := map[string][]string{}
	for event := range strings.SplitSeq(curl.output.String(), "\n\n") {
		name, data, ok := strings.Cut(event, "\ndata: ")
		if name, isEvent := strings.CutPrefix(name, "event: "); isEvent && ok {
			events[name] = append(events[name], data)
		}
	}
	return events
}

// TestEventsOfReactors: clients hear whom a reactor was asked about, what it said, and what became of it, without secrets.
func TestEventsOfReactors(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", perPublisher(l))
	l.says("good", 200, s.shows("good_out", routable))
	events := startProcess(t, "curl", "-sSN", s.api+"/events")
	eventually(t, "figures", func() bool { return len(eventsOf(events)["figures"]) > 0 })
	told := func(what, name string, count int) {
		t.Helper()
		eventually(t, what+" of "+name, func() bool {
			return strings.Count(strings.Join(eventsOf(events)[what], "\n"), `"stream_name":"`+name+`"`) == count
		})
	}
	requireRefused(t, s.url("live/bad"))
	told("reactor_called", "bad", 1)
	told("reactor_answered", "bad", 1)
	publisher := publishOn(t, s.url("live/good?token=abc"))
	told("reactor_workflow_started", "good", 1)
	endPublishing(publisher)
	told("reactor_workflow_ended", "good", 1)
	told("reactor_called", "good", 1)
	told("reactor_answered", "good", 1)
	require.Contains(t, eventsOf(events)["reactor_answered"][0], `"valid":false`)
	require.Contains(t, eventsOf(events)["reactor_workflow_started"][0], `"workflow_name":"good_out"`)
	require.NotContains(t, events.output.String(), "token=abc")
}
