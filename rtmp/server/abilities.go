package server

import (
	"slices"
	"strings"

	"mmids/flv"
	"mmids/rtmp/session"
)

// abilities are what a viewer can take, as it has announced in connect (Enhanced RTMP v2, “Enhancing NetConnection connect
// Command”). Nil stands for everything: nothing is known of a viewer that announces nothing, and most players announce
// nothing and play whatever they have a decoder for.
type abilities struct {
	video, audio codecs
	multitrack   bool
	modEx        bool
}

// codecs are those of one kind. Nil means any.
type codecs []flv.Codec

// abilitiesOf reads an announcement. What it says nothing of counts as possible, apart from the bits of capsEx: they are
// there to tell who understands several tracks and modifiers from who does not.
func abilitiesOf(announced *session.Capabilities) *abilities {
	if !announced.Enhanced() {
		return nil
	}
	video, audio := fourCCsOf(announced.FourCCList)
	a := abilities{
		video: video, audio: audio,
		multitrack: announced.CapsEx&session.CapsMultitrack != 0,
		modEx:      announced.CapsEx&session.CapsModEx != 0,
	}
	if len(announced.Video) > 0 {
		a.video = taken(announced.Video)
	}
	if len(announced.Audio) > 0 {
		a.audio = taken(announced.Audio)
	}
	if a.video == nil && a.audio == nil && a.multitrack && a.modEx {
		return nil
	}
	return &a
}

// fourCCsOf reads the list of version 1. That had only video, so a list without a codec of a kind says nothing of it.
func fourCCsOf(list []string) (video, audio codecs) {
	for _, name := range list {
		c, ok := flv.ParseFourCC(name)
		switch {
		case name == session.AnyCodec:
			return nil, nil
		case ok && c.IsAudio():
			audio = append(audio, c)
		case ok:
			video = append(video, c)
		}
	}
	return video, audio
}

// taken reads one of the maps of version 2. Who can forward a codec can take it.
func taken(list []session.Codec) codecs {
	can := codecs{}
	for _, entry := range list {
		if entry.Info&(session.CanDecode|session.CanForward) == 0 {
			continue
		}
		if entry.FourCC == session.AnyCodec {
			return nil
		}
		if c, ok := flv.ParseFourCC(entry.FourCC); ok {
			can = append(can, c)
		}
	}
	return can
}

// take reports whether a codec can be taken in one form or the other. The codecs of classic headers belong to RTMP itself
// and need no announcement.
func (can codecs) take(c flv.Codec) bool {
	return can.announce(c) || c.HasClassicForm()
}

// announce reports whether the codec itself was announced.
func (can codecs) announce(c flv.Codec) bool {
	return can == nil || slices.Contains(can, c.FourCC())
}

func (can codecs) String() string {
	if len(can) == 0 {
		return "nothing beyond classic codecs"
	}
	names := make([]string, len(can))
	for i, c := range can {
		names[i] = c.String()
	}
	return strings.Join(names, ", ")
}
