package session

import (
	"mmids/amf"
	"mmids/rtmp/message"
)

// CapsEx is the capsEx bit field of Enhanced RTMP v2 (“Enhancing NetConnection connect Command”).
type CapsEx uint32

const (
	CapsReconnect  CapsEx = 1 << iota // understands NetConnection.Connect.ReconnectRequest
	CapsMultitrack                    // several tracks of a kind in one stream
	CapsModEx                         // packet modifiers
	CapsNanosecond                    // nanosecond offset, one of the modifiers
)

// FourCCInfo says what a peer does with a codec (FourCcInfoMask of Enhanced RTMP v2).
type FourCCInfo uint32

const (
	CanDecode FourCCInfo = 1 << iota
	CanEncode
	CanForward
)

// AnyCodec is the key that stands for all codecs in a list or map of FourCCs.
const AnyCodec = "*"

// Codec is one entry of videoFourCcInfoMap or audioFourCcInfoMap.
type Codec struct {
	FourCC string
	Info   FourCCInfo
}

// Capabilities are what a peer announces of Enhanced RTMP, in connect or in the answer to it.
type Capabilities struct {
	FourCCList []string // fourCcList, the form of version 1
	Video      []Codec  // videoFourCcInfoMap
	Audio      []Codec  // audioFourCcInfoMap
	CapsEx     CapsEx
}

// Enhanced reports whether anything of Enhanced RTMP was announced.
func (c *Capabilities) Enhanced() bool {
	return len(c.FourCCList) > 0 || len(c.Video) > 0 || len(c.Audio) > 0 || c.CapsEx != 0
}

// passThrough are the capabilities of a server that hands on whatever codec it is sent.
var passThrough = Capabilities{
	FourCCList: []string{AnyCodec},
	Video:      []Codec{{AnyCodec, CanForward}},
	Audio:      []Codec{{AnyCodec, CanForward}},
	CapsEx:     CapsReconnect | CapsMultitrack | CapsModEx | CapsNanosecond,
}

const (
	propertyFourCCList = "fourCcList"
	propertyVideoMap   = "videoFourCcInfoMap"
	propertyAudioMap   = "audioFourCcInfoMap"
	propertyCapsEx     = "capsEx"
)

// read takes the capabilities out of properties. Values of a wrong type are passed over.
func (c *Capabilities) read(properties []amf.Property) {
	for _, p := range properties {
		switch p.Name {
		case propertyFourCCList:
			list, _ := p.Value.(*amf.StrictArray)
			if list == nil {
				continue
			}
			for _, v := range list.Values {
				if fourCC, ok := v.(string); ok && len(c.FourCCList) < fourCCsMax {
					c.FourCCList = append(c.FourCCList, fourCC)
				}
			}
		case propertyVideoMap:
			c.Video = codecs(p.Value)
		case propertyAudioMap:
			c.Audio = codecs(p.Value)
		case propertyCapsEx:
			c.CapsEx = CapsEx(bits(p.Value))
		}
	}
}

func codecs(v any) []Codec {
	var list []Codec
	for _, p := range message.Properties(v) {
		if len(list) < fourCCsMax {
			list = append(list, Codec{p.Name, FourCCInfo(bits(p.Value))})
		}
	}
	return list
}

// bits reads a bit field, and 0 from what is none.
func bits(v any) uint32 {
	f, ok := asNumber(v)
	if !ok || !(f >= 0 && f <= 1<<32-1) {
		return 0
	}
	return uint32(f)
}

// properties are the capabilities as they stand in a command object or in the answer to connect.
func (c *Capabilities) properties() []amf.Property {
	var list []amf.Property
	if len(c.FourCCList) > 0 {
		values := make([]any, len(c.FourCCList))
		for i, fourCC := range c.FourCCList {
			values[i] = fourCC
		}
		list = append(list, amf.Property{Name: propertyFourCCList, Value: &amf.StrictArray{Values: values}})
	}
	if len(c.Video) > 0 {
		list = append(list, amf.Property{Name: propertyVideoMap, Value: codecMap(c.Video)})
	}
	if len(c.Audio) > 0 {
		list = append(list, amf.Property{Name: propertyAudioMap, Value: codecMap(c.Audio)})
	}
	if c.CapsEx != 0 {
		list = append(list, amf.Property{Name: propertyCapsEx, Value: float64(c.CapsEx)})
	}
	return list
}

func codecMap(list []Codec) *amf.Object {
	o := &amf.Object{}
	for _, c := range list {
		o.Set(c.FourCC, float64(c.Info))
	}
	return o
}
