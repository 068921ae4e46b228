package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"mmids/bench/measure"
	"mmids/bench/result"
)

// most finds the greatest number of viewers up to limit for which try succeeds, to about an eighth: by steps of a half
// until it fails, then by halving what is between. It returns 0 if it fails even for very few.
func most(begin, limit int, try func(viewers int) (bool, error)) (int, error) {
	good, bad := 0, 0
	attempt := func(n int) error {
		ok, err := try(n)
		if ok {
			good = n
		} else {
			bad = n
		}
		return err
	}
	for n := begin; bad == 0 && good < limit; n = min(n+n/2, limit) {
		if err := attempt(n); err != nil {
			return 0, err
		}
	}
	for bad-good > bad/8 && bad > begin/16 {
		n := roundTo((good+bad)/2, 50)
		if n <= good || n >= bad {
			break
		}
		if err := attempt(n); err != nil {
			return 0, err
		}
	}
	return good, nil
}

func roundTo(n, step int) int { return (n + step/2) / step * step }

// filesBeside is how many files a server or the load generator may have open beside its viewers' sockets.
const filesBeside = 1500

// goal is when a number of viewers counts as carried.
type goal struct {
	latencyMax float64 // how late a message in a hundred may come, in ms
	seconds    int     // that a run measures at least
}

// What is sent only each 350 ms may come so much later. It is measured for longer, because up to an interval's worth of
// what a viewer gets falls to one side or the other of where measuring begins and ends.
var (
	soon = goal{latencyMax: 150}
	slow = goal{latencyMax: 500, seconds: 12}
)

// connectMax is how long all viewers may take to connect. A server that is too full takes minutes.
const connectMax = 45 * time.Second

// search tries how many viewers of one stream a contestant carries so that each gets its bit rate, and soon enough. A number
// that fails narrowly is tried once more, because one hiccup of the machine is enough to fail.
func (b *bench) search(name string, by *contestant, cpus string, begin int, g goal) error {
	files, err := measure.FilesMax()
	if err != nil {
		return err
	}
	_, err = most(begin, files-filesBeside, func(viewers int) (bool, error) {
		for try := range 2 {
			j := play(by, viewers)
			j.cpus = cpus
			j.load = append(j.load, "-connect-within", connectMax.String(), "-seconds", strconv.Itoa(max(b.seconds, g.seconds)))
			m, err := b.run(name, try, j)
			if errors.Is(err, errTooFull) {
				fmt.Printf("%-12s round %d  %-24s %6d  not all connected in %v\n", name, try+1, by.name, viewers, connectMax)
				return false, nil
			}
			if err != nil {
				return false, err
			}
			p99, ok := latency99(m.Result)
			m.Carried = ok && servesAll(m.Result) && p99 <= g.latencyMax
			if m.Carried {
				return true, nil
			}
			const narrowly = 0.1
			if float64(m.Result.Delivered.Below) > narrowly*float64(viewers) || p99 > 2*g.latencyMax {
				return false, nil
			}
		}
		return false, nil
	})
	return err
}

// servesAll reports whether every viewer got its bit rate, and nobody anything wrong.
func servesAll(r *result.Result) bool {
	return r.Delivered.Below == 0 && r.Delivered.Closed == 0 && r.Checked.Gaps == 0 && r.Checked.Damaged == 0
}
