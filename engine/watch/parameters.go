package watch

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"mmids/engine/access"
	"mmids/engine/config"
	"mmids/engine/fanout"
	"mmids/engine/workflow"
)

// Parser reads the parameters that steps of all protocols have in common, and collects what is wrong with them.
type Parser struct {
	Step     config.Step
	Mistakes []config.Mistake
}

// Wrong notes a mistake at a place of the step.
func (p *Parser) Wrong(at config.Pos, message, hint string) {
	p.Mistakes = append(p.Mistakes, config.Mistake{
		ID: workflow.IDStepParameter, Pos: at, Message: p.Step.Type + ": " + message, Hint: hint,
	})
}

// Value returns a parameter's value. A parameter that is written without one counts as absent.
func (p *Parser) Value(name string) (config.Param, bool) {
	param, ok := p.Step.Params.Get(name)
	return param, ok && param.HasValue
}

// Text reads a parameter that must not be missing.
func (p *Parser) Text(name, example string) string {
	param, ok := p.Value(name)
	if !ok {
		p.Wrong(p.Step.Pos, name+" is missing", "for example "+example)
		return ""
	}
	text := strings.TrimSpace(param.Value)
	if text == "" {
		p.Wrong(param.ValuePos, name+" is empty", "for example "+example)
	}
	return text
}

// Port reads a port number. Without the parameter it is otherwise.
func (p *Parser) Port(name string, otherwise int) int {
	param, ok := p.Value(name)
	if !ok {
		return otherwise
	}
	port, err := strconv.ParseUint(param.Value, 10, 16)
	if err != nil || port == 0 {
		p.Wrong(param.ValuePos, fmt.Sprintf("%s %q is not a port number", name, param.Value), fmt.Sprintf("a whole number from 1 to 65535, for example %s=%d", name, otherwise))
		return 0
	}
	return int(port)
}

// Flag is on when it is named, whatever its value.
func (p *Parser) Flag(name string) bool {
	_, named := p.Step.Params.Get(name)
	return named
}

// Rule reads the addresses that may come, or those that may not.
func (p *Parser) Rule() access.Rule {
	allow, allowAt := p.networks("allow_ips")
	deny, denyAt := p.networks("deny_ips")
	if allowAt.Line > 0 && denyAt.Line > 0 {
		p.Wrong(denyAt, "allow_ips and deny_ips exclude each other", "keep one of the two")
	}
	return access.NewRule(allow, deny)
}

// networks reads a list of addresses. A list that is named but empty would silently let everybody in.
func (p *Parser) networks(name string) ([]netip.Prefix, config.Pos) {
	param, ok := p.Step.Params.Get(name)
	if !ok {
		return nil, config.Pos{}
	}
	hint := "for example " + name + "=192.0.2.7,10.0.0.0/24,2001:db8::/32"
	if strings.TrimSpace(param.Value) == "" {
		p.Wrong(param.Pos, name+" names no address", hint)
		return nil, param.Pos
	}
	list, err := access.ParseNetworks(param.Value)
	if err != nil {
		p.Wrong(param.ValuePos, fmt.Sprintf("%s: %v", name, err), hint+", without blanks")
	}
	return list, param.Pos
}

// Reactor reads the name of a reactor. A name that is announced but empty would silently let everybody in.
func (p *Parser) Reactor() string {
	param, ok := p.Step.Params.Get("reactor")
	if !ok {
		return ""
	}
	name := strings.TrimSpace(param.Value)
	if name == "" {
		p.Wrong(param.Pos, "reactor names no reactor", "for example reactor=lookup, for a block: reactor lookup executor=simple_http {")
	}
	return name
}

// Flush reads when news leaves for viewers; without it the setting counts.
func (p *Parser) Flush() *fanout.Flush {
	param, ok := p.Step.Params.Get("flush")
	if !ok {
		return nil
	}
	f, err := fanout.ParseFlush(param.Value)
	if err != nil {
		p.Wrong(param.Pos, "flush: "+err.Error(), "for example flush=latency, or flush=350ms for many viewers at little cost")
	}
	return &f
}

// FromNextKey reads whether viewers begin at the next key frame instead of the newest one.
func (p *Parser) FromNextKey() bool {
	param, ok := p.Step.Params.Get("gop_cache")
	if !ok {
		return false
	}
	switch param.Value {
	case "on":
		return false
	case "off":
		return true
	}
	p.Wrong(param.Pos, fmt.Sprintf("gop_cache %q is neither on nor off", param.Value), "gop_cache=off makes viewers begin at the next key frame")
	return false
}
