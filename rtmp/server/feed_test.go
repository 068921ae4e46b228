package server_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/rtmp/message"
	"mmids/rtmp/server"
)

// feedOf opens a feed as the steps do that give streams to helpers, with one stream in it.
func feedOf(t *testing.T, h *harness) (r *server.Registration, ch *server.Channel, port int) {
	t.Helper()
	r, err := h.server.ListenWatchers(server.Request{
		Internal: true, App: "feed", Key: "cam", KeepBeginning: true, Owner: workflow.NewOwner("w"), Log: zerolog.Nop(),
	}, newRegistrant())
	require.NoError(t, err)
	address, err := url.Parse(r.URL())
	require.NoError(t, err)
	port, err = strconv.Atoi(address.Port())
	require.NoError(t, err)
	ch = r.Feed("cam")
	ch.Append(&media.Notification{Event: media.NewStream, Stream: "s", Name: "cam"})
	t.Cleanup(func() {
		ch.EndFeed()
		r.Close()
	})
	return r, ch, port
}

// show appends one packet and publishes it.
func show(ch *server.Channel, messageType uint8, timestamp int64, body []byte) {
	n := media.Notification{Event: media.Coded, Stream: "s", Packet: media.Packet{
		Kind: media.Audio, Time: timestamp, Body: media.CopyBuffer(body), Required: body[1] == 0,
	}}
	if messageType == message.TypeVideo {
		n.Packet.Kind, n.Packet.KeyFrame = media.Video, body[0]>>4 == 1 && body[1] == 1
	}
	ch.Append(&n)
	ch.Publish()
	n.Release()
}

func TestFirstViewerOfAFeedGetsItFromItsBeginning(t *testing.T) {
	h := newHarness(t, server.Config{})
	_, ch, port := feedOf(t, h)
	show(ch, video, 0, videoHeader)
	show(ch, video, 0, key)
	show(ch, video, 40, delta)
	show(ch, video, 1000, key)
	first := dial(t, port, "feed").play("cam")
	first.want("play start", "video 0 "+hex(videoHeader), "video 0 "+hex(key), "video 40 "+hex(delta), "video 1000 "+hex(key))
	second := dial(t, port, "feed").play("cam")
	second.want("play start", "video 1000 "+hex(videoHeader), "video 1000 "+hex(key))
	show(ch, video, 1040, delta)
	first.want("video 1040 " + hex(delta))
	second.want("video 1040 " + hex(delta))
}

func TestFinishedFeedIsReadToItsEnd(t *testing.T) {
	h := newHarness(t, server.Config{})
	_, ch, port := feedOf(t, h)
	there := dial(t, port, "feed").play("cam")
	there.want("play start")
	show(ch, video, 0, videoHeader)
	show(ch, video, 0, key)
	large := append([]byte{0x27, 1, 0, 0, 0}, make([]byte, 4<<20)...) // more than a socket takes at once
	show(ch, video, 40, large)
	show(ch, audio, 43, sound)
	ch.Finish()
	all := []string{
		"video 0 " + hex(videoHeader), "video 0 " + hex(key), "video 40 " + hex(large), "audio 43 " + hex(sound), "status Play.Stop", "closed",
	}
	there.want(all...)
	late := dial(t, port, "feed").play("cam")
	late.want("play start")
	late.want(all...)
}
