package main

import (
	"reflect"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/limits"
	"mmids/engine/settings"
)

// TestSettingsReachTheirParts: each field of the settings is in the configuration of its part, under the same name.
func TestSettingsReachTheirParts(t *testing.T) {
	document, err := config.Parse("test", []byte(`settings {
    bind_address ::1
    handshake_timeout 1s
    connect_timeout 2s
    first_request_timeout 3s
    approval_timeout 4s
    idle_timeout 5s
    publish_timeout 6s
    return_timeout 7s
    viewer_timeout 8s
    unaccepted_kb_max 500
    commands_per_second_max 50
    message_kb_max 2000
    amf_depth_max 10
    viewer_lag 9s
    http_connections_max 20
    http_header_kb_max 4
    http_body_kb_max 200
    http_read_timeout 10s
    ffmpeg_protocols concat,tee
}`))
	require.NoError(t, err)
	s, mistakes, warnings := settings.Read(document.Settings)
	require.Empty(t, append(mistakes, warnings...))
	var counters limits.Counters
	rtmp := rtmpConfig(s.RTMP)
	requireReached(t, s.RTMP, rtmp)
	requests := apiLimits(s.HTTP, &counters)
	requireReached(t, s.HTTP, requests)
	require.Same(t, &counters, requests.Counters)

	rtmp.Limits = &counters
	http := httpConfig(rtmp, s.HTTP, zerolog.Nop())
	require.Equal(t, s.RTMP.HandshakeTimeout, http.RequestTimeout)
	require.Equal(t, s.RTMP.ApprovalTimeout, http.ApprovalTimeout)
	require.Equal(t, s.RTMP.ReturnTimeout, http.ReturnTimeout)
	require.Equal(t, s.RTMP.ViewerTimeout, http.ViewerTimeout)
	require.Equal(t, s.RTMP.UnacceptedBytesMax, http.ViewerBytesMax)
	require.Equal(t, s.HTTP.HeaderBytesMax, http.RequestBytesMax)
	require.Equal(t, s.RTMP.Fanout, http.Fanout)
	require.Same(t, &counters, http.Limits)

	protocols := ffmpegProtocols(s)
	require.True(t, protocols.Files)
	require.Equal(t, []string{"concat", "tee"}, protocols.Further)
}

func requireReached(t *testing.T, from, to any) {
	t.Helper()
	set, reached := reflect.ValueOf(from), reflect.ValueOf(to)
	for i := range set.NumField() {
		name := set.Type().Field(i).Name
		require.False(t, set.Field(i).IsZero(), "the test sets %s", name)
		require.Equal(t, set.Field(i).Interface(), reached.FieldByName(name).Interface(), name)
	}
}
