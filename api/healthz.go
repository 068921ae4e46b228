package api

import "github.com/valyala/fasthttp"

// Healthz always answers "ok": the process serves. A supervisor restarts it when this answer stays out.
func Healthz() Handler {
	return func(r *Request) { r.Text(fasthttp.StatusOK, "ok") }
}
