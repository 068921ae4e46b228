package main

import (
	"fmt"
	"strconv"

	"mmids/bench/result"
)

// searchBegin is the first number of viewers that is tried.
const searchBegin = 2000

// most finds the greatest number of viewers for which try succeeds, to about an eighth: by steps of a half until it fails,
// then by halving what is between. It returns 0 if it fails even for very few.
func most(begin int, try func(viewers int) (bool, error)) (int, error) {
	good, bad := 0, 0
	for n := begin; bad == 0; n += n / 2 {
		ok, err := try(n)
		if err != nil {
			return 0, err
		}
		if ok {
			good = n
		} else {
			bad = n
		}
	}
	for bad-good > bad/8 && bad > begin/16 {
		n := roundTo((good+bad)/2, 50)
		if n <= good || n >= bad {
			break
		}
		ok, err := try(n)
		if err != nil {
			return 0, err
		}
		if ok {
			good = n
		} else {
			bad = n
		}
	}
	return good, nil
}

func roundTo(n, step int) int { return (n + step/2) / step * step }

// generatorFull is how busy the generator may be, in CPUs. Beyond, it measures itself.
const generatorFull = 0.9

// search tries how many viewers of one stream a contestant carries so that each gets its bit rate. A number that
// fails is tried once more, because one hiccup of the machine is enough to fail.
func (b *bench) search(name string, by *contestant, cpus string) error {
	_, err := most(searchBegin, func(viewers int) (bool, error) {
		for try := range 2 {
			r, err := b.run(name, try, job{by: by, cpus: cpus, viewers: viewers, load: []string{"-mode", "play", "-viewers", strconv.Itoa(viewers)}})
			if err != nil {
				return false, err
			}
			if servesAll(r) {
				return true, nil
			}
			if r.Generator.Cores > generatorFull {
				fmt.Printf("%s: the load generator is busy: %.2f cores\n", name, r.Generator.Cores)
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
