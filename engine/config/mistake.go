package config

import (
	"cmp"
	"slices"
	"strings"
)

// What Mistake.ID says about an error.
const (
	IDSyntax            = "E-SYNTAX"      // the text does not follow the grammar, or falls into one of its traps
	IDSize              = "E-SIZE"        // the text is longer than TextBytesMax
	IDTooMany           = "E-TOO-MANY"    // reading stopped, there were too many mistakes
	IDVariable          = "E-VARIABLE"    // a variable has no value, or is none
	IDBlock             = "E-NODE"        // a block is neither settings nor reactor nor workflow
	IDSettingsArguments = "E-SET-ARGS"    // the settings block has an argument
	IDSettingMany       = "E-SET-MANY"    // a setting has several values
	IDSettingPair       = "E-SET-PAIR"    // a setting's value is a pair
	IDWorkflowNoName    = "E-WF-NONAME"   // a workflow has no name, or an empty one
	IDWorkflowName      = "E-WF-NAME"     // a pair stands where the workflow's name belongs
	IDWorkflowRouted    = "E-WF-ROUTED"   // routed_by_reactor has a value
	IDWorkflowTwice     = "E-WF-DUP"      // a second workflow of this name
	IDReactorNoName     = "E-RE-NONAME"   // a reactor has no name
	IDReactorName       = "E-RE-NAME"     // a pair stands where the reactor's name belongs
	IDReactorInterval   = "E-RE-INTERVAL" // update_interval is no whole number of seconds
	IDReactorPair       = "E-RE-PAIR"     // a reactor's parameter has a pair as its value
	IDReactorMany       = "E-RE-MANY"     // a reactor's parameter has several values
	IDReactorTwice      = "E-RE-DUP"      // a second reactor of this name
	IDReactorNoExecutor = "E-RE-NOEXEC"   // a reactor has no executor
)

// What Mistake.ID says about a warning.
const (
	IDSettingsBlocks  = "W-SET-BLOCKS" // several settings blocks
	IDSettingTwice    = "W-SET-TWICE"  // a setting is given again with another value
	IDUnknownArgument = "W-ARGUMENT"   // a workflow or reactor block has an argument that means nothing
	IDColon           = "W-COLON"      // a name ends in a colon
	IDEquals          = "W-EQUALS"     // a word begins with "="
)

// A Mistake says what is wrong at a place of a text and what would be right there. It is an error by itself. Its texts are
// safe for a log and a terminal: control characters are escaped, long words cut, and values that look secret left out.
type Mistake struct {
	// ID tells mistakes apart for programs, for example IDSyntax; packages that check more than the language add their own.
	ID string
	// Pos is where the mistake is.
	Pos Pos
	// Message says what is wrong.
	Message string
	// Hint says what would be right. It may be empty.
	Hint string
}

// Error returns all in one line, for example
//
//	mmids.config:7:3: settings: "port=9000" is one word here; write "port 9000"
func (m Mistake) Error() string {
	text := m.Message
	if pos := m.Pos.String(); pos != "" {
		text = pos + ": " + text
	}
	if m.Hint != "" {
		text += "; " + m.Hint
	}
	return text
}

// Errors are the mistakes of one text in the order of their positions. It is never empty when Parse returns it.
type Errors []Mistake

// Error returns a line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, m := range e {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a Mistake.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, m := range e {
		errs[i] = m
	}
	return errs
}

// mistakes collects what is wrong with one text, up to mistakesMax errors and as many warnings.
type mistakes struct {
	file     string
	errors   []Mistake
	warnings []Mistake
	full     bool // there were more errors than that, so reading on is useless
}

func (m *mistakes) report(id string, at place, message, hint string) {
	if len(m.errors) == mistakesMax {
		m.full = true
		return
	}
	m.errors = append(m.errors, Mistake{ID: id, Pos: at.in(m.file), Message: message, Hint: hint})
}

func (m *mistakes) warn(id string, at place, message, hint string) {
	if len(m.warnings) < mistakesMax {
		m.warnings = append(m.warnings, Mistake{ID: id, Pos: at.in(m.file), Message: message, Hint: hint})
	}
}

// result returns the errors in the order of the text.
func (m *mistakes) result() Errors {
	sortByPosition(m.errors)
	if !m.full {
		return m.errors
	}
	last := m.errors[len(m.errors)-1].Pos
	return append(m.errors, Mistake{ID: IDTooMany, Pos: last, Message: "too many mistakes, the rest of the text was not checked"})
}

func sortByPosition(list []Mistake) {
	slices.SortStableFunc(list, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
}
