package logging

import (
	"bytes"
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// onTerminal returns what people see of one event, without colours.
func onTerminal(t *testing.T, emit func(zerolog.Logger)) string {
	t.Helper()
	t.Setenv("NO_COLOR", "1")
	var terminal bytes.Buffer
	log, out, err := New(Options{Terminal: &terminal, TerminalIsTTY: true, Now: (&fakeClock{t: tenOClock}).now})
	require.NoError(t, err)
	emit(log)
	require.NoError(t, out.Close())
	return terminal.String()
}

func TestConsoleLineIsShortAndSorted(t *testing.T) {
	got := onTerminal(t, func(log zerolog.Logger) {
		log.Warn().Str("workflow_name", "ingest").Int("attempt", 2).Strs("apps", []string{"a", "b"}).
			Err(errors.New("port is busy")).Msg("will try again")
	})
	require.Equal(t, `02:30:15.250 WRN will try again error="port is busy" apps=["a","b"] attempt=2 workflow_name=ingest`+"\n", got)
}

func TestConsoleEscapesWhatATerminalWouldObey(t *testing.T) {
	const hostile = "a\nb\r\x1b[2J\u009b\u202e\x7f\x00\xff\u2028c"
	const harmless = `a\nb\r\x1b[2J\u009b\u202e\x7f\x00�\u2028c`
	for name, emit := range map[string]func(zerolog.Logger){
		"message": func(log zerolog.Logger) { log.Info().Msg(hostile) },
		"text":    func(log zerolog.Logger) { log.Info().Str("v", hostile).Msg("") },
		"bytes":   func(log zerolog.Logger) { log.Info().Bytes("v", []byte(hostile)).Msg("") },
		"error":   func(log zerolog.Logger) { log.Info().Err(errors.New(hostile)).Msg("") },
		"list":    func(log zerolog.Logger) { log.Info().Strs("v", []string{hostile}).Msg("") },
		"object":  func(log zerolog.Logger) { log.Info().Any("v", map[string]string{hostile: hostile}).Msg("") },
		"stack":   func(log zerolog.Logger) { log.Info().Str("stack", "\x1b\x00").Msg("") },
		"context": func(log zerolog.Logger) { l := log.With().Str("v", hostile).Logger(); l.Info().Msg("") },
	} {
		t.Run(name, func(t *testing.T) {
			got := onTerminal(t, emit)
			body := got[:len(got)-1]
			if name == "stack" {
				require.Equal(t, "02:30:15.250 INF\n    \\x1b\\x00\n", got)
				return
			}
			require.NotContains(t, body, "\n")
			for _, r := range "\r\x1b\u009b\u202e\x7f\x00\u2028" {
				require.NotContains(t, body, string(r))
			}
			require.Contains(t, body, "a\\n")
			require.Contains(t, body, "[2J")
			if name == "message" {
				require.Contains(t, body, harmless)
			}
		})
	}
}

func TestConsoleShowsAStackLineByLine(t *testing.T) {
	got := onTerminal(t, func(log zerolog.Logger) {
		log.Error().Str("stack", "main.main()\n\tmain.go:1\n").Str("step_id", "7").Msg("panic")
	})
	require.Equal(t, "02:30:15.250 ERR panic step_id=7\n    main.main()\n      main.go:1\n", got)
}
