package server

import (
	"fmt"
	"net/netip"
	"strings"

	"mmids/engine/media"
	"mmids/flv"
	"mmids/rtmp/session"
)

// refusal is why a client may not do what it asks for, as it is told.
type refusal struct {
	code        string
	description string
}

// shownBytesMax bounds what a refusal shows of a name. Clients may send names of several KiB, and a line of the log for
// each attempt.
const shownBytesMax = 128

// shown is as much of a client's name for something as logs and answers need.
func shown(name string) string {
	if len(name) <= shownBytesMax {
		return name
	}
	return strings.ToValidUTF8(name[:shownBytesMax], "") + "…"
}

// codePublishDenied is what other servers answer to publishers that may not publish.
const codePublishDenied = "NetStream.Publish.Denied"

func refuseApp(app string, port int) *refusal {
	return &refusal{session.CodeConnectRejected, fmt.Sprintf("No workflow uses the app %q on port %d.", shown(app), port)}
}

func refusePublishKey(app, key string) *refusal {
	return &refusal{session.CodePublishBadName, fmt.Sprintf("The app %q takes no publisher for the stream key %q.", shown(app), shown(key))}
}

func refuseBusy(key string) *refusal {
	return &refusal{session.CodePublishBadName, fmt.Sprintf("The stream key %q is being published already.", shown(key))}
}

func refusePublishAddress(addr netip.Addr) *refusal {
	return &refusal{codePublishDenied, fmt.Sprintf("Publishing is not allowed from %s.", addr)}
}

func refusePlayKey(app, key string) *refusal {
	return &refusal{session.CodePlayStreamNotFound, fmt.Sprintf("The app %q shows no stream with the key %q.", shown(app), shown(key))}
}

func refusePlayAddress(addr netip.Addr) *refusal {
	return &refusal{session.CodePlayFailed, fmt.Sprintf("Watching is not allowed from %s.", addr)}
}

func refuseCodec(kind media.Kind, codec flv.Codec, can *abilities) *refusal {
	announced := can.audio
	if kind == media.Video {
		announced = can.video
	}
	return &refusal{session.CodePlayFailed, fmt.Sprintf("The %s of this stream is %s. The player has announced: %s.", kind, codec, announced)}
}

func refuseChanged(code string) *refusal {
	return &refusal{code, "The workflow has changed in the meantime; try again."}
}

// refusePublishRequest answers a client that may not publish.
func (c *conn) refusePublishRequest(p session.Publish, no *refusal) {
	c.refuse("publish", shown(p.Key), no)
	c.session.RejectPublish(p.Request, no.code, no.description)
}

// refusePlayRequest answers a client that may not play.
func (c *conn) refusePlayRequest(p session.Play, no *refusal) {
	c.refuse("play", shown(p.Key), no)
	c.session.RejectPlay(p.Request, no.code, no.description)
}
