package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// outline parses a text and returns the result in one line, so that a test is one line too. A document is
//
//	settings alpha→1 flag; reactor r e 30s url→http://h; workflow a routed: s k→v f, t
//
// with a warning as "! ID line:column" behind it; words with blanks and empty ones are quoted. Mistakes are
// "ID line:column", separated by commas.
func outline(t testing.TB, text string) string {
	t.Helper()
	document, err := Parse("test.config", []byte(text))
	if err != nil {
		require.Nil(t, document, "no partial result")
		var mistakes Errors
		require.ErrorAs(t, err, &mistakes)
		require.NotEmpty(t, mistakes)
		return outlineMistakes(t, mistakes)
	}
	parts := outlineDocument(document)
	if len(document.Warnings) > 0 {
		parts = append(parts, "! "+outlineMistakes(t, document.Warnings))
	}
	return strings.Join(parts, "; ")
}

func outlineMistakes(t testing.TB, mistakes []Mistake) string {
	var parts []string
	for _, m := range mistakes {
		require.Equal(t, "test.config", m.Pos.File)
		require.NotEmpty(t, m.Message)
		parts = append(parts, fmt.Sprintf("%s %d:%d", m.ID, m.Pos.Line, m.Pos.Column))
	}
	return strings.Join(parts, ", ")
}

func outlineDocument(d *Document) (parts []string) {
	if len(d.Settings) > 0 {
		words := []string{"settings"}
		for _, s := range d.Settings {
			words = append(words, outlineParam(Param(s)))
		}
		parts = append(parts, strings.Join(words, " "))
	}
	for _, r := range d.Reactors {
		words := []string{"reactor", outlineWord(r.Name), outlineWord(r.Executor), r.UpdateInterval.String()}
		for _, p := range r.Params {
			words = append(words, outlineParam(p))
		}
		parts = append(parts, strings.Join(words, " "))
	}
	for _, w := range d.Workflows {
		words := []string{"workflow", outlineWord(w.Name)}
		if w.RoutedByReactor {
			words = append(words, "routed")
		}
		var steps []string
		for _, s := range w.Steps {
			step := s.Type
			for _, p := range s.Params {
				step += " " + outlineParam(p)
			}
			steps = append(steps, step)
		}
		parts = append(parts, strings.TrimSpace(strings.Join(words, " ")+": "+strings.Join(steps, ", ")))
	}
	return parts
}

func outlineParam(p Param) string {
	if !p.HasValue {
		return outlineWord(p.Name)
	}
	return p.Name + "→" + outlineWord(p.Value)
}

func outlineWord(word string) string {
	if word == "" || strings.ContainsAny(word, " \t") {
		return strconv.Quote(word)
	}
	return word
}

// mistakesOf parses a text that has mistakes.
func mistakesOf(t testing.TB, text string) Errors {
	t.Helper()
	_, err := Parse("mmids.config", []byte(text))
	var mistakes Errors
	require.True(t, errors.As(err, &mistakes), "want mistakes, got %v", err)
	return mistakes
}
