package server_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/engine/limits"
	"mmids/rtmp/chunk"
	"mmids/rtmp/handshake"
	"mmids/rtmp/message"
	"mmids/rtmp/server"
	"mmids/rtmp/session"
)

// stranger is a client that says exactly what a test wants it to, behind a handshake.
func stranger(t *testing.T, port int) *peer {
	t.Helper()
	p := dialRaw(t, port)
	client := handshake.NewClient(handshake.ClientConfig{})
	hello, err := client.Start(nil)
	require.NoError(t, err)
	p.write(hello)
	p.shakeHands(client)
	require.NoError(t, p.conn.SetReadDeadline(time.Now().Add(patience)))
	return p
}

// wireMessage is a message in chunks of the size that a connection begins with.
func wireMessage(chunkStream uint32, messageType uint8, payload []byte) []byte {
	return chunk.AppendType0(nil, &chunk.Message{ChunkStream: chunkStream, Type: messageType, Payload: payload}, chunk.DefaultChunkSize)
}

func wireCommand(t *testing.T, name string, arguments ...any) []byte {
	t.Helper()
	c := message.Command{Name: name, Transaction: 1, Arguments: arguments}
	if name == "connect" {
		c.Object = map0("app", "live")
	}
	body, err := c.AppendBody(nil)
	require.NoError(t, err)
	return wireMessage(3, message.TypeCommandAMF0, body)
}

// wirePing is a ping whose answer, which a client that lives gets, has the mark in it.
func wirePing(mark string) []byte { return wirePingInChunks(mark, chunk.DefaultChunkSize) }

func wirePingInChunks(mark string, size int) []byte {
	body := append([]byte{0, byte(message.EventPingRequest)}, mark...)
	return chunk.AppendType0(nil, &chunk.Message{ChunkStream: 2, Type: message.TypeUserControl, Payload: body}, size)
}

// half is the header of a message and its first byte.
func half(chunkStream byte, length int) []byte {
	b := []byte{chunkStream, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0}
	binary.BigEndian.PutUint16(b[5:], uint16(length))
	return append(b, 'x')
}

// hears reads until a text has come, and returns whether it did before the end of the connection.
func (p *peer) hears(text string) bool {
	p.t.Helper()
	var heard []byte
	buf := make([]byte, 4096)
	for !bytes.Contains(heard, []byte(text)) {
		n, err := p.conn.Read(buf)
		heard = append(heard, buf[:n]...)
		if err != nil {
			require.NotContains(p.t, err.Error(), "timeout")
			return bytes.Contains(heard, []byte(text))
		}
	}
	return true
}

func arrays(depth int) any {
	if depth == 0 {
		return nil
	}
	return &amf.StrictArray{Values: []any{arrays(depth - 1)}}
}

// TestLimits: at each limit a client lives, one above it is ended and told why, it is counted and has a line in the log.
func TestLimits(t *testing.T) {
	connect := wireCommand(t, "connect")
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	size := func(n uint32) []byte {
		return wireMessage(2, message.TypeSetChunkSize, binary.BigEndian.AppendUint32(nil, n))
	}
	for _, c := range []struct {
		limit     limits.Limit
		config    server.Config
		at, above []byte // behind connect; at is followed by a ping
		reason    string
	}{
		{
			limits.CommandsPerSecond, server.Config{CommandsPerSecondMax: 5},
			bytes.Repeat(wireCommand(t, "x"), 4), bytes.Repeat(wireCommand(t, "x"), 5), "too many commands",
		},
		{
			limits.UnacceptedBytes, server.Config{UnacceptedBytesMax: len(connect) + len(wirePing("ABCD")) + 13},
			wireMessage(6, 9, []byte("x")), wireMessage(6, 9, []byte("xy")), "too many bytes from a client that does not publish",
		},
		{
			limits.MessageBytes, server.Config{Chunk: chunk.Limits{MessageBytesMax: 100}},
			wireMessage(6, 9, make([]byte, 100)), wireMessage(6, 9, make([]byte, 101)), "message too large",
		},
		{
			limits.PartialMessageBytes, server.Config{Chunk: chunk.Limits{PartialBytesMax: 1000}},
			join(size(1), half(6, 600), half(7, 400-6)), join(size(1), half(6, 600), half(7, 401)), "too much memory in incomplete messages",
		},
		{
			limits.PartialMessageBytes, server.Config{UnacceptedBytesMax: 1000}, // it holds for them, too
			join(size(1), half(6, 600), half(7, 400-6)), join(size(1), half(6, 600), half(7, 401)), "too much memory in incomplete messages",
		},
		{
			limits.ChunkStreams, server.Config{Chunk: chunk.Limits{ChunkStreamsMax: 4}}, // 2 and 3 are used by all
			join(wireMessage(10, 9, nil), wireMessage(11, 9, nil)), join(wireMessage(10, 9, nil), wireMessage(11, 9, nil), wireMessage(12, 9, nil)), "too many chunk streams",
		},
		{
			limits.ChunkSize, server.Config{Chunk: chunk.Limits{ChunkSizeMax: 1000}},
			size(1000), size(1001), "chunk size out of range",
		},
		{
			limits.AMFDepth, server.Config{AMF: amf.Limits{Depth: 3}},
			wireCommand(t, "x", arrays(3)), wireCommand(t, "x", arrays(4)), "values nested too deeply",
		},
		{
			limits.AMFValues, server.Config{AMF: amf.Limits{Nodes: 7}},
			wireCommand(t, "x", 1.0, 2.0, 3.0, 4.0), wireCommand(t, "x", 1.0, 2.0, 3.0, 4.0, 5.0), "too many values in one message",
		},
		{
			limits.AMFBytes, server.Config{AMF: amf.Limits{Bytes: 50}},
			wireCommand(t, "x", strings.Repeat("y", 49)), wireCommand(t, "x", strings.Repeat("y", 50)), "too many bytes of text in one message",
		},
	} {
		t.Run(c.limit.String(), func(t *testing.T) {
			var log logBuffer
			var counters limits.Counters
			c.config.Limits = &counters
			c.config.Log = zerolog.New(&log)
			h, port := start(t, c.config)

			p := stranger(t, port)
			ping := wirePing("ABCD")
			if c.limit == limits.PartialMessageBytes {
				ping = wirePingInChunks("ABCD", 1) // which is the size of a chunk by then
			}
			p.write(join(connect, c.at, ping))
			require.True(t, p.hears("ABCD"), "at the limit")
			require.Zero(t, counters.Count(c.limit))
			p.close()

			p = stranger(t, port)
			p.write(join(connect, wirePing("ABCD"), c.above))
			require.True(t, p.hears(c.reason), "one above")
			_, err := io.Copy(io.Discard, p.conn)
			require.NoError(t, err, "the end")
			require.EqualValues(t, 1, counters.Count(c.limit))
			lines := log.lines("client exceeds a limit and is ended")
			require.Len(t, lines, 1)
			require.Contains(t, lines[0], `"limit":"`+c.limit.String()+`"`)
			require.Contains(t, lines[0], `"ip":"127.0.0.1"`)
			p.close()
			require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
		})
	}
}

// What a stranger may hold is little, and a publisher's key frames may be large.
func TestPublishersMaySendMore(t *testing.T) {
	var counters limits.Counters
	_, port := start(t, server.Config{UnacceptedBytesMax: 20_000, Limits: &counters})
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	large := append(bytes.Clone(key), bytes.Repeat([]byte{7}, 100_000)...)
	p.send(video, 0, large...)
	p.send(video, 40, large...)
	viewer.want("video 0 "+hex(large), "video 40 "+hex(large))
	require.Zero(t, counters.Count(limits.UnacceptedBytes))
}

// A viewer has nothing to say, but may say something every now and then for days.
func TestViewersMaySendLittle(t *testing.T) {
	var counters limits.Counters
	_, port := start(t, server.Config{UnacceptedBytesMax: 20_000, PublishTimeout: time.Millisecond, Limits: &counters})
	clock := dial(t, port, "live").publish("clock") // is pinged with the ticks
	clock.want("publish start")
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	say := func(n int) {
		viewer.do(func(c client) error { return nil }) // whatever the session had to say is out
		viewer.write(bytes.Repeat(wireMessage(20, message.TypeAcknowledgement, []byte{0, 0, 0, 1}), n/16))
	}
	for range 2 {
		say(12_000)
		ticks := clock.pings.Load() + 3
		require.Eventually(t, func() bool { return clock.pings.Load() >= ticks }, patience, time.Millisecond)
	}
	require.Zero(t, counters.Count(limits.UnacceptedBytes))
	require.Zero(t, viewer.left())
	say(24_000)
	viewer.want("status Play.Stop", "closed")
	require.EqualValues(t, 1, counters.Count(limits.UnacceptedBytes))
}

func TestDeadlinesAreCounted(t *testing.T) {
	var counters limits.Counters
	h, port := start(t, server.Config{
		HandshakeTimeout: time.Millisecond, ConnectTimeout: time.Millisecond, FirstRequestTimeout: time.Millisecond,
		IdleTimeout: time.Millisecond, PublishTimeout: time.Millisecond, Limits: &counters,
	})
	counted := func(l limits.Limit, want uint64) {
		t.Helper()
		require.Eventually(t, func() bool { return counters.Count(l) == want }, patience, time.Millisecond, "%v", l)
	}
	dialRaw(t, port)
	counted(limits.HandshakeTimeout, 1)
	require.True(t, stranger(t, port).hears("no connect in time"))
	counted(limits.ConnectTimeout, 1)
	idle := stranger(t, port)
	idle.write(wireCommand(t, "connect"))
	require.True(t, idle.hears("neither published nor played in time"))
	counted(limits.FirstRequestTimeout, 1)
	idle.close()
	again := dial(t, port, "live").publish("cam")
	again.want("publish start")
	again.do(func(c client) error { c.Stop(); return nil })
	again.want("status Unpublish.Success", "refused: rtmp server ended the connection: NetConnection.Connect.Closed: neither published nor played again in time", "closed")
	counted(limits.IdleTimeout, 1)

	silent := dial(t, port, "live").publish("cam")
	silent.want("publish start")
	silent.discard(new(atomic.Int64)) // and so answers no ping
	counted(limits.PublishTimeout, 1)
	require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
}

func TestStalledViewerIsCounted(t *testing.T) {
	var counters limits.Counters
	_, port := start(t, server.Config{ViewerTimeout: time.Millisecond, Limits: &counters})
	viewer := stranger(t, port) // reads nothing
	viewer.write(append(wireCommand(t, "connect"), wireCommand(t, "play", "cam")...))
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	frame := append(bytes.Clone(key), make([]byte, 100_000)...)
	at := uint32(0)
	require.Eventually(t, func() bool {
		at += 40
		p.send(video, at, frame...)
		return counters.Count(limits.ViewerTimeout) == 1
	}, patience, time.Millisecond)
}

// Metadata that cannot be passed on is counted, and the stream goes on.
func TestMetadataBeyondALimit(t *testing.T) {
	var counters limits.Counters
	_, port := start(t, server.Config{AMF: amf.Limits{Nodes: 200}, Limits: &counters})
	viewer := dial(t, port, "live").play("cam")
	viewer.want("play start")
	p := dial(t, port, "live").publish("cam")
	p.want("publish start")
	metadata := func(values, bytes int) {
		o := &amf.Object{}
		for i := range values {
			o.Set(strings.Repeat("n", i+1), 1.0)
		}
		o.Set("text", strings.Repeat("x", bytes))
		p.do(func(c client) error { return c.SendMetadata(0, o) })
	}
	metadata(200, 0)
	metadata(0, 64<<10)
	p.send(video, 0, key...)
	viewer.want("video 0 " + hex(key))
	require.EqualValues(t, 1, counters.Count(limits.AMFValues))
	require.EqualValues(t, 1, counters.Count(limits.MetadataBytes))
	metadata(3, 10)
	viewer.want("metadata")
}

// A stranger who is refused over and over does not fill the log.
func TestLinesAboutRefusals(t *testing.T) {
	const clients = 100
	var log logBuffer
	var counters limits.Counters
	h, port := start(t, server.Config{Log: zerolog.New(&log), Limits: &counters})
	refusing := wireCommand(t, "connect")
	refusing = bytes.Replace(refusing, []byte("live"), []byte("dead"), 1)
	var all []*peer
	for range clients {
		all = append(all, stranger(t, port))
	}
	for _, p := range all {
		p.write(refusing)
	}
	for _, p := range all {
		require.True(t, p.hears(session.CodeConnectRejected))
		p.close()
	}
	require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
	written := len(log.lines("client refused"))
	require.Less(t, written, clients)
	require.EqualValues(t, clients-written, counters.Count(limits.RefusalLines))
}

// A client that comes and goes as fast as it can does not fill the log either.
func TestLinesAboutChurn(t *testing.T) {
	const times = 300
	var log logBuffer
	var counters limits.Counters
	h, port := start(t, server.Config{Log: zerolog.New(&log), Limits: &counters, CommandsPerSecondMax: 10 * times})
	p := stranger(t, port)
	p.write(wireCommand(t, "connect"))
	p.write(bytes.Repeat(append(wireCommand(t, "play", "cam"), wireCommand(t, "closeStream")...), times))
	p.write(wirePing("ABCD"))
	require.True(t, p.hears("ABCD"))
	p.close()
	require.Eventually(t, func() bool { return h.sockets.Connections() == 0 }, patience, time.Millisecond)
	written := len(log.lines("viewer started")) + len(log.lines("viewer stopped"))
	require.GreaterOrEqual(t, written, 100, "those of normal operation")
	require.EqualValues(t, 2*times-written, counters.Count(limits.ClientLines))
	require.Positive(t, counters.Count(limits.ClientLines))
}
