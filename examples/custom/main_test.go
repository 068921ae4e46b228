package main

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/reactor"
	"mmids/engine/workflow/workflowtest"
)

func TestDistributionStarts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	text := strings.ReplaceAll(configuration, "stream_key=*", "stream_key=* port="+strconv.Itoa(port))
	d, err := start(zerolog.Nop(), "127.0.0.1", "127.0.0.1:0", text)
	require.NoError(t, err)
	defer d.stop()
	get := func(path string) string {
		r, err := http.Get("http://" + d.api.Addr().String() + path)
		require.NoError(t, err)
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return string(body)
	}
	require.Equal(t, "{}", get("/frames"))
	require.Contains(t, get("/workflows/live"), `"step_type":"frame_counter"`)
	require.Contains(t, get("/workflows/live"), `"status":"Running"`)
}

func TestFrameCounter(t *testing.T) {
	totals := &frameTotals{}
	s := workflowtest.Drive(t, frameCounter(totals), "frame_counter log_every=2")
	out := s.Media(workflowtest.NewStream("s", "cam"), workflowtest.Header("s", media.Video, "H"),
		workflowtest.KeyFrame("s", 0, "K"), workflowtest.Packet("s", media.Audio, 0, "A"), workflowtest.Packet("s", media.Video, 40, "P"))
	require.Len(t, out, 5, "everything is passed on")
	require.Equal(t, map[string]int{"s": 2}, totals.snapshot())
	s.Close()
	require.Len(t, frameCounter(totals).Check(workflowtest.Step(t, "frame_counter log_every=no")), 1)
}

func TestMemberList(t *testing.T) {
	list := members{"alice", "bob"}
	yes, err := list.Execute(t.Context(), reactor.Query{StreamName: "bob"})
	require.NoError(t, err)
	require.True(t, yes.Valid)
	no, err := list.Execute(t.Context(), reactor.Query{StreamName: "eve"})
	require.NoError(t, err)
	require.False(t, no.Valid)
}
