package fuzz

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

// FuzzConfig gives any text to the reader of the configuration language. It answers with a document or with mistakes; all
// positions lie within the text, and a document that is written out and read again is the same. The kind of newline makes
// no difference. So it is with variables, which without an environment are mistakes.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"",
		"\uFEFF# a remark\r\n\tsettings {\r}",
		"settings {\n alpha 1\n flag\n p\"D:\\my tools\\ff.exe\"\n u http://h/q?a=b&c=d\n beta \"{ } # = ü\"\n}",
		"reactor r executor=simple_http update_interval=30 {\n url: http://h/q?a=b\n url http://h\n}",
		"reactor \"\" update_interval=18446744073709551615 executor=\"x y\" speedy {\n}",
		"workflow a routed_by_reactor {\n s k==v t=rtmp://u:p@h/a?x=1&y=2#x\n s \"f g\" k=\"\" k=2 a?b=c\n}workflow \"late show\"{\n}",
		"workflow=a {\n s?x =y =\n s\"v\"w\n}",
		"settings {\n port=9000\n a b=c\n a 1 2\n \"s\" {\n }\n k= }\nstage {\nworkflow \"x {\n}\n}",
		"workflow a\n{\n s ${x} \xFF k=\x00\nworkflow a {\n s {\n t }\n",
		"reactor executor=e {\n}\nreactor r update_interval=-1\n",
		"workflow a${b} {\n s k=${x:-y}z l=\"${empty} $${x}\" ${odd} m=$${} n=${\n}\nsettings {\n p ${x}# r\n}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		bareConfig.require(t, text)
		fuzzConfig(t, text, nil)
		fuzzConfig(t, text, func(name string) (string, bool) {
			values := map[string]string{"empty": "", "odd": "=${x} $${ # } ä", "b": "name"}
			value, isSet := values[name]
			return value, isSet || len(name)%2 == 1
		})
	})
}

func fuzzConfig(t *testing.T, text []byte, lookup func(string) (string, bool)) {
	document, err := config.ParseFile("fuzz.config", text, lookup)
	if !bytes.ContainsRune(text, '\r') {
		otherDocument, otherErr := config.ParseFile("fuzz.config", bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), lookup)
		require.Equal(t, err, otherErr, "newlines make no difference")
		require.Equal(t, document, otherDocument, "newlines make no difference")
	}
	lines := configLines(string(text))
	if err != nil {
		require.Nil(t, document)
		var mistakes config.Errors
		require.True(t, errors.As(err, &mistakes))
		require.NotEmpty(t, mistakes)
		checkConfigMistakes(t, text, lines, mistakes)
		return
	}
	checkConfigMistakes(t, text, lines, document.Warnings)
	checkConfigPositions(t, lines, document)

	formatted := document.Format()
	again, err := config.Parse("", []byte(formatted))
	require.NoError(t, err, formatted)
	require.Equal(t, withoutPositions(document), withoutPositions(again), formatted)
	require.Equal(t, formatted, again.Format())
}

// configLines splits a text as the language does.
func configLines(text string) []string {
	text = strings.TrimPrefix(text, "\uFEFF")
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
}

func checkConfigMistakes(t *testing.T, text []byte, lines []string, mistakes []config.Mistake) {
	t.Helper()
	require.True(t, slices.IsSortedFunc(mistakes, func(a, b config.Mistake) int {
		return slices.Compare([]int{a.Pos.Line, a.Pos.Column}, []int{b.Pos.Line, b.Pos.Column})
	}))
	for _, m := range mistakes {
		require.Equal(t, "fuzz.config", m.Pos.File)
		require.NotEmpty(t, m.ID)
		require.Contains(t, []string{"E-", "W-"}, m.ID[:2])
		restOfLine(t, lines, m.Pos)

		require.NotContains(t, m.Error(), "\n")
		require.Less(t, utf8.RuneCountInString(m.Error()), 2000, "a message repeats little of the text")
		explained := config.Explain(text, m)
		require.True(t, utf8.ValidString(explained))
		require.Less(t, strings.Count(explained, "\n"), 5)
	}
}

// checkConfigPositions wants to find each name and value at the position that the document gives for it.
func checkConfigPositions(t *testing.T, lines []string, document *config.Document) {
	t.Helper()
	name := func(word string, pos config.Pos) {
		t.Helper()
		rest := strings.TrimPrefix(restOfLine(t, lines, pos), `"`)
		hasVariable := strings.Contains(rest, "${")
		require.True(t, hasVariable || strings.HasPrefix(rest, word), "%q at %v", word, pos)
	}
	value := func(word string, hasValue bool, pos config.Pos) {
		t.Helper()
		if hasValue {
			name(word, pos)
			return
		}
		require.Empty(t, word)
		require.Zero(t, pos)
	}
	for _, s := range document.Settings {
		name(s.Name, s.Pos)
		value(s.Value, s.HasValue, s.ValuePos)
	}
	for _, r := range document.Reactors {
		require.True(t, strings.EqualFold("reactor", restOfLine(t, lines, r.Pos)[:len("reactor")]))
		require.GreaterOrEqual(t, int64(r.UpdateInterval), int64(0))
		for _, p := range r.Params {
			name(p.Name, p.Pos)
			value(p.Value, p.HasValue, p.ValuePos)
		}
	}
	for _, w := range document.Workflows {
		require.NotEmpty(t, w.Name)
		require.True(t, strings.EqualFold("workflow", restOfLine(t, lines, w.Pos)[:len("workflow")]))
		for _, s := range w.Steps {
			name(s.Type, s.Pos)
			for _, p := range s.Params {
				name(p.Name, p.Pos)
				value(p.Value, p.HasValue, p.ValuePos)
			}
		}
	}
}

// restOfLine returns what stands at a position, which must lie within the text or at the end of one of its lines.
func restOfLine(t *testing.T, lines []string, pos config.Pos) string {
	t.Helper()
	require.GreaterOrEqual(t, pos.Line, 1)
	require.LessOrEqual(t, pos.Line, len(lines))
	line := lines[pos.Line-1]
	require.GreaterOrEqual(t, pos.Column, 1)
	require.LessOrEqual(t, pos.Column, utf8.RuneCountInString(line)+1)
	column := 1
	for i := range line {
		if column == pos.Column {
			return line[i:]
		}
		column++
	}
	return ""
}

// withoutPositions returns a document with what Format keeps.
func withoutPositions(document *config.Document) config.Document {
	params := func(params config.Params) config.Params {
		params = slices.Clone(params)
		for i := range params {
			params[i].Pos, params[i].ValuePos = config.Pos{}, config.Pos{}
		}
		return params
	}
	bare := config.Document{
		Settings:  slices.Clone(document.Settings),
		Reactors:  slices.Clone(document.Reactors),
		Workflows: slices.Clone(document.Workflows),
	}
	for i := range bare.Settings {
		bare.Settings[i].Pos, bare.Settings[i].ValuePos = config.Pos{}, config.Pos{}
	}
	for i := range bare.Reactors {
		bare.Reactors[i].Pos = config.Pos{}
		bare.Reactors[i].Params = params(bare.Reactors[i].Params)
	}
	for i := range bare.Workflows {
		bare.Workflows[i].Pos = config.Pos{}
		bare.Workflows[i].Steps = slices.Clone(bare.Workflows[i].Steps)
		for j := range bare.Workflows[i].Steps {
			step := &bare.Workflows[i].Steps[j]
			step.Pos = config.Pos{}
			step.Params = params(step.Params)
		}
	}
	return bare
}
