package main

import (
	"fmt"
	"strconv"
	"strings"
)

// markdown is the report for people.
func (r *report) markdown() string {
	w := &page{}
	i := r.Info
	w.line("# Results")
	w.line("")
	w.line("Written by `make bench-compare`; [bench/README.md](../README.md) says what is measured and how to read it. Raw figures: [%s](%s).", fileJSON, fileJSON)
	w.line("")
	w.line("- %s, %s, %d CPUs, Linux %s, congestion control %s", i.Date.Format("2006-01-02"), i.CPU, i.CPUs, i.Kernel, i.Congestion)
	w.line("- mmids %s (%s); nginx %s with RTMP module %s", i.Versions["mmids"], i.Versions["go"], i.Versions["nginx"], i.Versions["nginx-rtmp"])
	w.line("- `%s`: medians of %d rounds of %d s", i.Command, i.Rounds, i.Seconds)
	w.line("- servers on CPU %s, load generator on CPU %s, loopback; streams of 2.6 Mbit/s unless it says otherwise", serverCPU, generatorCPU)
	if disturbed := r.disturbed(); disturbed > 0 {
		w.line("- **%d of %d runs were disturbed** by something else on the machine", disturbed, len(r.Measurements))
	}
	w.line("")
	r.viewersTables(w)
	r.intervalTable(w)
	r.mostTable(w)
	r.coresText(w)
	r.plainTable(w, caseIdle, "Viewers who wait for a stream: memory", []column{{"MB in all", memory, 1}, {"KB per viewer", memoryPerViewer, 2}})
	r.plainTable(w, caseIngest, "Publishers of 500 kbit/s whom nobody watches", []column{{"ms of CPU per publisher and second", perStream, 3}, {"MB in all", memory, 1}})
	r.plainTable(w, caseStreams, "Streams with one viewer each", []column{{"cores", cores, 3}, {"CPU s/GB", costPerGB, 2}, {"p50 ms", latency50, 2}, {"p99 ms", latency99, 1}})
	r.plainTable(w, caseChurn, "Connect, play, leave: sessions per second", []column{{"µs of CPU per session", perSession, 0}, {"ms to the beginning of play, p50", startTime50, 2}})
	r.plainTable(w, caseRTMPS, "RTMPS viewers against plain ones", []column{{"CPU s/GB", costPerGB, 3}, {"with the generator's", bothPerGB, 3}, {"p99 ms", latency99, 1}})
	return w.String()
}

// disturbed counts runs with more than a third of disturbed seconds.
func (r *report) disturbed() (n int) {
	for _, m := range r.Measurements {
		if 3*m.Result.Disturbed > len(m.Result.Windows) {
			n++
		}
	}
	return n
}

// page is Markdown in the making.
type page struct{ strings.Builder }

func (p *page) line(format string, a ...any) { fmt.Fprintf(p, format+"\n", a...) }

// table writes a table; the first column is text, the others are numbers.
func (p *page) table(title string, head []string, rows [][]string) {
	p.line("## %s\n", title)
	p.line("| %s |", strings.Join(head, " | "))
	p.line("|---%s|", strings.Repeat("|---:", len(head)-1))
	for _, row := range rows {
		p.line("| %s |", strings.Join(row, " | "))
	}
	p.line("")
}

// cell is a number, or a dash.
func cell(v float64, ok bool, digits int) string {
	if !ok {
		return "–"
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// ratio is v as a multiple of what nginx-rtmp has, in brackets.
func ratio(v float64, ok bool, base float64, baseOK bool) string {
	if !ok || !baseOK || base == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.2f ×)", v/base)
}

func (r *report) viewersTables(w *page) {
	viewers := r.viewers(caseViewers)
	if len(viewers) == 0 {
		return
	}
	w.line("![CPU and latency by number of viewers](%s)\n", filePicture)
	head := []string{"viewers"}
	for _, n := range viewers {
		head = append(head, strconv.Itoa(n))
	}
	rows := func(of func(by string, n int) string) (rows [][]string) {
		for _, by := range r.contestants(caseViewers) {
			row := []string{by}
			for _, n := range viewers {
				row = append(row, of(by, n))
			}
			rows = append(rows, row)
		}
		return rows
	}
	w.table("Server CPU seconds per GB delivered (as a multiple of nginx-rtmp's)", head, rows(func(by string, n int) string {
		v, ok := r.median(caseViewers, by, n, costPerGB)
		base, baseOK := r.median(caseViewers, nginxName, n, costPerGB)
		if by == nginxName {
			return cell(v, ok, 3)
		}
		return cell(v, ok, 3) + ratio(v, ok, base, baseOK)
	}))
	w.table("CPU seconds per GB, server and load generator together", head, rows(func(by string, n int) string {
		v, ok := r.median(caseViewers, by, n, bothPerGB)
		return cell(v, ok, 3)
	}))
	w.table("Latency of a message: p50 / p99 in ms", head, rows(func(by string, n int) string {
		p50, ok := r.median(caseViewers, by, n, latency50)
		p99, ok99 := r.median(caseViewers, by, n, latency99)
		if !ok || !ok99 {
			return "–"
		}
		return fmt.Sprintf("%.1f / %.1f", p50, p99)
	}))
	w.table("Memory of the server per viewer in KB", head, rows(func(by string, n int) string {
		v, ok := r.median(caseViewers, by, n, memoryPerViewer)
		return cell(v, ok, 1)
	}))
}

// intervalTable puts our server and the floor side by side.
func (r *report) intervalTable(w *page) {
	viewers := r.viewers(caseInterval)
	if len(viewers) == 0 {
		return
	}
	var rows [][]string
	for _, by := range r.contestants(caseInterval) {
		interval, isOurs := strings.CutPrefix(by, "mmids ")
		if !isOurs {
			continue
		}
		for _, n := range viewers {
			v, ok := r.median(caseInterval, by, n, costPerGB)
			base, baseOK := r.median(caseInterval, "floor "+interval, n, costPerGB)
			rows = append(rows, []string{interval, strconv.Itoa(n), cell(v, ok, 3), cell(base, baseOK, 3), cell(v/base, ok && baseOK, 2)})
		}
	}
	w.table("Sending as seldom as the floor: CPU s/GB", []string{"interval", "viewers", "mmids", "floor", "ratio"}, rows)
}

func (r *report) mostTable(w *page) {
	var rows [][]string
	base, _ := r.most(caseMost, nginxName)
	for _, by := range r.contestants(caseMost) {
		n, run := r.most(caseMost, by)
		row := []string{by, strconv.Itoa(n), "–", "–", "–", "–", "–"}
		if run != nil {
			if base > 0 {
				row[2] = fmt.Sprintf("%.2f", float64(n)/float64(base))
			}
			cost, ok := costPerGB(run)
			p99, okLatency := latency99(run)
			used, okCores := cores(run)
			row[3], row[4], row[5] = cell(cost, ok, 3), cell(p99, okLatency, 0), cell(used, okCores, 2)
			row[6] = cell(run.Generator.Cores, true, 2)
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		w.table(fmt.Sprintf("Most viewers on one core: at least 99 %% of the bit rate each, and p99 at most %.0f ms (350ms: %.0f ms)", soon.latencyMax, slow.latencyMax),
			[]string{"", "viewers", "× nginx-rtmp", "CPU s/GB", "p99 ms", "server's cores", "generator's cores"}, rows)
	}
}

// coresText compares two cores with one. On a machine with two, the generator runs on the server's second core, so the server
// had 2 minus the generator's share, and its viewers are scaled to what two whole cores would carry. The time that it really
// used is given, too: it waits for the generator in between, so that p99 is at its limit before the cores are used up.
func (r *report) coresText(w *page) {
	for _, by := range r.contestants(caseCores) {
		one, _ := r.most(caseMost, by)
		two, run := r.most(caseCores, by)
		if one == 0 || run == nil {
			continue
		}
		left := 2 - run.Generator.Cores
		scaled := float64(two) * 2 / left
		w.line("## A second core\n")
		w.line("%s carried %d viewers on one core and %d on two, the second of which it shared with the load generator. The generator", by, one, two)
		w.line("took %.2f cores, which left the server %.2f: %d × 2 ÷ %.2f = %.0f viewers on two whole cores, **%.2f ×** those on one.\n",
			run.Generator.Cores, left, two, left, scaled, scaled/float64(one))
		if used, ok := cores(run); ok {
			byCost := float64(two) * 2 / used
			w.line("What it really used was %.2f cores; at that cost two whole ones would carry %.0f, %.2f × those on one. It had to wait for its", used, byCost, byCost/float64(one))
			w.line("turn on the shared core, which showed in p99 before the time was used up.\n")
		}
	}
}

// column is one of a plain table.
type column struct {
	name   string
	of     value
	digits int
}

// plainTable has a row for each contestant of a case, and its first column also as a multiple of the first contestant's or
// nginx-rtmp's.
func (r *report) plainTable(w *page, name, title string, columns []column) {
	by := r.contestants(name)
	if len(by) == 0 {
		return
	}
	reference := by[0]
	for _, c := range by {
		if c == nginxName {
			reference = c
		}
	}
	head := []string{""}
	for _, c := range columns {
		head = append(head, c.name)
	}
	for _, n := range r.viewers(name) {
		var rows [][]string
		for _, who := range by {
			row := []string{who}
			for i, c := range columns {
				v, ok := r.median(name, who, n, c.of)
				text := cell(v, ok, c.digits)
				if i == 0 && who != reference {
					base, baseOK := r.median(name, reference, n, c.of)
					text += ratio(v, ok, base, baseOK)
				}
				row = append(row, text)
			}
			rows = append(rows, row)
		}
		w.table(fmt.Sprintf("%s: %d", title, n), head, rows)
	}
}
