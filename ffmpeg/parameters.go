package ffmpeg

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The functions of this file read values as they stand in a workflow's definition. Their errors name the value and say
// what would be right.

// PresetDefault is the preset for those who name none.
const PresetDefault = "veryfast"

// presets are from the fastest to the one that makes the smallest result.
var presets = []string{
	"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
}

// ParsePreset reads the name of an H.264 preset, in any case, blanks around it ignored.
func ParsePreset(value string) (string, error) {
	preset := strings.ToLower(strings.TrimSpace(value))
	if !slices.Contains(presets, preset) {
		return "", fmt.Errorf("%q is not a preset; there are %s", value, strings.Join(presets, ", "))
	}
	return preset, nil
}

// ParseVideoCodec reads "copy" or "h264", in any case, blanks around it ignored.
func ParseVideoCodec(value string) (VideoCodec, error) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "copy":
		return VideoCopy, nil
	case "h264":
		return VideoH264, nil
	}
	return 0, fmt.Errorf("%q is not a video codec; there are copy and h264", value)
}

// ParseAudioCodec reads "copy" or "aac", in any case, blanks around it ignored.
func ParseAudioCodec(value string) (AudioCodec, error) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "copy":
		return AudioCopy, nil
	case "aac":
		return AudioAAC, nil
	}
	return 0, fmt.Errorf("%q is not an audio codec; there are copy and aac", value)
}

// ParseSize reads a picture's size such as "1280x720".
func ParseSize(value string) (Size, error) {
	w, h, found := strings.Cut(value, "x")
	width, errW := strconv.ParseUint(w, 10, 16)
	height, errH := strconv.ParseUint(h, 10, 16)
	if !found || errW != nil || errH != nil {
		return Size{}, fmt.Errorf("%q is not a size; it is width and height up to 65535, for example 1280x720", value)
	}
	return Size{Width: uint16(width), Height: uint16(height)}, nil
}

// ParseKbps reads a bitrate in kilobits per second.
func ParseKbps(value string) (uint16, error) {
	return parseWhole(value, 0, "a bitrate in kbit/s")
}

// ParseKeyFrameSeconds reads the time from one key frame to the next.
func ParseKeyFrameSeconds(value string) (uint16, error) {
	return parseWhole(value, 1, "the time between key frames in seconds")
}

// ParseSegmentSeconds reads how long an HLS segment is to be.
func ParseSegmentSeconds(value string) (uint16, error) {
	return parseWhole(value, 1, "the length of a segment in seconds")
}

// ParseListSize reads how many segments a playlist shows; 0 is all of them.
func ParseListSize(value string) (uint16, error) {
	return parseWhole(value, 0, "a number of segments")
}

func parseWhole(value string, from uint16, what string) (uint16, error) {
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil || uint16(n) < from {
		return 0, fmt.Errorf("%q is not %s; it is a whole number from %d to 65535", value, what, from)
	}
	return uint16(n), nil
}

const playlistSuffix = ".m3u8"

// playlistNameBytesMax leaves room for what ffmpeg appends (segment numbers, ".m3u8.tmp") in the 255 bytes of a file name.
const playlistNameBytesMax = 200

// HLSFile returns the path of the playlist name.m3u8 in a directory. A name often comes from whoever publishes, so one
// that would leave the directory, or that ffmpeg would take for more than a name, is refused.
func HLSFile(dir, name string) (string, error) {
	var err error
	switch {
	case name == "":
		err = errors.New("it is empty")
	case name == "." || name == "..":
		err = errors.New("it is a directory")
	case len(name) > playlistNameBytesMax:
		err = fmt.Errorf("it has more than %d bytes", playlistNameBytesMax)
	case strings.ContainsAny(name, `/\%`):
		err = errors.New(`it has one of / \ %`)
	case strings.ContainsFunc(name, unicode.IsControl):
		err = errors.New("it has a control character")
	case !utf8.ValidString(name):
		err = errors.New("it is not UTF-8")
	}
	if err != nil {
		return "", fmt.Errorf("%.*q cannot be the name of a playlist: %w", playlistNameBytesMax, name, err)
	}
	return filepath.Join(dir, name+playlistSuffix), nil
}
