package main

import (
	"fmt"
	"strconv"
)

// benchCase is one question that is measured.
type benchCase struct {
	name    string
	measure func(b *bench) error
}

// The names of the cases, which the report looks for.
const (
	caseQuick    = "quick"
	caseViewers  = "viewers"
	caseInterval = "interval"
	caseMost     = "most"
	caseCores    = "cores"
	caseIdle     = "idle"
	caseIngest   = "ingest"
	caseStreams  = "streams"
	caseChurn    = "churn"
	caseRTMPS    = "rtmps"
)

// cases are all of them, in the order of the report. The first one is no comparison and has to be asked for.
var cases = []*benchCase{
	{caseQuick, measureQuick},
	{caseViewers, measureViewers},
	{caseInterval, measureInterval},
	{caseMost, measureMost},
	{caseCores, measureCores},
	{caseIdle, measureIdle},
	{caseIngest, measureIngest},
	{caseStreams, measureStreams},
	{caseChurn, measureChurn},
	{caseRTMPS, measureRTMPS},
}

func caseNamed(name string) *benchCase {
	for _, c := range cases {
		if c.name == name {
			return c
		}
	}
	return nil
}

// rivals are our server as it comes, nginx-rtmp, and the servers that were added.
func (b *bench) rivals() []*contestant {
	return append([]*contestant{ours("adaptive"), nginx()}, b.others...)
}

func play(by *contestant, viewers int) job {
	return job{by: by, viewers: viewers, load: []string{"-mode", "play", "-viewers", strconv.Itoa(viewers)}}
}

// measureQuick: our server alone, to see that nothing is wrong.
func measureQuick(b *bench) error { return b.rounds(caseQuick, []job{play(ours("adaptive"), 300)}) }

// measureViewers: what a GB costs, and how late it comes, with some viewers of one stream.
func measureViewers(b *bench) error {
	var jobs []job
	for _, viewers := range []int{10, 100, 300, 600, 1000} {
		for _, by := range append([]*contestant{ours("latency")}, b.rivals()...) {
			jobs = append(jobs, play(by, viewers))
		}
		if viewers >= 100 {
			jobs = append(jobs, play(bare("0s"), viewers))
		}
		if viewers >= 300 {
			jobs = append(jobs, play(ours("350ms"), viewers))
		}
	}
	return b.rounds(caseViewers, jobs)
}

// measureInterval: our server against the floor when both send as seldom.
func measureInterval(b *bench) error {
	var jobs []job
	for _, interval := range []string{"50ms", "350ms"} {
		for _, viewers := range []int{600, 2000} {
			jobs = append(jobs, play(ours(interval), viewers), play(bare(interval), viewers))
		}
	}
	return b.rounds(caseInterval, jobs)
}

// measureMost: how many viewers one core carries.
func measureMost(b *bench) error {
	const begin = 2000
	for _, by := range b.rivals() {
		if err := b.search(caseMost, by, serverCPU, begin, soon); err != nil {
			return err
		}
	}
	return b.search(caseMost, ours("350ms"), serverCPU, 2*begin, slow)
}

// measureCores: how many viewers two cores carry. The first half of the answer is in measureMost.
func measureCores(b *bench) error {
	const begin = 4000
	return b.search(caseCores, ours("adaptive"), bothCPUs, begin, soon)
}

// measureIdle: the memory of viewers who wait for a stream.
func measureIdle(b *bench) error {
	const viewers = 10_000
	var jobs []job
	for _, by := range b.rivals() {
		jobs = append(jobs, job{by: by, viewers: viewers, load: []string{"-mode", "idle", "-viewers", strconv.Itoa(viewers)}})
	}
	return b.once(caseIdle, jobs)
}

// measureIngest: publishers whom nobody watches.
func measureIngest(b *bench) error {
	const publishers = 200
	var jobs []job
	for _, by := range b.rivals() {
		jobs = append(jobs, job{by: by, viewers: publishers, load: []string{
			"-mode", "publish", "-publishers", strconv.Itoa(publishers), "-bitrate", "500",
		}})
	}
	return b.rounds(caseIngest, jobs)
}

// measureStreams: many streams with one viewer each.
func measureStreams(b *bench) error {
	const streams = 300
	var jobs []job
	for _, by := range b.rivals() {
		jobs = append(jobs, job{by: by, viewers: streams, load: []string{
			"-mode", "mixed", "-publishers", strconv.Itoa(streams), "-viewers", "1",
		}})
	}
	return b.rounds(caseStreams, jobs)
}

// measureChurn: viewers who connect, play and leave.
func measureChurn(b *bench) error {
	const rate = 300
	var jobs []job
	for _, by := range b.rivals() {
		jobs = append(jobs, job{by: by, viewers: rate, load: []string{"-mode", "churn", "-rate", fmt.Sprint(rate)}})
	}
	return b.rounds(caseChurn, jobs)
}

// measureRTMPS: what TLS costs.
func measureRTMPS(b *bench) error {
	const viewers = 300
	return b.rounds(caseRTMPS, []job{play(ours("adaptive"), viewers), play(oursSecure("adaptive"), viewers)})
}

// once does jobs a single time, those whose result does not change from round to round.
func (b *bench) once(name string, jobs []job) error {
	for _, j := range jobs {
		if _, err := b.run(name, 0, j); err != nil {
			return err
		}
	}
	return nil
}
