package step

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/tcp"
	"mmids/engine/workflow"
	"mmids/engine/workflow/workflowtest"
	"mmids/ffmpeg"
	"mmids/rtmp/server"
)

// drive returns a transcoding step whose ffmpeg is a shell script.
func drive(t *testing.T, script string) *workflowtest.Driver {
	t.Helper()
	workflowtest.NoLeaks(t)
	path := filepath.Join(t.TempDir(), "ffmpeg")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	sockets, err := tcp.Start(tcp.Config{Loops: 1})
	require.NoError(t, err)
	processes := ffmpeg.New(ffmpeg.Config{Path: path})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		require.NoError(t, processes.Close(ctx))
		sockets.Stop(ctx)
	})
	kind := Transcode(server.New(sockets, server.Config{Log: zerolog.Nop()}), processes)
	return workflowtest.Drive(t, kind, "ffmpeg_transcode vcodec=copy acodec=copy")
}

// events are what happened to which stream, media left out.
func events(batch []media.Notification) (list []string) {
	for _, n := range batch {
		switch n.Event {
		case media.NewStream:
			list = append(list, "new "+string(n.Stream))
		case media.Disconnected:
			list = append(list, "end "+string(n.Stream))
		}
	}
	return list
}

func TestTranscodedStreamEndsWhenFFmpegHasGone(t *testing.T) {
	d := drive(t, "exit 0")
	require.Equal(t, []string{"new s"}, events(d.Media(workflowtest.NewStream("s", "name"))))
	require.Empty(t, d.Media(workflowtest.NewStream("s", "name")), "it is under way")
	require.Empty(t, d.Media(workflowtest.KeyFrame("s", 0, "k"), workflowtest.Disconnected("s")))
	require.Empty(t, d.Media(workflowtest.Disconnected("s"), workflowtest.Disconnected("unknown")))
	require.Equal(t, []string{"end s"}, events(d.Results()))
	require.Equal(t, workflow.Active, d.Status.State)
	require.Equal(t, []string{"new s"}, events(d.Media(workflowtest.NewStream("s", "name"))))
}

func TestTranscodedStreamThatComesBackBeforeFFmpegHasGone(t *testing.T) {
	d := drive(t, "exec sleep 600")
	d.Media(workflowtest.NewStream("s", "name"), workflowtest.NewStream("other", "other"))
	require.Empty(t, d.Media(workflowtest.Disconnected("s"), workflowtest.Disconnected("other")))
	require.Equal(t, []string{"end s", "new s"}, events(d.Media(workflowtest.NewStream("s", "name"))))
}

// TestTranscodedStreamIsSuperseded: what a name's new stream has first ends what is left of its old one.
func TestTranscodedStreamIsSuperseded(t *testing.T) {
	d := drive(t, "exec sleep 600")
	d.Media(workflowtest.NewStream("old", "name"), workflowtest.NewStream("other", "other"))
	d.Media(workflowtest.Disconnected("old"), workflowtest.Disconnected("other"))
	require.Equal(t, []string{"new next"}, events(d.Media(workflowtest.NewStream("next", "name"))))

	step := d.Step().(*transcode)
	step.streams["next"].result.Deliver([]media.Notification{workflowtest.NewStream("next", "next")})
	require.Equal(t, []string{"end old"}, events(d.Execute(workflow.Input{Results: d.Futures.Results()})))
	require.Len(t, step.streams, 2)
}
