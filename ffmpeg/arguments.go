package ffmpeg

import (
	"fmt"
	"strconv"
	"strings"
)

// Args returns ffmpeg's arguments, without the program's name:
//
//	[-re] [-protocol_whitelist LIST] -i INPUT
//	-vcodec copy | -vcodec libx264 -preset PRESET
//	[-b:v NK -minrate NK -maxrate NK] [-vf scale=W:H] [-force_key_frames expr:gte(t,n_forced*SEC)]
//	-acodec copy | -acodec aac
//	[-protocol_whitelist LIST]
//	-f flv URL | -f hls -hls_time SEC [-hls_list_size N] -hls_segment_filename NAME-%d.ts FILE
//	-y -nostats
//	-progress pipe:1
//
// The lists of protocols, the key frames, the names of segments and the last line are additions to the list that mmids, the
// reference, gives. -nostats switches off the progress line for people on standard error, and -progress asks for the same
// figures in a form for programs on standard output. Both are options of the program and not of a file, so they may stand
// behind the target.
//
// ffmpeg has no "--" that ends the options, so an input or target that begins with '-' would be read as one ("-" alone as
// standard input or output). It can only be meant as a file, since no URL begins so, and gets "./" in front.
func (j Job) Args() []string {
	var args []string
	if j.RealTime {
		args = append(args, "-re")
	}
	args = append(args, whitelist(j.InputProtocols)...)
	args = append(args, "-i", notOption(j.Input))
	args = append(args, j.videoArguments()...)
	if j.Audio == AudioAAC {
		args = append(args, "-acodec", "aac")
	} else {
		args = append(args, "-acodec", "copy")
	}
	args = append(args, whitelist(j.TargetProtocols)...)
	if j.Target != nil {
		args = append(args, j.Target.arguments()...)
	}
	return append(args, "-y", "-nostats", "-progress", "pipe:1")
}

// whitelist is an option of the input or target behind it.
func whitelist(protocols string) []string {
	if protocols == "" {
		return nil
	}
	return []string{"-protocol_whitelist", protocols}
}

func (j Job) videoArguments() []string {
	args := []string{"-vcodec", "copy"}
	if j.Video == VideoH264 {
		args = []string{"-vcodec", "libx264", "-preset", j.Preset}
	}
	if j.Kbps != 0 {
		rate := strconv.Itoa(int(j.Kbps)) + "K"
		args = append(args, "-b:v", rate, "-minrate", rate, "-maxrate", rate)
	}
	if j.Scale != (Size{}) {
		args = append(args, "-vf", fmt.Sprintf("scale=%d:%d", j.Scale.Width, j.Scale.Height))
	}
	if j.KeyFrameSeconds != 0 {
		args = append(args, "-force_key_frames", fmt.Sprintf("expr:gte(t,n_forced*%d)", j.KeyFrameSeconds))
	}
	return args
}

func (t FLV) arguments() []string { return []string{"-f", "flv", notOption(t.URL)} }

func (t HLS) arguments() []string {
	args := []string{"-f", "hls", "-hls_time", strconv.Itoa(int(t.SegmentSeconds))}
	if t.ListSize >= 0 {
		args = append(args, "-hls_list_size", strconv.Itoa(t.ListSize))
	}
	file := notProtocol(t.File)
	return append(args, "-hls_segment_filename", strings.TrimSuffix(file, playlistSuffix)+"-%d.ts", file)
}

func notOption(address string) string {
	if strings.HasPrefix(address, "-") {
		return "./" + address
	}
	return address
}

// notProtocol keeps ffmpeg from reading a file's first folder, such as "a:b/c.m3u8", as the name of a protocol.
func notProtocol(file string) string {
	folder, _, _ := strings.Cut(file, "/")
	if strings.Contains(folder, ":") {
		return "./" + file
	}
	return notOption(file)
}
