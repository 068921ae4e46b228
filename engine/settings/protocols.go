package settings

import "strings"

// protocols reads the protocols of ffmpeg that the operator allows.
func (r *reader) protocols() []string {
	s, ok := r.value("ffmpeg_protocols")
	if !ok || s.Value == "" {
		return nil
	}
	names := strings.Split(s.Value, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
		if !isProtocol(names[i]) {
			r.wrong(s, "a list of protocols", "names as ffmpeg -protocols shows them with commas between, for example concat,tee")
			return nil
		}
	}
	return names
}

// isProtocol reports whether a word can be the name of a protocol, as it stands in front of addresses.
func isProtocol(name string) bool {
	isOther := func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("+-.", c))
	}
	return name != "" && !strings.ContainsFunc(name, isOther)
}
