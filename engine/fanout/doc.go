// Package fanout carries one stream to any number of viewers: the stream is encoded once, into a log of the exact
// bytes that a viewer gets, and every viewer is a position in that log.
//
// # Why a log and not a queue for each viewer
//
// A send costs about 10 µs whatever its size, so what decides is how few of them there are and that nothing else is
// paid per viewer. With queues, each frame costs each viewer an entry, a hand-over and a send. Here a visit writes
// everything between a viewer's position and the head with one call, so load shows as larger writes instead of
// longer queues: twice the viewers need about the same number of sends. A slow viewer holds no memory: what it has
// not read is in the log, which everybody shares and which is bounded; when the log has moved on, the viewer's
// position moves to the newest key frame.
//
// # Who does what
//
// The goroutine that owns the stream appends and publishes ([Log]). Each event loop has a [Group] of the viewers
// that it owns. Publishing marks the groups that have viewers, once each; a loop then visits its group and writes.
// The lock of a log guards only the few words that say where the log begins and ends. It is held for the time it
// takes to copy them and never while bytes are sent.
//
// # Invariants
//
//   - A message lies in one segment, so the rest of a message that a viewer has begun is one piece.
//   - Published bytes never change. A segment returns to the pool when the log has let go of it, no visit borrows it
//     and no viewer has part of a message in it.
//   - A viewer never sees half a message followed by something else: before it skips, or is told something out of
//     band, the rest of the message it has begun is copied for it.
package fanout
