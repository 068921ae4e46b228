package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrConflict is wrapped by the error of [Router.Add] for a second route of the same method and shape.
var ErrConflict = errors.New("conflicts with a route that exists")

// Router is the routing table: a tree with a level for each part of a path. Routes are added before the server
// starts; from then on any number of goroutines may look up.
type Router struct {
	root node
}

// node is one place in the tree.
type node struct {
	exact  map[string]*node
	param  *node // for any part; each route has its own name for it
	routes map[string]*Route
}

// NewRouter returns a table without routes.
func NewRouter() *Router { return &Router{} }

// Add puts a route into the table. Two routes conflict if method and shape are equal, whatever their parameters
// are called; an exact part and a parameter at the same place do not conflict.
func (t *Router) Add(r Route) error {
	if err := r.check(); err != nil {
		return fmt.Errorf("route %s: %w", r, err)
	}
	n := &t.root
	for _, p := range r.Path {
		n = n.child(p)
	}
	if other := n.routes[r.Method]; other != nil {
		return fmt.Errorf("route %s: %w: %s", r, ErrConflict, other)
	}
	if n.routes == nil {
		n.routes = make(map[string]*Route)
	}
	r.Path = slices.Clone(r.Path)
	n.routes[r.Method] = &r
	return nil
}

func (n *node) child(p Part) *node {
	if p.isParam {
		if n.param == nil {
			n.param = &node{}
		}
		return n.param
	}
	next := n.exact[p.text]
	if next == nil {
		next = &node{}
		if n.exact == nil {
			n.exact = make(map[string]*node)
		}
		n.exact[p.text] = next
	}
	return next
}

// find returns the route for a method and a path split into parts, or nil. At each part an exact match goes
// before a parameter, which is tried if the exact branch has no route for the method. It allocates nothing.
func (t *Router) find(method string, parts [][]byte) *Route {
	if r := t.root.find(method, parts); r != nil || method != "HEAD" {
		return r
	}
	return t.root.find("GET", parts)
}

func (n *node) find(method string, parts [][]byte) *Route {
	if len(parts) == 0 {
		return n.routes[method]
	}
	if next := n.exact[string(parts[0])]; next != nil {
		if r := next.find(method, parts[1:]); r != nil {
			return r
		}
	}
	if n.param != nil {
		return n.param.find(method, parts[1:])
	}
	return nil
}

// allowed returns the methods that the path has routes for, as the header Allow lists them, or "".
func (t *Router) allowed(parts [][]byte) string {
	methods := make(map[string]bool)
	t.root.collect(parts, methods)
	if methods["GET"] {
		methods["HEAD"] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
}

func (n *node) collect(parts [][]byte, methods map[string]bool) {
	if len(parts) == 0 {
		for method := range n.routes {
			methods[method] = true
		}
		return
	}
	if next := n.exact[string(parts[0])]; next != nil {
		next.collect(parts[1:], methods)
	}
	if n.param != nil {
		n.param.collect(parts[1:], methods)
	}
}
