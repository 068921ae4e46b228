package ffmpeg

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Job says what one ffmpeg does.
type Job struct {
	// RealTime makes ffmpeg read its input at the speed of its timestamps instead of as fast as it can.
	RealTime bool
	// Input is a file or URL, anything that ffmpeg takes after -i.
	Input string
	// InputProtocols is what ffmpeg may use to read the input, and all that the input leads to, from
	// [Protocols.Whitelist]. Empty means everything that ffmpeg allows.
	InputProtocols string

	Video VideoCodec
	// Preset is one that [ParsePreset] knows. Needed with [VideoH264], ignored with [VideoCopy].
	Preset string
	// Scale is the size of the resulting picture. The zero value leaves it as it is.
	Scale Size
	// Kbps is the video's bitrate in kilobits per second. Zero leaves it to the encoder.
	Kbps uint16
	// KeyFrameSeconds is the time from one key frame to the next. Zero leaves it to the encoder, which puts one every 250
	// frames and at changes of scene.
	KeyFrameSeconds uint16

	Audio AudioCodec

	// Target is where the result goes: [FLV] or [HLS].
	Target Target
	// TargetProtocols is the same for the target.
	TargetProtocols string

	// For says whom the job is done for.
	For Purpose
}

// Purpose is whom a job is done for. It is only shown.
type Purpose struct{ Workflow, StepID, StreamID string }

// VideoCodec is what happens to the video. The zero value copies it.
type VideoCodec uint8

// What can happen to the video.
const (
	VideoCopy VideoCodec = iota
	VideoH264
)

// AudioCodec is what happens to the audio. The zero value copies it.
type AudioCodec uint8

// What can happen to the audio.
const (
	AudioCopy AudioCodec = iota
	AudioAAC
)

// Size is the size of a picture in pixels. A side of zero is taken over from the input.
type Size struct{ Width, Height uint16 }

// Target is where a job's result goes.
type Target interface {
	arguments() []string
	validate() error
}

// FLV sends one FLV stream to an address, RTMP as a rule.
type FLV struct {
	// URL is an address or a file.
	URL string
}

// HLS writes a playlist and its segments.
type HLS struct {
	// File is the playlist's path; [HLSFile] makes one that is safe from a stream's name. The segments of NAME.m3u8 are
	// NAME-0.ts, NAME-1.ts and so on: without the dash, which is ffmpeg's own way, the streams "a" and "a1" would both
	// write a10.ts. Files that exist are replaced.
	File string
	// SegmentSeconds is how long a segment is to be, at least 1. ffmpeg cuts at key frames only.
	SegmentSeconds uint16
	// ListSize is how many segments the playlist shows: zero all of them, negative as many as ffmpeg likes.
	ListSize int
}

// ErrJob is wrapped by every error about a job that cannot work, however often it is tried.
var ErrJob = errors.New("the ffmpeg job cannot work")

// Validate returns an error that wraps [ErrJob] if ffmpeg could not do the job, however often it is tried.
func (j Job) Validate() error {
	if err := j.validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrJob, err)
	}
	return nil
}

func (j Job) validate() error {
	if err := validateAddress("input", j.Input); err != nil {
		return err
	}
	switch j.Video {
	case VideoCopy:
		if j.Scale != (Size{}) || j.Kbps != 0 || j.KeyFrameSeconds != 0 {
			return errors.New("video that is copied can have neither a new size nor a new bitrate nor other key frames")
		}
	case VideoH264:
		if !slices.Contains(presets, j.Preset) {
			return fmt.Errorf("there is no preset %q", j.Preset)
		}
	default:
		return fmt.Errorf("there is no video codec %d", j.Video)
	}
	if j.Audio > AudioAAC {
		return fmt.Errorf("there is no audio codec %d", j.Audio)
	}
	if j.Target == nil {
		return errors.New("it has no target")
	}
	return j.Target.validate()
}

func (t FLV) validate() error { return validateAddress("target", t.URL) }

func (t HLS) validate() error {
	if err := validateAddress("target", t.File); err != nil {
		return err
	}
	if strings.Contains(t.File, "%") {
		return fmt.Errorf("the playlist %q has a '%%', which ffmpeg takes as a place for the segment's number", t.File)
	}
	if t.SegmentSeconds == 0 {
		return errors.New("a segment needs at least 1 second")
	}
	return nil
}

func validateAddress(what, address string) error {
	if address == "" {
		return fmt.Errorf("it has no %s", what)
	}
	if strings.ContainsRune(address, 0) {
		return fmt.Errorf("the %s has a zero byte in it", what)
	}
	return nil
}
