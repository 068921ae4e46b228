package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/session"
)

// exceeded is how often each limit was, by the HTTP API.
func (s *testServer) exceeded() map[string]uint64 {
	s.t.Helper()
	a := s.request("GET", "/limits", "")
	require.Equal(s.t, 200, a.status, a.body)
	var list []struct {
		Name     string `json:"name"`
		Exceeded uint64 `json:"exceeded"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(a.body), &list))
	counts := map[string]uint64{}
	for _, limit := range list {
		counts[limit.Name] = limit.Exceeded
	}
	return counts
}

// TestOneConnectionTooMany: a second ffmpeg of an address that may have one fails, and soon. The server's own ffmpeg comes
// from that address, too, and is not counted.
func TestOneConnectionTooMany(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, "connections_per_address_max 1", `
workflow one {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path=`+dir+` duration=1
}`)
	first := publishFile(t, must(t, sourceFile), s.url("live/first"))
	eventually(t, "the first publishes", func() bool { return len(s.logged("publisher started")) == 1 })
	require.Zero(t, s.exceeded()["connections_per_address_max"], "at the limit")
	second := publishFile(t, must(t, sourceFile), s.url("live/second"))
	require.NotZero(t, second.wait(refusedWithin()))
	require.NotEmpty(t, second.output.String(), "ffmpeg says something")
	require.EqualValues(t, 1, s.exceeded()["connections_per_address_max"])
	lines := s.logged("connection turned away")
	require.Len(t, lines, 1)
	require.Equal(t, "the address has 1 connections, the most that one may have", lines[0]["error"])
	require.Equal(t, "127.0.0.1", lines[0]["ip"])

	first.succeeds(patience)
	eventually(t, "the server has heard of it", func() bool { return len(s.logged("publisher stopped")) == 1 })
	s.waitChildren("no ffmpeg is left", 0)
	require.True(t, readPlaylist(t, filepath.Join(dir, "first.m3u8")).ended)
	publishFile(t, must(t, sourceFile), s.url("live/third")).succeeds(patience)
}

// TestFloodOfCommands: a client that sends a thousand commands is ended and told why; others notice nothing.
func TestFloodOfCommands(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	f := feed(t, s.url("live/good"))
	v := watch(t, s.url("live/good"))
	f.begin(v)
	flood := func(p *rawPeer) string {
		for range 1000 {
			p.command(0, "getStreamLength", 5, nil, "x")
		}
		return p.requireClosed()
	}
	require.Contains(t, flood(newRawPeer(t, s.address()).shakeHands().connect("live").waitFor(session.CodeConnectSuccess)), "too many commands")
	require.Contains(t, flood(newRawPeer(t, s.address()).publish("live", "bad", "live").waitFor(session.CodePublishStart)), "too many commands")
	require.EqualValues(t, 2, s.exceeded()["commands_per_second_max"])
	lines := s.logged("client exceeds a limit and is ended")
	require.Len(t, lines, 2)
	require.Equal(t, "commands_per_second_max", lines[0]["limit"])
	f.send(40)
	requireSame(t, "the viewer all the while", f.sent, v.waitAll(f.sent))
	again := feed(t, s.url("live/bad"))
	require.True(t, again.alive(), "the key is free")
}

// TestStrangersDoNotFillTheLog: hundreds of clients are refused, and a few lines say so.
func TestStrangersDoNotFillTheLog(t *testing.T) {
	t.Parallel()
	const clients = 200
	s := startServer(t, "refusal_lines_per_second_max 2", simple)
	for range clients {
		p := newRawPeer(t, s.address()).shakeHands().connect("nowhere")
		require.Contains(t, p.requireClosed(), session.CodeConnectRejected)
		_ = p.net.Close()
	}
	written := len(s.logged("client refused"))
	require.Positive(t, written)
	require.Less(t, written, clients)
	require.EqualValues(t, clients-written, s.exceeded()["refusal_lines_per_second_max"])
	eventually(t, "the others are told of", func() bool {
		sum := 0.0
		for _, line := range s.logged("further lines about clients of this port were left out") {
			sum += line["lines"].(float64)
		}
		return sum == float64(clients-written)
	})
}

// TestOneWorkflowTooMany: what runs goes on, and may be changed.
func TestOneWorkflowTooMany(t *testing.T) {
	t.Parallel()
	s := startServer(t, "workflows_max 2", simple)
	s.put("workflow second {\n}\n")
	a := s.request("PUT", "/workflows", "workflow third {\n}\n")
	require.Equal(t, 409, a.status)
	require.Contains(t, a.body, "as many workflows as the server may have: 2")
	require.EqualValues(t, 1, s.exceeded()["workflows_max"])
	s.put("workflow second {\n rtmp_watch rtmp_app=x stream_key=* port={port}\n}\n")
	s.running("second", 1)
	s.delete("second")
	s.put("workflow third {\n}\n")
}
