package config

import "fmt"

// Pos is a place in a text.
type Pos struct {
	// File is the name that was given to Parse; it need not be a file's.
	File string
	// Line counts from 1. Zero means that the place is unknown.
	Line int
	// Column counts from 1 in characters (Unicode code points): a tab is one, and so is a byte that is not UTF-8.
	// A byte-order mark is not counted. The column behind the last character is the end of the line.
	Column int
}

// String returns "file:line:column", without the parts that are not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.File == "":
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// place is a Pos whose file is understood.
type place struct {
	line, column int
}

func (p place) in(file string) Pos {
	return Pos{File: file, Line: p.line, Column: p.column}
}

func (p Pos) place() place { return place{p.Line, p.Column} }
