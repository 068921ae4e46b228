package chunk

import (
	"bytes"
	"encoding/binary"
)

// repeatHabit is what is known about a peer whose messages carry an extended timestamp.
//
// RTMP 1.0 §5.3.1.3 has the type 3 chunks of such a message repeat it, and so do ffmpeg and GStreamer. OBS before
// 2024, rtmpdump and several cameras leave it out. Nothing in the header tells the two apart, so the first
// four bytes of the first continuation chunk do: they are the timestamp again or they are not. A peer does not
// change its ways, and data can look like a timestamp, so the first answer holds for the connection.
type repeatHabit uint8

const (
	repeatUnknown repeatHabit = iota
	repeatYes
	repeatNo
)

// repeatedBytes returns how many bytes of timestamp, 4 or 0, the type 3 chunk has on s, whose data or
// timestamp begins with p. enough is false when that depends on bytes behind p.
//
// A type 3 chunk that begins a message is compared each time and teaches nothing: librtmp repeats the timestamp
// within a message but sends none with a message at the time of the last.
func (k *repeatHabit) repeatedBytes(s *readStream, p []byte) (n int, enough bool) {
	if s.open && *k == repeatNo {
		return 0, true
	}
	if s.open && *k == repeatYes {
		return 4, len(p) >= 4
	}
	var want [4]byte
	binary.BigEndian.PutUint32(want[:], s.time)
	seen := p[:min(len(p), 4)]
	// One byte that differs settles it, so the last bytes of a message are never held back for want of a fourth
	// unless they look like the timestamp.
	if !bytes.HasPrefix(want[:], seen) {
		if s.open {
			*k = repeatNo
		}
		return 0, true
	}
	if len(seen) < 4 {
		return 0, false
	}
	if s.open {
		*k = repeatYes
	}
	return 4, true
}
