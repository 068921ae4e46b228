package ffmpeg

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// logFileName is what log files are called: the name that logName gives, with a number when the file was rotated.
var logFileName = regexp.MustCompile(`^(.+\.log)(\.\d+)?$`)

// pruneLogs deletes the log files of processes that have ended, all but the newest. What runs keeps its files, and what
// is not named like a log file is not touched. Any goroutine.
func (e *Endpoint) pruneLogs() {
	if e.config.LogDir == "" {
		return
	}
	e.pruning.Lock()
	defer e.pruning.Unlock()
	folder := filepath.Join(e.config.LogDir, logFolder)
	entries, err := os.ReadDir(folder)
	if err != nil {
		e.config.Log.Warn().Err(err).Msg("old ffmpeg log files cannot be looked for")
		return
	}
	inUse := e.logsInUse()
	var old []fs.FileInfo
	for _, entry := range entries {
		name := logFileName.FindStringSubmatch(entry.Name())
		if name == nil || inUse[name[1]] {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			old = append(old, info)
		}
	}
	slices.SortFunc(old, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, info := range old[min(len(old), e.config.LogFilesKept):] {
		if err := os.Remove(filepath.Join(folder, info.Name())); err != nil {
			e.config.Log.Warn().Err(err).Msg("an old ffmpeg log file cannot be deleted")
		}
	}
}

// logsInUse are the names of the log files of the processes that there are.
func (e *Endpoint) logsInUse() map[string]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	names := make(map[string]bool, len(e.mu.ids))
	for id := range e.mu.ids {
		names[logName(id)] = true
	}
	return names
}
