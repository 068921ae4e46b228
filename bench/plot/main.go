// Command plot draws what was written down over time: a CSV file whose first column is seconds, with a diagram for each
// further column of numbers.
//
//	go run ./bench/plot -title "an hour of faults" samples.csv > samples.svg
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"

	"mmids/bench/picture"
)

func main() {
	title := flag.String("title", "", "what stands above the diagrams")
	flag.Parse()
	if err := run(flag.Arg(0), *title, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(file, title string, out io.Writer) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	svg, err := draw(rows, title)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	_, err = io.WriteString(out, svg)
	return err
}

// Two diagrams stand side by side.
const (
	top, left    = 80, 70
	width        = 380
	height       = 130
	across, down = 480, 210 // from one diagram to the next
)

// draw draws rows, of which the first has the names of the columns.
func draw(rows [][]string, title string) (string, error) {
	if len(rows) < 2 {
		return "", errors.New("there are no values")
	}
	var curves []picture.Curve
	for column := 1; column < len(rows[0]); column++ {
		if c, ok := curve(rows, column); ok {
			c.Colour = picture.Palette[len(curves)%len(picture.Palette)]
			curves = append(curves, c)
		}
	}
	if len(curves) == 0 {
		return "", errors.New("there is no column of numbers behind the first one")
	}
	lines := (len(curves) + 1) / 2
	p := picture.New(2*across, top+lines*down)
	p.Text(left, 30, "start", "bold 16px", picture.Ink, title)
	seconds := curves[0].Points[len(curves[0].Points)-1][0]
	for i, c := range curves {
		c.Points = thin(c.Points, max(seconds, 1)/width)
		_, high := picture.Range([]picture.Curve{c})
		p.Draw(picture.Panel{
			Left: float64(left + i%2*across), Top: float64(top + i/2*down), Width: width, Height: height,
			Title: c.Name, Under: rows[0][0], X: picture.Linear(seconds), Y: picture.Linear(high),
		}, []picture.Curve{c})
	}
	return p.SVG(), nil
}

// curve returns a column, if all of it is numbers. None of them may be negative.
func curve(rows [][]string, column int) (picture.Curve, bool) {
	c := picture.Curve{Name: rows[0][column]}
	for _, row := range rows[1:] {
		x, err := strconv.ParseFloat(row[0], 64)
		y, err2 := strconv.ParseFloat(row[column], 64)
		if err != nil || err2 != nil || y < 0 {
			return c, false
		}
		c.Points = append(c.Points, [2]float64{x, y})
	}
	return c, true
}

// thin leaves of all points that fall into the same step of x, such as a pixel, the lowest and the highest.
func thin(points [][2]float64, step float64) (kept [][2]float64) {
	for len(points) > 0 {
		n, low, high := 1, 0, 0
		for ; n < len(points) && int(points[n][0]/step) == int(points[0][0]/step); n++ {
			if points[n][1] < points[low][1] {
				low = n
			}
			if points[n][1] > points[high][1] {
				high = n
			}
		}
		kept = append(kept, points[min(low, high)])
		if low != high {
			kept = append(kept, points[max(low, high)])
		}
		points = points[n:]
	}
	return kept
}
