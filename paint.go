package main

import (
	"io"
	"os"

	"mmids/engine/deploy"
)

// paint colours words for people, where they look at a terminal and want colours (https://no-color.org).
type paint bool

func newPaint(w io.Writer) paint {
	_, unwanted := os.LookupEnv("NO_COLOR")
	return paint(isTerminal(w) && !unwanted && os.Getenv("TERM") != "dumb")
}

func (p paint) with(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) good(text string) string   { return p.with("32", text) }
func (p paint) bad(text string) string    { return p.with("31", text) }
func (p paint) warn(text string) string   { return p.with("33", text) }
func (p paint) strong(text string) string { return p.with("1", text) }
func (p paint) faint(text string) string  { return p.with("2", text) }

func (p paint) action(a deploy.Action) string {
	switch a {
	case deploy.Started:
		return p.good(string(a))
	case deploy.Stopped:
		return p.bad(string(a))
	default:
		return p.warn(string(a))
	}
}
