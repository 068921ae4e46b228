package ffmpeg

import "time"

// backoff is the pause before restarts: min, doubling to max, from the start again after a run of at least reset.
type backoff struct {
	min, max, reset time.Duration
	last            time.Duration
}

// next returns the pause after a run that took so long. A failed start took no time.
func (b *backoff) next(ran time.Duration) time.Duration {
	if b.last == 0 || ran >= b.reset {
		b.last = b.min
	} else {
		b.last = min(2*b.last, b.max)
	}
	return b.last
}
