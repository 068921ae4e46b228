package step

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"mmids/engine/config"
	"mmids/engine/fanout"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// parameters are what both steps take.
type parameters struct {
	app         string
	key         string
	port        int
	tls         bool // RTMPS
	rule        server.IPRule
	reactor     string        // that approves clients, or empty
	fromNextKey bool          // rtmp_watch: gop_cache=off
	flush       *fanout.Flush // rtmp_watch; nil for what the settings say
}

// The ports that URLs without one mean: RTMP's at IANA, and for RTMPS that of HTTPS.
const (
	defaultPort    = 1935
	defaultTLSPort = 443
)

func defaultPortOf(tls bool) int {
	if tls {
		return defaultTLSPort
	}
	return defaultPort
}

// parser reads the parameters of one step and collects what is wrong with them.
type parser struct {
	step     config.Step
	mistakes []config.Mistake
}

func parse(s config.Step) (parameters, []config.Mistake) {
	p := parser{step: s}
	read := parameters{
		app:         p.text("rtmp_app", "rtmp_app=live"),
		key:         p.text("stream_key", "stream_key=* for any key"),
		port:        p.port(),
		tls:         p.rtmps(),
		rule:        p.rule(),
		reactor:     p.reactor(),
		fromNextKey: p.gopCacheOff(),
		flush:       p.flush(),
	}
	return read, p.mistakes
}

// wrong notes a mistake at a place of the step.
func (p *parser) wrong(at config.Pos, message, hint string) {
	p.mistakes = append(p.mistakes, config.Mistake{
		ID: workflow.IDStepParameter, Pos: at, Message: p.step.Type + ": " + message, Hint: hint,
	})
}

// value returns a parameter's value. A parameter that is written without one counts as absent.
func (p *parser) value(name string) (config.Param, bool) {
	param, ok := p.step.Params.Get(name)
	return param, ok && param.HasValue
}

func (p *parser) text(name, example string) string {
	param, ok := p.value(name)
	if !ok {
		p.wrong(p.step.Pos, name+" is missing", "for example "+example)
		return ""
	}
	text := strings.TrimSpace(param.Value)
	if text == "" {
		p.wrong(param.ValuePos, name+" is empty", "for example "+example)
	}
	return text
}

func (p *parser) port() int {
	param, ok := p.value("port")
	if !ok {
		return defaultPortOf(p.rtmps())
	}
	port, err := strconv.ParseUint(param.Value, 10, 16)
	if err != nil || port == 0 {
		p.wrong(param.ValuePos, fmt.Sprintf("port %q is not a port number", param.Value), "a whole number from 1 to 65535, for example port=1935")
		return 0
	}
	return int(port)
}

// rtmps is on when it is named, whatever its value.
func (p *parser) rtmps() bool {
	_, named := p.step.Params.Get("rtmps")
	return named
}

func (p *parser) rule() server.IPRule {
	allow, allowAt := p.networks("allow_ips")
	deny, denyAt := p.networks("deny_ips")
	if allowAt.Line > 0 && denyAt.Line > 0 {
		p.wrong(denyAt, "allow_ips and deny_ips exclude each other", "keep one of the two")
	}
	return server.NewIPRule(allow, deny)
}

// networks reads a list of addresses. A list that is named but empty would silently let everybody in.
func (p *parser) networks(name string) ([]netip.Prefix, config.Pos) {
	param, ok := p.step.Params.Get(name)
	if !ok {
		return nil, config.Pos{}
	}
	hint := "for example " + name + "=192.0.2.7,10.0.0.0/24,2001:db8::/32"
	if strings.TrimSpace(param.Value) == "" {
		p.wrong(param.Pos, name+" names no address", hint)
		return nil, param.Pos
	}
	list, err := server.ParseNetworks(param.Value)
	if err != nil {
		p.wrong(param.ValuePos, fmt.Sprintf("%s: %v", name, err), hint+", without blanks")
	}
	return list, param.Pos
}

// reactor reads the name of a reactor. A name that is announced but empty would silently let everybody in.
func (p *parser) reactor() string {
	param, ok := p.step.Params.Get("reactor")
	if !ok {
		return ""
	}
	name := strings.TrimSpace(param.Value)
	if name == "" {
		p.wrong(param.Pos, "reactor names no reactor", "for example reactor=lookup, for a block: reactor lookup executor=simple_http {")
	}
	return name
}

// flush reads when news leaves for viewers; without it the setting counts.
func (p *parser) flush() *fanout.Flush {
	param, ok := p.step.Params.Get("flush")
	if !ok || p.step.Type != WatchType {
		return nil
	}
	f, err := fanout.ParseFlush(param.Value)
	if err != nil {
		p.wrong(param.Pos, "flush: "+err.Error(), "for example flush=latency, or flush=350ms for many viewers at little cost")
	}
	return &f
}

func (p *parser) gopCacheOff() bool {
	param, ok := p.step.Params.Get("gop_cache")
	if !ok || p.step.Type != WatchType {
		return false
	}
	switch param.Value {
	case "on":
		return false
	case "off":
		return true
	}
	p.wrong(param.Pos, fmt.Sprintf("gop_cache %q is neither on nor off", param.Value), "gop_cache=off makes viewers begin at the next key frame")
	return false
}
