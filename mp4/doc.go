// Package mp4 makes live fragmented MP4 (ISO/IEC 14496-12 §8.8) of a stream's packets, as Media Source Extensions and
// the video element of browsers play it: an initialization segment, then one fragment, moof and mdat, for each frame.
//
// A frame leaves when the next one of its kind has come, because its duration is part of it: with durations that are
// guessed, browsers take a frame that comes late for a jump and show nothing until the next key frame. One fragment for
// each frame costs 112 bytes, and nothing waits for company here.
//
// The package knows no I/O, no clock and no viewers.
package mp4
