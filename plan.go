package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"mmids/api"
	"mmids/engine/deploy"
	"mmids/engine/logging"
)

// plan is the command that shows what a configuration would change. The running server makes the plan, with the same code
// that would apply the file, so the file's own variables are those of this command's environment.
func plan(server remote, file string, read configuration, asJSON bool, stdout, stderr io.Writer) error {
	printWarnings(read, stderr)
	planned, err := askForPlan(server, read)
	if errors.Is(err, errNoServer) {
		fmt.Fprintf(stderr, "%v; this is what a start would do\n", err)
		planned, err = api.NewFilePlan(deploy.PlanOfNew(read.document)), nil
	}
	if err != nil {
		return err
	}
	if asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(planned)
	} else {
		_, err = io.WriteString(stdout, planText(planned, file, newPaint(stdout)))
	}
	if err == nil && changesAnything(planned) {
		return exitCode(2)
	}
	return err
}

func askForPlan(server remote, read configuration) (planned api.FilePlan, err error) {
	status, text, err := server.ask(http.MethodPost, "/plan", []byte(read.document.Format()))
	if err != nil {
		return planned, err
	}
	if status != http.StatusOK {
		var refused struct{ Error string }
		if json.Unmarshal(text, &refused) != nil {
			refused.Error = firstLine(text)
		}
		return planned, fmt.Errorf("%s answers %d: %s", server.url, status, refused.Error)
	}
	return planned, json.Unmarshal(text, &planned)
}

func changesAnything(p api.FilePlan) bool {
	return len(p.Settings) > 0 ||
		slices.ContainsFunc(p.Reactors, func(r api.ReactorChange) bool { return r.Action != deploy.Kept }) ||
		slices.ContainsFunc(p.Workflows, func(w api.WorkflowChange) bool { return w.Action != deploy.Kept })
}

// planText shows what changes in full and counts what does not.
func planText(p api.FilePlan, file string, paint paint) string {
	var b strings.Builder
	count := make(map[deploy.Action]int)
	for _, s := range p.Settings {
		when := "takes effect at once"
		if s.NeedsRestart {
			when = paint.warn("needs a restart")
		}
		fmt.Fprintf(&b, "setting %s %s\n", s.Name, when)
	}
	for _, r := range p.Reactors {
		if r.Action != deploy.Kept {
			fmt.Fprintf(&b, "reactor %s is %s\n", logging.Printable(r.Name), paint.action(r.Action))
		}
	}
	for _, w := range p.Workflows {
		count[w.Action]++
		b.WriteString(workflowText(w, paint))
	}
	if !changesAnything(p) {
		fmt.Fprintf(&b, "%s changes nothing.\n", file)
	}
	fmt.Fprintf(&b, "%s: %d kept, %d changed, %d started, %d stopped\n", counted(len(p.Workflows), "workflow"),
		count[deploy.Kept], count[deploy.Changed], count[deploy.Started], count[deploy.Stopped])
	return b.String()
}

func workflowText(w api.WorkflowChange, paint paint) string {
	name := logging.Printable(w.Name)
	takesOver := w.DefinedBy != "" && w.DefinedBy != "file"
	var b strings.Builder
	switch {
	case w.Action == deploy.Kept && !takesOver:
		return ""
	case w.Action == deploy.Kept:
		fmt.Fprintf(&b, "workflow %s goes on", name)
	case w.Action == deploy.Changed && len(w.Started)+len(w.Stopped) == 0:
		fmt.Fprintf(&b, "workflow %s is %s: its steps get another order", name, paint.action(w.Action))
	case w.Action == deploy.Changed && len(w.Kept)+len(w.Stopped) == 0:
		fmt.Fprintf(&b, "workflow %s is %s: it works no more and starts anew", name, paint.action(w.Action))
	default:
		fmt.Fprintf(&b, "workflow %s is %s", name, paint.action(w.Action))
	}
	if takesOver {
		fmt.Fprintf(&b, " and becomes the file's; it was defined by: %s", w.DefinedBy)
	}
	b.WriteByte('\n')
	if w.Action == deploy.Changed || w.Action == deploy.Started {
		for _, s := range w.Kept {
			fmt.Fprintf(&b, "    = %s\n", stepText(s))
		}
		for _, s := range w.Started {
			fmt.Fprintf(&b, "    %s\n", paint.good("+ "+stepText(s)))
		}
		for _, s := range w.Stopped {
			fmt.Fprintf(&b, "    %s\n", paint.bad("- "+stepText(s)))
		}
	}
	return b.String()
}

func stepText(s api.PlannedStep) string {
	words := []string{s.Type}
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		if value := s.Parameters[name]; value != nil {
			words = append(words, name+"="+*value)
		} else {
			words = append(words, name)
		}
	}
	return logging.Printable(strings.Join(words, " "))
}
