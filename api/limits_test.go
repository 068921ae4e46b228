package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/limits"
)

func TestHeaderBytesMax(t *testing.T) {
	var counters limits.Counters
	s := startWith(t, Config{Limits: Limits{HeaderBytesMax: 1000, Counters: &counters}}, get("/known", Healthz()))
	request := func(size int) string {
		const begin, end = "GET /known HTTP/1.1\r\nHost: localhost\r\nX-Long: ", "\r\n\r\n"
		return begin + strings.Repeat("x", size-len(begin)-len(end)) + end
	}
	require.Equal(t, 200, s.raw(request(1000)).status)
	require.Zero(t, counters.Count(limits.HTTPHeaderBytes), "at the limit")
	require.Equal(t, 431, s.raw(request(1001)[:1000]).status) // what is not read would reset the connection
	require.EqualValues(t, 1, counters.Count(limits.HTTPHeaderBytes))
}

func TestBodyBytesMax(t *testing.T) {
	var counters limits.Counters
	s := startWith(t, Config{Limits: Limits{BodyBytesMax: 100, Counters: &counters}}, Routes(fakeWorkflows{}, "1", func() error { return nil })...)
	fits := ingest + strings.Repeat("#", 100-len(ingest))
	require.Equal(t, 200, s.do("PUT", "/workflows", fits).status)
	require.Zero(t, counters.Count(limits.HTTPBodyBytes), "at the limit")
	a := s.do("PUT", "/workflows", fits+"#")
	require.Equal(t, 413, a.status)
	require.Contains(t, a.body, "at most 100 bytes")
	require.EqualValues(t, 1, counters.Count(limits.HTTPBodyBytes))
}

func TestReadTimeout(t *testing.T) {
	var counters limits.Counters
	s := startWith(t, Config{Limits: Limits{ReadTimeout: 50 * time.Millisecond, Counters: &counters}}, Routes(fakeWorkflows{}, "1", func() error { return nil })...)
	slow := func(status int, begin string) {
		t.Helper()
		conn := s.dial()
		_, err := io.WriteString(conn, begin)
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, status, s.read(response).status)
	}
	slow(408, "GET / HTTP/1.1\r\nHo")
	require.EqualValues(t, 1, counters.Count(limits.HTTPReadTimeout))
	put := func(length, sent int) string {
		return fmt.Sprintf("PUT /workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", length, strings.Repeat("#", sent))
	}
	slow(408, put(100, 50))
	require.EqualValues(t, 2, counters.Count(limits.HTTPReadTimeout))
	slow(400, put(20_000, 10_000)) // the handler has begun to read it
	require.EqualValues(t, 3, counters.Count(limits.HTTPReadTimeout))
}

func TestConnectionsMax(t *testing.T) {
	var counters limits.Counters
	s := startWith(t, Config{Limits: Limits{ConnectionsMax: 2, Counters: &counters}}, get("/known", Healthz()))
	ask := func(conn io.ReadWriter) int {
		_, err := io.WriteString(conn, "GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		defer response.Body.Close()
		return response.StatusCode
	}
	first, second := s.dial(), s.dial()
	require.Equal(t, 200, ask(first))
	require.Equal(t, 200, ask(second))
	require.Zero(t, counters.Count(limits.HTTPConnections), "at the limit")
	third := s.dial() // is answered before it has asked
	response, err := http.ReadResponse(bufio.NewReader(third), nil)
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, 503, response.StatusCode)
	require.EqualValues(t, 1, counters.Count(limits.HTTPConnections))
	require.Equal(t, 200, ask(first), "nobody else has noticed")
	first.Close()
	second.Close()
}

func TestShowLimits(t *testing.T) {
	var counters limits.Counters
	counters.Exceeded(limits.Connections)
	counters.Exceeded(limits.AMFDepth)
	counters.Exceeded(limits.AMFDepth)
	s := start(t, LimitsRoute(&counters))
	a := s.do("GET", "/limits", "")
	require.Equal(t, 200, a.status)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	var got []map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &got))
	require.Len(t, got, len(limits.All()))
	exceeded := map[string]any{"connections_max": 1.0, "amf_depth_max": 2.0}
	for _, limit := range got {
		require.Len(t, limit, 2)
		want, ok := exceeded[fmt.Sprint(limit["name"])]
		if !ok {
			want = 0.0
		}
		require.Equal(t, want, limit["exceeded"], limit["name"])
	}
}
