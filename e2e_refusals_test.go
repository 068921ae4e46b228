package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// refusedWithin is how long a client may take that was refused. The race detector slows the server down.
func refusedWithin() time.Duration {
	if raceEnabled {
		return 15 * time.Second
	}
	return 5 * time.Second
}

// refusing is a server whose apps refuse clients of 127.0.0.1, for each reason that there is.
const refusing = `
workflow open {
    rtmp_receive rtmp_app=live stream_key=cam port={port}
    rtmp_watch   rtmp_app=live stream_key=cam port={port}
}
workflow elsewhere {
    rtmp_receive rtmp_app=fenced stream_key=* port={port} allow_ips=10.0.0.0/8,2001:db8::/32
    rtmp_watch   rtmp_app=fenced stream_key=* port={port} deny_ips=127.0.0.0/8
}
workflow one_way {
    rtmp_receive rtmp_app=in  stream_key=* port={port}
    rtmp_watch   rtmp_app=out stream_key=* port={port}
}
`

// TestRefusals is about real clients: they end with an error, and soon.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := startServer(t, "refusal_lines_per_second_max 1000", refusing) // each is looked for
	live := feed(t, s.url("live/cam"))
	v := watch(t, s.url("live/cam"))
	live.begin(v)
	clients := 0

	for _, c := range []struct{ name, path, code string }{
		{"wrong app", "nowhere/cam", session.CodeConnectRejected},
		{"wrong key", "live/other", session.CodePublishBadName},
		{"second publisher", "live/cam", session.CodePublishBadName},
		{"address not allowed", "fenced/cam", "NetStream.Publish.Denied"},
		{"app for viewers only", "out/cam", session.CodePublishBadName},
	} {
		_, err := client.Publish(context.Background(), s.url(c.path), client.Config{})
		var refused *session.RefusedError
		require.ErrorAs(t, err, &refused, c.name)
		require.Equal(t, c.code, refused.Code, c.name)
		require.NotEmpty(t, refused.Description, c.name)
		for _, p := range []*process{
			publishFile(t, must(t, sourceFile), s.url(c.path)),
			gstreamerSends(t, "rtmp2sink", "location="+s.url(c.path)),
		} {
			require.NotZero(t, p.wait(refusedWithin()), "%s: publishing with %s", c.name, p.name)
			clients++
		}
		clients++
	}
	for _, c := range []struct{ name, path, code string }{
		{"wrong app", "nowhere/cam", session.CodeConnectRejected},
		{"wrong key", "live/other", session.CodePlayStreamNotFound},
		{"address denied", "fenced/cam", session.CodePlayFailed},
		{"app for publishers only", "in/cam", session.CodePlayStreamNotFound},
	} {
		_, err := client.Play(context.Background(), s.url(c.path), client.Config{})
		var refused *session.RefusedError
		require.ErrorAs(t, err, &refused, c.name)
		require.Equal(t, c.code, refused.Code, c.name)
		require.NotEmpty(t, refused.Description, c.name)
		file := filepath.Join(t.TempDir(), "x.flv")
		for _, p := range []*process{
			ffmpegRecords(t, s.url(c.path), file),
			startProcess(t, "ffprobe", "-v", "error", s.url(c.path)),
			rtmpdumpRecords(t, s.url(c.path), file),
			gstreamerRecords(t, s.url(c.path), file),
		} {
			require.NotZero(t, p.wait(refusedWithin()), "%s: watching with %s", c.name, p.name)
			clients++
		}
		clients++
	}
	eventually(t, "the server has refused each of them, so none failed for a reason of its own", func() bool {
		return len(s.logged("client refused")) >= clients
	})
	live.send(30)
	requireSame(t, "the viewer all the while", live.sent, v.waitAll(live.sent))
	require.True(t, live.alive())
}

// TestKeysAndApps: what is published under one app and key is shown under others, and nowhere
// else.
func TestKeysAndApps(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow two_keys {
    rtmp_receive rtmp_app=publish stream_key=abc port={port}
    rtmp_watch   rtmp_app=watch   stream_key=def port={port}
}
workflow other_app {
    rtmp_receive rtmp_app=basic_read  stream_key=* port={port}
    rtmp_watch   rtmp_app=basic_watch stream_key=* port={port}
}`)
	for publish, play := range map[string]string{"publish/abc": "watch/def", "basic_read/k": "basic_watch/k"} {
		f := feed(t, s.url(publish))
		v := watch(t, s.url(play))
		f.begin(v)
		f.send(40)
		requireSame(t, play, f.sent, v.waitAll(f.sent))
	}
	for _, wrong := range []string{"publish/def", "watch/def", "basic_watch/k"} {
		_, err := tryFeed(t, s.url(wrong))
		require.Error(t, err, "publish %s", wrong)
	}
	for _, wrong := range []string{"watch/abc", "publish/abc", "basic_read/k"} {
		_, err := tryWatch(t, s.url(wrong))
		require.Error(t, err, "play %s", wrong)
	}
	nobody := watch(t, s.url("basic_watch/unknown"))
	other := feed(t, s.url("basic_read/other"))
	other.send(30)
	require.Empty(t, nobody.got(), "a viewer of a key that nobody publishes is accepted and gets nothing")
}

// TestRecordModeIsRefused publishes with a mode that would have the server write files.
func TestRecordModeIsRefused(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	for _, mode := range []string{"record", "append"} {
		p := newRawPeer(t, s.address()).publish("live", "k", mode)
		require.Contains(t, p.requireClosed(), session.CodePublishBadName, mode)
	}
	f := feed(t, s.url("live/k"))
	require.True(t, f.alive(), "the key is free")
}

// TestHostilePeers is about peers that do not speak RTMP, or badly: their connections are closed, and
// a publisher and its viewer notice nothing.
func TestHostilePeers(t *testing.T) {
	t.Parallel()
	s := startServer(t, "handshake_timeout 1s\nconnect_timeout 1s\nfirst_request_timeout 1s\nidle_timeout 1s\npublish_timeout 2s", simple)
	f := feed(t, s.url("live/good"))
	v := watch(t, s.url("live/good"))
	f.begin(v)

	handshakeHead := append([]byte{3}, make([]byte, 1536)...)
	publisher := func(p *rawPeer) *rawPeer {
		key := p.net.LocalAddr().String() // of its own
		return p.publish("live", key, "live").waitFor(session.CodePublishStart)
	}
	peers := []struct {
		name string
		do   func(*rawPeer)
	}{
		{"says nothing", func(p *rawPeer) {}},
		{"sends half a handshake", func(p *rawPeer) { p.write(handshakeHead[:700]) }},
		{"never answers the handshake", func(p *rawPeer) { p.write(handshakeHead) }},
		{"sends garbage at once", func(p *rawPeer) { p.write([]byte("\x00\xff\xfe garbage")) }},
		{"sends garbage for a handshake", func(p *rawPeer) {
			for range 20 {
				p.write([]byte("\x03garbage garbage garbage garbage garbage garbage garbage garbage garbage garbage garbage garbage garbage"))
			}
		}},
		{"sends garbage behind the handshake", func(p *rawPeer) {
			p.shakeHands()
			for range 100 {
				p.write([]byte("\xff\xfe\xfd\xfcgarbage\x00\x01\x02\x03 garbage garbage garbage garbage garbage garbage garbage"))
			}
		}},
		{"asks for HTTP", func(p *rawPeer) { p.write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) }},
		{"says hello in TLS", func(p *rawPeer) { p.write([]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")) }},
		{"connects and does nothing", func(p *rawPeer) { p.shakeHands().connect("live") }},
		{"sends a command of one value", func(p *rawPeer) {
			p.shakeHands().message(message.TypeCommandAMF0, 0, 0, amf.AppendString(nil, "connect"))
		}},
		{"sends a command that is cut off", func(p *rawPeer) {
			p.shakeHands().message(message.TypeCommandAMF0, 0, 0, []byte{2, 0, 7, 'c', 'o', 'n'})
		}},
		{"sends a command without a name", func(p *rawPeer) {
			p.shakeHands().message(message.TypeCommandAMF0, 0, 0, []byte{5})
		}},
		{"publishes without a key", func(p *rawPeer) {
			p.shakeHands().connect("live").command(0, "createStream", 2, nil).command(1, "publish", 3, nil, 7.0)
		}},
		{"sends media before it publishes", func(p *rawPeer) {
			p.shakeHands().connect("live").message(message.TypeVideo, 1, 0, []byte{0x17, 1, 0})
		}},
		{"sends a video tag of 3 bytes", func(p *rawPeer) {
			publisher(p).message(message.TypeVideo, 1, 0, []byte{0x17, 1, 0})
		}},
		{"sends tags of no length", func(p *rawPeer) {
			publisher(p).message(message.TypeVideo, 1, 0, nil).message(message.TypeAudio, 1, 0, nil)
		}},
		{"sends a chunk size of zero", func(p *rawPeer) {
			publisher(p).message(message.TypeSetChunkSize, 0, 0, []byte{0, 0, 0, 0})
		}},
		{"announces a message of 16 MB and is silent", func(p *rawPeer) {
			publisher(p).write([]byte{4, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0, 0x17, 1})
		}},
		{"nests AMF without end", func(p *rawPeer) {
			body := amf.AppendNumber(amf.AppendString(nil, "connect"), 1)
			for range 10_000 {
				body = append(body, 10, 0, 0, 0, 1)
			}
			p.shakeHands().message(message.TypeCommandAMF0, 0, 0, body)
		}},
	}
	open := make([]*rawPeer, len(peers))
	for i, c := range peers {
		open[i] = newRawPeer(t, s.address())
		c.do(open[i])
		f.send(2)
	}
	for i, c := range peers {
		said := open[i].requireClosed()
		switch c.name {
		case "asks for HTTP":
			require.Contains(t, said, "This port speaks RTMP")
		case "publishes without a key":
			require.Contains(t, said, session.CodePublishBadName)
		}
		f.send(2)
	}
	requireSame(t, "the viewer all the while", f.sent, v.waitAll(f.sent))
	require.True(t, f.alive())
}

// TestShortTagsDoNotEndAPublisher checks that packets which cannot be shown are left out, and the others go on.
func TestShortTagsDoNotEndAPublisher(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", simple)
	f := feed(t, s.url("live/k"))
	v := watch(t, s.url("live/k"))
	f.begin(v)
	for i := range 100 {
		f.send(1)
		for _, body := range [][]byte{{0x17}, {0x27, 1}, {0x17, 1, 0}, {0x27, 1, 0, 0}} {
			require.NoError(t, f.publisher.WriteMedia(message.TypeVideo, uint32(40*i), body))
		}
		require.NoError(t, f.publisher.WriteMedia(message.TypeAudio, uint32(40*i), []byte{0xaf}))
	}
	requireSame(t, "viewer", f.sent, v.waitAll(f.sent))
	require.Len(t, s.logged("publisher sends messages that are no media; they are left out"), 1, "one line for a publisher, not one per packet")
}

// TestManyStreams publishes to several workflows side by side; each viewer gets its own stream and nothing else.
func TestManyStreams(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow a {
    rtmp_receive rtmp_app=a stream_key=* port={port}
    rtmp_watch   rtmp_app=a stream_key=* port={port}
}
workflow b {
    rtmp_receive rtmp_app=b stream_key=* port={port}
    rtmp_watch   rtmp_app=b stream_key=* port={port2}
    rtmp_watch   rtmp_app=b2 stream_key=* port={port2}
}
workflow nothing {
}`)
	s.running("nothing", 0)
	second := fmt.Sprintf("rtmp://127.0.0.1:%d/", s.port("2"))
	own := map[string][]string{
		s.url("a/x"): {s.url("a/x")}, s.url("a/y"): {s.url("a/y")},
		s.url("b/x"): {second + "b/x", second + "b2/x"}, s.url("b/y"): {second + "b/y"},
	}
	type pair struct {
		f *feeder
		v []*viewer
	}
	var pairs []pair
	for publish, watched := range own {
		p := pair{f: feed(t, publish)}
		for i := range p.f.packets {
			// A mark in the body makes the streams differ.
			body := append([]byte(nil), p.f.packets[i].body...)
			p.f.packets[i].body = append(body, publish...)
		}
		for _, url := range watched {
			p.v = append(p.v, watch(t, url))
		}
		pairs = append(pairs, p)
	}
	for _, p := range pairs {
		p.f.begin(p.v...)
	}
	for range 10 {
		for _, p := range pairs {
			p.f.send(6)
		}
	}
	for _, p := range pairs {
		for _, v := range p.v {
			requireSame(t, "viewer", p.f.sent, v.waitAll(p.f.sent))
		}
	}
}
