package config

import (
	"strings"
	"unicode/utf8"
)

// scanner walks over the text, one token at a time, and knows the line and column where it is. It judges nothing.
// A copy of it is a look ahead.
type scanner struct {
	text         string
	at           int // index of the next byte
	line, column int // position of that byte
}

func newScanner(text string) scanner {
	return scanner{text: strings.TrimPrefix(text, byteOrderMark), line: 1, column: 1}
}

const byteOrderMark = "\uFEFF"

func (s *scanner) place() place { return place{s.line, s.column} }

func (s *scanner) atEnd() bool { return s.at == len(s.text) }

// peek returns the next byte, or 0 at the end of the text.
func (s *scanner) peek() byte {
	if s.atEnd() {
		return 0
	}
	return s.text[s.at]
}

// take consumes the next n bytes, which hold no newline.
func (s *scanner) take(n int) string {
	taken := s.text[s.at : s.at+n]
	s.at += n
	s.column += utf8.RuneCountInString(taken)
	return taken
}

func (s *scanner) skipBlanks() {
	for c := s.peek(); c == ' ' || c == '\t'; c = s.peek() {
		s.take(1)
	}
}

// atLineEnd reports whether nothing but a remark is left of the line.
func (s *scanner) atLineEnd() bool {
	c := s.peek()
	return s.atEnd() || c == '#' || isNewline(c)
}

// endLine consumes a remark and the newline behind it.
func (s *scanner) endLine() {
	s.take(lineLen(s.text[s.at:]))
	if newline := newlineLen(s.text[s.at:]); newline > 0 {
		s.at += newline
		s.line, s.column = s.line+1, 1
	}
}

// word consumes a run of characters that may stand in a word, possibly none.
func (s *scanner) word() string { return s.take(wordLen(s.text[s.at:])) }

// name is like word, but stops at the characters that a name cannot have.
func (s *scanner) name() string { return s.take(run(s.text[s.at:], isName)) }

// quoted consumes quoted text and returns what is between its quotation marks. Without a second quotation mark in the
// same line it consumes nothing and returns false.
func (s *scanner) quoted() (string, bool) {
	rest := s.text[s.at+1:]
	end := strings.IndexAny(rest, "\"\r\n")
	if end < 0 || rest[end] != '"' {
		return "", false
	}
	s.take(end + 2)
	return rest[:end], true
}

// skipRest consumes what is left of the line, up to its remark or newline, and returns its last byte that is no blank.
// It is for lines that cannot be understood, so a lone quotation mark does not bother it.
func (s *scanner) skipRest() byte {
	last := byte(0)
	for s.skipBlanks(); !s.atLineEnd(); s.skipBlanks() {
		last = s.peek()
		if last == '"' {
			if _, ok := s.quoted(); ok {
				continue
			}
		}
		if s.word() != "" {
			last = 0 // a brace at its end is that of a variable
		} else {
			s.take(1)
		}
	}
	return last
}

// lineLen returns the length of the text's first line without its newline.
func lineLen(text string) int {
	if end := strings.IndexAny(text, "\r\n"); end >= 0 {
		return end
	}
	return len(text)
}

// newlineLen returns the length of the newline that the text begins with, 0 if it does not begin with one.
func newlineLen(text string) int {
	switch {
	case strings.HasPrefix(text, "\r\n"):
		return 2
	case text != "" && isNewline(text[0]):
		return 1
	default:
		return 0
	}
}

// run returns the length of the text's longest prefix of bytes that belong.
func run(text string, belongs func(byte) bool) int {
	for i := range len(text) {
		if !belongs(text[i]) {
			return i
		}
	}
	return len(text)
}

func isNewline(c byte) bool { return c == '\n' || c == '\r' }

// isWord takes control characters for part of a word too, since that makes the better mistake.
func isWord(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', '{', '}', '"', '#':
		return false
	default:
		return true
	}
}

func isName(c byte) bool { return isWord(c) && c != '?' && c != '=' && c != '&' }
