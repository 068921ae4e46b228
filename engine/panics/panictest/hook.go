// Package panictest makes code panic in tests, at a place that tests can name without a word about it in the code.
package panictest

import "github.com/rs/zerolog"

// At is a log hook that panics at the line with this message.
type At string

// Run implements zerolog.Hook.
func (a At) Run(_ *zerolog.Event, _ zerolog.Level, message string) {
	if message == string(a) {
		panic("at " + message)
	}
}
