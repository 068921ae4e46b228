package config

import (
	"strconv"
	"strings"
	"time"
)

// Format writes a document that Parse returned as a text that parses to the same document, but for positions and warnings.
// What the language cannot say, such as a quotation mark in a value, does not occur in such a document. The values of
// variables stand in it, so the text has none.
func (d *Document) Format() string {
	var w writer
	if len(d.Settings) > 0 {
		w.open(settingsKind)
		for _, setting := range d.Settings {
			w.setting(Param(setting))
		}
		w.close()
	}
	for _, reactor := range d.Reactors {
		w.reactor(reactor)
	}
	for _, workflow := range d.Workflows {
		w.workflow(workflow)
	}
	return w.String()
}

type writer struct {
	strings.Builder
}

func (w *writer) open(words ...string) {
	if w.Len() > 0 {
		w.WriteString("\n")
	}
	w.WriteString(strings.Join(words, " ") + " {\n")
}

func (w *writer) close() { w.WriteString("}\n") }

func (w *writer) line(words ...string) {
	w.WriteString("    " + strings.Join(words, " ") + "\n")
}

func (w *writer) setting(setting Param) {
	if setting.HasValue {
		w.line(setting.Name, formatWord(setting.Value))
	} else {
		w.line(setting.Name)
	}
}

func (w *writer) reactor(reactor Reactor) {
	words := []string{reactorKind, formatWord(reactor.Name), "executor=" + formatWord(reactor.Executor)}
	if reactor.UpdateInterval > 0 {
		words = append(words, "update_interval="+strconv.FormatInt(int64(reactor.UpdateInterval/time.Second), 10))
	}
	w.open(words...)
	for _, param := range reactor.Params {
		w.setting(param)
	}
	w.close()
}

func (w *writer) workflow(workflow Workflow) {
	words := []string{workflowKind, formatWord(workflow.Name)}
	if workflow.RoutedByReactor {
		words = append(words, routedByReactor)
	}
	w.open(words...)
	for _, step := range workflow.Steps {
		words := []string{step.Type}
		for _, param := range step.Params {
			if param.HasValue {
				words = append(words, param.Name+"="+formatWord(param.Value))
			} else {
				words = append(words, formatWord(param.Name))
			}
		}
		w.line(words...)
	}
	w.close()
}

// formatWord returns a word that needs no thinking as it is, and others in quotation marks, where every text means itself.
func formatWord(word string) string {
	word = strings.ReplaceAll(word, variableBegin, "$"+variableBegin)
	if word == "" || run(word, isPlain) < len(word) {
		return `"` + word + `"`
	}
	return word
}

func isPlain(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	default:
		return strings.IndexByte(`-_/\*.:,`, c) >= 0
	}
}
