package main

import (
	"io"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/logging"
)

// openLog begins the log, on the terminal and in files.
func openLog(read configuration, stdout io.Writer) (zerolog.Logger, *logging.Output, error) {
	logging.SetLevel(logging.LevelFromEnv(os.Getenv, read.settings.LogLevel))
	log, output, err := logging.New(logging.Options{
		Level: zerolog.TraceLevel, Terminal: stdout, TerminalIsTTY: isTerminal(stdout),
		Dir: read.settings.LogDir, Rotation: read.settings.LogRotation,
	})
	if err != nil {
		return log, nil, err
	}
	log.Info().Str("version", version).Msg("mmids")
	dir, _ := filepath.Abs(read.settings.LogDir)
	log.Info().Str("directory", dir).Msg("log files")
	logWarnings(log, read.warnings)
	return log, output, nil
}

func logWarnings(log zerolog.Logger, warnings []config.Mistake) {
	for _, w := range warnings {
		log.Warn().Str("at", w.Pos.String()).Msg(w.Message)
	}
}
