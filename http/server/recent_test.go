package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// TestRecent: what somebody gets who asks in the course of a stream, from words such as "K1" for a key frame, "P1" for
// another one, lower-case for those of a second track, "A1" for audio, "V1" for a sequence header.
func TestRecent(t *testing.T) {
	f := func(bytesMax int, want string, words ...string) {
		t.Helper()
		before := media.InUse()
		r := &recent{bytesMax: bytesMax}
		r.note(&media.Notification{Event: media.NewStream})
		for _, w := range words {
			n := media.Notification{Event: media.Coded, Packet: media.Packet{Kind: media.Video, Body: media.CopyBuffer([]byte(w))}}
			switch w[0] {
			case 'A':
				n.Packet.Kind = media.Audio
			case 'V':
				n.Packet.Required = true
			case 'K':
				n.Packet.KeyFrame = true
			case 'k':
				n.Packet.KeyFrame, n.Packet.Track = true, 1
			case 'p':
				n.Packet.Track = 1
			}
			r.note(&n)
			n.Release()
		}
		got, size := "", 0
		for _, n := range append(r.essentials.AppendTo(nil), r.packets...) {
			got += string(n.Packet.Tag()) + " "
		}
		for _, n := range r.packets {
			size += len(n.Packet.Tag())
		}
		require.Equal(t, want, got)
		require.Equal(t, size, r.bytes)
		r.note(&media.Notification{Event: media.Disconnected})
		require.Equal(t, before, media.InUse())
		require.Zero(t, r.bytes)
	}
	f(0, "V1 K2 A2 P3 ", "V1", "P0", "A0", "K1", "A1", "P2", "K2", "A2", "P3")
	f(0, "V1 K1 P1 ", "V1", "K1", "V1", "P1") // the same header says nothing new
	f(0, "V2 ", "V1", "K1", "P1", "V2", "P2")
	f(0, "V2 K2 ", "V1", "K1", "P1", "V2", "P2", "K2")
	f(0, "A3 ", "A1", "A2", "A3")                                        // sound alone
	f(0, "k2 K2 p3 P3 ", "K1", "k1", "P1", "p1", "k2", "K2", "p3", "P3") // all tracks begin together
	f(0, "K1 k1 P1 k2 p2 ", "K1", "k1", "P1", "k2", "p2")                // the main track decides
	f(6, "K1 P1 A1 ", "K1", "P1", "A1")
	f(6, "", "K1", "P1", "A1", "P2")
	f(6, "K2 ", "K1", "P1", "A1", "P2", "P3", "K2")
}
