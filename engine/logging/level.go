package logging

import (
	"strings"

	"github.com/rs/zerolog"
)

// levelVariables are the environment variables that set the level; the first one that is set decides.
var levelVariables = []string{"mmids_log", "MMIDS_LOG"}

// LevelFromEnv returns the level that the environment asks for: error, warn, info, debug or trace, in any
// case; info if it says anything else or nothing. getenv is os.Getenv.
func LevelFromEnv(getenv func(string) string) zerolog.Level {
	for _, name := range levelVariables {
		text := strings.TrimSpace(getenv(name))
		if text == "" {
			continue
		}
		switch strings.ToLower(text) {
		case "error":
			return zerolog.ErrorLevel
		case "warn":
			return zerolog.WarnLevel
		case "debug":
			return zerolog.DebugLevel
		case "trace":
			return zerolog.TraceLevel
		}
		return zerolog.InfoLevel
	}
	return zerolog.InfoLevel
}
