package picture

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAxes(t *testing.T) {
	a := Linear(70)
	require.Equal(t, []float64{0, 10, 20, 30, 40, 50, 60, 70}, a.Ticks)
	require.InDelta(t, 0.5, a.Place(35), 1e-9)
	for _, top := range []float64{0, 0.003, 1, 6.9, 99, 12345} {
		a := Linear(top)
		require.LessOrEqual(t, len(a.Ticks), 9, "%v", top)
		require.LessOrEqual(t, a.Place(top), 1.0)
		require.GreaterOrEqual(t, a.Ticks[len(a.Ticks)-1], top)
		require.False(t, math.IsNaN(a.Place(0)))
	}
	l := Log(3, 90)
	require.Equal(t, []float64{1, 2, 5, 10, 20, 50, 100}, l.Ticks)
	require.InDelta(t, 0.5, l.Place(10), 1e-9)
}

func TestPicture(t *testing.T) {
	p := New(400, 300)
	curves := []Curve{
		{Name: "a & b", Colour: Palette[0], Points: [][2]float64{{0, 1}, {1, 3}}, Label: func([2]float64) string { return "<point>" }},
		{Name: "c", Colour: Grey, Dashed: true, Points: [][2]float64{{0, 2}, {1, 2}}},
	}
	low, high := Range(curves)
	require.Equal(t, []float64{1, 3}, []float64{low, high})
	p.Draw(Panel{Left: 50, Top: 40, Width: 300, Height: 200, Title: "title", Under: "x", X: Linear(1), Y: Linear(high)}, curves)
	p.Legend(50, 20, curves)
	svg := p.SVG()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
	}
	require.Equal(t, 2, strings.Count(svg, "<polyline"))
	require.Equal(t, 2, strings.Count(svg, "<circle"))
	require.Equal(t, 2, strings.Count(svg, "dasharray"), "the curve and its name")
}
