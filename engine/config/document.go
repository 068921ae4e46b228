package config

import "time"

// A Document is what a text defines, in the order of the text. It belongs to the caller; its strings share the memory of
// the text that was parsed.
type Document struct {
	Settings  Settings
	Reactors  []Reactor
	Workflows []Workflow
	// Warnings are about what is legal but hardly meant, in the order of their positions, and at most 1,000.
	Warnings []Mistake
}

// A Param is a parameter of a step or of a reactor. Names are case-sensitive.
type Param struct {
	Name string
	// Value is empty without a value, but also for name="".
	Value string
	// HasValue tells name="" from name.
	HasValue bool
	// Pos is where the name begins, ValuePos where the value begins (the quotation mark of a quoted one). ValuePos is
	// zero without a value.
	Pos, ValuePos Pos
}

// Params are parameters in the order of the text. A name that is repeated keeps its last value, in the place of its
// first occurrence.
type Params []Param

// Get returns the parameter of that name.
func (p Params) Get(name string) (Param, bool) {
	for _, param := range p {
		if param.Name == name {
			return param, true
		}
	}
	return Param{}, false
}

// A Setting is a line of a settings block; its fields are those of a Param.
type Setting struct {
	Name, Value   string
	HasValue      bool
	Pos, ValuePos Pos
}

// Settings are the lines of all settings blocks, also those with names that nobody knows. A name that is repeated keeps
// its last value, in the place of its first occurrence.
type Settings []Setting

// Get returns the setting of that name.
func (s Settings) Get(name string) (Setting, bool) {
	for _, setting := range s {
		if setting.Name == name {
			return setting, true
		}
	}
	return Setting{}, false
}

// A Reactor asks an outside service for the workflows of a stream.
type Reactor struct {
	// Name is unique among the reactors of the document; a workflow may have the same.
	Name string
	// Executor names the way of asking.
	Executor string
	// UpdateInterval is the time between two questions about one stream, in whole seconds. Zero means to ask once.
	UpdateInterval time.Duration
	// Params are the lines of the block. What they mean depends on the executor.
	Params Params
	Pos    Pos
}

// A Workflow is a list of steps.
type Workflow struct {
	// Name is unique among the workflows of the document and not empty.
	Name string
	// RoutedByReactor marks a workflow that takes only the streams which a reactor sends to it.
	RoutedByReactor bool
	// FromReactor says that the definition is a reactor's answer. No text can say so: the workflow manager does, of what
	// reactors ask it for.
	FromReactor bool
	// FromFile says that the definition stands in the server's configuration file. No text can say so either: who reads the
	// file does.
	FromFile bool
	// Steps may be empty.
	Steps []Step
	Pos   Pos
}

// A Step is a line of a workflow.
type Step struct {
	// Type is the first word of the line.
	Type   string
	Params Params
	Pos    Pos
}
