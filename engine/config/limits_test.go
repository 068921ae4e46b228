package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextBytesMax(t *testing.T) {
	text := "workflow a {\n}\n#" + strings.Repeat("x", TextBytesMax)
	require.Equal(t, "workflow a:", outline(t, text[:TextBytesMax]))
	require.Equal(t, "E-SIZE 1:1", outline(t, text[:TextBytesMax+1]))
	require.EqualError(t, mistakesOf(t, text[:TextBytesMax+1]), "mmids.config:1:1: the text has 1048577 bytes; at most 1048576 are read")
}

func TestMistakesMax(t *testing.T) {
	bad := strings.Repeat("}\n", mistakesMax)
	require.Len(t, mistakesOf(t, bad), mistakesMax)

	mistakes := mistakesOf(t, bad+"}")
	require.Len(t, mistakes, mistakesMax+1)
	require.Equal(t, IDTooMany, mistakes[mistakesMax].ID)
	require.Equal(t, "mmids.config:1000:1: too many mistakes, the rest of the text was not checked", mistakes[mistakesMax].Error())

	inOneLine := mistakesOf(t, "workflow a {\n s"+strings.Repeat(" k=", 5000)+"\n}")
	require.Len(t, inOneLine, mistakesMax+1)
	inOneBlock := mistakesOf(t, "workflow a {\n"+strings.Repeat("\"s\"\n", 5000))
	require.Len(t, inOneBlock, mistakesMax+1)

	document, err := Parse("", []byte("workflow a"+strings.Repeat(" x", 5000)+" {\n}"))
	require.NoError(t, err)
	require.Len(t, document.Warnings, mistakesMax)
}

// TestWorstTexts would take minutes if any of them took more than linear time.
func TestWorstTexts(t *testing.T) {
	const n = TextBytesMax / 16
	distinct := func(format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"one long word":         "workflow " + strings.Repeat("é", TextBytesMax/4) + " {\n}",
		"one long quoted text":  "workflow \"" + strings.Repeat(" ", TextBytesMax/2) + "\" {\n}",
		"many arguments":        "workflow a {\n s" + distinct(" k%d=v") + "\n}",
		"many equal arguments":  "workflow a {\n s" + strings.Repeat(" k", TextBytesMax/4) + "\n}",
		"many steps":            "workflow a {\n" + strings.Repeat("s\n", TextBytesMax/4) + "}",
		"many workflows":        distinct("workflow %d{\n}")[:TextBytesMax/2],
		"many settings":         "settings {\n" + distinct("s%d x\n") + "}",
		"many settings blocks":  strings.Repeat("settings{\n}", TextBytesMax/16),
		"many lone quotes":      "workflow a {\n" + strings.Repeat("s \"\n", TextBytesMax/8) + "}",
		"many braces":           strings.Repeat("{", TextBytesMax/2),
		"many closing braces":   strings.Repeat("}", TextBytesMax/2),
		"many blocks in blocks": "workflow a {\n" + strings.Repeat("s {\n", TextBytesMax/8),
		"many newlines":         strings.Repeat("\r", TextBytesMax),
		"many bad bytes":        strings.Repeat("\xFF", TextBytesMax/2),
		"many bad words":        "workflow a {\n s" + strings.Repeat(" \xFF", TextBytesMax/4) + "\n}",
	} {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, len(text), TextBytesMax)
			document, err := Parse("", []byte(text))
			require.Equal(t, err == nil, document != nil)
		})
	}
}
