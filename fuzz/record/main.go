// Record writes down what real clients and this server say to each other. The conversations are seeds of the fuzz targets
// and input of the tests in package fuzz. It needs ffmpeg, rtmpdump and GStreamer, and is run from the top of the repository:
//
//	go run ./fuzz/record
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// recordings is where the conversations are kept: NAME.client and NAME.server.
const recordings = "fuzz/testdata/recorded"

// client is a program that publishes a clip, or plays a stream.
type client struct {
	name    string
	plays   bool
	command func(url, clip string) []string
}

var clients = []client{
	{"ffmpeg-publish", false, ffmpegPublishes},
	{"gstreamer-rtmpsink", false, func(url, clip string) []string { return gstreamerPublishes(clip, "rtmpsink", url) }},
	{"gstreamer-rtmp2sink", false, func(url, clip string) []string { return gstreamerPublishes(clip, "rtmp2sink", url) }},
	{"ffmpeg-play", true, func(url, _ string) []string {
		return []string{"ffmpeg", "-nostdin", "-v", "error", "-i", url, "-c", "copy", "-f", "null", "-"}
	}},
	{"gstreamer-rtmpsrc", true, func(url, _ string) []string { return gstreamerPlays("rtmpsrc", url+" live=1") }},
	{"gstreamer-rtmp2src", true, func(url, _ string) []string { return gstreamerPlays("rtmp2src", url) }},
	{"rtmpdump-play", true, func(url, _ string) []string { return []string{"rtmpdump", "-q", "-v", "-r", url, "-o", os.DevNull} }},
}

func ffmpegPublishes(url, clip string) []string {
	return []string{"ffmpeg", "-nostdin", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "flv", url}
}

func gstreamerPublishes(clip, sink, url string) []string {
	return []string{"gst-launch-1.0", "-q", "filesrc", "location=" + clip, "!", "flvdemux", "name=d", "flvmux", "name=m", "streamable=true",
		"d.video", "!", "queue", "!", "h264parse", "!", "m.video", "d.audio", "!", "queue", "!", "aacparse", "!", "m.audio",
		"m.", "!", sink, "location=" + url}
}

func gstreamerPlays(source, url string) []string {
	return []string{"gst-launch-1.0", "-q", source, "location=" + url, "!", "fakesink"}
}

func main() {
	if err := record(); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func record() error {
	dir, err := os.MkdirTemp("", "mmids-record-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	clip := filepath.Join(dir, "clip.flv")
	if err := makeClip(clip); err != nil {
		return err
	}
	server, address, err := startServer(dir)
	if err != nil {
		return err
	}
	defer server.stop()
	if err := os.MkdirAll(recordings, 0o755); err != nil {
		return err
	}
	for _, c := range clients {
		if err := c.record(address, clip); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// record runs the client and writes the two files of its conversation.
func (c client) record(server, clip string) error {
	between, err := newTee(server)
	if err != nil {
		return err
	}
	path := "/live/" + c.name
	words := c.command("rtmp://"+between.address()+path, clip)
	if c.plays {
		err = c.play(between, words, ffmpegPublishes("rtmp://"+server+path, clip))
	} else {
		err = run(words[0], words[1:]...)
	}
	if err != nil {
		return err
	}
	select {
	case <-between.done:
	case <-time.After(patience):
		return fmt.Errorf("the conversation does not end")
	}
	fmt.Printf("%-20s %6d bytes of the client %6d of the server\n", c.name, len(between.client.bytes()), len(between.server.bytes()))
	file := filepath.Join(recordings, c.name)
	if err := os.WriteFile(file+".client", between.client.bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(file+".server", between.server.bytes(), 0o644)
}

// play has a player there before the stream begins and until it has been told that it is over. Players that stay are
// interrupted, as their users do.
func (c client) play(between *tee, player, publisher []string) error {
	p, err := start(player[0], player[1:]...)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := between.server.waitFor("NetStream.Play.Start"); err != nil {
		return fmt.Errorf("%w\n%s", err, p.output.String())
	}
	if err := run(publisher[0], publisher[1:]...); err != nil {
		return err
	}
	if err := between.server.waitFor("NetStream.Play.UnpublishNotify"); err != nil {
		return err
	}
	p.ends(time.Second)
	return nil
}
