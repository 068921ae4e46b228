// Package tcp owns every stream socket of the server: one set of event loops, as many ports as are asked for,
// opened and closed at run time. It is the only package that knows gnet.
//
// # Ownership
//
// A connection belongs to its event loop. Everything on [Conn] and every call of a [Handler] happens on that
// loop; other goroutines reach it with [Loop.Do] (rare things) or [Task.Mark] (frequent things). Both wake the loop
// through a socket of its own, so that a wake-up is an event between other sockets' events and no amount of work
// queued by others keeps a received byte waiting.
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
// Bytes cross the socket in two places only, [Conn.Write] with its flush and the engine's read callback, so a
// port that speaks TLS decrypts and seals there, over memory, on the same loops.
package tcp
