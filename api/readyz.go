package api

import "github.com/valyala/fasthttp"

// Readyz answers "ok" while ready returns nil, else 503 with the text of its error as the reason. A load balancer
// sends streams here only while this is 200. ready is called for each request, on any goroutine, and must not
// block.
func Readyz(ready func() error) Handler {
	return func(r *Request) {
		if err := ready(); err != nil {
			r.Text(fasthttp.StatusServiceUnavailable, err.Error())
			return
		}
		r.Text(fasthttp.StatusOK, "ok")
	}
}
