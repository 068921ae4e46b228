package main

import (
	"fmt"
	"math"
	"slices"

	"mmids/bench/picture"
)

// The picture has two panels side by side, viewers against CPU and viewers against latency, and a legend above them.
const (
	pictureWidth  = 960
	pictureHeight = 440
	panelTop      = 110
	panelHeight   = 260
	panelWidth    = 380
	firstLeft     = 70
	secondLeft    = 550
	legendTop     = 68
)

// picture is the SVG of the case with viewers; without it, an empty one.
func (r *report) picture() string {
	p := picture.New(pictureWidth, pictureHeight)
	all := r.viewers(caseViewers)
	// With a handful of viewers, most of the cost is what a server does anyway, and would flatten all the rest.
	const crowd = 100
	many := slices.DeleteFunc(slices.Clone(all), func(n int) bool { return n < crowd })
	cost, late := r.curves(costPerGB, many), r.curves(latency99, all)
	if len(cost) > 0 {
		p.Text(firstLeft, 30, "start", "bold 16px", picture.Ink, "One stream of 2.6 Mbit/s, server on one core")
		p.Text(firstLeft, 48, "start", "12px", picture.Pale, fmt.Sprintf("%s, Linux %s, %s; lower is better",
			r.Info.CPU, r.Info.Kernel, r.Info.Date.Format("2006-01-02")))
		p.Legend(firstLeft, legendTop, late)
		_, most := picture.Range(cost)
		p.Draw(panel(firstLeft, "server CPU seconds per GB delivered", many, picture.Linear(most)), cost)
		p.Draw(panel(secondLeft, "latency of 99 % of messages, ms", all, picture.Log(picture.Range(late))), late)
	}
	return p.SVG()
}

// panel has viewers on a logarithmic axis, with a tick for each number that was measured.
func panel(left float64, title string, viewers []int, y picture.Axis) picture.Panel {
	first, last := math.Log(float64(viewers[0])), math.Log(float64(viewers[len(viewers)-1]))
	x := picture.Axis{Place: func(n float64) float64 {
		if last == first {
			return 0.5
		}
		return (math.Log(n) - first) / (last - first)
	}}
	for _, n := range viewers {
		x.Ticks = append(x.Ticks, float64(n))
	}
	return picture.Panel{Left: left, Top: panelTop, Width: panelWidth, Height: panelHeight, Title: title, Under: "viewers", X: x, Y: y}
}

// curves are those of the contestants that were measured with these numbers of viewers. The floor is always grey.
func (r *report) curves(of value, viewers []int) (list []picture.Curve) {
	next := 0
	for _, by := range r.contestants(caseViewers) {
		c := picture.Curve{Name: by, Colour: picture.Grey, Dashed: by == bareName, Label: func(p [2]float64) string {
			return fmt.Sprintf("%s, %.0f viewers: %.3g", by, p[0], p[1])
		}}
		if by != bareName {
			c.Colour = picture.Palette[next%len(picture.Palette)]
			next++
		}
		for _, n := range viewers {
			if v, ok := r.median(caseViewers, by, n, of); ok {
				c.Points = append(c.Points, [2]float64{float64(n), v})
			}
		}
		if len(c.Points) > 0 {
			list = append(list, c)
		}
	}
	return list
}
