package session

import (
	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// asNumber accepts both kinds of number that AMF has.
func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int32:
		return float64(v), true
	}
	return 0, false
}

// asStreamID reads a message stream id, which is 32 bits and not negative.
func asStreamID(v any) (uint32, bool) {
	f, ok := asNumber(v)
	if !ok || !(f >= 0 && f <= 1<<32-1) {
		return 0, false
	}
	return uint32(f), true
}

// Metadata is the description of a stream (onMetaData). It is valid until the handler returns; property values may be
// kept.
type Metadata struct {
	Timestamp  uint32         // milliseconds
	Properties []amf.Property // in the order of the sender; their numbers are float64
	// Body is "onMetaData" and the properties as a player is to get them: the body of an AMF0 data message, written anew, so
	// that AMF3 values, wrong counts and missing end markers of the sender do not travel on.
	Body []byte
	// Cleared says that the sender took its metadata back (@clearDataFrame); there are no properties and no body then.
	Cleared bool
}

// Data is any other data message: captions, cue points, time codes. It is valid until the handler returns.
type Data struct {
	Timestamp uint32 // milliseconds
	Name      string
	Values    []any  // what follows the name; may be kept
	Body      []byte // name and values in AMF0, written anew like [Metadata.Body]
}

// dataReader turns data messages into Metadata and Data. The bodies it returns are valid until the next.
type dataReader struct {
	limits amf.Limits
	body   []byte
}

// read decodes d. What cannot be decoded or written in AMF0 is not passed on: players are less patient than servers.
func (r *dataReader) read(m *chunk.Message, d *message.Data) (Data, error) {
	values, err := d.Values(r.limits)
	if err != nil {
		return Data{}, err
	}
	body := amf.AppendString(r.body[:0], d.Name)
	for _, v := range values {
		if body, err = amf.AppendWithin(body, v, r.limits); err != nil {
			return Data{}, err
		}
	}
	r.body = body
	return Data{Timestamp: m.Timestamp, Name: d.Name, Values: values, Body: body}, nil
}

// metadata is the view of an onMetaData or @clearDataFrame message.
func (d *Data) metadata() Metadata {
	if d.Name == message.NameClearDataFrame {
		return Metadata{Timestamp: d.Timestamp, Cleared: true}
	}
	m := Metadata{Timestamp: d.Timestamp, Body: d.Body}
	if len(d.Values) > 0 {
		m.Properties = message.Properties(d.Values[0])
	}
	for i, p := range m.Properties {
		if n, ok := p.Value.(int32); ok { // AMF3
			m.Properties[i].Value = float64(n)
		}
	}
	return m
}
