package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNotificationCountsItsPayload(t *testing.T) {
	before := InUse()
	n := Notification{Event: Coded, Packet: Packet{Kind: Video, Body: CopyBuffer([]byte("\x17\x01\x00\x00\x00frame")), HeaderSize: 5}}
	n.Retain()
	kept := n
	n.Release()
	require.Nil(t, n.Packet.Body)
	require.Equal(t, "frame", string(kept.Packet.Payload()))
	require.Equal(t, "\x17\x01\x00\x00\x00frame", string(kept.Packet.Tag()))
	kept.Release()
	require.Equal(t, before, InUse())
	kept.Release() // without a payload there is nothing to give back
}

func TestNotificationWithoutPayload(t *testing.T) {
	before := InUse()
	n := Notification{Event: NewStream}
	n.Retain()
	n.Release()
	require.Equal(t, Notification{Event: NewStream}, n)
	require.Equal(t, before, InUse())
}

func TestRequired(t *testing.T) {
	f := func(n Notification, want bool) {
		t.Helper()
		require.Equal(t, want, n.Required())
	}
	f(Notification{Event: Coded, Packet: Packet{Required: true}}, true)
	f(Notification{Event: Coded, Packet: Packet{KeyFrame: true}}, false)
	f(Notification{Event: NewStream, Packet: Packet{Required: true}}, false)
}

func TestMetadataGet(t *testing.T) {
	m := &Metadata{Fields: []Field{{"width", "1280"}, {"width", "640"}}}
	v, ok := m.Get("width")
	require.True(t, ok)
	require.Equal(t, "1280", v)
	_, ok = m.Get("height")
	require.False(t, ok)
	_, ok = (*Metadata)(nil).Get("width")
	require.False(t, ok)
}

func TestStreamIDsDiffer(t *testing.T) {
	require.NotEqual(t, NewStreamID(), NewStreamID())
}

func TestKindNames(t *testing.T) {
	require.Equal(t, "audio video other", Audio.String()+" "+Video.String()+" "+Other.String())
}
