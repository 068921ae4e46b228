package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A time.Time from time.Now carries the monotonic clock, and differences of two of them ignore that somebody sets the
// machine's clock. What gives that up is listed here, with the reason why it may.
var (
	givesMonotonicUp = regexp.MustCompile(`\.(Unix|UnixNano|UnixMicro|UnixMilli|Round|Truncate|UTC|Local)\(|time\.(Unix|UnixMilli|Date|Parse)\(`)

	mayUseWallClock = map[string]map[string]string{
		"engine/logging/console.go":  {"time.Parse(": "the time of a log line"},
		"engine/logging/files.go":    {".UTC(": "hours of log files", ".Truncate(": "hours of log files"},
		"engine/logging/rotation.go": {"time.Parse(": "hours of log files"},
		"engine/logging/logging.go":  {".UTC(": "the time of a log line"},
		"ffmpeg/error_output.go":     {".UTC(": "the time of a log line"},
		"newsroom.go":                {".UnixMilli(": "where the ids of events begin"},
		"web/browsertest/clock.go":   {".UnixMilli(": "what a picture shows"},
		"http/server/answer.go":      {".UTC(": "the date of an answer"},
		"run_news.go":                {".UnixMilli(": "where the numbers of events begin"},
		"rtmp/server/conn.go":        {".UnixMilli(": "a number for the handshake, of any epoch"},
		"rtmp/server/publishing.go":  {".UnixMilli(": "a number for a ping, of any epoch"},
		"rtmp/client/conn.go":        {"time.Unix(": "a deadline in the past"},
	}
)

// TestNothingWaitsForTheWallClock reads the source for what would make a deadline, a pause or an age depend on it.
func TestNothingWaitsForTheWallClock(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (file == "bench" || file == "examples" || file != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		files++
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range givesMonotonicUp.FindAllString(string(text), -1) {
			if _, may := mayUseWallClock[filepath.ToSlash(file)][found]; !may {
				t.Errorf("%s uses %s), which is about the wall clock", file, found)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 200)
}
