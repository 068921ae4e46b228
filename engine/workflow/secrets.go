package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mmids/engine/config"
	"mmids/engine/logging"
)

// IDIllegible is the id of the mistake that a secret is left out and cannot be put back.
const IDIllegible = "E-STEP-SECRET"

// Definition returns the newest definition of a workflow, whether it has taken effect or not, or ErrNotFound. It belongs
// to the caller, and it has the secrets: see Illegible.
func (m *Manager) Definition(ctx context.Context, name string) (config.Workflow, error) {
	return ask(ctx, m, name, func(r *runner) config.Workflow { return cloneDefinition(r.definition) })
}

// Illegible returns a copy of w in which nothing is secret any more. Restore puts the secrets back.
func Illegible(w config.Workflow) config.Workflow {
	w = cloneDefinition(w)
	for _, step := range w.Steps {
		for k := range step.Params {
			step.Params[k].Value = redact(step.Params[k].Name, step.Params[k].Value)
		}
	}
	return w
}

// IsIllegible reports whether a value of w is one that Illegible made.
func IsIllegible(w config.Workflow) bool {
	return slices.ContainsFunc(w.Steps, func(s config.Step) bool { return slices.ContainsFunc(s.Params, isIllegible) })
}

func isIllegible(p config.Param) bool {
	if config.IsSecret(p.Name) {
		return p.Value == logging.Redacted
	}
	if strings.Contains(p.Value, "://") {
		return strings.Contains(p.Value, logging.Redacted)
	}
	return strings.HasSuffix(p.Value, "?"+logging.Redacted)
}

// Restore returns w with the values that are illegible put back from the definition that Illegible made them of, so that who
// changes a text that was shown need not know the secrets in it. A secret goes only where it looked the same: to a step of
// the same type, into the parameter of the same name and legible part. Where that fits no value, or several, there is a
// mistake, as the wrong secret would be worse. Zero steps of from mean that the workflow does not run.
func Restore(w, from config.Workflow) (config.Workflow, []config.Mistake) {
	asked := w.Steps
	w = cloneDefinition(w)
	var mistakes []config.Mistake
	for i, step := range asked {
		sources := sourcesOf(step, i, asked, from.Steps)
		for k, p := range step.Params {
			if !isIllegible(p) {
				continue
			}
			value, reason := onlyValue(p, sources)
			if reason != "" {
				mistakes = append(mistakes, illegible(step, p, reason))
				continue
			}
			w.Steps[i].Params[k].Value = value
		}
	}
	return w, mistakes
}

// sourcesOf returns the steps that the secrets of a step may come from. Equal lines are told apart by their order, if there
// are as many as before.
func sourcesOf(step config.Step, index int, now, before []config.Step) []config.Step {
	var equal, similar []config.Step
	for _, old := range before {
		if old.Type != step.Type {
			continue
		}
		similar = append(similar, old)
		if sameParams(shownParams(old.Params), shownParams(step.Params)) {
			equal = append(equal, old)
		}
	}
	if len(equal) == 0 {
		return similar
	}
	count, place := 0, 0
	for i, other := range now {
		if other.Type == step.Type && sameParams(shownParams(other.Params), shownParams(step.Params)) {
			if i == index {
				place = count
			}
			count++
		}
	}
	if count == len(equal) {
		return equal[place : place+1]
	}
	return equal
}

func sameParams(a, b config.Params) bool {
	return slices.EqualFunc(a, b, func(a, b config.Param) bool {
		return a.Name == b.Name && a.Value == b.Value && a.HasValue == b.HasValue
	})
}

// onlyValue returns the value that p stands for in steps, or why that is not certain.
func onlyValue(p config.Param, steps []config.Step) (value, reason string) {
	found := false
	for _, s := range steps {
		known, ok := s.Params.Get(p.Name)
		switch {
		case !ok || redact(known.Name, known.Value) != p.Value || known.Value == p.Value:
		case found && known.Value != value:
			return "", "may stand for several secrets"
		default:
			found, value = true, known.Value
		}
	}
	if !found {
		return "", "stands for no secret of the running workflow"
	}
	return value, ""
}

func illegible(s config.Step, p config.Param, reason string) config.Mistake {
	return config.Mistake{
		ID: IDIllegible, Pos: p.ValuePos,
		Message: fmt.Sprintf("%s: %s in %s %s", s.Type, logging.Redacted, p.Name, reason),
		Hint:    "write the whole value",
	}
}
