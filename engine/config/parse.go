package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a text. The file's name only goes into positions. The error is of type Errors and holds all mistakes of the
// text, up to 1,000; the document is nil then. Parse takes time in proportion to the text, and keeps no reference to it.
//
// A variable of the environment is a mistake: whoever may send a text could read secrets by it.
func Parse(file string, text []byte) (*Document, error) { return ParseFile(file, text, nil) }

// ParseFile is Parse for a text of the operator's own, in which variables have the values that lookup gives them, such as
// os.LookupEnv.
func ParseFile(file string, text []byte, lookup func(name string) (value string, isSet bool)) (*Document, error) {
	found := &mistakes{file: file}
	if !acceptable(text, found) {
		return nil, found.result()
	}
	p := parser{scanner: newScanner(string(text)), mistakes: found, lookup: lookup}
	b := newBuilder(found)
	for block, ok := p.next(); ok; block, ok = p.next() {
		b.add(&block)
	}
	if len(found.errors) > 0 {
		return nil, found.result()
	}
	return b.finish(), nil
}

// acceptable finds texts that are not worth reading, since they would only give a mistake for each of their words.
func acceptable(text []byte, found *mistakes) bool {
	start := place{1, 1}
	if len(text) > TextBytesMax {
		found.report(IDSize, start, fmt.Sprintf("the text has %d bytes", len(text)),
			fmt.Sprintf("at most %d are read", TextBytesMax))
		return false
	}
	if s := string(text[:min(2, len(text))]); s == "\xFF\xFE" || s == "\xFE\xFF" {
		found.report(IDSyntax, start, "the text is in UTF-16", "save it as UTF-8")
		return false
	}
	return true
}

// parser turns the text into blocks. Where the text breaks the grammar, it reports that and goes on where a reader would.
type parser struct {
	scanner
	*mistakes
	lookup func(string) (string, bool) // of variables; nil if there are none
}

func (p *parser) syntax(at place, message, hint string) { p.report(IDSyntax, at, message, hint) }

// next returns the next block, or false at the end of the text.
func (p *parser) next() (block, bool) {
	for !p.full {
		p.skipBlanks()
		switch {
		case p.atEnd():
			return block{}, false
		case p.atLineEnd():
			p.endLine()
		case p.peek() == '}':
			p.syntax(p.place(), `"}" closes nothing, no block is open here`, "remove it, or look for another one above it that is too early")
			p.take(1)
		default:
			if b, ok := p.block(); ok {
				return b, true
			}
		}
	}
	return block{}, false
}

// block reads a block from its first word to its closing brace. It returns false if there is none.
func (p *parser) block() (block, bool) {
	b := block{at: p.place()}
	b.word = p.checkedName()
	if b.word == "" {
		p.syntax(b.at, "a block begins with its kind", "write settings, reactor NAME or workflow NAME")
		if p.skipRest() == '{' {
			p.body(&b, false)
		}
		return b, false
	}
	args, ok := p.arguments()
	b.args = args
	isKnown := kind(b.word) != ""
	switch {
	case !ok:
		b.damaged = true
		isOpen := p.skipRest() == '{'
		if !isOpen && !isKnown {
			return b, false
		}
		p.body(&b, !isOpen)
	case p.peek() == '{':
		p.take(1)
		p.skipBlanks()
		if !p.atLineEnd() {
			p.syntax(p.place(), b.scope()+`: something stands behind "{"`, "let the line end there and go on in the next one")
			if p.skipRest() == '}' {
				return b, true
			}
		}
		p.body(&b, false)
	case p.peek() == '}':
		p.syntax(p.place(), b.scope()+`: "}" stands in the block's first line`,
			`write "{" at the end of the line and "}" in a line of its own`)
		p.skipRest()
	case isKnown:
		p.syntax(p.place(), b.scope()+`: the "{" is missing`, `end the block's first line with "{"`)
		p.body(&b, true)
	default:
		p.syntax(b.at, quote(b.word)+" stands outside of any block",
			"put it between the braces of a settings, reactor or workflow block")
		return b, false
	}
	return b, true
}

// body reads the lines up to the closing brace. An assumed body is one whose opening brace was not found, which has been
// reported: it may begin with a late brace, and nobody expects its end.
func (p *parser) body(b *block, assumed bool) {
	nested := 0 // how many blocks within this block are open; their lines are dropped
	for !p.full {
		p.skipBlanks()
		switch {
		case p.atEnd():
			if !assumed {
				p.unclosed(b, "the text ends")
			}
			return
		case p.atLineEnd():
			p.endLine()
		case p.peek() == '}':
			p.take(1)
			if nested == 0 {
				return
			}
			nested--
		case p.peek() == '{' && assumed && len(b.lines) == 0:
			p.take(1)
			assumed = false
		case p.atBlock():
			if !assumed {
				p.unclosed(b, "the next block begins")
			}
			return
		default:
			l, brace := p.child(b)
			if nested == 0 && l.word != "" {
				b.lines = append(b.lines, l)
			}
			switch {
			case brace == '{':
				nested++
			case brace == '}' && nested == 0:
				return
			case brace == '}':
				nested--
			}
		}
	}
}

func (p *parser) unclosed(b *block, what string) {
	p.syntax(p.place(), fmt.Sprintf(`%s: %s, but "}" is missing (the block begins in line %d)`, b.scope(), what, b.at.line),
		`write "}" in a line of its own`)
}

// atBlock reports whether the line is the first line of a block, for sure.
func (p *parser) atBlock() bool {
	ahead := p.scanner
	return kind(ahead.name()) != "" && ahead.skipRest() == '{'
}

// child reads a line of a block. A line without a word is one that could not be read. The brace is '{' if the line opens a
// block within the block and '}' if it closes the block at its end, both of which it must not, and have been reported.
func (p *parser) child(b *block) (l line, brace byte) {
	l.at = p.place()
	l.word = p.checkedName()
	if l.word == "" {
		p.syntax(l.at, b.scope()+": a line begins with a name", `write one without quotation marks and without any of ? = & {`)
		return l, openedBy(p.skipRest())
	}
	args, ok := p.arguments()
	l.args = args
	if !ok {
		return l, openedBy(p.skipRest())
	}
	at, brace := p.place(), p.peek()
	if brace != '{' && brace != '}' {
		return l, 0
	}
	p.take(1)
	p.skipBlanks()
	switch {
	case !p.atLineEnd():
		p.syntax(at, fmt.Sprintf(`%s: "%c" stands within a line`, b.scope(), brace), "put quotation marks around a value that holds it")
		return l, openedBy(p.skipRest())
	case brace == '{':
		p.syntax(at, b.scope()+": a block begins within a block", "close the outer one first, blocks do not nest")
	default:
		p.syntax(at, b.scope()+`: "}" stands at the end of a line`, "write it in a line of its own")
	}
	return l, brace
}

// openedBy returns the brace if the last character of an unreadable line opens a block.
func openedBy(last byte) byte {
	if last == '{' {
		return last
	}
	return 0
}

// arguments reads arguments up to a brace or the end of the line. It returns false where it could not go on.
func (p *parser) arguments() (args []argument, ok bool) {
	for {
		p.skipBlanks()
		if c := p.peek(); p.atLineEnd() || c == '{' || c == '}' {
			return args, true
		}
		a, ok := p.argument()
		if !ok {
			return args, false
		}
		args = append(args, a)
	}
}

func (p *parser) argument() (a argument, ok bool) {
	a.at = p.place()
	if p.peek() == '"' {
		a.quoted = true
		a.name, ok = p.checkedQuoted()
		return a, ok
	}
	word := p.checkedWord()
	name, value, isPair := strings.Cut(word, "=")
	if !isPair || name == "" || !isNameOnly(name) {
		a.name = p.expand(word, a.at)
		a.quoted = a.name != word // a variable's value is text, whatever is in it
		return a, true
	}
	a.name = word
	switch {
	case value != "":
		a.valueAt = place{a.at.line, a.at.column + utf8.RuneCountInString(name) + 1}
		a.name, a.value, a.hasValue = name, p.expand(value, a.valueAt), true
	case p.peek() == '"':
		a.valueAt = p.place()
		a.name, a.hasValue = name, true
		a.value, ok = p.checkedQuoted()
		return a, ok
	}
	return a, true
}

func (p *parser) checkedName() string {
	at := p.place()
	return p.check(p.name(), at, isForeign)
}

func (p *parser) checkedWord() string {
	at := p.place()
	return p.check(p.word(), at, isForeign)
}

func (p *parser) checkedQuoted() (string, bool) {
	at := p.place()
	text, ok := p.quoted()
	if !ok {
		p.syntax(at, "this quotation mark has no partner in its line", `close the quoted text with "`)
		return "", false
	}
	at.column++
	return p.expand(p.check(text, at, func(rune) bool { return false }), at), true
}

// check reports the first character of a token that is no UTF-8 or forbidden. It returns the token.
func (p *parser) check(token string, at place, forbidden func(rune) bool) string {
	for i, r := range token {
		isInvalid := r == utf8.RuneError && !strings.HasPrefix(token[i:], string(utf8.RuneError))
		if !isInvalid && !forbidden(r) {
			continue
		}
		at.column += utf8.RuneCountInString(token[:i])
		if isInvalid {
			p.syntax(at, fmt.Sprintf("the byte 0x%02X is not UTF-8", token[i]), "save the text as UTF-8")
		} else {
			p.syntax(at, fmt.Sprintf("the character U+%04X cannot stand here", r), "separate words by spaces, or put it in quotation marks")
		}
		break
	}
	return token
}

// isForeign reports whether a character has no place in a word: it is invisible, so nobody would see why two words are
// one, or why a name is not the one it seems to be.
func isForeign(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || string(r) == byteOrderMark
}
