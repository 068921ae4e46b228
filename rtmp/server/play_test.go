package server_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/workflow"
	"mmids/rtmp/message"
	"mmids/rtmp/server"
	"mmids/rtmp/session"
)

type client = *session.Client

const (
	audio = message.TypeAudio
	video = message.TypeVideo
)

var (
	videoHeader = []byte{0x17, 0, 0, 0, 0, 1, 'v'}
	audioHeader = []byte{0xaf, 0, 'a'}
	key         = []byte{0x17, 1, 0, 0, 0, 'k'}
	delta       = []byte{0x27, 1, 0xff, 0xff, 0xd8, 'd'}
	sound       = []byte{0xaf, 1, 's'}
)

func receiveAndWatch(port int, app string) string {
	return fmt.Sprintf("rtmp_receive rtmp_app=%s stream_key=* port=%d\nrtmp_watch rtmp_app=%s stream_key=* port=%d", app, port, app, port)
}

// start returns a harness with the workflow that everybody begins with.
func start(t *testing.T, c server.Config) (*harness, int) {
	t.Helper()
	h := newHarness(t, c)
	port := freePort(t)
	require.Equal(t, "Running", h.apply("w", receiveAndWatch(port, "live")).Status())
	return h, port
}

func TestViewerBeforePublisherGetsAll(t *testing.T) {
	_, port := start(t, server.Config{})
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	other := dial(t, port, "live").play("another")
	other.want("play start")

	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	p.do(func(c client) error { return c.SendMetadata(0, map0("width", 320.0)) })
	p.send(audio, 0, audioHeader...)
	p.send(video, 0, videoHeader...)
	p.send(audio, 0, sound...)
	p.send(video, 0, key...)
	p.send(video, 40, delta...)
	p.send(audio, 43, sound...)
	p.send(video, 80, delta...)
	viewer.want("metadata", "audio 0 "+hex(audioHeader), "video 0 "+hex(videoHeader), "audio 0 "+hex(sound),
		"video 0 "+hex(key), "video 40 "+hex(delta), "audio 43 "+hex(sound), "video 80 "+hex(delta))
	p.close()
	other.mu.Lock()
	require.Equal(t, []string{"connected", "play start"}, other.lines, "another key sees nothing of it")
	other.mu.Unlock()
}

func TestLateViewerBeginsAtTheNewestKeyFrame(t *testing.T) {
	h, port := start(t, server.Config{})
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	early := dial(t, port, "live").play("cam")
	early.want("play start")
	p.do(func(c client) error { return c.SendMetadata(0, map0("width", 320.0)) })
	p.send(video, 0, videoHeader...)
	p.send(audio, 0, audioHeader...)
	p.send(video, 0, key...)
	p.send(video, 40, delta...)
	p.send(video, 1000, key...)
	p.send(video, 1040, delta...)
	early.want("metadata", "video 0 "+hex(videoHeader), "audio 0 "+hex(audioHeader), "video 0 "+hex(key),
		"video 40 "+hex(delta), "video 1000 "+hex(key), "video 1040 "+hex(delta)) // so the server has them all

	late := dial(t, port, "live").play("cam")
	late.want("play start", "metadata", "video 1000 "+hex(videoHeader), "audio 1000 "+hex(audioHeader),
		"video 1000 "+hex(key), "video 1040 "+hex(delta))

	h.apply("w", receiveAndWatch(port, "live")+fmt.Sprintf("\nrtmp_watch rtmp_app=next stream_key=* port=%d gop_cache=off", port))
	waiting := dial(t, port, "next").play("cam")
	waiting.want("play start")
	p.send(video, 1080, delta...)
	p.send(video, 2000, key...)
	waiting.want("metadata", "video 2000 "+hex(videoHeader), "audio 2000 "+hex(audioHeader), "video 2000 "+hex(key))
	early.want("video 1080 "+hex(delta), "video 2000 "+hex(key)) // and was not disturbed by the update
}

func TestPublisherReturns(t *testing.T) {
	_, port := start(t, server.Config{})
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	p.send(video, 0, videoHeader...)
	p.send(video, 0, key...)
	p.send(video, 500, delta...)
	viewer.want("video 0 "+hex(videoHeader), "video 0 "+hex(key), "video 500 "+hex(delta))
	p.close()

	p = nil
	for p == nil { // the server may not have seen the end yet
		again := dial(t, port, "live").publish("cam")
		if again.first("publish start", "refused: "+busy("cam")) == "publish start" {
			p = again
		}
	}
	p.send(video, 0, videoHeader...)
	p.send(video, 0, delta...) // cannot be decoded without a key frame
	p.send(video, 40, key...)
	viewer.want("status Play.PublishNotify", "video 500 "+hex(videoHeader), "video 520 "+hex(key))
}

func busy(key string) string {
	return fmt.Sprintf(`rtmp server refused publish: NetStream.Publish.BadName: The stream key "%s" is being published already.`, key)
}

func TestViewersAreToldOfALongAbsence(t *testing.T) {
	_, port := start(t, server.Config{ReturnTimeout: time.Millisecond})
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	p.send(video, 0, key...)
	viewer.want("video 0 " + hex(key))
	p.close()
	viewer.want("status Play.UnpublishNotify")
}

func TestRefusals(t *testing.T) {
	h, port := start(t, server.Config{})
	h.apply("exact", fmt.Sprintf(`rtmp_receive rtmp_app=one stream_key=a port=%d allow_ips=192.0.2.1
		rtmp_receive rtmp_app=one stream_key=b port=%d
		rtmp_watch rtmp_app=two stream_key=a port=%d deny_ips=127.0.0.0/8
		rtmp_watch rtmp_app=two stream_key=b port=%d`, port, port, port, port))

	dial(t, port, "nothing").want(refusedApp(port), "closed")
	dial(t, port, "one").publish("c").want(
		`refused: rtmp server refused publish: NetStream.Publish.BadName: The app "one" takes no publisher for the stream key "c".`, "closed")
	dial(t, port, "one").publish("a").want(
		"refused: rtmp server refused publish: NetStream.Publish.Denied: Publishing is not allowed from 127.0.0.1.", "closed")
	dial(t, port, "two").play("c").want(
		`refused: rtmp server refused play: NetStream.Play.StreamNotFound: The app "two" shows no stream with the key "c".`, "closed")
	dial(t, port, "two").play("a").want(
		"refused: rtmp server refused play: NetStream.Play.Failed: Watching is not allowed from 127.0.0.1.", "closed")
	dial(t, port, "two").publish("b").want(
		`refused: rtmp server refused publish: NetStream.Publish.BadName: The app "two" takes no publisher for the stream key "b".`, "closed")

	long, cut := strings.Repeat("é", 4000), strings.Repeat("é", 64)+"…"
	dial(t, port, long).want(
		fmt.Sprintf("refused: rtmp server refused connect: NetConnection.Connect.Rejected: No workflow uses the app %q on port %d.", cut, port), "closed")
	dial(t, port, "one").publish("x"+long).want(fmt.Sprintf(
		`refused: rtmp server refused publish: NetStream.Publish.BadName: The app "one" takes no publisher for the stream key %q.`,
		"x"+strings.Repeat("é", 63)+"…"), "closed")

	p := dial(t, port, "one").publish("b")
	p.want("publish start")
	dial(t, port, "one").publish("b").want("refused: "+busy("b"), "closed")
	dial(t, port, "two").play("b").want("play start")
	p.send(video, 0, key...)
}

func TestQueryIsNotPartOfTheKey(t *testing.T) {
	h := newHarness(t, server.Config{})
	port := freePort(t)
	owner, r := workflow.NewOwner("w"), newRegistrant()
	registration, err := h.server.ListenPublishers(request(port, "live", "cam", owner), r)
	require.NoError(t, err)
	defer registration.Close()
	p := dial(t, port, "live").publish("cam?token=secret")
	p.want("publish start")
	n := r.next(t)
	require.Equal(t, media.NewStream, n.Event)
	require.Equal(t, "cam", n.Name)
	require.Equal(t, "token=secret", n.Source.Query)
	require.Equal(t, "live", n.Source.App)
	require.Equal(t, loopback.String(), n.Source.ClientIP)
	p.close()
	require.Equal(t, media.Disconnected, r.next(t).Event)
}

func TestDeadPublisherLosesItsKey(t *testing.T) {
	_, port := start(t, server.Config{PublishTimeout: time.Millisecond})
	dead := dial(t, port, "live").publish("cam")
	dead.want("publish start")
	require.Eventually(t, func() bool {
		p := dial(t, port, "live").publish("cam")
		return p.first("publish start", "refused: "+busy("cam")) == "publish start"
	}, patience, time.Millisecond)
	dead.want("closed")
}

func TestSilentPublisherIsRemoved(t *testing.T) {
	_, port := start(t, server.Config{PublishTimeout: time.Millisecond})
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	p.discard(new(atomic.Int64)) // and so answers no ping
	p.want("closed")
}

func TestPublisherThatAnswersPingsStays(t *testing.T) {
	_, port := start(t, server.Config{PublishTimeout: time.Millisecond})
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	require.Eventually(t, func() bool { return p.pings.Load() >= 3 }, patience, time.Millisecond)
	p.send(video, 0, key...)
	dial(t, port, "live").publish("other").want("publish start")
	require.Zero(t, p.left(), "nothing was said to the publisher, least of all that it is closed")
}

func TestDeadlines(t *testing.T) {
	_, port := start(t, server.Config{HandshakeTimeout: time.Millisecond, FirstRequestTimeout: time.Millisecond})
	silent := dialRaw(t, port)
	require.NoError(t, silent.conn.SetReadDeadline(time.Now().Add(patience)))
	_, err := silent.conn.Read(make([]byte, 1))
	require.ErrorContains(t, err, "EOF")
	dial(t, port, "live").want("connected", "refused: rtmp server ended the connection: NetConnection.Connect.Closed: neither published nor played in time", "closed")
}

func TestOtherProtocols(t *testing.T) {
	_, port := start(t, server.Config{})
	answer := func(request string) string {
		p := dialRaw(t, port)
		p.write([]byte(request))
		require.NoError(t, p.conn.SetReadDeadline(time.Now().Add(patience)))
		var got bytes.Buffer
		_, _ = got.ReadFrom(p.conn)
		return got.String()
	}
	require.Contains(t, answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "This port speaks RTMP")
	require.Empty(t, answer("\x16\x03\x01"))
	require.Empty(t, answer("\xff\xff"))
}

func TestGarbageHurtsNobodyElse(t *testing.T) {
	_, port := start(t, server.Config{})
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")

	bad := dial(t, port, "live")
	bad.want("connected")
	bad.write(bytes.Repeat([]byte{0xff, 0x13, 0x37}, 1000))
	bad.want("closed")

	p.send(video, 0, 0x17, 1) // cut short
	p.send(audio, 0, 0xaf)
	p.send(video, 0, key...)
	viewer.want("video 0 " + hex(key))
}

func TestOneLineForWhoBreaksARule(t *testing.T) {
	closes := func(do func(port int)) []string {
		t.Helper()
		var log logBuffer
		h, port := start(t, server.Config{Log: zerolog.New(&log).Level(zerolog.InfoLevel), HandshakeTimeout: time.Second})
		do(port)
		require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
		return log.lines(`"ip":"127.0.0.1"`)
	}
	raw := func(text string) func(int) {
		return func(port int) {
			p := dialRaw(t, port)
			p.write([]byte(text))
			require.NoError(t, p.conn.SetReadDeadline(time.Now().Add(patience)))
			_, _ = io.Copy(io.Discard, p.conn)
			p.close()
		}
	}
	one := func(lines []string, what string) {
		t.Helper()
		require.Len(t, lines, 1)
		require.Contains(t, lines[0], what)
		require.Contains(t, lines[0], "connection_id")
	}
	one(closes(raw("\xff\xff")), "not RTMP")
	one(closes(raw("GET / HTTP/1.1\r\n\r\n")), "not RTMP")
	one(closes(raw("\x16\x03\x01")), "client speaks TLS")
	one(closes(raw("\x03")), "no handshake in time")
	one(closes(func(port int) {
		bad := dial(t, port, "live")
		bad.want("connected")
		bad.write([]byte{0xff, 0x13, 0x37, 0xff, 0x13, 0x37})
		bad.want("closed")
		bad.close()
	}), "rtmp chunk")
	one(closes(func(port int) { dial(t, port, "nothing").want(refusedApp(port), "closed") }), "client refused")
	require.Empty(t, closes(func(port int) {
		p := dial(t, port, "live")
		p.want("connected")
		p.close()
	}), "coming and going is no news")
}

func refusedApp(port int) string {
	return fmt.Sprintf(`refused: rtmp server refused connect: NetConnection.Connect.Rejected: No workflow uses the app "nothing" on port %d.`, port)
}

func TestPlayOnAnotherMessageStream(t *testing.T) {
	_, port := start(t, server.Config{})
	first := dial(t, port, "live").publish("cam")
	first.want("publish start")
	// A client that publishes, stops and then plays gets a second message stream.
	viewer := dial(t, port, "live").publish("other")
	viewer.want("publish start")
	viewer.do(func(c client) error { c.Stop(); return nil })
	viewer.want("status Unpublish.Success")
	viewer.do(func(c client) error { return c.Play("cam") })
	viewer.want("play start")
	large := append(bytes.Clone(key), bytes.Repeat([]byte{7}, 20_000)...)
	first.send(video, 0, large...)
	first.send(video, 40, delta...)
	viewer.want("video 0 "+hex(large), "video 40 "+hex(delta))
}
