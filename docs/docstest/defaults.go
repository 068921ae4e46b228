// Package docstest holds the code against what the documentation says of it.
package docstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RequireDefault checks that a setting has the default that docs/configuration.md shows. The value is a number in the setting's
// own unit, or a time.Duration.
func RequireDefault(t testing.TB, setting string, value any) {
	t.Helper()
	shown := shownDefault(t, setting)
	if want, isTime := value.(time.Duration); isTime {
		got, err := time.ParseDuration(shown)
		require.NoError(t, err, setting)
		require.Equal(t, want, got, setting)
		return
	}
	require.Equal(t, fmt.Sprint(value), shown, setting)
}

// shownDefault is what stands in the second column of a setting's row.
func shownDefault(t testing.TB, setting string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(top(t), "docs", "configuration.md"))
	require.NoError(t, err)
	_, row, found := strings.Cut(string(page), "\n| `"+setting+"` | ")
	require.True(t, found, "there is no %s", setting)
	cell, _, _ := strings.Cut(row, " | ")
	parts := strings.Split(cell, "`")
	require.Greater(t, len(parts), 2, "%s has no default", setting)
	return parts[1]
}

// top is the folder of the module.
func top(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	require.NoError(t, err)
	for ; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		require.NotEqual(t, folder, filepath.Dir(folder), "there is no go.mod")
	}
}
