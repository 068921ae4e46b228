package forward

import (
	"strings"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// parameters name either a target or a reactor.
type parameters struct{ target, reactor string }

func parse(d config.Step) (parameters, []config.Mistake) {
	value := func(name string) string {
		if p, ok := d.Params.Get(name); ok && p.HasValue {
			return strings.TrimSpace(p.Value)
		}
		return ""
	}
	p := parameters{target: value("target_workflow"), reactor: value("reactor")}
	switch {
	case p.target == "" && p.reactor == "":
		return p, []config.Mistake{mistake(d, d.Pos, "neither target_workflow nor reactor says where streams go",
			"for example target_workflow=archive")}
	case p.target != "" && p.reactor != "":
		second, _ := d.Params.Get("reactor")
		return p, []config.Mistake{mistake(d, second.Pos, "target_workflow and reactor exclude each other", "keep one of the two")}
	}
	return p, nil
}

func check(d config.Step) []config.Mistake {
	_, mistakes := parse(d)
	return mistakes
}

func selfTarget(d config.Step) config.Mistake {
	p, _ := d.Params.Get("target_workflow")
	return mistake(d, p.ValuePos, "a workflow cannot forward to itself", "name another workflow")
}

func mistake(d config.Step, at config.Pos, message, hint string) config.Mistake {
	return config.Mistake{ID: workflow.IDStepParameter, Pos: at, Message: d.Type + ": " + message, Hint: hint}
}
