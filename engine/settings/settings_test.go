package settings

import (
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/engine/certificate"
	"mmids/engine/config"
	"mmids/engine/logging"
	"mmids/engine/reactor"
	"mmids/rtmp/chunk"
)

func read(t *testing.T, lines string) (Settings, []string, []string) {
	t.Helper()
	d, err := config.Parse("f", []byte("settings {\n"+lines+"\n}\n"))
	require.NoError(t, err)
	s, mistakes, warnings := Read(d.Settings)
	text := func(list []config.Mistake) (texts []string) {
		for _, m := range list {
			texts = append(texts, m.Error())
		}
		return texts
	}
	return s, text(mistakes), text(warnings)
}

func TestDefaults(t *testing.T) {
	s, mistakes, warnings := read(t, "")
	require.Empty(t, mistakes)
	require.Empty(t, warnings)
	require.Equal(t, Settings{LogDir: "logs", LogLevel: zerolog.InfoLevel}, s, "the rest is left to the packages' own defaults")
}

func TestValues(t *testing.T) {
	s, mistakes, warnings := read(t, `
log_dir /var/log/mmids
log_files 24
log_mb_max 100
log_rotation off
log_level Debug
watch_config
ffmpeg_path /usr/bin/ffmpeg
ffmpeg_log_files 50
ffmpeg_protocols concat,tee
http_api_port 9011
http_api_address 0.0.0.0
http_api_token 0123456789abcdef
bind_address ::1
event_loops 3
connections_max 1000
connections_per_address_max 10
handshake_timeout 5
connect_timeout 6
first_request_timeout 7s
approval_timeout 8s
idle_timeout 1m
publish_timeout 500ms
return_timeout 2s
viewer_timeout 30s
viewer_lag 3s
viewer_lag_mb 8
audio_delay 20ms
tls_handshake_timeout 3s
unaccepted_kb_max 500
commands_per_second_max 50
message_kb_max 2000
partial_messages_kb_max 3000
chunk_streams_max 32
amf_depth_max 10
amf_values_max 1000
amf_kb_max 300
unread_kb_max 400
http_connections_max 20
http_header_kb_max 4
http_body_kb_max 200
http_read_timeout 5s
workflows_max 30
metrics_labels_max 40
reactor_workflows_max 25
refusal_lines_per_second_max 3`)
	require.Empty(t, mistakes)
	require.Empty(t, warnings)
	require.Equal(t, "/var/log/mmids", s.LogDir)
	require.Equal(t, logging.Rotation{FilesMax: 24, BytesMax: 100 << 20, Off: true}, s.LogRotation)
	require.Equal(t, zerolog.DebugLevel, s.LogLevel)
	require.True(t, s.WatchConfig)
	require.Equal(t, "/usr/bin/ffmpeg", s.FFmpegPath)
	require.Equal(t, 50, s.FFmpegLogFiles)
	require.Equal(t, []string{"concat", "tee"}, s.FFmpegProtocols)
	require.Equal(t, "0.0.0.0:9011", s.API)
	require.Equal(t, "0123456789abcdef", s.APIToken)
	require.Equal(t, "::1", s.RTMP.BindAddress)
	require.Equal(t, 3, s.Sockets.Loops)
	require.Equal(t, 1000, s.Sockets.ConnectionsMax)
	require.Equal(t, 10, s.Sockets.ConnectionsPerAddressMax)
	require.Equal(t, 5*time.Second, s.RTMP.HandshakeTimeout)
	require.Equal(t, 6*time.Second, s.RTMP.ConnectTimeout)
	require.Equal(t, 7*time.Second, s.RTMP.FirstRequestTimeout)
	require.Equal(t, 8*time.Second, s.RTMP.ApprovalTimeout)
	require.Equal(t, time.Minute, s.RTMP.IdleTimeout)
	require.Equal(t, 500*time.Millisecond, s.RTMP.PublishTimeout)
	require.Equal(t, 2*time.Second, s.RTMP.ReturnTimeout)
	require.Equal(t, 30*time.Second, s.RTMP.ViewerTimeout)
	require.Equal(t, 3*time.Second, s.RTMP.Fanout.Lag)
	require.Equal(t, 8<<20, s.RTMP.Fanout.LagBytes)
	require.Equal(t, 20*time.Millisecond, s.RTMP.Fanout.AudioDelay)
	require.Equal(t, 3*time.Second, s.Sockets.TLSHandshakeTimeout)
	require.Equal(t, 400<<10, s.Sockets.PendingBytesMax)
	require.Equal(t, 3, s.Sockets.RefusalLinesMax)
	require.Equal(t, 500<<10, s.RTMP.UnacceptedBytesMax)
	require.Equal(t, 50, s.RTMP.CommandsPerSecondMax)
	require.Equal(t, chunk.Limits{MessageBytesMax: 2000 << 10, PartialBytesMax: 3000 << 10, ChunkStreamsMax: 32}, s.RTMP.Chunk)
	require.Equal(t, amf.Limits{Depth: 10, Nodes: 1000, Bytes: 300 << 10}, s.RTMP.AMF)
	require.Equal(t, HTTP{ConnectionsMax: 20, HeaderBytesMax: 4 << 10, BodyBytesMax: 200 << 10, ReadTimeout: 5 * time.Second}, s.HTTP)
	require.Equal(t, 30, s.WorkflowsMax)
	require.Equal(t, 40, s.MetricsLabelsMax)
	require.Equal(t, reactor.Limits{WorkflowsMax: 25, RefusalLinesMax: 3}, s.Reactors)
}

func TestProtocols(t *testing.T) {
	s, mistakes, _ := read(t, `ffmpeg_protocols "concat, tee,rtmp+x"`)
	require.Empty(t, mistakes)
	require.Equal(t, []string{"concat", "tee", "rtmp+x"}, s.FFmpegProtocols)
	for _, list := range []string{",", "a,,b", "a:", "ALL!", "a b", "é"} {
		s, mistakes, _ := read(t, `ffmpeg_protocols "`+list+`"`)
		require.Len(t, mistakes, 1, list)
		require.Empty(t, s.FFmpegProtocols, list)
	}
}

func TestCertificate(t *testing.T) {
	s, mistakes, warnings := read(t, "tls_cert_path cert.pfx\ntls_cert_password \"a b\"\ntls_key_path key.pem")
	require.Empty(t, mistakes)
	require.Empty(t, warnings)
	require.Equal(t, certificate.Files{Path: "cert.pfx", Password: "a b", KeyPath: "key.pem"}, s.Certificate)
	require.Equal(t, "f:2:15", s.CertificatePos.String())
	s, _, _ = read(t, "tls_cert_path")
	require.Empty(t, s.Certificate.Path, "without a value there is none")
}

func TestMistakes(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		_, mistakes, _ := read(t, line)
		require.Equal(t, []string{want}, mistakes)
	}
	for _, port := range []string{"0", "65536", "-1", "http"} {
		f("http_api_port "+port, `f:2:15: http_api_port "`+port+`" is not a number that it can have; a whole number from 1 to 65535`)
	}
	for _, d := range []string{"soon", "0", "-5s"} {
		f("viewer_lag "+d, `f:2:12: viewer_lag "`+d+`" is not a time; a time above zero with its unit, for example 10s or 500ms`)
	}
	f("bind_address localhost", `f:2:14: bind_address "localhost" is not an address; an IPv4 or IPv6 address of this machine, for example 127.0.0.1, or 0.0.0.0 for all`)
	f("ffmpeg_protocols a:b", `f:2:18: ffmpeg_protocols "a:b" is not a list of protocols; names as ffmpeg -protocols shows them with commas between, for example concat,tee`)
	f("log_level loud", `f:2:11: log_level "loud" is not a level; error, warn, info, debug or trace`)
	f("watch_config yes", `f:2:14: watch_config "yes" is not on or off`)
	_, mistakes, _ := read(t, "viewer_lag x\nevent_loops 0")
	require.Len(t, mistakes, 2, "all mistakes at once")
}

func TestUnknownSettingIsAWarning(t *testing.T) {
	_, mistakes, warnings := read(t, "http_port 9011")
	require.Empty(t, mistakes)
	require.Equal(t, []string{`f:2:1: the setting "http_port" has no meaning here`}, warnings)
}

func TestOnAndOff(t *testing.T) {
	f := func(line string, want bool) {
		t.Helper()
		s, mistakes, _ := read(t, line)
		require.Empty(t, mistakes)
		require.Equal(t, want, s.WatchConfig)
	}
	f("watch_config on", true)
	f("watch_config", true)
	f("watch_config off", false)
}

// TestNames has all settings, and what takes effect at once is some of them.
func TestNames(t *testing.T) {
	names := Names()
	require.Greater(t, len(names), 40)
	require.Subset(t, names, atOnce)
	require.Subset(t, names, []string{"bind_address", "http_api_port", "viewer_lag", "tls_cert_path", "log_rotation"})
	require.True(t, TakesEffectAtOnce("log_level"))
	require.False(t, TakesEffectAtOnce("log_dir"))
}
