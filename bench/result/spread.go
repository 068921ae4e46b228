package result

import "slices"

// SpreadOf sorts durations in µs and returns their distribution in ms, nil if there are none.
func SpreadOf(micros []int32) *Spread {
	if len(micros) == 0 {
		return nil
	}
	slices.Sort(micros)
	at := func(share float64) float64 { return float64(micros[int(share*float64(len(micros)-1))]) / 1000 }
	return &Spread{Count: len(micros), P50: at(0.5), P90: at(0.9), P99: at(0.99), Max: at(1)}
}
