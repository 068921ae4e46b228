package main

import (
	"context"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/reactor"
)

// memberList is the executor member_list: the streams whose names are in its parameter "names" are valid.
func memberList() reactor.Generator {
	return reactor.Generator{
		Check: func(d config.Reactor) []config.Mistake {
			if _, ok := d.Params.Get("names"); !ok {
				return []config.Mistake{{
					ID: reactor.IDParameter, Pos: d.Pos, Message: "member_list: names is missing", Hint: "for example: names alice,bob",
				}}
			}
			return nil
		},
		New: func(d config.Reactor, _ zerolog.Logger) (reactor.Executor, error) {
			names, _ := d.Params.Get("names")
			return members(strings.Split(names.Value, ",")), nil
		},
	}
}

type members []string

// Execute implements reactor.Executor. A slow lookup would belong here, with ctx as its limit.
func (m members) Execute(_ context.Context, q reactor.Query) (reactor.Result, error) {
	if !slices.Contains(m, q.StreamName) {
		return reactor.Result{Reason: "you are not a member"}, nil
	}
	return reactor.Result{Valid: true}, nil
}

func (m members) Close() {}
