//go:build !race

package api

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoutingAllocatesNothing(t *testing.T) {
	router := table(t, "GET /", "GET /workflows", "GET /workflows/{name}", "GET /a/b/c", "GET /{x}/b/d")
	for _, target := range []string{"/", "/workflows", "/workflows/ingest?x=1", "/a/b/d"} {
		raw := []byte(target)
		var p path
		allocs := testing.AllocsPerRun(100, func() {
			p.split(raw)
			if router.find("GET", p.parts()) == nil {
				t.Error("no route for", target)
			}
		})
		require.Zero(t, allocs, target)
	}
}
