package deploy

import (
	"slices"
	"sync"

	"mmids/engine/config"
)

// SettingKind is when a setting takes effect.
type SettingKind int

const (
	Unknown     SettingKind = iota // it means nothing
	AtOnce                         // while the server runs
	WithRestart                    // when the server starts
)

// Setting is a setting that would change. Values are not shown, since they may be secret.
type Setting struct {
	Name string
	Kind SettingKind
	Pos  config.Pos // in the document; zero if it is missing there
}

// inForce are the settings that the server works with.
type inForce struct {
	kindOf func(name string) SettingKind

	mu       sync.Mutex
	settings config.Settings
}

func newInForce(s config.Settings, kindOf func(string) SettingKind) *inForce {
	return &inForce{kindOf: kindOf, settings: slices.Clone(s)}
}

// changes compares settings with those in force. One without a value is as good as none.
func (f *inForce) changes(next config.Settings) (list []Setting) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range next {
		if valueOf(f.settings, s.Name) != valueOf(next, s.Name) {
			list = f.add(list, s.Name, s.Pos)
		}
	}
	for _, s := range f.settings {
		if _, stays := next.Get(s.Name); !stays && s.HasValue {
			list = f.add(list, s.Name, config.Pos{})
		}
	}
	return list
}

func (f *inForce) add(list []Setting, name string, at config.Pos) []Setting {
	kind := f.kindOf(name)
	if kind == Unknown {
		return list
	}
	return append(list, Setting{name, kind, at})
}

// apply notes the settings that take effect at once. The others stay changed until the next start.
func (f *inForce) apply(next config.Settings) {
	f.mu.Lock()
	defer f.mu.Unlock()
	atOnce := func(s config.Setting) bool { return f.kindOf(s.Name) == AtOnce }
	f.settings = slices.DeleteFunc(f.settings, atOnce)
	for _, s := range next {
		if atOnce(s) {
			f.settings = append(f.settings, s)
		}
	}
}

// value is a setting's value, if it has one.
type value struct {
	text  string
	isSet bool
}

func valueOf(list config.Settings, name string) value {
	s, _ := list.Get(name)
	return value{s.Value, s.HasValue}
}
