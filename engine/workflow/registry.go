package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mmids/engine/config"
)

// What config.Mistake.ID says about a step whose type nobody has registered.
const IDUnknownStep = "E-STEP-TYPE"

// Registry knows the step types of a distribution. It is filled at the start, before the first workflow; after that it
// may be read from any goroutine. The zero value is empty.
type Registry struct{ kinds map[string]Kind }

// Add registers a step type. It fails if the name is empty or taken, or if the kind cannot make steps.
func (r *Registry) Add(name string, k Kind) error {
	if name == "" || k.New == nil {
		return fmt.Errorf("step type %q: a name and a function that makes steps are needed", name)
	}
	if _, taken := r.kinds[name]; taken {
		return fmt.Errorf("step type %q is registered twice", name)
	}
	if r.kinds == nil {
		r.kinds = make(map[string]Kind)
	}
	r.kinds[name] = k
	return nil
}

// Types returns the names of all step types in ascending order.
func (r *Registry) Types() []string { return slices.Sorted(maps.Keys(r.kinds)) }

// Check returns every mistake in the steps of w that can be found without making them, in the order of the steps.
func (r *Registry) Check(w config.Workflow) []config.Mistake {
	var mistakes []config.Mistake
	for _, s := range w.Steps {
		mistakes = append(mistakes, r.checkStep(s)...)
	}
	return mistakes
}

func (r *Registry) checkStep(s config.Step) []config.Mistake {
	k, known := r.kinds[s.Type]
	if !known {
		return []config.Mistake{r.unknown(s)}
	}
	if k.Check == nil {
		return nil
	}
	return k.Check(s)
}

func (r *Registry) unknown(s config.Step) config.Mistake {
	types := r.Types()
	hint := "no step types are known here"
	if name := nearest(s.Type, types); name != "" {
		hint = fmt.Sprintf("did you mean %s? ", name)
	} else if len(types) > 0 {
		hint = ""
	}
	if len(types) > 0 {
		hint += "known types: " + strings.Join(types, ", ")
	}
	return config.Mistake{
		ID:      IDUnknownStep,
		Pos:     s.Pos,
		Message: fmt.Sprintf("unknown step type %q", cut(s.Type)),
		Hint:    hint,
	}
}

// typeRunesMax bounds what a message repeats of an unknown type. The longest name of ours has 19 characters; a word of
// a configuration may have a million.
const typeRunesMax = 60

func cut(s string) string {
	runes := 0
	for i := range s {
		if runes == typeRunesMax {
			return s[:i] + "…"
		}
		runes++
	}
	return s
}
