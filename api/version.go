package api

import "github.com/valyala/fasthttp"

// Version answers with the name and version of the product, for example Version("Mmids", "1.0.0") with
// "Mmids version 1.0.0".
func Version(product, version string) Handler {
	text := product + " version " + version
	return func(r *Request) { r.Text(fasthttp.StatusOK, text) }
}
