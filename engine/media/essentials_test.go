package media

import (
	"strings"
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
	note(header(Audio, "b", 0, "other codec"))
	note(Notification{Event: MetadataChanged, Stream: "s", Metadata: &Metadata{Fields: []Field{{"x", "2"}}}})
	require.Equal(t, []string{"metadata 2", "v2", "second track", "other codec"}, texts(e.AppendTo(nil)))
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

// What is left of units of several tracks must come in the order in which it was said, or an old header would win.
func TestEssentialsOfManyTracks(t *testing.T) {
	f := func(want string, units ...Notification) {
		t.Helper()
		before := InUse() - int64(len(units))
		var e Essentials
		for i := range units {
			e.Note(&units[i])
			units[i].Release()
		}
		require.Equal(t, strings.Fields(want), texts(e.AppendTo(nil)))
		e.Release()
		require.Equal(t, before, InUse())
	}
	of := func(text string, tracks ...byte) Notification {
		n := header(Video, "a", tracks[0], text)
		if len(tracks) > 1 {
			n.Packet.Tracks = string(tracks)
		}
		return n
	}
	aside := func(n Notification) Notification { n.Packet.Aside = true; return n }
	f("new0 new1", of("old0", 0), of("old1", 1), of("new0", 0), of("new1", 1))
	f("both", of("old0", 0), of("old1", 1), of("both", 0, 1))
	f("both new1", of("both", 0, 1), of("old1", 1), of("new1", 1))
	f("new", of("both", 0, 1), of("one", 1), of("new", 1, 0))
	f("all", of("a", 0, 1), of("b", 1, 2), of("all", 0, 1, 2))
	f("a b", of("a", 0, 1), of("b", 1, 2))
	f("new hdr", aside(of("old", 0)), of("new", 0), aside(of("hdr", 0)))
	f("hdr1 v hdr", aside(of("hdr1", 1)), of("v", 0), aside(of("hdr", 0)))
}

func TestEssentialsBoundBytes(t *testing.T) {
	before := InUse()
	var e Essentials
	large := strings.Repeat("x", essentialsBytesMax/2)
	for track := range uint8(3) {
		n := header(Video, "a", track, large+string('a'+rune(track)))
		e.Note(&n)
		n.Release()
	}
	require.Equal(t, []string{large + "c"}, texts(e.AppendTo(nil)))
	n := header(Video, "a", 0, large+large+"too large, but the only one")
	e.Note(&n)
	n.Release()
	require.Len(t, e.AppendTo(nil), 1)
	e.Release()
	require.Equal(t, before, InUse())
}
