package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// The picture has two panels side by side, viewers against CPU and viewers against latency, and a legend above them. All
// lengths are in px.
const (
	pictureWidth  = 960
	pictureHeight = 440
	panelTop      = 110
	panelHeight   = 260
	panelWidth    = 380
	firstLeft     = 70
	secondLeft    = 550
)

// palette is the colours of contestants in their order; the floor is always grey.
var palette = []string{"#2f6fb7", "#0a7d5a", "#c8443c", "#8a5fbf", "#4a5568", "#c98a1b", "#3aa6a6", "#b0508e"}

const floorColour = "#8a93a0"

// curve is a contestant's line.
type curve struct {
	name   string
	colour string
	points [][2]float64 // viewers and value
}

// picture is the SVG of the case with viewers; without it, an empty one.
func (r *report) picture() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="12">`+"\n",
		pictureWidth, pictureHeight, pictureWidth, pictureHeight)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#ffffff"/>`+"\n", pictureWidth, pictureHeight)
	all := r.viewers(caseViewers)
	// With a handful of viewers, most of the cost is what a server does anyway, and would flatten all the rest.
	const crowd = 100
	many := slices.DeleteFunc(slices.Clone(all), func(n int) bool { return n < crowd })
	cost, late := r.curves(costPerGB, many), r.curves(latency99, all)
	if len(cost) > 0 {
		text(&b, firstLeft, 30, "start", "bold 16px", "#1c2430", "One stream of 2.6 Mbit/s, server on one core")
		text(&b, firstLeft, 48, "start", "12px", "#5b6675", fmt.Sprintf("%s, Linux %s, %s; lower is better",
			r.Info.CPU, r.Info.Kernel, r.Info.Date.Format("2006-01-02")))
		legend(&b, late)
		panel(&b, firstLeft, "server CPU seconds per GB delivered", many, linearAxis(cost), cost)
		panel(&b, secondLeft, "latency of 99 % of messages, ms", all, logAxis(late), late)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// curves are those of the contestants that were measured with these numbers of viewers.
func (r *report) curves(of value, viewers []int) (list []curve) {
	next := 0
	for _, by := range r.contestants(caseViewers) {
		c := curve{name: by, colour: floorColour}
		if by != bareName {
			c.colour = palette[next%len(palette)]
			next++
		}
		for _, n := range viewers {
			if v, ok := r.median(caseViewers, by, n, of); ok {
				c.points = append(c.points, [2]float64{float64(n), v})
			}
		}
		if len(c.points) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// axis places values on a panel's height.
type axis struct {
	ticks []float64
	place func(v float64) float64 // 0 at the bottom, 1 at the top
}

// linearAxis begins at 0 and has at most eight ticks of a round size.
func linearAxis(all []curve) axis {
	top := 0.0
	for _, c := range all {
		for _, p := range c.points {
			top = max(top, p[1])
		}
	}
	step := math.Pow(10, math.Floor(math.Log10(max(top, 1e-9))))
	for _, part := range []float64{0.1, 0.2, 0.25, 0.5, 1, 2} {
		if top/(step*part) <= 7 {
			step *= part
			break
		}
	}
	a := axis{}
	last := math.Ceil(top/step) * step
	for v := 0.0; v < last+step/2; v += step {
		a.ticks = append(a.ticks, v)
	}
	a.place = func(v float64) float64 { return v / last }
	return a
}

// logAxis has a tick for each power of ten and for its double and fivefold.
func logAxis(all []curve) axis {
	low, high := math.Inf(1), 0.0
	for _, c := range all {
		for _, p := range c.points {
			low, high = min(low, max(p[1], 0.01)), max(high, p[1])
		}
	}
	low, high = math.Floor(math.Log10(low)), math.Ceil(math.Log10(max(high, 0.01)))
	if low >= high {
		high = low + 1
	}
	a := axis{place: func(v float64) float64 { return (math.Log10(max(v, 0.01)) - low) / (high - low) }}
	for e := low; e <= high; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, e); e < high || m == 1 {
				a.ticks = append(a.ticks, v)
			}
		}
	}
	return a
}

// panel draws one diagram. Viewers are on a logarithmic axis.
func panel(b *strings.Builder, left float64, title string, viewers []int, y axis, curves []curve) {
	text(b, left, panelTop-12, "start", "bold 12px", "#1c2430", title)
	first, last := math.Log(float64(viewers[0])), math.Log(float64(viewers[len(viewers)-1]))
	px := func(n float64) float64 {
		if last == first {
			return left + panelWidth/2
		}
		return left + 10 + (panelWidth-20)*(math.Log(n)-first)/(last-first)
	}
	py := func(v float64) float64 { return panelTop + panelHeight*(1-y.place(v)) }
	for _, v := range y.ticks {
		fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#e4e8ee"/>`+"\n", left, py(v), left+panelWidth, py(v))
		text(b, left-8, py(v)+4, "end", "11px", "#5b6675", fmt.Sprintf("%.4g", v))
	}
	for _, n := range viewers {
		x := px(float64(n))
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#c3cad4"/>`+"\n", x, panelTop+panelHeight, x, panelTop+panelHeight+5)
		text(b, x, panelTop+panelHeight+19, "middle", "11px", "#5b6675", fmt.Sprint(n))
	}
	fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#c3cad4"/>`+"\n", left, panelTop+panelHeight, left+panelWidth, panelTop+panelHeight)
	text(b, left+panelWidth/2, panelTop+panelHeight+38, "middle", "12px", "#5b6675", "viewers")
	for _, c := range curves {
		var points []string
		for _, p := range c.points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", px(p[0]), py(p[1])))
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2.2" stroke-linejoin="round"%s/>`+"\n",
			strings.Join(points, " "), c.colour, dashes(c))
		for _, p := range c.points {
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.4" fill="%s"><title>%s, %.0f viewers: %.3g</title></circle>`+"\n",
				px(p[0]), py(p[1]), c.colour, html.EscapeString(c.name), p[0], p[1])
		}
	}
}

func dashes(c curve) string {
	if c.colour == floorColour {
		return ` stroke-dasharray="5 4"`
	}
	return ""
}

func legend(b *strings.Builder, curves []curve) {
	x := float64(firstLeft)
	for _, c := range curves {
		fmt.Fprintf(b, `<line x1="%.1f" y1="68" x2="%.1f" y2="68" stroke="%s" stroke-width="3"%s/>`+"\n", x, x+22, c.colour, dashes(c))
		text(b, x+28, 72, "start", "12px", "#1c2430", c.name)
		const letter = 6.6 // px, on average
		x += 28 + letter*float64(len(c.name)) + 26
	}
}

func text(b *strings.Builder, x, y float64, anchor, font, colour, content string) {
	size := font
	weight := ""
	if rest, bold := strings.CutPrefix(font, "bold "); bold {
		size, weight = rest, ` font-weight="600"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%s"%s fill="%s">%s</text>`+"\n",
		x, y, anchor, strings.TrimSuffix(size, "px"), weight, colour, html.EscapeString(content))
}
