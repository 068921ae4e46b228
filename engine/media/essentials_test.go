package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func header(kind Kind, typ string, track uint8, text string) Notification {
	return Notification{Event: Coded, Stream: "s", Packet: Packet{
		Kind: kind, Type: typ, Track: track, Required: true, Body: CopyBuffer([]byte(text)),
	}}
}

func texts(list []Notification) (all []string) {
	for _, n := range list {
		if n.Event == MetadataChanged {
			all = append(all, "metadata "+n.Metadata.Fields[0].Value)
		} else {
			all = append(all, string(n.Packet.Payload()))
		}
	}
	return all
}

func TestEssentials(t *testing.T) {
	before := InUse()
	var e Essentials
	note := func(n Notification) {
		e.Note(&n)
		n.Release()
	}
	require.Empty(t, e.AppendTo(nil))
	note(header(Video, "a", 0, "v1"))
	note(header(Audio, "a", 0, "a1"))
	note(Notification{Event: MetadataChanged, Stream: "s", Metadata: &Metadata{Fields: []Field{{"x", "1"}}}})
	note(Notification{Event: Coded, Stream: "s", Packet: Packet{Kind: Video, KeyFrame: true, Body: CopyBuffer([]byte("k"))}})
	note(Notification{Event: NewStream, Stream: "s"})
	require.Equal(t, []string{"metadata 1", "v1", "a1"}, texts(e.AppendTo(nil)))
	note(header(Video, "a", 0, "v2"))
	note(header(Video, "a", 1, "second track"))
	note(header(Video, "b", 0, "other codec"))
	note(Notification{Event: MetadataChanged, Stream: "s", Metadata: &Metadata{Fields: []Field{{"x", "2"}}}})
	require.Equal(t, []string{"metadata 2", "a1", "v2", "second track", "other codec"}, texts(e.AppendTo(nil)))
	e.Release()
	require.Empty(t, e.AppendTo(nil))
	require.Equal(t, before, InUse())
}

func TestEssentialsAreBounded(t *testing.T) {
	before := InUse()
	var e Essentials
	for track := range uint8(essentialsMax + 1) {
		n := header(Video, "a", track, string(rune('a'+track)))
		e.Note(&n)
		n.Release()
		require.Len(t, e.AppendTo(nil), min(int(track)+1, essentialsMax))
	}
	require.Equal(t, "b", texts(e.AppendTo(nil))[0], "the oldest one has gone")
	e.Release()
	require.Equal(t, before, InUse())
}
