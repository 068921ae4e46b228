package main

import (
	"fmt"
	"strings"

	httpstep "mmids/http/step"
	"mmids/rtmp/step"
)

// summary says what a person at the terminal can do next: where to publish, where to watch.
func summary(read configuration) string {
	var publish, watch, browse []string
	for _, w := range read.document.Workflows {
		for _, s := range w.Steps {
			if url, ok := httpstep.URL(s, "127.0.0.1"); ok {
				browse = append(browse, url)
			}
			url, ok := step.URL(s, "127.0.0.1")
			if !ok {
				continue
			}
			if s.Type == step.ReceiveType {
				publish = append(publish, url)
			} else {
				watch = append(watch, url)
			}
		}
	}
	var b strings.Builder
	list := func(title string, urls []string) {
		for i, url := range urls {
			if i > 0 {
				title = ""
			}
			fmt.Fprintf(&b, "  %-8s %s\n", title, url)
		}
	}
	fmt.Fprintf(&b, "\nmmids %s is running. Ctrl+C stops it.\n\n", version)
	list("publish", publish)
	list("watch", append(watch, browse...))
	if read.settings.API != "" {
		list("API", []string{"http://" + read.settings.API + "/workflows"})
	}
	if len(publish) > 0 && len(watch) > 0 {
		fmt.Fprintf(&b, "\nTry it:\n  ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine -c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac -f flv %s\n  ffplay %s\n",
			example(publish[0]), example(watch[0]))
	}
	b.WriteByte('\n')
	return b.String()
}

// example puts a stream key in the place where any will do.
func example(url string) string { return strings.Replace(url, "<key>", "test", 1) }
