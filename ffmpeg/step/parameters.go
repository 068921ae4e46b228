package step

import (
	"strings"

	"mmids/engine/config"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
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

// address is where ffmpeg reads from or sends to, and the protocols that it may use for that.
type address struct{ url, protocols string }

// protocolsFor are the protocols that a step may use: all that are allowed for the operator's own definitions, only those of
// the network for what a reactor defines.
func protocolsFor(env workflow.Env, allowed ffmpeg.Protocols) ffmpeg.Protocols {
	if env.FromReactor {
		return ffmpeg.Protocols{}
	}
	return allowed
}

// address returns the value of a parameter that must be there and an address that ffmpeg may be sent to.
func (p *parser) address(name, example string, allowed ffmpeg.Protocols) address {
	read := address{url: p.needed(name, example)}
	if read.url == "" {
		return read
	}
	var err error
	if read.protocols, err = allowed.Whitelist(read.url); err != nil {
		param, _ := p.step.Params.Get(name)
		p.wrong(param.ValuePos, name+": "+err.Error(), "for example "+example+"; the setting ffmpeg_protocols allows others")
	}
	return read
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
