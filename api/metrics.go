package api

import (
	"net/http"

	"github.com/valyala/fasthttp/fasthttpadaptor"
)

// MetricsRoute is where Prometheus asks for metrics.
func MetricsRoute(h http.Handler) Route {
	answer := fasthttpadaptor.NewFastHTTPHandler(h)
	return Route{Method: "GET", Path: []Part{Exact("metrics")}, Handler: func(r *Request) { answer(r.HTTP) }, Quiet: true}
}
