// Package media defines what flows through a workflow: streams, notifications, packets and the counted
// memory that payloads live in. It knows no protocol's wire format beyond one decision: a coded unit
// travels as an FLV tag body (see [Packet]), so that RTMP and FLV outputs forward exactly the bytes that
// came in, whatever the codec.
package media
