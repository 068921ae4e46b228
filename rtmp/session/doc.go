// Package session holds the rules of an RTMP conversation above the chunk stream: connect, createStream, publish, play
// and what surrounds them, for both sides (RTMP 1.0 §7.2, Enhanced RTMP v2).
//
// [Server] and [Client] are state machines without I/O and without a clock. Their owner feeds whole messages to Handle,
// sends what Output holds, and learns from a handler what the peer wants. All methods of a session, and its handler's,
// run on one goroutine: the event loop that owns the connection. A handler may call methods of its session.
//
//	bytes → chunk.Reader → Server.Handle → ServerHandler.OnPublish …
//	bytes ← Server.Output ←──┘      AcceptPublish / RejectPublish, at once or later
//
// Three questions are left to the owner, who answers them when it can: may this client connect to the app, may it publish
// this key, may it play it. A request that has been withdrawn in the meantime can no longer be answered.
//
// A refusal is a status that the peer can show to its user; after it Closing reports true, and the owner sends what is
// queued before it closes the connection.
package session
