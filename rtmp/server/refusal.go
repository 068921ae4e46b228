package server

import (
	"fmt"
	"net/netip"

	"mmids/rtmp/session"
)

// refusal is why a client may not do what it asks for, as it is told.
type refusal struct {
	code        string
	description string
}

// codePublishDenied is what other servers answer to publishers that may not publish.
const codePublishDenied = "NetStream.Publish.Denied"

func refuseApp(app string, port int) *refusal {
	return &refusal{session.CodeConnectRejected, fmt.Sprintf("No workflow uses the app %q on port %d.", app, port)}
}

func refusePublishKey(app, key string) *refusal {
	return &refusal{session.CodePublishBadName, fmt.Sprintf("The app %q takes no publisher for the stream key %q.", app, key)}
}

func refuseBusy(key string) *refusal {
	return &refusal{session.CodePublishBadName, fmt.Sprintf("The stream key %q is being published already.", key)}
}

func refusePublishAddress(addr netip.Addr) *refusal {
	return &refusal{codePublishDenied, fmt.Sprintf("Publishing is not allowed from %s.", addr)}
}

func refusePlayKey(app, key string) *refusal {
	return &refusal{session.CodePlayStreamNotFound, fmt.Sprintf("The app %q shows no stream with the key %q.", app, key)}
}

func refusePlayAddress(addr netip.Addr) *refusal {
	return &refusal{session.CodePlayFailed, fmt.Sprintf("Watching is not allowed from %s.", addr)}
}

func refuseChanged(code string) *refusal {
	return &refusal{code, "The workflow has changed in the meantime; try again."}
}

// refusePublishRequest answers a client that may not publish.
func (c *conn) refusePublishRequest(p session.Publish, no *refusal) {
	c.refuse("publish", p.Key, no)
	c.session.RejectPublish(p.Request, no.code, no.description)
}

// refusePlayRequest answers a client that may not play.
func (c *conn) refusePlayRequest(p session.Play, no *refusal) {
	c.refuse("play", p.Key, no)
	c.session.RejectPlay(p.Request, no.code, no.description)
}
