package result

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSpread(t *testing.T) {
	require.Nil(t, SpreadOf(nil))
	var micros []int32
	for i := int32(1000); i >= 0; i-- {
		micros = append(micros, i*1000)
	}
	require.Equal(t, &Spread{Count: 1001, P50: 500, P90: 900, P99: 990, Max: 1000}, SpreadOf(micros))
	require.Equal(t, &Spread{Count: 1, P50: 1, P90: 1, P99: 1, Max: 1}, SpreadOf([]int32{1000}))
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	r := &Result{Mode: "play", Publishers: 1, Viewers: 2, Verifying: 1, Seconds: 2, Complete: true,
		Sent: Sent{Messages: 5, Bytes: 1000}, Server: &Server{PerGB: 0.5, PerViewer: 3000}, Disturbed: 1, Windows: make([]Window, 2)}
	r.Print(&b)
	for _, part := range []string{"everything was delivered", "late by –", "0.500 CPU s/GB", "3.0 KB per viewer", "1 of 2 windows"} {
		require.Contains(t, b.String(), part)
	}
	r.Complete, r.Problems = false, []string{"a viewer"}
	b.Reset()
	r.Print(&b)
	require.Contains(t, b.String(), "NOT everything")
	require.Contains(t, b.String(), "problem    a viewer")
}
