// Command floor is the least that sending a stream can cost: one thread that sends the same bytes to everybody who
// connects, with one call of send per viewer for each message, or for what gathers in an interval. It knows no RTMP
// beyond the chunks that it sends, takes nothing in, and has no queue per viewer.
//
//	go run ./bench/floor -listen 127.0.0.1:19400 -interval 50ms
//	go run ./bench/load -mode play -target tcp://127.0.0.1:19400 -viewers 1000 -pid $(pgrep -x floor)
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"mmids/bench/stream"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "IPv4 address to listen on")
	interval := flag.Duration("interval", 0, "how long messages gather before they are sent; 0 sends each at once")
	kbps := flag.Int("bitrate", 2600, "bit rate in kbit/s")
	var shape stream.Config
	flag.IntVar(&shape.FPS, "fps", 30, "video frames per second")
	flag.IntVar(&shape.GOP, "gop", 60, "video frames from key frame to key frame")
	flag.Parse()
	shape.Bitrate = *kbps * 1000
	if shape.FPS < 1 || shape.GOP < 1 || shape.Bitrate < shape.BitrateMin() || *interval < 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	s, err := newServer(*listen)
	if err == nil {
		fmt.Println("listening on", s.address)
		err = s.run(newSource(shape, *interval, time.Now()))
	}
	fmt.Fprintln(os.Stderr, "floor:", err)
	os.Exit(1)
}
