package config

import (
	"fmt"
	"strings"
	"unicode"
)

// Explain shows a mistake in the text that was parsed, for a terminal:
//
//	mmids.config:7:3: settings: "port=9000" is one word here
//	  7 |   port=9000
//	    |   ^
//	    = write "port 9000"
//
// Of a long line it shows the part around the column. It shows the line as it is, so its result may hold secrets and
// should not be logged. The caret is off after characters that a terminal shows two columns wide. If the text has no
// such line, Explain shows only the message and the hint. The result ends with a newline.
func Explain(text []byte, m Mistake) string {
	var b strings.Builder
	hint := m.Hint
	m.Hint = ""
	b.WriteString(m.Error() + "\n")

	number := fmt.Sprintf("%3d", m.Pos.Line)
	margin := strings.Repeat(" ", len(number))
	if line, ok := lineOf(string(text), m.Pos.Line); ok {
		before, behind := window([]rune(line), m.Pos.Column-1)
		fmt.Fprintf(&b, "%s | %s%s\n", number, visible(before), visible(behind))
		fmt.Fprintf(&b, "%s | %s^\n", margin, strings.Map(blank, before))
	}
	if hint != "" {
		fmt.Fprintf(&b, "%s = %s\n", margin, hint)
	}
	return b.String()
}

// lineOf returns the line of that number, from 1, without its newline.
func lineOf(text string, number int) (string, bool) {
	text = strings.TrimPrefix(text, byteOrderMark)
	for ; number > 1; number-- {
		end := lineLen(text)
		newline := newlineLen(text[end:])
		if newline == 0 {
			return "", false
		}
		text = text[end+newline:]
	}
	return text[:lineLen(text)], number == 1
}

// window returns what to show of a line before and from an index on.
func window(line []rune, index int) (before, behind string) {
	const cut = "…"
	index = max(0, min(index, len(line)))
	from, to, start, end := 0, len(line), "", ""
	if index > explainedRunesMax/2 {
		from, start = index-explainedRunesMax/2, cut
	}
	if to > from+explainedRunesMax {
		to, end = from+explainedRunesMax, cut
	}
	return start + string(line[from:index]), string(line[index:to]) + end
}

// visible replaces what could disturb a terminal, each character by one.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// blank keeps tabs, so that a caret behind them stands where the text does.
func blank(r rune) rune {
	if r == '\t' {
		return r
	}
	return ' '
}
