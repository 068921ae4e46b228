package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlot(t *testing.T) {
	f := func(text string, diagrams int, wrong string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "x.csv")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		var out strings.Builder
		err := run(file, "title", &out)
		if wrong != "" {
			require.ErrorContains(t, err, wrong)
			return
		}
		require.NoError(t, err)
		require.Equal(t, diagrams, strings.Count(out.String(), "<polyline"))
		require.True(t, strings.HasSuffix(out.String(), "</svg>\n"))
		require.NotContains(t, out.String(), "NaN")
	}
	f("seconds,family,mb,goroutines\n0,a,1.5,20\n1,b,3,25\n", 2, "")
	f("seconds,mb\n0,0\n", 1, "")
	f("seconds,family\n0,a\n", 0, "no column of numbers")
	f("seconds,mb\n", 0, "no values")
	f("seconds,mb\n1\n", 0, "wrong number of fields")
	require.Error(t, run("nowhere", "", nil))
}

func TestThin(t *testing.T) {
	points := [][2]float64{{0, 5}, {1, 9}, {2, 1}, {3, 4}, {10, 7}, {11, 7}, {25, 3}}
	require.Equal(t, [][2]float64{{1, 9}, {2, 1}, {10, 7}, {25, 3}}, thin(points, 10))
	require.Equal(t, points, thin(points, 0.5), "each in a step of its own")
	require.Empty(t, thin(nil, 1))
}
