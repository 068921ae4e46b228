package server_test

import (
	"fmt"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/rtmp/server"
	"mmids/rtmp/session"
)

// Bodies of enhanced RTMP: two video tracks, HDR metadata, and audio with the order of its channels.
var (
	hevcHeader  = []byte("\x90hvc1\x01h")
	hevcHDR     = []byte("\xd4hvc1\x02\x00\x09colorInfo\x03\x00\x00\x09")
	hevcKey     = []byte("\x91hvc1\x00\x00\x50k")
	hevcDelta   = []byte("\xa3hvc1d")
	av1Header   = []byte("\x96\x00av01\x01\x81a")
	av1Key      = []byte("\x96\x01av01\x01K")
	av1Delta    = []byte("\xa6\x01av01\x01D")
	opusHeader  = []byte("\x90OpusOpusHead")
	opusOrder   = []byte("\x94Opus\x01\x02\x00\x00\x00\x03")
	opusSound   = []byte("\x91Opuss")
	nanoseconds = []byte("\xa7\x02\x00\x00\x05\x03hvc1n")
)

func decodes(fourCCs ...string) (list []session.Codec) {
	for _, fourCC := range fourCCs {
		list = append(list, session.Codec{FourCC: fourCC, Info: session.CanDecode})
	}
	return list
}

// publishEnhanced publishes all of the above, up to the first frames.
func publishEnhanced(t *testing.T, port int) *peer {
	t.Helper()
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	p.send(video, 0, hevcHeader...)
	p.send(video, 0, av1Header...)
	p.send(audio, 0, opusHeader...)
	p.send(audio, 0, opusOrder...)
	p.send(video, 0, hevcHDR...)
	p.send(video, 0, hevcKey...)
	p.send(video, 0, av1Key...)
	p.send(audio, 5, opusSound...)
	return p
}

func TestViewersGetWhatTheyHaveAnnounced(t *testing.T) {
	log := &logBuffer{}
	_, port := start(t, server.Config{Log: zerolog.New(log)})
	everything := dialAs(t, port, "live", session.Capabilities{}).play("cam")
	proxy := dial(t, port, "live").play("cam") // announces all that there is
	one := dialAs(t, port, "live", session.Capabilities{FourCCList: []string{"av01", "Opus"}}).play("cam")
	some := dialAs(t, port, "live", session.Capabilities{Video: decodes("av01"), CapsEx: session.CapsMultitrack}).play("cam")
	silent := dialAs(t, port, "live", session.Capabilities{FourCCList: []string{"av01"}, Audio: decodes("mp4a")}).play("cam")
	none := dialAs(t, port, "live", session.Capabilities{FourCCList: []string{"vp09"}}).play("cam")
	for _, p := range []*peer{everything, proxy, one, some, silent, none} {
		p.want("play start")
	}
	p := publishEnhanced(t, port)
	p.send(video, 40, hevcDelta...)
	p.send(video, 40, av1Delta...)
	p.send(video, 80, nanoseconds...)
	p.send(audio, 90, opusSound...)

	v := func(time int, body []byte) string { return fmt.Sprintf("video %d %s", time, hex(body)) }
	a := func(time int, body []byte) string { return fmt.Sprintf("audio %d %s", time, hex(body)) }
	for _, viewer := range []*peer{everything, proxy} {
		viewer.want(v(0, hevcHeader), v(0, av1Header), a(0, opusHeader), a(0, opusOrder), v(0, hevcHDR), v(0, hevcKey), v(0, av1Key),
			a(5, opusSound), v(40, hevcDelta), v(40, av1Delta), v(80, nanoseconds), a(90, opusSound))
	}
	some.want(v(0, av1Header), a(0, opusHeader), a(0, opusOrder), v(0, av1Key), a(5, opusSound), v(40, av1Delta), a(90, opusSound))
	one.want(v(0, []byte("\x90av01\x81a")), a(0, opusHeader), a(0, opusOrder), v(0, []byte("\x91av01K")), a(5, opusSound), v(40, []byte("\xa1av01D")), a(90, opusSound))
	silent.want(v(0, []byte("\x90av01\x81a")), v(0, []byte("\x91av01K")),
		"refused: rtmp server refused play: NetStream.Play.Failed: The audio of this stream is Opus. The player has announced: AAC.", "closed")
	none.want(a(0, opusHeader), a(0, opusOrder),
		"refused: rtmp server refused play: NetStream.Play.Failed: The video of this stream is HEVC. The player has announced: VP9.", "closed")
	require.Len(t, log.lines("client refused"), 2)
	require.Len(t, log.lines("The video of this stream is HEVC"), 1)

	// Late joiners of the same kinds.
	dialAs(t, port, "live", session.Capabilities{}).play("cam").want("play start", v(0, hevcHeader), v(0, av1Header), v(0, hevcHDR),
		a(0, opusHeader), a(0, opusOrder), v(0, hevcKey), v(0, av1Key), a(5, opusSound), v(40, hevcDelta), v(40, av1Delta), v(80, nanoseconds), a(90, opusSound))
	dialAs(t, port, "live", session.Capabilities{FourCCList: []string{"av01"}}).play("cam").want("play start", v(0, []byte("\x90av01\x81a")),
		a(0, opusHeader), a(0, opusOrder), v(0, []byte("\x91av01K")), a(5, opusSound), v(40, []byte("\xa1av01D")), a(90, opusSound))
	late := dialAs(t, port, "live", session.Capabilities{FourCCList: []string{"vp09"}}).play("cam")
	late.want("play start", a(0, opusHeader), a(0, opusOrder),
		"refused: rtmp server refused play: NetStream.Play.Failed: The video of this stream is HEVC. The player has announced: VP9.", "closed")
}

// The publisher's answer to connect says what the server does with codecs, if the client asks for it.
func TestServerAnnouncesWhatItPasses(t *testing.T) {
	_, port := start(t, server.Config{})
	p := dial(t, port, "live")
	p.want("connected")
	require.Equal(t, []session.Codec{{FourCC: session.AnyCodec, Info: session.CanForward}}, p.announced.Video)
	require.Equal(t, []session.Codec{{FourCC: session.AnyCodec, Info: session.CanForward}}, p.announced.Audio)
	require.NotZero(t, p.announced.CapsEx&session.CapsMultitrack)
	plain := dialAs(t, port, "live", session.Capabilities{})
	plain.want("connected")
	require.False(t, plain.announced.Enhanced())
}
