// Package settings reads the settings block of a configuration into typed values.
package settings

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"mmids/amf"
	"mmids/engine/certificate"
	"mmids/engine/config"
	"mmids/engine/fanout"
	"mmids/engine/logging"
	"mmids/engine/reactor"
	"mmids/engine/tcp"
	"mmids/rtmp/chunk"
)

// Settings are what the settings block says, with defaults for what it does not say.
type Settings struct {
	// API is the address of the HTTP API, or empty when it is off.
	API string

	// APIToken is what the HTTP API's callers need; empty for none.
	APIToken string

	// LogDir is the directory for log files, LogRotation how many there are, and LogLevel what is in them unless the
	// environment says otherwise.
	LogDir      string
	LogRotation logging.Rotation
	LogLevel    zerolog.Level

	// WatchConfig says that the server applies its file whenever that changes.
	WatchConfig bool

	// FFmpegPath is the ffmpeg executable; empty means the one that PATH finds.
	FFmpegPath string

	// FFmpegLogFiles is how many log files of ffmpegs that have ended stay. Zero leaves it to the endpoint.
	FFmpegLogFiles int

	// FFmpegProtocols are the protocols, beside those that are always allowed, that ffmpeg may use for the operator's own
	// definitions.
	FFmpegProtocols []string

	// Certificate is where the certificate for RTMPS is; without a Path there is none. CertificatePos is where the
	// setting stands.
	Certificate    certificate.Files
	CertificatePos config.Pos

	// WorkflowsMax bounds the workflows. Zero leaves it to the manager.
	WorkflowsMax int

	// EventStreamsMax bounds the readers of events. Zero leaves it to the board.
	EventStreamsMax int

	// MetricsLabelsMax bounds the pairs of workflow and app that have metrics of their own. Zero leaves it to the figures.
	MetricsLabelsMax int

	Sockets  tcp.Config
	RTMP     RTMP
	HTTP     HTTP
	Reactors reactor.Limits
}

// IDSetting is the config.Mistake.ID for a setting with an unusable value.
const IDSetting = "E-SETTING"

// IDUnknownSetting is the config.Mistake.ID of the warning for a setting that nobody knows.
const IDUnknownSetting = "W-SETTING"

// reader takes values out of the block and collects what is wrong with them.
type reader struct {
	settings config.Settings
	known    map[string]bool
	mistakes []config.Mistake
}

// Read returns the settings, the mistakes in their values, and warnings about names that mean nothing.
func Read(block config.Settings) (Settings, []config.Mistake, []config.Mistake) {
	r := &reader{settings: block, known: make(map[string]bool)}
	s := r.read()
	return s, r.mistakes, r.unknown()
}

// read reads every setting there is.
func (r *reader) read() Settings {
	s := Settings{
		LogDir:         r.text("log_dir", "logs"),
		LogRotation:    r.rotation(),
		LogLevel:       r.level(),
		WatchConfig:    r.isOn("watch_config", false),
		FFmpegPath:     r.text("ffmpeg_path", ""),
		FFmpegLogFiles: r.number("ffmpeg_log_files", 0, 1, 1<<20),

		FFmpegProtocols: r.protocols(),
		Sockets: tcp.Config{
			Loops:                    r.number("event_loops", 0, 1, 1024),
			ConnectionsMax:           r.number("connections_max", 0, 1, 1<<30),
			ConnectionsPerAddressMax: r.number("connections_per_address_max", 0, 1, 1<<30),
			PendingBytesMax:          r.kilobytes("unread_kb_max", 128, 1<<20),
			TLSHandshakeTimeout:      r.duration("tls_handshake_timeout"),
			RefusalLinesMax:          r.number("refusal_lines_per_second_max", 0, 1, 1<<20),
		},
		RTMP: RTMP{
			BindAddress:         r.address("bind_address", ""),
			HandshakeTimeout:    r.duration("handshake_timeout"),
			ConnectTimeout:      r.duration("connect_timeout"),
			FirstRequestTimeout: r.duration("first_request_timeout"),
			ApprovalTimeout:     r.duration("approval_timeout"),
			IdleTimeout:         r.duration("idle_timeout"),
			PublishTimeout:      r.duration("publish_timeout"),
			ReturnTimeout:       r.duration("return_timeout"),
			ViewerTimeout:       r.duration("viewer_timeout"),

			UnacceptedBytesMax:   r.kilobytes("unaccepted_kb_max", 16, 1<<20),
			CommandsPerSecondMax: r.number("commands_per_second_max", 0, 10, 1<<20),
			Chunk: chunk.Limits{
				MessageBytesMax: r.kilobytes("message_kb_max", 1, 16_383), // a length has 24 bits
				PartialBytesMax: r.kilobytes("partial_messages_kb_max", 1, 1<<20),
				ChunkStreamsMax: r.number("chunk_streams_max", 0, 8, 65_598),
			},
			AMF: amf.Limits{
				Depth: r.number("amf_depth_max", 0, 2, 1000),
				Nodes: r.number("amf_values_max", 0, 100, 1<<20),
				Bytes: r.kilobytes("amf_kb_max", 1, 16_383),
			},
			Fanout: fanout.Config{
				Flush:      r.flush(),
				FlushMax:   r.duration("flush_max"),
				Lag:        r.duration("viewer_lag"),
				LagBytes:   r.number("viewer_lag_mb", 0, 1, 1024) << 20,
				AudioDelay: r.duration("audio_delay"),
			},
		},
	}
	s.WorkflowsMax = r.number("workflows_max", 0, 1, 1<<30)
	s.EventStreamsMax = r.number("event_streams_max", 0, 1, 10_000)
	s.MetricsLabelsMax = r.number("metrics_labels_max", 0, 1, 100_000)
	s.HTTP = HTTP{
		ConnectionsMax: r.number("http_connections_max", 0, 1, 1<<20),
		HeaderBytesMax: r.kilobytes("http_header_kb_max", 1, 1024),
		BodyBytesMax:   r.kilobytes("http_body_kb_max", 1, config.TextBytesMax>>10),
		ReadTimeout:    r.duration("http_read_timeout"),
	}
	s.Reactors = reactor.Limits{
		WorkflowsMax:    r.number("reactor_workflows_max", 0, 1, 1<<30),
		RefusalLinesMax: s.Sockets.RefusalLinesMax,
	}
	s.Certificate = certificate.Files{
		Path:     r.text("tls_cert_path", ""),
		KeyPath:  r.text("tls_key_path", ""),
		Password: r.text("tls_cert_password", ""),
	}
	if path, ok := r.value("tls_cert_path"); ok {
		s.CertificatePos = path.ValuePos
	}
	r.needs("tls_key_path", "tls_cert_path", "which names the certificate that the key belongs to")
	r.needs("tls_cert_password", "tls_cert_path", "which names the file that the password opens")
	s.API, s.APIToken = r.api()
	return s
}

// value returns a setting that has a value. One without counts as missing.
func (r *reader) value(name string) (config.Setting, bool) {
	r.known[name] = true
	s, ok := r.settings.Get(name)
	return s, ok && s.HasValue
}

func (r *reader) wrong(s config.Setting, what, hint string) {
	r.mistake(s.ValuePos, fmt.Sprintf("%s %q is not %s", s.Name, s.Value, what), hint)
}

func (r *reader) text(name, missing string) string {
	if s, ok := r.value(name); ok {
		return s.Value
	}
	return missing
}

func (r *reader) number(name string, missing, from, to int) int {
	s, ok := r.value(name)
	if !ok {
		return missing
	}
	n, err := strconv.Atoi(s.Value)
	if err != nil || n < from || n > to {
		r.wrong(s, "a number that it can have", fmt.Sprintf("a whole number from %d to %d", from, to))
		return missing
	}
	return n
}

// kilobytes reads a number of KiB, as bytes. Zero means that nothing was said.
func (r *reader) kilobytes(name string, from, to int) int { return r.number(name, 0, from, to) << 10 }

// duration reads a time such as 10s or 500ms; a number alone is seconds. Zero means that nothing was said.
func (r *reader) duration(name string) time.Duration {
	s, ok := r.value(name)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(s.Value)
	if err != nil {
		d, err = time.ParseDuration(s.Value + "s")
	}
	if err != nil || d <= 0 {
		r.wrong(s, "a time", "a time above zero with its unit, for example 10s or 500ms")
		return 0
	}
	return d
}

func (r *reader) flush() fanout.Flush {
	s, ok := r.value("flush")
	if !ok {
		return fanout.FlushAdaptive
	}
	f, err := fanout.ParseFlush(s.Value)
	if err != nil {
		r.wrong(s, "a way to flush", "adaptive, latency or a time such as 350ms")
	}
	return f
}

func (r *reader) address(name, missing string) string {
	s, ok := r.value(name)
	if !ok {
		return missing
	}
	if _, err := netip.ParseAddr(s.Value); err != nil {
		r.wrong(s, "an address", "an IPv4 or IPv6 address of this machine, for example 127.0.0.1, or 0.0.0.0 for all")
		return missing
	}
	return s.Value
}

// unknown returns a warning for each setting that has no meaning here.
func (r *reader) unknown() (warnings []config.Mistake) {
	for _, s := range r.settings {
		if !r.known[s.Name] {
			warnings = append(warnings, config.Mistake{
				ID: IDUnknownSetting, Pos: s.Pos, Message: fmt.Sprintf("the setting %q has no meaning here", s.Name),
			})
		}
	}
	return warnings
}
