package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/bench/measure"
	"mmids/bench/result"
)

func TestOptions(t *testing.T) {
	o, err := parseOptions(nil, io.Discard)
	require.NoError(t, err)
	require.Len(t, o.cases, len(cases)-1, "all but the quick one")
	require.Equal(t, os.Geteuid() == 0, o.private)
	o, err = parseOptions([]string{"-cases", "churn,idle", "-server", "srs=rtmp://127.0.0.1/live,pid=5,pid=6"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []string{"churn", "idle"}, o.cases)
	require.False(t, o.private, "it could not be reached")
	s, err := o.others[0].start(nil, serverCPU)
	require.NoError(t, err)
	require.Equal(t, &server{target: "rtmp://127.0.0.1/live", publish: "rtmp://127.0.0.1/live", pids: []int{5, 6}}, s)
	s.stop()
	o, err = parseOptions([]string{"-cases", "none"}, io.Discard)
	require.NoError(t, err)
	require.Empty(t, o.cases)
	for _, wrong := range [][]string{
		{"-cases", "sleep"}, {"-rounds", "0"}, {"-seconds", "2"}, {"more"}, {"-server", "srs"}, {"-server", "=x"}, {"-server", "a=b,pid=x"},
	} {
		_, err := parseOptions(wrong, io.Discard)
		require.Error(t, err, "%v", wrong)
	}
}

func TestMost(t *testing.T) {
	f := func(limit int) {
		t.Helper()
		tries := 0
		n, err := most(2000, 15_000, func(viewers int) (bool, error) {
			tries++
			require.LessOrEqual(t, viewers, 15_000)
			return viewers <= limit, nil
		})
		require.NoError(t, err)
		require.LessOrEqual(t, n, limit)
		require.LessOrEqual(t, tries, 12)
		if limit >= 500 {
			require.InEpsilon(t, min(limit, 15_000), n, 0.15)
		}
	}
	for limit := 0; limit < 20_000; limit += 333 {
		f(limit)
	}
	_, err := most(2000, 15_000, func(int) (bool, error) { return false, errors.New("broken") })
	require.Error(t, err)
}

// sample is a report with two contestants, three rounds each, one of them disturbed.
func sample() *report {
	r := &report{Info: info{Date: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), CPU: "a <fast> CPU", Versions: map[string]string{}}}
	add := func(name, by string, viewers, round int, perGB float64, change func(x *result.Result)) {
		x := &result.Result{
			Windows: make([]result.Window, 3), Latency: &result.Spread{P50: 1, P99: 10 * perGB},
			Server: &result.Server{PerGB: perGB, BothPerGB: 2 * perGB, Cores: perGB, PerViewer: 4000, PerStream: 0.002, Memory: measure.Memory{PSS: 5e6}},
		}
		change(x)
		r.add(&measurement{Case: name, Contestant: by, Viewers: viewers, Round: round, Carried: x.Delivered.Below == 0, Result: x})
	}
	same := func(*result.Result) {}
	for round := range 3 {
		for _, viewers := range []int{100, 10} {
			add(caseViewers, "mmids adaptive", viewers, round, 0.5+float64(round)/100, same)
			add(caseViewers, nginxName, viewers, round, 1, func(x *result.Result) {
				if round == 2 {
					x.Disturbed, x.Server.PerGB = 2, 9
				}
			})
			add(caseViewers, bareName, viewers, round, 1.5, same)
		}
		add(caseInterval, "mmids 50ms", 600, round, 0.6, same)
		add(caseInterval, "floor 50ms", 600, round, 0.5, same)
		add(caseChurn, nginxName, 300, round, 1, func(x *result.Result) { x.Churn = &result.Churn{CPUPerSession: 200, StartMS: &result.Spread{P50: 3}} })
		add(caseIngest, nginxName, 200, round, 1, same)
	}
	for _, n := range []int{2000, 3000, 4500} {
		below := func(x *result.Result) {
			x.Generator.Cores = 0.4
			if n == 4500 {
				x.Delivered.Below = 1
			}
		}
		add(caseMost, "mmids adaptive", n, 0, 0.4, below)
		add(caseCores, "mmids adaptive", n*2, 0, 0.4, below)
	}
	add(caseMost, nginxName, 2000, 0, 1, same)
	return r
}

func TestReport(t *testing.T) {
	r := sample()
	v, ok := r.median(caseViewers, "mmids adaptive", 100, costPerGB)
	require.True(t, ok)
	require.InDelta(t, 0.51, v, 1e-9)
	v, _ = r.median(caseViewers, nginxName, 100, costPerGB)
	require.InDelta(t, 1, v, 1e-9, "the disturbed round does not count")
	_, ok = r.median(caseViewers, "nobody", 100, costPerGB)
	require.False(t, ok)

	text := r.markdown()
	for _, part := range []string{
		"| viewers | 10 | 100 |", "| mmids adaptive | 0.510 (0.51 ×) | 0.510 (0.51 ×) |", "| nginx-rtmp | 1.000 | 1.000 |",
		"| 50ms | 600 | 0.600 | 0.500 | 1.20 |", "| mmids adaptive | 3000 | 1.50 |",
		"6000 × 2 ÷ 1.60 = 7500 viewers", "**2.50 ×**", "| nginx-rtmp | 200 | 3.00 |", "| nginx-rtmp | 2.000 | 5.0 |", "2 of 37 runs were disturbed",
	} {
		require.Contains(t, text, part)
	}
	require.NotContains(t, text, "RTMPS", "it was not measured")
}

func TestPicture(t *testing.T) {
	for _, r := range []*report{sample(), {}, {Measurements: sample().Measurements[:1]}} {
		d := xml.NewDecoder(strings.NewReader(r.picture()))
		var err error
		for err == nil {
			_, err = d.Token()
		}
		require.Equal(t, io.EOF, err, "it is XML")
		require.NotContains(t, r.picture(), "NaN")
		require.NotContains(t, r.picture(), "Inf")
	}
	require.Equal(t, 6, strings.Count(sample().picture(), "<polyline"))
}

// TestKeep measures some cases again and keeps the others.
func TestKeep(t *testing.T) {
	o := &options{out: filepath.Join(t.TempDir(), "results"), cases: []string{caseChurn}}
	require.NoError(t, sample().write(o.out))
	r, err := openReport(o)
	require.NoError(t, err)
	require.Empty(t, r.Measurements)
	o.keep = true
	r, err = openReport(o)
	require.NoError(t, err)
	require.Empty(t, r.contestants(caseChurn))
	require.Len(t, r.contestants(caseViewers), 3)
	o.out = filepath.Join(o.out, "elsewhere")
	r, err = openReport(o)
	require.NoError(t, err)
	require.Empty(t, r.Measurements)
	require.NoError(t, os.MkdirAll(o.out, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(o.out, fileJSON), []byte("{"), 0o600))
	_, err = openReport(o)
	require.Error(t, err)
}

func TestCertificate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.pem")
	require.NoError(t, writeCertificate(file))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "BEGIN CERTIFICATE")
	require.Contains(t, string(text), "BEGIN PRIVATE KEY")
}
