package logging

import (
	"strings"

	"github.com/rs/zerolog"
)

// levelVariables are the environment variables that set the level; the first one that is set decides.
var levelVariables = []string{"mmids_log", "MMIDS_LOG"}

// LevelFromEnv returns the level that the environment asks for, and otherwise if it asks for none. A word that is no level
// means info. getenv is os.Getenv.
func LevelFromEnv(getenv func(string) string, otherwise zerolog.Level) zerolog.Level {
	for _, name := range levelVariables {
		text := strings.TrimSpace(getenv(name))
		if text == "" {
			continue
		}
		if level, ok := ParseLevel(text); ok {
			return level
		}
		return zerolog.InfoLevel
	}
	return otherwise
}

// ParseLevel reads error, warn, info, debug or trace, in any case.
func ParseLevel(text string) (zerolog.Level, bool) {
	switch strings.ToLower(text) {
	case "error":
		return zerolog.ErrorLevel, true
	case "warn":
		return zerolog.WarnLevel, true
	case "info":
		return zerolog.InfoLevel, true
	case "debug":
		return zerolog.DebugLevel, true
	case "trace":
		return zerolog.TraceLevel, true
	}
	return zerolog.InfoLevel, false
}

// SetLevel changes the level of all loggers of the process while they are in use. A logger whose own level is less talkative
// stays as it is.
func SetLevel(level zerolog.Level) { zerolog.SetGlobalLevel(level) }
