package panics

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestContain(t *testing.T) {
	var text bytes.Buffer
	log := zerolog.New(&text).With().Str("request_id", "r1").Logger()
	ran := false
	require.True(t, Contain(log, "it panicked", func() { ran = true }))
	require.True(t, ran)
	require.Empty(t, text.String())

	require.False(t, Contain(log, "it panicked", func() { panic(errors.New("oops")) }))
	var line map[string]any
	require.NoError(t, json.Unmarshal(text.Bytes(), &line))
	require.Equal(t, "error", line["level"])
	require.Equal(t, "it panicked", line["message"])
	require.Equal(t, "oops", line["panic"])
	require.Equal(t, "r1", line["request_id"])
	require.Contains(t, line["stack"], "panics_test.go")
}
