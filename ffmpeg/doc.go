// Package ffmpeg runs ffmpeg processes and keeps them running: an [Endpoint] starts one for each [Job], starts it again
// with growing pauses when it ends, stops it in order when asked, and tells its user what happens by events.
//
//	e := ffmpeg.New(ffmpeg.Config{LogDir: "logs"})
//	p := e.Start(id, log, ffmpeg.Job{Input: feed, Target: ffmpeg.HLS{File: "live/a.m3u8", SegmentSeconds: 2}}, notify)
//	…
//	p.Stop()
//	e.Close(ctx)
//
// What a process is given: its arguments as a list, never through a shell; no standard input; few environment variables;
// a process group of its own, so that Ctrl+C on the server's terminal does not reach it before the server does. Its
// standard output is read as progress, its standard error goes to a log file that cannot outgrow its bound. It dies with
// the server, however the server dies.
//
// Goroutines of one running process: one that supervises it, one that waits for its exit, two that copy its output.
// Nothing polls. The package is for Linux: it needs the parent-death signal.
package ffmpeg
