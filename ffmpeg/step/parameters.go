package step

import (
	"strings"

	"mmids/engine/config"
	"mmids/engine/workflow"
)

// parser reads the parameters of one step and collects what is wrong with them.
type parser struct {
	step     config.Step
	mistakes []config.Mistake
}

func (p *parser) wrong(at config.Pos, message, hint string) {
	p.mistakes = append(p.mistakes, config.Mistake{
		ID: workflow.IDStepParameter, Pos: at, Message: p.step.Type + ": " + message, Hint: hint,
	})
}

// needed returns the value of a parameter that must be there.
func (p *parser) needed(name, example string) string {
	param, ok := p.step.Params.Get(name)
	if !ok || !param.HasValue {
		p.wrong(p.step.Pos, name+" is missing", "for example "+example)
		return ""
	}
	value := strings.TrimSpace(param.Value)
	if value == "" {
		p.wrong(param.ValuePos, name+" is empty", "for example "+example)
	}
	return value
}

// has reports whether a parameter has a value. One that is written without counts as absent.
func (p *parser) has(name string) bool {
	param, ok := p.step.Params.Get(name)
	return ok && param.HasValue
}

// read returns what a function makes of a parameter's value, or missing if there is none.
func read[T any](p *parser, name string, missing T, parse func(string) (T, error)) T {
	param, ok := p.step.Params.Get(name)
	if !ok || !param.HasValue {
		return missing
	}
	v, err := parse(param.Value)
	if err != nil {
		p.wrong(param.ValuePos, name+": "+err.Error(), "")
		return missing
	}
	return v
}

// checker turns a parse function into a check.
func checker[P any](parse func(config.Step) (P, []config.Mistake)) func(config.Step) []config.Mistake {
	return func(d config.Step) []config.Mistake {
		_, mistakes := parse(d)
		return mistakes
	}
}
