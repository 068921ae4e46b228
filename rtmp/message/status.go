package message

import "mmids/amf"

// Levels of a [Status] (RTMP 1.0 §7.2).
const (
	LevelStatus  = "status"
	LevelWarning = "warning"
	LevelError   = "error"
)

// Status is the information object of an onStatus command and of the answer to connect (RTMP 1.0 §7.2.1.1, §7.2.2).
type Status struct {
	Level       string
	Code        string
	Description string
}

// Object is the status as AMF, followed by more. The order level, code, description never changes: Wirecast reads the
// first two by position.
func (s Status) Object(more ...amf.Property) *amf.Object {
	return &amf.Object{Properties: append([]amf.Property{
		{Name: "level", Value: s.Level},
		{Name: "code", Value: s.Code},
		{Name: "description", Value: s.Description},
	}, more...)}
}

// StatusOf reads a status from any object that has a code.
func StatusOf(v any) (Status, bool) {
	var s Status
	for _, p := range Properties(v) {
		text, _ := p.Value.(string)
		switch p.Name {
		case "level":
			s.Level = text
		case "code":
			s.Code = text
		case "description":
			s.Description = text
		}
	}
	return s, s.Code != ""
}

// Properties are the name-value pairs of an object or ECMA array, in their order, and nil of any other value. They are
// shared with v.
func Properties(v any) []amf.Property {
	switch v := v.(type) {
	case *amf.Object:
		return v.Properties
	case *amf.ECMAArray:
		return v.Properties
	}
	return nil
}
