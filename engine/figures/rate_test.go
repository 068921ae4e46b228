package figures

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRateIsThatOfTheLastSamples(t *testing.T) {
	var r Rate
	at := time.Unix(1000, 0)
	require.Zero(t, r.Sample(at, 500), "one sample is no rate")
	require.InDelta(t, 100, r.Sample(at.Add(time.Second), 600), 1e-9)
	for i := 2; i < 2+rateSamples; i++ {
		r.Sample(at.Add(time.Duration(i)*time.Second), 600)
	}
	require.Zero(t, r.Sample(at.Add(20*time.Second), 600), "what is long ago is forgotten")
}
