package main

import (
	"math"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// published is a stream as its viewers have to get it.
type published struct {
	number uint32
	// bytes is how many there have been so far, of tag bodies. If somebody else publishes, it is what the stream's first
	// verifying viewer got; but a raw stream's source is known, and so is what it should have sent.
	bytes int64
	copy  *rawCopy // nil if it is no raw stream, or nothing has come
	// begin and end are bytes at the two times that arrears are compared at.
	begin, end int64
}

// viewer takes a stream without looking at it: the kernel throws the bytes away.
type viewer struct {
	link
	stream  *published
	problem error // why the connection ended

	// The server may want to hear each so many bytes that they have come (RTMP 1.0 §5.4.3).
	window, acknowledged int64

	begin   int64 // received when measuring began
	end     int64 // and when it ended
	arrears arrears
}

// arrears find out what share of the bit rate a viewer gets. It lacks, at each moment, what was published and has not come
// yet, be it lost, queued or on its way; from when on the count began does not matter. A viewer that gets everything lacks
// no more at the end than it did at the beginning. As servers send in bursts, it is compared when the viewer lacks least
// within the time from key frame to key frame.
type arrears struct {
	least       int64 // since reset
	first, last int64 // bytes
}

func (a *arrears) reset()            { a.least = math.MaxInt64 }
func (a *arrears) see(lacking int64) { a.least = min(a.least, lacking) }
func (v *viewer) lacking() int64     { return v.stream.bytes - v.received }

// share is how much of the bytes that should have come has come, at most 1. overhead is how many bytes a connection
// carries for each byte of a tag body.
func (v *viewer) share(overhead float64) float64 {
	published := v.stream.end - v.stream.begin
	if published <= 0 {
		return 1
	}
	came := float64(published - (v.arrears.last - v.arrears.first))
	return min(max(came/(float64(published)*overhead), 0), 1)
}

// visit takes what has come and returns how much that was.
func (v *viewer) visit() int {
	n, err := v.discard()
	v.arrears.see(v.lacking())
	if err == nil {
		err = v.acknowledge()
	} else if err == errAgain {
		err = nil
	}
	v.problem = err
	return n
}

// acknowledge tells the server how much has come, when it wants to know.
func (v *viewer) acknowledge() error {
	if v.window == 0 || v.received-v.acknowledged < v.window {
		return nil
	}
	v.acknowledged = v.received
	a := message.Acknowledgement{SequenceNumber: uint32(v.received)}
	body, err := a.AppendBody(nil)
	if err != nil {
		return err
	}
	const control = 2 // the chunk stream of protocol control messages (RTMP 1.0 §5.4)
	return v.send(chunk.AppendType0(nil, &chunk.Message{ChunkStream: control, Type: a.Type(), Payload: body}, chunk.DefaultChunkSize))
}
