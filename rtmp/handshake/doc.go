// Package handshake opens RTMP connections (RTMP 1.0 §5.2), with and without digests.
//
//	client                            server
//	  C0 version, C1 1536 bytes  →
//	                             ←  S0 version, S1 1536 bytes, S2 answer to C1
//	  C2 answer to S1            →
//	  first chunk                →
//
// In the simple form of the specification the answer is the other side's packet again. Flash Player 9 brought
// another form: C1 and S1 hide an HMAC of themselves under a well-known key, and the answers are signed with the
// digest that they answer. A server sees from C1 which form a client speaks, a client sees it from S1.
//
// [Server] and [Client] do no I/O and read no clock. Both take bytes cut anywhere: no client can be relied on to
// send a packet in one piece, or to wait where the diagram makes it wait.
package handshake

const (
	version     = 3    // of plain RTMP in C0 and S0 (RTMP 1.0 §5.2.2)
	packetBytes = 1536 // C1, S1, C2 and S2 (§5.2.3, §5.2.4)
)
