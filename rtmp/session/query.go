package session

import "strings"

// cutQuery splits "name?a=1&b=2" at the first question mark.
func cutQuery(s string) (name, query string) {
	name, query, _ = strings.Cut(s, "?")
	return name, query
}

// mergeQueries joins queries, the one that wins first: a name that an earlier query has is left out of the later ones.
// Addresses put the query after the key, after the app, or repeat it in both. Pairs keep their order and their escapes.
func mergeQueries(queries ...string) string {
	type pair struct {
		name string
		rank int
	}
	var (
		merged strings.Builder
		seen   []pair
	)
	taken := func(name string, rank int) bool {
		for _, p := range seen {
			if p.name == name && p.rank < rank {
				return true
			}
		}
		return false
	}
	for rank, query := range queries {
		for text := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(text, "=")
			if text == "" || taken(name, rank) || len(seen) == queryPairsMax {
				continue
			}
			seen = append(seen, pair{name, rank})
			if merged.Len() > 0 {
				merged.WriteByte('&')
			}
			merged.WriteString(text)
		}
	}
	return merged.String()
}

// tcURLQuery is the query of a tcUrl. Neko puts the whole address in single quotes.
func tcURLQuery(tcURL string) string {
	_, query := cutQuery(strings.Trim(tcURL, "'"))
	return query
}

// cleanApp cuts what clients add to the name of an app: a query, one trailing slash, and the _definst_ that stands for
// the default instance of Flash Media Server.
func cleanApp(app string) (name, query string) {
	name, query = cutQuery(app)
	name = strings.TrimSuffix(name, "/")
	name = strings.TrimSuffix(name, "/_definst_")
	return name, query
}
