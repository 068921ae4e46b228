package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExplain(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		require.Equal(t, strings.Join(want, "\n")+"\n", Explain([]byte(text), mistakesOf(t, text)[0]))
	}
	f("\n\n\n\n\nsettings {\n  port=9000\n}",
		`mmids.config:7:3: settings: "port=9000" is one word here`,
		`  7 |   port=9000`,
		`    |   ^`,
		`    = write "port 9000"`)
	f("\uFEFFsettings {\r\n\té\tport 1=2\r}", // a tab stays one under the line, a byte-order mark is not shown
		`mmids.config:2:9: settings: "é" has more than one value`,
		"  2 | \té\tport 1=2",
		"    | \t \t     ^",
		`    = put quotation marks around a value with blanks`)
	f("settings {\n", // behind the end
		`mmids.config:2:1: settings: the text ends, but "}" is missing (the block begins in line 1)`,
		`  2 | `,
		`    | ^`,
		`    = write "}" in a line of its own`)
	f("a\x1B[31m\xFF {\n}", // nothing reaches the terminal's interpreter
		`mmids.config:1:1: "a\u{1B}[31m`+"\uFFFD"+`" is no kind of block`,
		"  1 | a\uFFFD[31m\uFFFD {",
		`    | ^`,
		`    = write settings, reactor NAME or workflow NAME`)
}

func TestExplainLongLine(t *testing.T) {
	text := "settings {\n a b " + strings.Repeat("c", 200) + "=d" + strings.Repeat("e", 200) + "\n}"
	mistake := Mistake{Pos: Pos{Line: 2, Column: 206}, Message: "wrong"}
	require.Equal(t, strings.Join([]string{
		`2:206: wrong`,
		`  2 | …` + strings.Repeat("c", 50) + "=d" + strings.Repeat("e", 48) + "…",
		`    |  ` + strings.Repeat(" ", 50) + "^",
		``,
	}, "\n"), Explain([]byte(text), mistake))
}

func TestExplainWithoutLine(t *testing.T) {
	for _, pos := range []Pos{{}, {Line: 3, Column: 1}, {Line: -1}} {
		explained := Explain([]byte("a\nb"), Mistake{Pos: pos, Message: "wrong", Hint: "right"})
		require.NotContains(t, explained, "|")
		require.Contains(t, explained, "wrong\n")
		require.Contains(t, explained, "= right\n")
	}
	require.Equal(t, "2:9: wrong\n  2 | b\n    |  ^\n", Explain([]byte("a\nb"), Mistake{Pos: Pos{Line: 2, Column: 9}, Message: "wrong"}))
}
