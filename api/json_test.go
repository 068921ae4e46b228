package api

import (
	"runtime"
	"testing"

	"github.com/bytedance/sonic"
	"github.com/stretchr/testify/require"
)

// A toolchain that sonic does not know makes it fall back to encoding/json without a word.
func TestSonicIsNotAFallback(t *testing.T) {
	if runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64" {
		require.Equal(t, sonic.UseSonicJSON, sonic.APIKind)
	}
	require.NoError(t, pretouch())
}

func TestJSONOfTextThatIsNotUTF8(t *testing.T) {
	text, err := encoding.Marshal(map[string]string{"b": "\xff<\n\x00>", "a": "é"})
	require.NoError(t, err)
	require.Equal(t, `{"a":"é","b":"\ufffd<\n\u0000>"}`, string(text))
}
