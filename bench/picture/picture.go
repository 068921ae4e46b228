// Package picture draws diagrams as SVG. All lengths are in px.
package picture

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Palette is the colours of curves in their order.
var Palette = []string{"#2f6fb7", "#0a7d5a", "#c8443c", "#8a5fbf", "#4a5568", "#c98a1b", "#3aa6a6", "#b0508e"}

// Colours of what stands around curves, and grey for a curve that is only there for comparison.
const (
	Ink  = "#1c2430"
	Pale = "#5b6675"
	Grey = "#8a93a0"

	grid = "#e4e8ee"
	rule = "#c3cad4"
)

// Curve is a line through points.
type Curve struct {
	Name   string
	Colour string
	Dashed bool
	Points [][2]float64
	// Label describes a point, which is then shown as a dot. Nil means that there are too many points for dots.
	Label func(p [2]float64) string
}

// Axis places values between 0 and 1.
type Axis struct {
	Ticks []float64
	Place func(v float64) float64
}

// Linear is an axis from 0 to a value or a little more, with at most eight ticks of a round size.
func Linear(top float64) Axis {
	step := math.Pow(10, math.Floor(math.Log10(max(top, 1e-9))))
	for _, part := range []float64{0.1, 0.2, 0.25, 0.5, 1, 2} {
		if top/(step*part) <= 7 {
			step *= part
			break
		}
	}
	a := Axis{}
	last := max(math.Ceil(top/step), 1) * step
	for v := 0.0; v < last+step/2; v += step {
		a.Ticks = append(a.Ticks, v)
	}
	a.Place = func(v float64) float64 { return v / last }
	return a
}

// Log is a logarithmic axis for positive values. It has a tick for each power of ten and for its double and fivefold.
func Log(low, high float64) Axis {
	const least = 0.01
	low, high = math.Floor(math.Log10(max(low, least))), math.Ceil(math.Log10(max(high, least)))
	if low >= high {
		high = low + 1
	}
	a := Axis{Place: func(v float64) float64 { return (math.Log10(max(v, least)) - low) / (high - low) }}
	for e := low; e <= high; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, e); e < high || m == 1 {
				a.Ticks = append(a.Ticks, v)
			}
		}
	}
	return a
}

// Range returns the least and the largest y of curves, which have points.
func Range(curves []Curve) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for _, p := range c.Points {
			low, high = min(low, p[1]), max(high, p[1])
		}
	}
	return low, high
}

// Picture is one in the making.
type Picture struct {
	b strings.Builder
}

// New begins a picture.
func New(width, height int) *Picture {
	p := &Picture{}
	p.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="12">`,
		width, height, width, height)
	p.printf(`<rect width="%d" height="%d" rx="8" fill="#ffffff"/>`, width, height)
	return p
}

// SVG ends the picture and returns it.
func (p *Picture) SVG() string {
	p.printf("</svg>")
	return p.b.String()
}

func (p *Picture) printf(format string, a ...any) {
	fmt.Fprintf(&p.b, format, a...)
	p.b.WriteByte('\n')
}

// Text writes a line. Font is a size such as 12px, with "bold " before it if it is; anchor is SVG's.
func (p *Picture) Text(x, y float64, anchor, font, colour, content string) {
	size := font
	weight := ""
	if rest, bold := strings.CutPrefix(font, "bold "); bold {
		size, weight = rest, ` font-weight="600"`
	}
	p.printf(`<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%s"%s fill="%s">%s</text>`,
		x, y, anchor, strings.TrimSuffix(size, "px"), weight, colour, html.EscapeString(content))
}

// Panel is where one diagram goes, and what its axes are.
type Panel struct {
	Left, Top, Width, Height float64
	Title, Under             string // above the diagram, and below the horizontal axis
	X, Y                     Axis
}

// marginX is the room between the ends of the horizontal axis and the curves.
const marginX = 10

func (p Panel) x(v float64) float64 { return p.Left + marginX + (p.Width-2*marginX)*p.X.Place(v) }
func (p Panel) y(v float64) float64 { return p.Top + p.Height*(1-p.Y.Place(v)) }

// Draw draws a diagram.
func (p *Picture) Draw(d Panel, curves []Curve) {
	p.Text(d.Left, d.Top-12, "start", "bold 12px", Ink, d.Title)
	for _, v := range d.Y.Ticks {
		p.printf(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`, d.Left, d.y(v), d.Left+d.Width, d.y(v), grid)
		p.Text(d.Left-8, d.y(v)+4, "end", "11px", Pale, fmt.Sprintf("%.4g", v))
	}
	bottom := d.Top + d.Height
	for _, v := range d.X.Ticks {
		p.printf(`<line x1="%.1f" y1="%.0f" x2="%.1f" y2="%.0f" stroke="%s"/>`, d.x(v), bottom, d.x(v), bottom+5, rule)
		p.Text(d.x(v), bottom+19, "middle", "11px", Pale, fmt.Sprint(v))
	}
	p.printf(`<line x1="%.1f" y1="%.0f" x2="%.1f" y2="%.0f" stroke="%s"/>`, d.Left, bottom, d.Left+d.Width, bottom, rule)
	p.Text(d.Left+d.Width/2, bottom+38, "middle", "12px", Pale, d.Under)
	for _, c := range curves {
		p.curve(d, c)
	}
}

func (p *Picture) curve(d Panel, c Curve) {
	var points []string
	for _, at := range c.Points {
		points = append(points, fmt.Sprintf("%.1f,%.1f", d.x(at[0]), d.y(at[1])))
	}
	p.printf(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2.2" stroke-linejoin="round"%s/>`,
		strings.Join(points, " "), c.Colour, dashes(c))
	if c.Label == nil {
		return
	}
	for _, at := range c.Points {
		p.printf(`<circle cx="%.1f" cy="%.1f" r="3.4" fill="%s"><title>%s</title></circle>`,
			d.x(at[0]), d.y(at[1]), c.Colour, html.EscapeString(c.Label(at)))
	}
}

func dashes(c Curve) string {
	if c.Dashed {
		return ` stroke-dasharray="5 4"`
	}
	return ""
}

// Legend names curves in a line.
func (p *Picture) Legend(x, y float64, curves []Curve) {
	for _, c := range curves {
		p.printf(`<line x1="%.1f" y1="%.0f" x2="%.1f" y2="%.0f" stroke="%s" stroke-width="3"%s/>`, x, y, x+22, y, c.Colour, dashes(c))
		p.Text(x+28, y+4, "start", "12px", Ink, c.Name)
		const letter = 6.6 // px, on average
		x += 28 + letter*float64(len(c.Name)) + 26
	}
}
