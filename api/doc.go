// Package api is the HTTP API of the server: a routing table on fasthttp, the handlers that show and change
// workflows, and the probes for supervisors.
//
// A distribution chooses which handlers exist and where. Handlers do not know URLs; a [Route] joins a method, a
// path and a handler:
//
//	router := api.NewRouter()
//	err := router.Add(api.Route{
//		Method:  "GET",
//		Path:    []api.Part{api.Exact("workflows"), api.Param("workflow")},
//		Handler: api.WorkflowDetails(manager),
//	})
//
// [Routes] is the table of the official distribution.
//
// # Answers that every route shares
//
//	404  text "Invalid URL"   no route has this path
//	405  header Allow         the path has routes, but not for this method
//	500  empty                the handler panicked; the stack is in the log
//	401  WWW-Authenticate     the token is missing or wrong
//	403  text                 a web page asks, and there is no token
//	400, 408, 431             the request cannot be read, came too slowly, has a header of more than 8 KiB
//
// Every answer carries an x-request-id (a UUID, version 4). The same id is in the log lines "request in" and
// "request out" as request_id, and in everything that the request caused. An id from the client is not read.
// The one exception is the 503 of fasthttp itself to a connection over the limit of concurrent ones.
//
// A server listens on 127.0.0.1 unless its configuration names another address. Who may ask: see [Config] and [Route].
package api
