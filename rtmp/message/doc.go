// Package message knows what the body of each RTMP message means (RTMP 1.0 §5.4, §6.2 and §7.1).
//
// A [Parser] turns the whole message that the chunk stream delivered into one of the types below; the AppendBody of a
// type writes the body back. Each type has a file of its own, and [Parser.Parse] is the table of them all:
//
//	1 SetChunkSize          8 Audio               18, 15 Data (AMF0, AMF3)
//	2 Abort                 9 Video               19, 16 SharedObject (AMF0, AMF3)
//	3 Acknowledgement       4 UserControl         20, 17 Command (AMF0, AMF3)
//	5 WindowAckSize         6 SetPeerBandwidth    22     Aggregate
//
// The package does no I/O and keeps no state but the values it reuses, so it can be fuzzed and used alone.
package message
