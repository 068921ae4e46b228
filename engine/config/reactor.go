package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

func (b *builder) addReactor(block *block) {
	scope := block.scope()
	reactor := Reactor{Pos: block.at.in(b.file)}
	hasExecutor, isWhole := false, !block.damaged
	for i, arg := range block.args {
		if i == 0 && !arg.hasValue {
			if !b.checkEquals(scope, arg) {
				isWhole = false
				continue
			}
			reactor.Name = arg.name
			b.checkReactorTwice(reactor.Name, arg.at)
			continue
		}
		if i == 0 {
			b.report(IDReactorName, arg.at, scope+": "+quote(arg.name)+" stands where the name belongs",
				"write reactor NAME executor=EXECUTOR {")
		}
		switch {
		case !b.checkEquals(scope, arg):
			isWhole = false
		case arg.name == "executor":
			reactor.Executor, hasExecutor = arg.value, arg.hasValue
		case arg.name == "update_interval":
			reactor.UpdateInterval = b.updateInterval(scope, arg)
		case i > 0:
			b.warn(IDUnknownArgument, arg.at, scope+": "+quote(arg.name)+" is unknown and ignored",
				"behind its name, a reactor takes executor=EXECUTOR and update_interval=SECONDS; parameters go between the braces")
		}
	}
	switch {
	case !isWhole:
	case len(block.args) == 0:
		b.report(IDReactorNoName, block.at, "the reactor has no name", "write reactor NAME executor=EXECUTOR {")
	case !hasExecutor:
		b.report(IDReactorNoExecutor, block.at, scope+": it has no executor", "write executor=EXECUTOR behind the name")
	}
	reactor.Params = b.reactorParams(scope, block.lines)
	b.document.Reactors = append(b.document.Reactors, reactor)
}

func (b *builder) checkReactorTwice(name string, at place) {
	if line, isTwice := b.reactors[name]; isTwice {
		b.report(IDReactorTwice, at, fmt.Sprintf("reactor %s is defined again (first in line %d)", quote(name), line),
			"give one of them another name")
		return
	}
	b.reactors[name] = at.line
}

func (b *builder) reactorParams(scope string, lines []line) Params {
	var list paramList
	for _, l := range lines {
		list.set(b.setting(scope, l, IDReactorMany, IDReactorPair))
	}
	return list.params
}

// updateInterval reads a whole number of seconds. One that is longer than a Duration (292 years) becomes the longest.
func (b *builder) updateInterval(scope string, arg argument) time.Duration {
	const longest = uint64(math.MaxInt64 / time.Second)
	seconds, err := strconv.ParseUint(arg.value, 10, 64)
	if err == nil {
		return time.Duration(min(seconds, longest)) * time.Second
	}
	at, message := arg.valueAt, "update_interval "+quote(arg.value)+" is no whole number of seconds"
	switch {
	case !arg.hasValue:
		at, message = arg.at, "update_interval has no value"
	case errors.Is(err, strconv.ErrRange):
		message = "update_interval " + quote(arg.value) + " is too large"
	}
	b.report(IDReactorInterval, at, scope+": "+message, "write for example update_interval=30, or leave it out to ask only once")
	return 0
}
