package workflow

import "strings"

// nearest returns the name that a person who wrote word may have meant, or "" if none is near: at most a third of its
// letters wrong, whatever the case and the kind of dash.
func nearest(word string, names []string) string {
	word = plain(cut(word))
	best, bestDistance := "", len(word)/3+1
	for _, name := range names {
		if d := distance(word, plain(name)); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

func plain(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }

// distance counts the letters to insert, delete or replace on the way from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
