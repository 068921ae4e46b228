package ffmpeg

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestLogsOfEndedProcessesAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, logFolder)
	e := newEndpoint(t, Config{LogDir: dir, LogFilesKept: 3})
	got := newEvents(t)
	running := e.Start("running", zerolog.Nop(), fakeJob("run"), got.notify)
	want[Started](got)

	longAgo := time.Now().Add(-24 * time.Hour)
	write := func(name string, age int) {
		t.Helper()
		file := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		at := longAgo.Add(-time.Duration(age) * time.Hour)
		require.NoError(t, os.Chtimes(file, at, at))
	}
	for i := range 5 {
		write(fmt.Sprintf("old%d.log", i), i)
	}
	write("old0.log.1", 7)
	write("running.log.1", 100)
	write("notes.txt", 100)
	require.NoError(t, os.Mkdir(filepath.Join(folder, "folder.log"), 0o700))

	ended := newEvents(t)
	p := e.Start("ended", zerolog.Nop(), fakeJob("run"), ended.notify)
	want[Started](ended)
	p.Stop()
	waitDone(t, p)
	require.Equal(t, []string{"ended.log", "folder.log", "notes.txt", "old0.log", "old1.log", "running.log", "running.log.1"}, names(t, folder))

	running.Stop()
	waitDone(t, running)
	require.Equal(t, []string{"ended.log", "folder.log", "notes.txt", "old0.log", "running.log"}, names(t, folder))
}

func names(t *testing.T, folder string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
