// Package server is the RTMP endpoint: it opens ports for those who register for publishers or viewers, talks RTMP
// with the clients that come, and passes media between them and the registrants.
//
// # How a frame comes in
//
// A connection's bytes go through handshake, chunk reader and session on its event loop. A media message becomes a
// [media.Notification] whose payload is the memory that the chunk reader filled: the only copy that is made of
// it. All notifications of one read are handed to the registrant's workflow at once.
//
// # How a frame goes out
//
// A registrant for viewers asks for the [Channel] of a stream key and appends notifications to it. The channel
// encodes them into a wire log (package fanout), from which each event loop writes to its viewers.
//
// # Who owns what
//
// A connection and its session belong to their event loop. Ports, apps, registrations, live keys and channels belong
// to the registry, whose lock is held for look-ups and changes of its tables only: nothing is sent, and nobody is
// called, while it is held. A channel's log is appended to by the one goroutine that acquired it as a feeder.
package server
