package main

import "mmids/api"

// framesRoute is GET /frames: frames by stream. The handler does not know where it is mounted.
func framesRoute(totals *frameTotals) api.Route {
	return api.Route{
		Method: "GET", Path: []api.Part{api.Exact("frames")},
		Handler: func(r *api.Request) { r.JSON(200, totals.snapshot()) },
	}
}
