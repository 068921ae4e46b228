package api

import (
	"errors"
	"fmt"
	"strings"
)

// partsMax bounds the parts of a route. The longest of the official table, those of the console's files, have four; a path with
// more parts than this matches nothing, so a lookup needs no memory but an array of this size.
const partsMax = 16

// Handler answers one request. It runs on a goroutine of its own connection and may block. It must not keep r,
// or anything it got from r, after it returned.
type Handler func(r *Request)

// Route joins a method and a path with the handler that answers there.
type Route struct {
	Method  string // in capitals; a route for GET answers HEAD too, unless HEAD has a route of its own
	Path    []Part // empty for the root
	Handler Handler
	Open    bool // for everybody who reaches the port, without the token
	Quiet   bool // log its requests at debug level: for whatever only looks
	// Page is where browsers are sent instead, with a token or without one. It is relative to the route. Empty means nowhere.
	Page string
}

// Part is one part of a path, the text between two slashes.
type Part struct {
	text    string
	isParam bool
}

// Exact matches this text, case-sensitively. The text is what a request has after percent-decoding.
func Exact(text string) Part { return Part{text: text} }

// Param matches any part and gives it a name, by which the handler finds it.
func Param(name string) Part { return Part{text: name, isParam: true} }

// String returns the route as logs and errors show it, for example "GET /workflows/{workflow}".
func (r Route) String() string {
	var b strings.Builder
	b.WriteString(r.Method)
	b.WriteByte(' ')
	if len(r.Path) == 0 {
		b.WriteByte('/')
	}
	for _, p := range r.Path {
		b.WriteByte('/')
		if p.isParam {
			b.WriteString("{" + p.text + "}")
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

func (r Route) check() error {
	switch {
	case r.Method == "" || r.Method != strings.ToUpper(r.Method):
		return fmt.Errorf("method %q is not in capitals", r.Method)
	case r.Handler == nil:
		return errors.New("handler is missing")
	case len(r.Path) > partsMax:
		return fmt.Errorf("more than %d parts", partsMax)
	}
	for _, p := range r.Path {
		if p.text == "" {
			return errors.New("a part is empty")
		}
	}
	return nil
}
