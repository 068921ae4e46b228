package api

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// table builds a router from lines such as "GET /workflows/{name}". Parts in braces are parameters.
func table(t testing.TB, lines ...string) *Router {
	t.Helper()
	router := NewRouter()
	for _, line := range lines {
		require.NoError(t, router.Add(routeOf(line)))
	}
	return router
}

func routeOf(line string) Route {
	method, target, _ := strings.Cut(line, " ")
	r := Route{Method: method, Handler: func(*Request) {}}
	for text := range strings.SplitSeq(target, "/") {
		switch {
		case text == "":
		case text[0] == '{':
			r.Path = append(r.Path, Param(strings.Trim(text, "{}")))
		default:
			r.Path = append(r.Path, Exact(text))
		}
	}
	return r
}

// found returns the route for a request as text, with the values of its parameters behind it.
func found(router *Router, request string) string {
	method, target, _ := strings.Cut(request, " ")
	var p path
	p.split([]byte(target))
	if p.invalid {
		return "invalid"
	}
	route := router.find(method, p.parts())
	if route == nil {
		if allowed := router.allowed(p.parts()); allowed != "" {
			return "allow " + allowed
		}
		return "none"
	}
	text := route.String()
	r := Request{route: route, path: p}
	for _, part := range route.Path {
		if part.isParam {
			value, _ := r.Param(part.text)
			text += " " + part.text + "=" + value
		}
	}
	return text
}

// Exact parts are case-sensitive, empty and blank parts do not count, the query is not looked at.
func TestPathsThatAreEqual(t *testing.T) {
	router := table(t, "GET /", "GET /workflows", "GET /workflows/{name}")
	f := func(target, want string) {
		t.Helper()
		require.Equal(t, want, found(router, "GET "+target))
	}
	f("/", "GET /")
	f("//", "GET /")
	f("/?x=/workflows", "GET /")
	f("/workflows", "GET /workflows")
	f("/workflows/", "GET /workflows")
	f("//workflows", "GET /workflows")
	f("/ /workflows/\t/", "GET /workflows")
	f("/workflows?verbose=1", "GET /workflows")
	f("/workflows?next=/a/b", "GET /workflows")
	f("/workflows#top", "GET /workflows")
	f("http://127.0.0.1:9000/workflows?x", "GET /workflows")
	f("http://127.0.0.1:9000", "GET /")
	f("/Workflows", "none")
	f("/workflow", "none")
	f("/workflows/a/b", "none")
	f("workflows", "invalid")
	f("*", "invalid")
	f("127.0.0.1:9000", "invalid")
	f("", "invalid")
}

// Each part is decoded, after the path was split.
func TestPartsAreDecoded(t *testing.T) {
	router := table(t, "GET /workflows/{name}", "GET /late show")
	f := func(target, want string) {
		t.Helper()
		require.Equal(t, want, found(router, "GET "+target))
	}
	f("/workflows/late%20show", "GET /workflows/{name} name=late show")
	f("/w%6frkflows/x", "GET /workflows/{name} name=x")
	f("/late%20show", "GET /late show")
	f("/workflows/a%2Fb", "GET /workflows/{name} name=a/b")
	f("/workflows/a%2fb", "GET /workflows/{name} name=a/b")
	f("/workflows/%20", "GET /workflows/{name} name= ")
	f("/workflows/a+b", "GET /workflows/{name} name=a+b")
	f("/workflows/%C3%A9t%C3%A9", "GET /workflows/{name} name=été")
	f("/workflows/100%", "GET /workflows/{name} name=100%")
	f("/workflows/%zz%4", "GET /workflows/{name} name=%zz%4")
	f("/workflows/%%41", "GET /workflows/{name} name=%A")
	f("/workflows/%2541", "GET /workflows/{name} name=%41")
	f("/workflows/..", "GET /workflows/{name} name=..")
	f("/workflows/%3Fx", "GET /workflows/{name} name=?x")
}

// Exact before parameter, and back again where the exact branch leads nowhere.
func TestExactGoesBeforeParameter(t *testing.T) {
	router := table(t,
		"GET /a/{x}/c",
		"GET /a/b/{y}",
		"GET /{z}/b/c/d",
		"GET /a/b/c/e",
		"DELETE /a/{x}",
		"GET /a/special",
	)
	f := func(request, want string) {
		t.Helper()
		require.Equal(t, want, found(router, request))
	}
	f("GET /a/b/c", "GET /a/b/{y} y=c")
	f("GET /a/other/c", "GET /a/{x}/c x=other")
	f("GET /a/b/c/e", "GET /a/b/c/e")
	f("GET /a/b/c/d", "GET /{z}/b/c/d z=a") // three levels back
	f("GET /a/special", "GET /a/special")
	f("DELETE /a/special", "DELETE /a/{x} x=special") // the exact branch has no route for the method
	f("GET /a/b/c/f", "none")
	f("GET /a", "none")
}

func TestConflicts(t *testing.T) {
	router := table(t, "GET /workflows/{name}", "GET /")
	f := func(line string, conflict bool) {
		t.Helper()
		err := router.Add(routeOf(line))
		if conflict {
			require.ErrorIs(t, err, ErrConflict)
			require.ErrorContains(t, err, "route "+line+": conflicts")
		} else {
			require.NoError(t, err)
		}
	}
	f("GET /workflows/{name}", true)
	f("GET /workflows/{id}", true)
	f("GET /", true)
	f("PUT /workflows/{id}", false)
	f("GET /workflows/name", false)
	f("GET /{a}/{b}", false)
	f("GET /{b}/{a}", true)
	require.Equal(t, "GET /workflows/{name} name=x", found(router, "GET /workflows/x"), "the first one stays")
	require.Equal(t, "PUT /workflows/{id} id=x", found(router, "PUT /workflows/x"))
}

func TestRoutesThatAreRefused(t *testing.T) {
	handler := func(*Request) {}
	f := func(r Route, want string) {
		t.Helper()
		require.ErrorContains(t, NewRouter().Add(r), want)
	}
	f(Route{Handler: handler}, `method "" is not in capitals`)
	f(Route{Method: "get", Handler: handler}, `method "get" is not in capitals`)
	f(Route{Method: "GET"}, "handler is missing")
	f(Route{Method: "GET", Path: []Part{Exact("")}, Handler: handler}, "a part is empty")
	f(Route{Method: "GET", Path: []Part{Param("")}, Handler: handler}, "a part is empty")
	f(routeOf("GET "+strings.Repeat("/x", partsMax+1)), "more than 16 parts")
	require.NoError(t, NewRouter().Add(routeOf("GET "+strings.Repeat("/x", partsMax))))
}

func TestPathsAtTheLimitOfParts(t *testing.T) {
	longest := strings.Repeat("/x", partsMax)
	router := table(t, "GET "+longest)
	require.Equal(t, "GET "+longest, found(router, "GET "+longest+"//"))
	require.Equal(t, "invalid", found(router, "GET "+longest+"/x"))
}

func TestMethods(t *testing.T) {
	router := table(t, "GET /workflows", "PUT /workflows", "DELETE /{any}", "PUT /only", "HEAD /own", "GET /own")
	f := func(request, want string) {
		t.Helper()
		require.Equal(t, want, found(router, request))
	}
	f("HEAD /workflows", "GET /workflows")
	f("HEAD /own", "HEAD /own")
	f("POST /workflows", "allow DELETE, GET, HEAD, PUT")
	f("get /workflows", "allow DELETE, GET, HEAD, PUT")
	f("GET /only", "allow DELETE, PUT")
	f("HEAD /only", "allow DELETE, PUT")
	f("POST /nothing/here", "none")
}

func TestUnknownParameter(t *testing.T) {
	route := routeOf("GET /workflows/{name}")
	_, ok := (&Request{route: &route}).Param("workflows")
	require.False(t, ok)
}

func BenchmarkRoute(b *testing.B) {
	router := table(b, "GET /", "GET /workflows", "PUT /workflows", "GET /workflows/{name}", "DELETE /workflows/{name}",
		"GET /healthz", "GET /readyz", "GET /{app}/{key}")
	for _, target := range []string{"/workflows", "/workflows/ingest", "/workflows/late%20show", "/live/cam1"} {
		b.Run("path="+strings.ReplaceAll(target[1:], "/", "_"), func(b *testing.B) {
			b.ReportAllocs()
			raw := []byte(target)
			var p path
			for b.Loop() {
				p.split(raw)
				if router.find("GET", p.parts()) == nil {
					b.Fatal("no route")
				}
			}
		})
	}
}
