// Package server is the HTTP endpoint for viewers: live streams as FLV over HTTP and over WebSockets, and as fragmented
// MP4, on the event loops and wire logs that RTMP viewers are served by.
//
// A stream is encoded once for each format that somebody watches it in ([Channel]), into a log of the exact bytes that
// viewers get; each viewer is a position in that log. So what HTTP puts around messages is in the log, too.
//
// A connection has one request. Its head is read by net/http; everything behind the head is the log.
package server
