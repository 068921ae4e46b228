package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// fakeClock stands still until a test moves it.
type fakeClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *fakeClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// tenOClock is in a zone west of UTC, where it is already the next day in UTC.
var tenOClock = time.Date(2024, 3, 9, 22, 30, 15, 250e6, time.FixedZone("", -4*3600))

func pathOf(dir, hour string) string {
	return filepath.Join(dir, "application", "application.log."+hour)
}

func readLines(t *testing.T, path string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var events []map[string]any
	for line := range strings.Lines(string(text)) {
		require.True(t, strings.HasSuffix(line, "\n"), line)
		var event map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &event), line)
		events = append(events, event)
	}
	return events
}

func TestBothOutputsGetEveryEvent(t *testing.T) {
	dir := t.TempDir()
	var terminal bytes.Buffer
	clock := &fakeClock{t: tenOClock}
	log, out, err := New(Options{Level: zerolog.InfoLevel, Terminal: &terminal, Dir: dir, Now: clock.now})
	require.NoError(t, err)

	log.Debug().Msg("below the level")
	workflow := log.With().Str("workflow_name", "ingest").Logger()
	workflow.Info().Str("step_id", "17").Msg("step is active")
	require.NoError(t, out.Close())

	want := map[string]any{
		"level": "info", "workflow_name": "ingest", "step_id": "17",
		"time": "2024-03-10T02:30:15.250Z", "message": "step is active",
	}
	require.Equal(t, []map[string]any{want}, readLines(t, pathOf(dir, "2024-03-10-02")))

	var onTerminal map[string]any
	require.NoError(t, json.Unmarshal(terminal.Bytes(), &onTerminal))
	require.Equal(t, want, onTerminal)
	require.Zero(t, out.Lost())
}

func TestNewFileEveryHour(t *testing.T) {
	dir := t.TempDir()
	clock := &fakeClock{t: time.Date(2024, 12, 31, 23, 59, 59, 999e6, time.UTC)}
	log, out, err := New(Options{Dir: dir, Now: clock.now})
	require.NoError(t, err)

	log.Info().Msg("last of the year")
	clock.set(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	log.Info().Msg("first of the year")
	log.Info().Msg("second of the year")
	require.NoError(t, out.Close())

	require.Len(t, readLines(t, pathOf(dir, "2024-12-31-23")), 1)
	require.Len(t, readLines(t, pathOf(dir, "2025-01-01-00")), 2)
}

func TestRestartInTheSameHourAppends(t *testing.T) {
	dir := t.TempDir()
	clock := &fakeClock{t: tenOClock}
	for range 2 {
		log, out, err := New(Options{Dir: dir, Now: clock.now})
		require.NoError(t, err)
		log.Info().Msg("started")
		require.NoError(t, out.Close())
	}
	require.Len(t, readLines(t, pathOf(dir, "2024-03-10-02")), 2)
}

func TestOldFilesAreDeleted(t *testing.T) {
	start := time.Date(2024, 3, 10, 2, 0, 0, 0, time.UTC)
	run := func(keep, hours int) (left []string) {
		dir := t.TempDir()
		clock := &fakeClock{t: start}
		log, out, err := New(Options{Dir: dir, Rotation: Rotation{FilesMax: keep}, Now: clock.now})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(pathOf(dir, "notes"), nil, 0o600))
		require.NoError(t, os.Mkdir(pathOf(dir, "2020-01-01-00"), 0o700))
		for range hours {
			log.Info().Msg("line")
			clock.set(clock.now().Add(time.Hour))
		}
		require.NoError(t, out.Close())
		entries, err := os.ReadDir(filepath.Join(dir, "application"))
		require.NoError(t, err)
		for _, e := range entries {
			if name := strings.TrimPrefix(e.Name(), filePrefix); name != "notes" && !e.IsDir() {
				left = append(left, name)
			}
		}
		require.Len(t, entries, len(left)+2, "files of others stay")
		return left
	}
	require.Equal(t, []string{"2024-03-10-04", "2024-03-10-05"}, run(2, 4))
	require.Equal(t, []string{"2024-03-10-02", "2024-03-10-03"}, run(2, 2))
	require.Len(t, run(-1, 200), 200)
	require.Len(t, run(0, 7*24), 7*24)
	require.Len(t, run(0, 7*24+1), 7*24)
}

func TestFileInUseIsKeptWhenTheClockWasSetBack(t *testing.T) {
	dir := t.TempDir()
	clock := &fakeClock{t: tenOClock}
	log, out, err := New(Options{Dir: dir, Rotation: Rotation{FilesMax: 1}, Now: clock.now})
	require.NoError(t, err)
	log.Info().Msg("before")
	clock.set(tenOClock.Add(-3 * time.Hour))
	log.Info().Msg("after")
	require.NoError(t, out.Close())
	require.Len(t, readLines(t, pathOf(dir, "2024-03-09-23")), 1)
}

func TestFailingDiskIsCountedAndToldOncePerHour(t *testing.T) {
	dir := t.TempDir()
	clock := &fakeClock{t: tenOClock}
	var complaints, terminal bytes.Buffer
	log, out, err := New(Options{Dir: dir, Terminal: &terminal, Complaints: &complaints, Now: clock.now})
	require.NoError(t, err)

	require.NoError(t, out.files.file.Close()) // every write fails from here on
	for range 3 {
		log.Info().Msg("lost")
	}
	require.EqualValues(t, 3, out.Lost())
	require.Equal(t, 1, strings.Count(complaints.String(), "\n"), complaints.String())
	require.Equal(t, 3, strings.Count(terminal.String(), "\n"))

	clock.set(tenOClock.Add(time.Hour)) // the next file is fine
	log.Info().Msg("kept")
	require.EqualValues(t, 3, out.Lost())
	require.Len(t, readLines(t, pathOf(dir, "2024-03-10-03")), 1)
	require.NoError(t, out.Close())
	require.NoError(t, out.Close())
}

func TestLinesStayInTheOldFileWhileTheNextCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	clock := &fakeClock{t: tenOClock}
	var complaints bytes.Buffer
	log, out, err := New(Options{Dir: dir, Complaints: &complaints, Now: clock.now})
	require.NoError(t, err)

	next := pathOf(dir, "2024-03-10-03")
	require.NoError(t, os.Mkdir(next, 0o700)) // in the way
	clock.set(tenOClock.Add(time.Hour))
	log.Info().Msg("to the old file")
	require.NoError(t, os.Remove(next))
	log.Info().Msg("too early for another attempt")
	clock.set(clock.now().Add(reopenPause))
	log.Info().Msg("to the new file")
	require.NoError(t, out.Close())

	require.Len(t, readLines(t, pathOf(dir, "2024-03-10-02")), 2)
	require.Len(t, readLines(t, next), 1)
	require.Contains(t, complaints.String(), "is a directory")
	require.Zero(t, out.Lost())
}

func TestLineAfterATornOneBeginsOnItsOwnLine(t *testing.T) {
	dir := t.TempDir()
	log, out, err := New(Options{Dir: dir, Now: (&fakeClock{t: tenOClock}).now})
	require.NoError(t, err)
	_, err = out.files.file.WriteString(`{"level":"in`)
	require.NoError(t, err)
	out.files.torn = true // as after a disk that was full in the middle of a line
	log.Info().Msg("whole")
	require.NoError(t, out.Close())

	text, err := os.ReadFile(pathOf(dir, "2024-03-10-02"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "{\"level\":\"in\n{"), string(text))
	require.Equal(t, 2, strings.Count(string(text), "\n"))
}

func TestTerminalFailureDoesNotStopTheFile(t *testing.T) {
	dir := t.TempDir()
	r, w := io.Pipe()
	require.NoError(t, r.CloseWithError(errors.New("terminal is gone")))
	log, out, err := New(Options{Dir: dir, Terminal: w, Now: (&fakeClock{t: tenOClock}).now})
	require.NoError(t, err)
	log.Info().Msg("line")
	require.NoError(t, out.Close())
	require.Len(t, readLines(t, pathOf(dir, "2024-03-10-02")), 1)
}

func TestStartFailsWithoutADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, _, err := New(Options{Dir: file})
	require.ErrorContains(t, err, "logging: ")
}

func TestConcurrentLinesAreWhole(t *testing.T) {
	dir := t.TempDir()
	clock := &fakeClock{t: tenOClock}
	log, out, err := New(Options{Dir: dir, Now: clock.now})
	require.NoError(t, err)
	const writers, each = 8, 200
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			for n := range each {
				log.Info().Int("n", n).Str("padding", strings.Repeat("x", n)).Msg("line")
				if i == 0 && n == each/2 {
					clock.set(tenOClock.Add(time.Hour))
				}
			}
		})
	}
	group.Wait()
	require.NoError(t, out.Close())
	lines := len(readLines(t, pathOf(dir, "2024-03-10-02"))) + len(readLines(t, pathOf(dir, "2024-03-10-03")))
	require.Equal(t, writers*each, lines)
}

// TestJSONLinesCanBeLookedAt: as a line of JSON is shown by cat, and as it is read by programs.
func TestJSONLinesCanBeLookedAt(t *testing.T) {
	dir := t.TempDir()
	var terminal bytes.Buffer
	log, out, err := New(Options{Terminal: &terminal, Dir: dir, Now: (&fakeClock{t: tenOClock}).now})
	require.NoError(t, err)
	const hostile = "a\nb\r\x1b[2J\u009b2J\u202e\x7f\x00\u2028\U000e0001c été 😀"
	log.Info().Str(hostile, hostile).Bytes("bytes", []byte(hostile)).Err(errors.New(hostile)).Any("any", []string{hostile}).Msg(hostile)
	log.Info().Str("v", "\xff\xc0\xae").Msg("short again")
	require.NoError(t, out.Close())
	file, err := os.ReadFile(pathOf(dir, "2024-03-10-02"))
	require.NoError(t, err)
	require.Equal(t, string(file), terminal.String())
	require.Equal(t, 2, strings.Count(terminal.String(), "\n"))
	for _, r := range "\r\x1b\u009b\u202e\x7f\x00\u2028\U000e0001" {
		require.NotContains(t, terminal.String(), string(r))
	}
	require.Contains(t, terminal.String(), "été 😀")
	lines := readLines(t, pathOf(dir, "2024-03-10-02"))
	require.Len(t, lines, 2)
	require.Equal(t, hostile, lines[0][hostile])
	require.Equal(t, hostile, lines[0]["bytes"])
	require.Equal(t, hostile, lines[0]["error"])
	require.Equal(t, []any{hostile}, lines[0]["any"])
	require.Equal(t, hostile, lines[0]["message"])
	require.Equal(t, "\ufffd\ufffd\ufffd", lines[1]["v"])
}

func TestLevelFromEnv(t *testing.T) {
	f := func(lower, upper string, want zerolog.Level) {
		t.Helper()
		env := map[string]string{"mmids_log": lower, "MMIDS_LOG": upper}
		require.Equal(t, want, LevelFromEnv(func(name string) string { return env[name] }, zerolog.WarnLevel))
	}
	f("", "", zerolog.WarnLevel)
	f("error", "", zerolog.ErrorLevel)
	f("WARN", "", zerolog.WarnLevel)
	f("Info", "", zerolog.InfoLevel)
	f("debug", "", zerolog.DebugLevel)
	f("trace", "", zerolog.TraceLevel)
	f(" debug ", "", zerolog.DebugLevel)
	f("", "trace", zerolog.TraceLevel)
	f("error", "trace", zerolog.ErrorLevel)
	f("nonsense", "trace", zerolog.InfoLevel)
	f("fatal", "", zerolog.InfoLevel)
	f("disabled", "", zerolog.InfoLevel)
}

func BenchmarkLine(b *testing.B) {
	log, out, err := New(Options{Dir: b.TempDir(), Terminal: io.Discard})
	require.NoError(b, err)
	defer out.Close()
	b.ReportAllocs()
	for n := range b.N {
		log.Info().Str("workflow_name", "ingest").Int("n", n).Msg("step is active")
	}
}

func ExampleNew() {
	noon := time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC)
	log, out, err := New(Options{Terminal: os.Stdout, Now: func() time.Time { return noon }})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer out.Close()
	log.Info().Str("version", "1.0.0").Msg("mmids starts")
	// Output: {"level":"info","version":"1.0.0","time":"2024-03-10T12:00:00.000Z","message":"mmids starts"}
}
