package reactor

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/logging"
)

// SimpleHTTPName is the name of the executor that SimpleHTTP makes.
const SimpleHTTPName = "simple_http"

// SimpleHTTP is the executor that asks an HTTP server. Its parameters are
//
//	url           the address, http or https; needed
//	timeout       what one attempt may take, from the connection to the end of the answer; default 10s
//	retry_delays  the pauses before the second attempt, the third one …; default 5s,10s; "none" for no other attempt
//	ca_file       a PEM file of the authorities to trust instead of the system's, for https
//
// Times are such as 10s or 500ms; a number alone is seconds.
//
// A question is a POST with Content-Type: application/json and the object
//
//	{"stream_name":"cam1","query":"token=abc","client_ip":"192.0.2.7","app":"live","kind":"publish"}
//
// in which kind is publish, play or stream. More fields may come. Status 200 with a text in the configuration language,
// which may be empty, means that the stream is valid, and the workflows in it are to run. Status 404 means that it is not
// valid. Everything else is a failed attempt: another status, a text that cannot be read or is longer than
// config.TextBytesMax, no connection, no answer in time. The answer's content type means nothing.
//
// Redirects are not followed, and proxies of the environment are not used: the one address that is configured is asked.
// Connections are kept for further questions. A user and password in the address are sent as HTTP basic authentication.
func SimpleHTTP() Generator {
	return Generator{
		Check: func(d config.Reactor) []config.Mistake {
			_, mistakes := parseSimpleHTTP(d)
			return mistakes
		},
		New: func(d config.Reactor, log zerolog.Logger) (Executor, error) {
			p, mistakes := parseSimpleHTTP(d)
			if len(mistakes) > 0 {
				return nil, config.Errors(mistakes)
			}
			for _, name := range p.unknown {
				log.Warn().Str("parameter", shown(name)).Msg("the reactor's parameter means nothing to simple_http")
			}
			return newSimpleHTTP(p, log), nil
		},
	}
}

const (
	// connectionsMax bounds the questions of one reactor on their way. At 10 ms an answer that is 25,600 in a second;
	// and at TextBytesMax an answer, the texts take at most 256 MiB. What an attempt waits for one is part of its time.
	connectionsMax = 256

	// idleConnectionsMax bounds the connections that wait for the next question, idleTimeout for how long.
	idleConnectionsMax = 16
	idleTimeout        = 30 * time.Second

	// headerBytesMax bounds the header of an answer, of which nothing but the status is used.
	headerBytesMax = 64 << 10

	// unreadBytesMax bounds what is read of an answer whose text means nothing, so that its connection can be kept.
	unreadBytesMax = 64 << 10
)

// errAnswerTooLong is for answers that no configuration can be as long as.
var errAnswerTooLong = fmt.Errorf("the answer is longer than %d bytes", config.TextBytesMax)

type simpleHTTP struct {
	client      *http.Client
	url         string
	timeout     time.Duration
	retryDelays []time.Duration
	log         zerolog.Logger
}

func newSimpleHTTP(p simpleHTTPParameters, log zerolog.Logger) *simpleHTTP {
	return &simpleHTTP{
		client: &http.Client{
			Transport: &http.Transport{
				DialContext:            (&net.Dialer{Timeout: p.timeout}).DialContext,
				TLSHandshakeTimeout:    p.timeout,
				TLSClientConfig:        &tls.Config{RootCAs: p.authorities},
				MaxConnsPerHost:        connectionsMax,
				MaxIdleConnsPerHost:    idleConnectionsMax,
				IdleConnTimeout:        idleTimeout,
				MaxResponseHeaderBytes: headerBytesMax,
				DisableCompression:     true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		url:         p.url.String(),
		timeout:     p.timeout,
		retryDelays: p.retryDelays,
		log:         log.With().Str("url", logging.RedactURL(p.url.String())).Logger(),
	}
}

// Close implements Executor.
func (h *simpleHTTP) Close() { h.client.CloseIdleConnections() }

// question is the body of a request.
type question struct {
	StreamName string `json:"stream_name"`
	Query      string `json:"query"`
	ClientIP   string `json:"client_ip"`
	App        string `json:"app"`
	Kind       Kind   `json:"kind"`
}

// Execute implements Executor.
func (h *simpleHTTP) Execute(ctx context.Context, q Query) (Result, error) {
	if !utf8.ValidString(q.StreamName) {
		// JSON would change the name, and the server would judge another stream.
		return Result{Reason: "the name of the stream is not UTF-8"}, nil
	}
	body, err := json.Marshal(question(q))
	if err != nil {
		return Result{}, err
	}
	log := h.log.With().Str("stream_name", q.StreamName).Logger()
	for n := 0; ; n++ {
		result, err := h.attempt(ctx, body, log)
		if err == nil || ctx.Err() != nil {
			return result, err
		}
		if n == len(h.retryDelays) {
			return Result{}, fmt.Errorf("attempt %d, the last one, failed: %w", n+1, err)
		}
		log.Warn().Err(err).Int("attempt", n+1).Dur("retry_in_ms", h.retryDelays[n]).Msg("the lookup service gave no answer")
		if err := pause(ctx, h.retryDelays[n]); err != nil {
			return Result{}, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt asks once.
func (h *simpleHTTP) attempt(ctx context.Context, body []byte, log zerolog.Logger) (Result, error) {
	limited, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	status, text, err := h.post(limited, body)
	switch {
	case err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded):
		return Result{}, fmt.Errorf("no answer within %v", h.timeout)
	case err != nil:
		return Result{}, shortened(err)
	case status == http.StatusNotFound:
		return Result{}, nil
	case status != http.StatusOK:
		return Result{}, fmt.Errorf("status %d", status)
	}
	return readAnswer(text, log)
}

// post sends a question and returns the status of the answer and, with 200, its text.
func (h *simpleHTTP) post(ctx context.Context, body []byte) (status int, text []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, withoutAddress(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "mmids")
	// A question may be asked twice. Without a value this is not sent, it only lets the client use another connection
	// at once when the server has closed the one that it kept.
	request.Header["Idempotency-Key"] = nil

	response, err := h.client.Do(request)
	if err != nil {
		return 0, nil, withoutAddress(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, response.Body, unreadBytesMax)
		return response.StatusCode, nil, nil
	}
	text, err = io.ReadAll(io.LimitReader(response.Body, config.TextBytesMax+1))
	if err == nil && len(text) > config.TextBytesMax {
		err = errAnswerTooLong
	}
	return response.StatusCode, text, err
}

// withoutAddress takes the address out of an error, since it may hold secrets.
func withoutAddress(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// errorBytesMax bounds what is said of a failed attempt. The HTTP client repeats what it does not understand, which may be as
// long as a header, and each attempt has a line in the log.
const errorBytesMax = 300

// shortened is an error with the beginning of a long text.
func shortened(err error) error {
	text := err.Error()
	if len(text) <= errorBytesMax {
		return err
	}
	return errors.New(strings.ToValidUTF8(text[:errorBytesMax], "") + "…")
}

// readAnswer reads the text of an answer.
func readAnswer(text []byte, log zerolog.Logger) (Result, error) {
	document, err := config.Parse("answer", text)
	if err != nil {
		var mistakes config.Errors
		if errors.As(err, &mistakes) && len(mistakes) > 1 { // thousands of them would be a log of their own
			err = fmt.Errorf("%w (the first of %d mistakes)", mistakes[0], len(mistakes))
		}
		return Result{}, fmt.Errorf("the answer cannot be read: %w", err)
	}
	if len(document.Settings) > 0 || len(document.Reactors) > 0 {
		log.Warn().Msg("the answer has settings or reactors, which mean nothing there")
	}
	if len(document.Warnings) > 0 {
		log.Warn().Int("warnings", len(document.Warnings)).Str("first", document.Warnings[0].Error()).
			Msg("the answer has what is hardly meant")
	}
	return Result{Valid: true, Workflows: document.Workflows}, nil
}
