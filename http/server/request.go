package server

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/rs/zerolog"

	"mmids/engine/figures"
)

// pathPrefix begins the paths of all streams: /live/<app>/<key>.flv.
const pathPrefix = "/live/"

// looksLikeRequest reports whether a request may begin with a byte: methods are in capital letters.
func looksLikeRequest(b byte) bool { return 'A' <= b && b <= 'Z' }

// endOfHead returns the length of the head that b begins with, or -1 if it is not complete.
func endOfHead(b []byte) int {
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	return -1
}

// request answers a request, or begins to.
func (c *conn) request(head []byte) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		c.answer(http.StatusBadRequest, "The request cannot be understood.")
		return
	}
	c.client, c.headOnly = figures.Shortened(r.UserAgent()), r.Method == http.MethodHead
	if r.ProtoAtLeast(1, 1) && hosts(head) != 1 {
		c.answer(http.StatusBadRequest, "A request of HTTP/1.1 names one host.")
		return
	}
	switch r.Method {
	case http.MethodOptions:
		c.answerPreflight()
		return
	case http.MethodGet, http.MethodHead:
	default:
		c.answer(http.StatusMethodNotAllowed, "Streams can be read only.", "Allow: GET, HEAD, OPTIONS")
		return
	}
	w, no := parse(r)
	if no == nil {
		no = c.find(w)
	}
	if no != nil {
		c.refuse(w, no)
		return
	}
	c.wanted = w
	if w.registration.request.Approve != nil {
		c.ask(r.URL.RawQuery)
		return
	}
	c.show()
}

// hosts counts the lines of a head that name the host. HTTP/1.1 wants one (RFC 9112 §3.2), and the library keeps none.
func hosts(head []byte) int { return bytes.Count(bytes.ToLower(head), []byte("\nhost:")) }

// parse finds out what a request is for, or says why it is for nothing. What is known of it is returned all the same.
func parse(r *http.Request) (*wanted, *refusal) {
	w := &wanted{}
	name, ok := strings.CutPrefix(r.URL.Path, pathPrefix)
	path, isFLV := strings.CutSuffix(name, ".flv")
	if !isFLV {
		path, w.format = strings.TrimSuffix(name, ".mp4"), mp4InChunks
	}
	if !r.ProtoAtLeast(1, 1) {
		w.format++ // the same without chunks
	}
	if w.path = path; !ok || path == name {
		return w, &refusal{http.StatusNotFound, "Streams are at /live/<app>/<key>.flv and /live/<app>/<key>.mp4.", ""}
	}
	if goesOn(r.Header.Get("Range")) {
		return w, &refusal{http.StatusRequestedRangeNotSatisfiable, "A live stream does not go on where another answer has ended; ask for it without a range.", ""}
	}
	if !isUpgrade(r.Header) {
		return w, nil
	}
	if !isFLV {
		return w, &refusal{http.StatusBadRequest, "Over WebSockets there is FLV only.", ""}
	}
	w.format = flvOverWebSocket
	accept, no := upgrade(r)
	w.accept = accept
	return w, no
}

// goesOn reports whether a client asks for what follows the bytes that it has (RFC 9110 §14.1.2). Browsers do when a
// connection breaks, and would throw away as many bytes of the stream as they had got before. All players ask for
// everything from the first byte on.
func goesOn(ranges string) bool {
	first, _, ok := strings.Cut(strings.TrimPrefix(ranges, "bytes="), "-")
	return ok && strings.Trim(first, " 0") != ""
}

// find looks for the registration of what is wanted.
func (c *conn) find(w *wanted) *refusal {
	found, key, hasApp := c.server.find(c.port, w.path)
	switch {
	case !hasApp:
		return &refusal{http.StatusNotFound, fmt.Sprintf("No workflow shows %q on port %d.", shown(w.path), c.port.number), ""}
	case found == nil:
		return &refusal{http.StatusNotFound, fmt.Sprintf("There is no stream %q here.", shown(w.path)), ""}
	}
	w.registration, w.app, w.key = found, found.request.App, key
	if addr := c.tcp.Remote().Addr(); !found.request.Rule.Allows(addr) {
		return refuseAddress(addr)
	}
	return nil
}

// refusal is why a client does not get what it asks for.
type refusal struct {
	status int
	reason string // as it is told
	header string // a line that belongs to the status, or empty
}

func refuseAddress(addr netip.Addr) *refusal {
	return &refusal{http.StatusForbidden, fmt.Sprintf("Watching is not allowed from %s.", addr), ""}
}

// shownBytesMax bounds what a refusal shows of a name.
const shownBytesMax = 128

// shown is as much of a client's name for something as logs and answers need.
func shown(name string) string {
	if len(name) <= shownBytesMax {
		return name
	}
	return strings.ToValidUTF8(name[:shownBytesMax], "") + "…"
}

// refuse answers a client that does not get what it asks for, and notes that in the log.
func (c *conn) refuse(w *wanted, no *refusal) {
	c.tcp.Log(c.tcp.Complain(&c.server.config.Log, zerolog.WarnLevel)).Str("app", w.app).Str("stream_key", shown(w.key)).
		Int("status", no.status).Str("reason", no.reason).Msg("client refused")
	if no.header == "" {
		c.answer(no.status, no.reason)
		return
	}
	c.answer(no.status, no.reason, no.header)
}
