package logging

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// sizes returns the log files of a directory and what they take together.
func sizes(t *testing.T, dir string) (names []string, total int64) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "application"))
	require.NoError(t, err)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		names, total = append(names, e.Name()), total+info.Size()
	}
	return names, total
}

// TestDiskUseIsBounded writes a flood of lines within an hour, and goes on in the next one.
func TestDiskUseIsBounded(t *testing.T) {
	dir, clock := t.TempDir(), &fakeClock{t: tenOClock}
	const most = 64 << 10
	log, out, err := New(Options{Dir: dir, Rotation: Rotation{BytesMax: most}, Now: clock.now})
	require.NoError(t, err)
	for n := range 2000 {
		if n == 1500 {
			clock.set(tenOClock.Add(time.Hour))
		}
		log.Info().Int("n", n).Str("text", strings.Repeat("x", 100)).Msg("line")
		_, total := sizes(t, dir)
		require.LessOrEqual(t, total, int64(most))
	}
	require.NoError(t, out.Close())
	names, total := sizes(t, dir)
	require.Greater(t, total, int64(most*3/4), "no more is deleted than has to be")
	require.Len(t, names, partsOfAll)
	var numbers []any
	for _, name := range names {
		for _, line := range readLines(t, filepath.Join(dir, "application", name)) {
			numbers = append(numbers, line["n"])
		}
	}
	for i, n := range numbers {
		require.EqualValues(t, 2000-len(numbers)+i, n, "the newest lines are there, in the order of the files")
	}
}

// TestRestartGoesOnWithTheNewestPart of its hour.
func TestRestartGoesOnWithTheNewestPart(t *testing.T) {
	dir, clock := t.TempDir(), &fakeClock{t: tenOClock}
	for range 3 {
		log, out, err := New(Options{Dir: dir, Rotation: Rotation{BytesMax: 1200}, Now: clock.now})
		require.NoError(t, err)
		log.Info().Str("text", strings.Repeat("x", 100)).Msg("larger than a part")
		require.NoError(t, out.Close())
	}
	names, _ := sizes(t, dir)
	require.Equal(t, []string{"application.log.2024-03-10-02", "application.log.2024-03-10-02.001", "application.log.2024-03-10-02.002"}, names)
}

// TestRotationChangesAtOnce deletes what is too much by the new bounds.
func TestRotationChangesAtOnce(t *testing.T) {
	dir, clock := t.TempDir(), &fakeClock{t: tenOClock}
	log, out, err := New(Options{Dir: dir, Now: clock.now})
	require.NoError(t, err)
	for range 5 {
		log.Info().Msg("line")
		clock.set(clock.now().Add(time.Hour))
	}
	out.Rotate(Rotation{FilesMax: 2})
	names, _ := sizes(t, dir)
	require.Len(t, names, 2)
	out.Rotate(Rotation{BytesMax: 10})
	names, _ = sizes(t, dir)
	require.Equal(t, []string{"application.log.2024-03-10-06"}, names, "the one in use stays")
	require.NoError(t, out.Close())
	out.Rotate(Rotation{})
}

// TestAnotherProgramRotates renames the one file, and has it opened anew.
func TestAnotherProgramRotates(t *testing.T) {
	dir, clock := t.TempDir(), &fakeClock{t: tenOClock}
	log, out, err := New(Options{Dir: dir, Rotation: Rotation{Off: true, BytesMax: 10, FilesMax: 1}, Now: clock.now})
	require.NoError(t, err)
	log.Info().Msg("first")
	clock.set(clock.now().Add(time.Hour))
	log.Info().Msg("second")
	path := filepath.Join(dir, "application", "application.log")
	require.NoError(t, os.Rename(path, path+".1"))
	log.Info().Msg("third")
	require.NoError(t, out.Reopen())
	log.Info().Msg("fourth")
	require.NoError(t, out.Close())
	require.NoError(t, out.Reopen())
	require.Len(t, readLines(t, path+".1"), 3)
	require.Len(t, readLines(t, path), 1)
}

// TestReopen brings back a file that was removed, and complains where it cannot.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	log, out, err := New(Options{Dir: dir, Now: (&fakeClock{t: tenOClock}).now})
	require.NoError(t, err)
	log.Info().Msg("gone")
	path := pathOf(dir, "2024-03-10-02")
	require.NoError(t, os.Remove(path))
	require.NoError(t, out.Reopen())
	log.Info().Msg("here")
	require.Len(t, readLines(t, path), 1)
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	require.ErrorContains(t, out.Reopen(), "is a directory")
	require.NoError(t, out.Close())
}

// TestLevelChanges while a logger is in use.
func TestLevelChanges(t *testing.T) {
	defer SetLevel(zerolog.TraceLevel)
	var text bytes.Buffer
	log, _, err := New(Options{Level: zerolog.TraceLevel, Terminal: &text})
	require.NoError(t, err)
	log = log.With().Str("target", "x").Logger()
	for _, level := range []zerolog.Level{zerolog.InfoLevel, zerolog.DebugLevel, zerolog.ErrorLevel} {
		SetLevel(level)
		log.Debug().Msg("debug at " + level.String())
		log.Warn().Msg("warn at " + level.String())
	}
	require.Equal(t, 3, strings.Count(text.String(), "\n"))
	for _, want := range []string{"warn at info", "debug at debug", "warn at debug"} {
		require.Contains(t, text.String(), want)
	}
}
