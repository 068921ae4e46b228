package media

// Field is one entry of a stream's description: numbers in decimal, booleans as true or false.
type Field struct{ Name, Value string }

// Metadata describes a stream. It is immutable and shared.
type Metadata struct {
	// Fields are the entries that the engine understands, in the order of the source.
	Fields []Field
	// Script is the whole description as an FLV script tag body ("onMetaData" and its object in AMF0), as
	// the source sent it, so that fields unknown to the engine reach RTMP and FLV viewers. Nil from sources
	// of another kind.
	Script []byte
}

// Get returns the value of the named field.
func (m *Metadata) Get(name string) (string, bool) {
	if m == nil {
		return "", false
	}
	for _, f := range m.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}
