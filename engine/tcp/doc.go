// Package tcp owns every stream socket of the server: one set of event loops, as many ports as are asked for,
// opened and closed at run time. It is the only package that knows gnet.
//
// # Ownership
//
// A connection belongs to its event loop. Everything on [Conn] and every call of a [Handler] happens on that
// loop; other goroutines reach it with [Loop.Do] (rare things) or [Task.Mark] (frequent things). Both wake the loop, which
// looks at its sockets between two rounds of that work, so that no amount of it keeps a received byte waiting.
//
// # Reading
//
// gnet says which sockets have something to say and reads them. A loop with little to do saves the way through gnet: it
// reads the connections that spoke last by itself (latest.go), and those that are read in bulk, too (bulk.go). Nothing stays
// in gnet's buffers, so the order of bytes is that of the socket whoever reads.
//
// # Writing
//
// All bytes leave by non-blocking writes on the socket itself. gnet's own write calls are never used: they would
// queue without bound, and mixing the two would let newer bytes overtake older ones. What the peer does not
// take stays with its owner: control bytes in the connection's bounded pending buffer, media in the log that the
// viewer's cursor points into.
//
// # TLS
//
// A connection of a port with TLS has a tlsLayer between its handler and its socket: crypto/tls over memory. The
// handshake has a goroutine of its own, which the loop feeds; once it is done, records are opened and sealed on the loop,
// so that a handler, a viewer and a log are served as on a plain port. Sealed bytes cannot be taken back, so the
// connection keeps the end of a span of records that the peer did not take, and that goes before all else.
package tcp
