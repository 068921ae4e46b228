package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// variableBegin begins a variable; with a "$" before it, it means itself.
const variableBegin = "${"

// expand puts the values of variables in the place of ${NAME} and ${NAME:-DEFAULT}, and ${ in the place of $${. at is
// where the text begins. A variable that has no value is reported.
func (p *parser) expand(text string, at place) string {
	if !strings.Contains(text, variableBegin) {
		return text
	}
	var b strings.Builder
	for {
		before, behind, found := strings.Cut(text, variableBegin)
		if !found {
			b.WriteString(text)
			return b.String()
		}
		at.column += utf8.RuneCountInString(before)
		if literal, isEscaped := strings.CutSuffix(before, "$"); isEscaped {
			b.WriteString(literal + variableBegin)
			at.column += len(variableBegin)
			text = behind
			continue
		}
		inside, rest, isClosed := strings.Cut(behind, "}")
		if !isClosed {
			p.report(IDVariable, at, `the variable that begins here has no "}"`, `write ${NAME}, or $${ if no variable is meant`)
			return ""
		}
		b.WriteString(before + p.variable(inside, at))
		at.column += len(variableBegin) + utf8.RuneCountInString(inside) + len("}")
		text = rest
	}
}

// variable returns the value of what stands between the braces.
func (p *parser) variable(inside string, at place) string {
	wrong := func(message, hint string) string {
		p.report(IDVariable, at, message, hint)
		return ""
	}
	name, missing, hasDefault := strings.Cut(inside, ":-")
	switch {
	case !isVariableName(name):
		return wrong(quote(name)+" is no name of a variable", `write ${NAME} or ${NAME:-DEFAULT}, or $${ if no variable is meant`)
	case strings.Contains(missing, variableBegin):
		return wrong("a variable stands within the default of "+name, "variables do not nest")
	case p.lookup == nil:
		return wrong("the variable "+name+" stands where there are none",
			"variables are only for the server's own configuration file; write $${ if no variable is meant")
	}
	value, isSet := p.lookup(name)
	switch {
	case value == "" && hasDefault:
		return missing
	case !isSet:
		return wrong("the variable "+name+" is not set in the environment",
			fmt.Sprintf("set it, or give it a default: ${%s:-DEFAULT}", name))
	case strings.ContainsAny(value, "\"\r\n") || !utf8.ValidString(value):
		// Nothing is shown of it, since it may be secret.
		return wrong("the variable "+name+" holds what no value can have", "it must be UTF-8 without quotation marks and ends of lines")
	}
	return value
}

func isVariableName(name string) bool {
	isOther := func(c rune) bool {
		return c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}
	return name != "" && (name[0] < '0' || name[0] > '9') && !strings.ContainsFunc(name, isOther)
}

// wordLen returns the length of the word that the text begins with. Braces belong to it only where they are those of a
// variable.
func wordLen(text string) int {
	n := run(text, isWord)
	for n > 0 && text[n-1] == '$' && strings.HasPrefix(text[n:], "{") {
		end := n + 1 + run(text[n+1:], isWord)
		if !strings.HasPrefix(text[end:], "}") {
			break
		}
		n = end + 1 + run(text[end+1:], isWord)
	}
	return n
}
