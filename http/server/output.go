package server

import (
	"sync/atomic"
	"time"

	"mmids/engine/fanout"
	"mmids/engine/media"
	"mmids/engine/tcp"
)

// format is what a viewer gets a stream as.
type format int

// Clients of HTTP/1.0, as proxies often are, know no chunks: their streams end with the connection.
const (
	flvInChunks format = iota
	flvPlain
	flvOverWebSocket
	mp4InChunks
	mp4Plain

	formats
)

func (f format) String() string {
	return [formats]string{"flv", "flv", "websocket-flv", "mp4", "mp4"}[f]
}

func (f format) inChunks() bool { return f == flvInChunks || f == mp4InChunks }

// encoding is how the messages of a format's log are written.
func (f format) encoding() fanout.Format {
	return [formats]fanout.Format{chunks{tags{}}, tags{}, frames{}, chunks{fragments{}}, fragments{}}[f]
}

// output is a stream in one format: its log, and what comes before it.
type output struct {
	format format
	log    *fanout.Log
	groups []*fanout.Group // by loop; each touched by its loop only

	viewers   int                       // guarded by the registry's lock
	idleSince atomic.Pointer[time.Time] // nil while there are viewers
	over      atomic.Bool               // nothing follows: another output has taken its place

	// feeder only
	caughtUp bool
	muxer    *mp4Output // of MP4

	kinds       atomic.Uint32          // of media that there is, as bits of an FLV file header
	contentType atomic.Pointer[string] // nil for the format's usual one
	refused     atomic.Pointer[string] // why there is nothing of the stream in this format; nil if there is
}

func newOutput(f format, ch *Channel) *output {
	loops := len(ch.registration.server.sockets.Loops())
	o := &output{format: f, log: fanout.New(ch.fanoutConfig(), f.encoding()), groups: make([]*fanout.Group, loops)}
	if f == mp4InChunks || f == mp4Plain {
		o.muxer = newMP4Output(ch, o)
	}
	return o
}

// close lets go of all memory. Feeder only, or when there is none any more.
func (o *output) close() {
	if o.muxer != nil && !o.over.Load() {
		o.muxer.muxer.End() // which gives back the frames that it holds
	}
	o.log.Close()
}

// catchUp begins an output that was asked for in the course of a stream.
func (o *output) catchUp(r *recent) {
	if !o.caughtUp {
		o.caughtUp = true
		r.replay(o)
	}
}

// append adds a notification, which is borrowed.
func (o *output) append(n *media.Notification) {
	if o.muxer != nil {
		o.muxer.append(n)
		return
	}
	switch n.Event {
	case media.NewStream:
		o.kinds.Store(0)
	case media.MetadataChanged:
		o.announced(n.Metadata)
	case media.Coded:
		o.hasKind(n.Packet.Kind)
	}
	o.log.Append(n)
}

// The flags of an FLV file header (FLV 10.1, §E.2).
const (
	flagVideo = 1
	flagAudio = 4
)

// announced notes the kinds of media that a description tells of: who begins with it has nothing else to go by.
func (o *output) announced(d *media.Metadata) {
	if _, has := d.Get("videocodecid"); has {
		o.hasKind(media.Video)
	}
	if _, has := d.Get("audiocodecid"); has {
		o.hasKind(media.Audio)
	}
}

func (o *output) hasKind(k media.Kind) {
	flag := uint32(0)
	switch k {
	case media.Video:
		flag = flagVideo
	case media.Audio:
		flag = flagAudio
	}
	if had := o.kinds.Load(); had|flag != had {
		o.kinds.Store(had | flag)
	}
}

// group returns an output's group on a loop. Loop only.
func (o *output) group(s *Server, l *tcp.Loop) *fanout.Group {
	g := o.groups[l.Index()]
	if g == nil {
		g = o.log.NewGroup(s.fanouts[l.Index()])
		o.groups[l.Index()] = g
	}
	return g
}
