package main

import (
	"crypto/tls"
	"fmt"

	"github.com/rs/zerolog"

	"mmids/api"
	"mmids/engine/certificate"
	"mmids/engine/limits"
	"mmids/engine/settings"
	"mmids/ffmpeg"
	httpserver "mmids/http/server"
	"mmids/rtmp/server"
)

// rtmpConfig is what the settings are for the RTMP endpoint. It knows none of its neighbours yet.
func rtmpConfig(s settings.RTMP) server.Config {
	return server.Config{
		BindAddress:         s.BindAddress,
		HandshakeTimeout:    s.HandshakeTimeout,
		ConnectTimeout:      s.ConnectTimeout,
		FirstRequestTimeout: s.FirstRequestTimeout,
		ApprovalTimeout:     s.ApprovalTimeout,
		IdleTimeout:         s.IdleTimeout,
		PublishTimeout:      s.PublishTimeout,
		ReturnTimeout:       s.ReturnTimeout,
		ViewerTimeout:       s.ViewerTimeout,

		UnacceptedBytesMax:   s.UnacceptedBytesMax,
		CommandsPerSecondMax: s.CommandsPerSecondMax,
		Chunk:                s.Chunk,
		AMF:                  s.AMF,
		Fanout:               s.Fanout,
	}
}

// httpConfig is the configuration of the endpoint for HTTP viewers, for whom what is set for RTMP's viewers counts.
func httpConfig(rtmp server.Config, requests settings.HTTP, log zerolog.Logger) httpserver.Config {
	return httpserver.Config{
		BindAddress: rtmp.BindAddress, TLS: rtmp.TLS,
		RequestTimeout: rtmp.HandshakeTimeout, RequestBytesMax: requests.HeaderBytesMax,
		ApprovalTimeout: rtmp.ApprovalTimeout, ReturnTimeout: rtmp.ReturnTimeout, ViewerTimeout: rtmp.ViewerTimeout, ViewerBytesMax: rtmp.UnacceptedBytesMax,
		Fanout: rtmp.Fanout, Loops: rtmp.Loops, News: rtmp.News, Labels: rtmp.Labels, Limits: rtmp.Limits, Log: log,
	}
}

// apiLimits is what the settings are for the HTTP API.
func apiLimits(s settings.HTTP, counters *limits.Counters) api.Limits {
	return api.Limits{
		ConnectionsMax: s.ConnectionsMax, HeaderBytesMax: s.HeaderBytesMax, BodyBytesMax: s.BodyBytesMax, ReadTimeout: s.ReadTimeout,
		Counters: counters,
	}
}

// ffmpegProtocols are those of the operator's definitions. Who writes the configuration may read files anyway.
func ffmpegProtocols(s settings.Settings) ffmpeg.Protocols {
	return ffmpeg.Protocols{Files: true, Further: s.FFmpegProtocols}
}

// loadCertificate returns what RTMPS and HTTPS need, or nil if the settings name no certificate.
func loadCertificate(read configuration, log zerolog.Logger) (*tls.Config, error) {
	files := read.settings.Certificate
	if files.Path == "" {
		log.Warn().Msg("RTMPS and HTTPS are off, because tls_cert_path is not set")
		return nil, nil
	}
	store, err := certificate.Load(files, log)
	if err != nil {
		return nil, fmt.Errorf("%s: tls_cert_path: %w", read.settings.CertificatePos, err)
	}
	return &tls.Config{GetCertificate: store.GetCertificate}, nil
}
