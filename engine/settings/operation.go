package settings

import (
	"maps"
	"slices"

	"github.com/rs/zerolog"

	"mmids/engine/config"
	"mmids/engine/logging"
)

// atOnce are the settings that take effect while the server runs. For all others it has to be started again.
var atOnce = []string{"http_api_token", "http_api_token_file", "log_files", "log_level", "log_mb_max", "watch_config"}

// TakesEffectAtOnce reports whether a server that runs can be given another value of this setting.
func TakesEffectAtOnce(name string) bool { return slices.Contains(atOnce, name) }

// Names returns the names of all settings, in ascending order.
func Names() []string {
	r := &reader{settings: config.Settings{}, known: make(map[string]bool)}
	r.read()
	return slices.Sorted(maps.Keys(r.known))
}

func (r *reader) rotation() logging.Rotation {
	return logging.Rotation{
		FilesMax: r.number("log_files", 0, 1, 1<<20),
		BytesMax: int64(r.number("log_mb_max", 0, 1, 1<<30)) << 20,
		Off:      !r.isOn("log_rotation", true),
	}
}

func (r *reader) level() zerolog.Level {
	s, ok := r.value("log_level")
	if !ok {
		return zerolog.InfoLevel
	}
	level, ok := logging.ParseLevel(s.Value)
	if !ok {
		r.wrong(s, "a level", "error, warn, info, debug or trace")
	}
	return level
}

// isOn reads a setting that is on or off. Its name alone means on.
func (r *reader) isOn(name string, missing bool) bool {
	r.known[name] = true
	s, named := r.settings.Get(name)
	switch {
	case !named:
		return missing
	case s.Value == "on", !s.HasValue:
		return true
	case s.Value != "off":
		r.wrong(s, "on or off", "")
	}
	return false
}
