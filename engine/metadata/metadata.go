// Package metadata turns what publishers say of their streams, in AMF0, into the engine's form and back.
package metadata

import (
	"bytes"
	"strconv"

	"mmids/amf"
	"mmids/engine/media"
)

// These are the entries of onMetaData that the engine understands.
var (
	wholeNumberFields = map[string]bool{
		"width": true, "height": true, "videodatarate": true, "audiodatarate": true,
		"audiosamplerate": true, "audiochannels": true,
	}
	numberFields = map[string]bool{"framerate": true, "videocodecid": true, "audiocodecid": true}
	truthFields  = map[string]bool{"stereo": true}
	textFields   = map[string]bool{"encoder": true, "videocodecid": true, "audiocodecid": true}
)

// Of turns what a publisher says of its stream into the engine's form. script is copied.
func Of(properties []amf.Property, script []byte) *media.Metadata {
	m := &media.Metadata{Script: bytes.Clone(script)}
	for _, p := range properties {
		if value, ok := fieldValue(p); ok {
			m.Fields = append(m.Fields, media.Field{Name: p.Name, Value: value})
		}
	}
	return m
}

func fieldValue(p amf.Property) (string, bool) {
	switch v := p.Value.(type) {
	case float64:
		return numberText(p.Name, v)
	case int32:
		return numberText(p.Name, float64(v))
	case bool:
		return strconv.FormatBool(v), truthFields[p.Name]
	case string:
		return v, textFields[p.Name]
	}
	return "", false
}

func numberText(name string, v float64) (string, bool) {
	switch {
	case wholeNumberFields[name] && v >= 0 && v < 1<<53:
		return strconv.FormatInt(int64(v), 10), true
	case numberFields[name]:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// Script returns a stream's description as an FLV script tag body: what the source sent, or the fields that are known for
// sources of another kind. It is nil if there is nothing to say.
func Script(m *media.Metadata) []byte {
	if m == nil {
		return nil
	}
	if m.Script != nil {
		return m.Script
	}
	return scriptOf(m.Fields)
}

// scriptOf writes known fields as a description. Values that cannot be read are left out.
func scriptOf(fields []media.Field) []byte {
	var object amf.Object
	for _, f := range fields {
		number, err := strconv.ParseFloat(f.Value, 64)
		switch {
		case err == nil && (wholeNumberFields[f.Name] || numberFields[f.Name]):
			object.Set(f.Name, number)
		case truthFields[f.Name]:
			if truth, err := strconv.ParseBool(f.Value); err == nil {
				object.Set(f.Name, truth)
			}
		case textFields[f.Name]:
			object.Set(f.Name, f.Value)
		}
	}
	if len(object.Properties) == 0 {
		return nil
	}
	script, err := amf.Append(amf.AppendString(nil, "onMetaData"), &object)
	if err != nil {
		panic("BUG: a description cannot be encoded: " + err.Error())
	}
	return script
}
