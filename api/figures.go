package api

import (
	"context"

	"github.com/valyala/fasthttp"

	"mmids/engine/figures"
)

const (
	streamParam = "stream"

	// connectionsLimit is how many connections are shown unless the request says otherwise.
	connectionsLimit = 1000
)

// ListStreams answers with all live streams.
func ListStreams(v figures.View) Handler {
	return func(r *Request) { r.JSON(fasthttp.StatusOK, v.Streams()) }
}

// ShowStream answers with the live stream that the path parameter "stream" names.
func ShowStream(v figures.View) Handler {
	return func(r *Request) {
		id, _ := r.Param(streamParam)
		if stream, known := v.Stream(id); known {
			r.JSON(fasthttp.StatusOK, stream)
			return
		}
		r.Text(fasthttp.StatusNotFound, "No such stream")
	}
}

// ListConnections answers with connections, as many as the query parameter "limit" says.
func ListConnections(v figures.View) Handler {
	return func(r *Request) {
		limit, err := r.HTTP.QueryArgs().GetUint("limit")
		switch {
		case err == fasthttp.ErrNoArgValue:
			limit = connectionsLimit
		case err != nil:
			r.Text(fasthttp.StatusBadRequest, "limit is not a number")
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), detailsTimeout)
		defer cancel()
		r.JSON(fasthttp.StatusOK, v.Connections(ctx, limit))
	}
}

// ShowFigures answers with what f returns: one of the answers that are looked up at once.
func ShowFigures[T any](f func() T) Handler {
	return func(r *Request) { r.JSON(fasthttp.StatusOK, f()) }
}
