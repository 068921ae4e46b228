package config

import (
	"strings"
	"unicode/utf8"
)

// block is one block of the text as it is written; build.go gives it a meaning.
type block struct {
	word    string // settings, workflow …, in the case of the text; empty if it could not be read
	at      place
	args    []argument
	lines   []line
	damaged bool // something of the header could not be read, so what seems to be missing may have been there
}

// line is a line between a block's braces.
type line struct {
	word string
	at   place
	args []argument
}

// argument is a pair or a flag. A flag has no value.
type argument struct {
	name, value string
	hasValue    bool
	quoted      bool // a flag in quotation marks
	at, valueAt place
}

// kinds of blocks
const (
	settingsKind = "settings"
	reactorKind  = "reactor"
	workflowKind = "workflow"
)

// kind returns the kind of block that a word stands for, or nothing.
func kind(word string) string {
	for _, kind := range []string{settingsKind, reactorKind, workflowKind} {
		if len(word) == len(kind) && strings.EqualFold(word, kind) {
			return kind
		}
	}
	return ""
}

// scope names a block in messages, for example: workflow "late show".
func (b *block) scope() string {
	kind := kind(b.word)
	switch {
	case kind == "":
		return quote(b.word)
	case kind != settingsKind && len(b.args) > 0 && !b.args[0].hasValue:
		return kind + " " + quote(b.args[0].name)
	default:
		return kind
	}
}

// joinedTo reports whether the argument follows a word without a blank between, as in port=9000.
func (a argument) joinedTo(word string, at place) bool {
	return a.at.column == at.column+utf8.RuneCountInString(word)
}

// dangling reports whether the argument is a name and "=" with nothing behind.
func (a argument) dangling() bool {
	name, isCut := strings.CutSuffix(a.name, "=")
	return isCut && !a.hasValue && !a.quoted && name != "" && isNameOnly(name)
}

// beginsWithEquals reports whether the argument is a flag such as =9000.
func (a argument) beginsWithEquals() bool {
	return !a.hasValue && !a.quoted && strings.HasPrefix(a.name, "=")
}

func isNameOnly(word string) bool { return run(word, isName) == len(word) }
