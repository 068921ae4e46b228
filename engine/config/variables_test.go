package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func environment(name string) (string, bool) {
	value, isSet := map[string]string{
		"PORT": "1936", "HOST": "cdn.example", "EMPTY": "", "TEXT": `a b=c # { } ${PORT} $${`, "_x9": "x",
		"QUOTE": `say "no"`, "LINES": "one\ntwo", "LATIN": "caf\xe9",
	}[name]
	return value, isSet
}

// TestVariables reads values from the environment.
func TestVariables(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		document, err := ParseFile("f", []byte("workflow w {\n s "+line+"\n}\n"), environment)
		require.NoError(t, err)
		require.Equal(t, "workflow w: s "+want, strings.Join(outlineDocument(document), "; "))
		again, err := Parse("f", []byte(document.Format()))
		require.NoError(t, err, "a text with the values needs no environment")
		require.Equal(t, outlineDocument(document), outlineDocument(again))
	}
	f("port=${PORT}", "port→1936")
	f(`port="${PORT}"`, "port→1936")
	f("t=rtmp://${HOST}:${PORT}/live/${_x9}?a=b", "t→rtmp://cdn.example:1936/live/x?a=b")
	f("k=${NONE:-7} l=${EMPTY:-8} m=${PORT:-9}", "k→7 l→8 m→1936")
	f("k=${EMPTY} l=${NONE:-}", `k→"" l→""`)
	f(`k="${NONE:-two words}"`, `k→"two words"`)
	f("k=${NONE:-a=b://c?d}", "k→a=b://c?d")
	f("k=${TEXT}", `k→"a b=c # { } ${PORT} $${"`)
	f("${TEXT} ${_x9}", `"a b=c # { } ${PORT} $${" x`)
	f("k=$${PORT} l=$$${PORT} m=$ n=a$b o=$$", "k→${PORT} l→$${PORT} m→$ n→a$b o→$$")
	f("k=${PORT}# a remark", "k→1936")
}

// TestVariablesEverywhere has them in all places that are behind the first word of a line.
func TestVariablesEverywhere(t *testing.T) {
	document, err := ParseFile("f", []byte("settings {\n port ${PORT}\n}\n"+
		"reactor ${HOST} executor=${_x9} update_interval=${PORT} {\n url \"http://${HOST}/\"\n}\nworkflow ${_x9}{\n}\n"), environment)
	require.NoError(t, err)
	require.Equal(t, []string{"settings port→1936", "reactor cdn.example x 32m16s url→http://cdn.example/", "workflow x:"}, outlineDocument(document))
}

// TestMistakesInVariables says where a variable is, and nothing of what it holds.
func TestMistakesInVariables(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		_, err := ParseFile("f", []byte("workflow w {\n s "+line+"\n}\n"), environment)
		require.EqualError(t, err, want)
	}
	f("k=1 l=é${NONE}", "f:2:11: the variable NONE is not set in the environment; set it, or give it a default: ${NONE:-DEFAULT}")
	f(`k="${PORT} ${NONE}"`, "f:2:15: the variable NONE is not set in the environment; set it, or give it a default: ${NONE:-DEFAULT}")
	for _, name := range []string{"QUOTE", "LINES", "LATIN"} {
		f("k=${"+name+"}", "f:2:6: the variable "+name+" holds what no value can have; it must be UTF-8 without quotation marks and ends of lines")
	}
	f("k=${9}", `f:2:6: "9" is no name of a variable; write ${NAME} or ${NAME:-DEFAULT}, or $${ if no variable is meant`)
	f(`k="${A-b}"`, `f:2:7: "A-b" is no name of a variable; write ${NAME} or ${NAME:-DEFAULT}, or $${ if no variable is meant`)
	f(`k="${PORT"`, "f:2:7: the variable that begins here has no \"}\"; write ${NAME}, or $${ if no variable is meant")
	f(`k="${NONE:-${PORT}"`, "f:2:7: a variable stands within the default of NONE; variables do not nest")
	f("k=${NONE} l=${NONE}", "f:2:6: the variable NONE is not set in the environment; set it, or give it a default: ${NONE:-DEFAULT}\n"+
		"f:2:16: the variable NONE is not set in the environment; set it, or give it a default: ${NONE:-DEFAULT}")
}

// TestOthersHaveNoVariables reads a text of somebody else's, in whatever way it asks for a variable.
func TestOthersHaveNoVariables(t *testing.T) {
	t.Setenv("SECRET", "hidden")
	for _, line := range []string{"k=${SECRET}", `k="a ${SECRET:-x}"`, "${SECRET}"} {
		require.Regexp(t, `^E-VARIABLE 2:\d+$`, outline(t, "workflow w {\n s "+line+"\n}\n"))
	}
	require.Equal(t, "workflow w: s k→${SECRET}", outline(t, "workflow w {\n s k=$${SECRET}\n}\n"))
}

// TestManyVariablesTakeLinearTime would take minutes if each were looked for from the beginning.
func TestManyVariablesTakeLinearTime(t *testing.T) {
	text := "workflow w {\n s k=" + strings.Repeat("${_x9}", TextBytesMax/6-10) + "\n}\n"
	document, err := ParseFile("f", []byte(text), environment)
	require.NoError(t, err)
	require.Len(t, document.Workflows[0].Steps[0].Params[0].Value, TextBytesMax/6-10)
}
