package api

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// access decides who may use the routes that are not open.
//
// With a token, whoever has it may. Without one, whoever reaches the port may, but for web pages: a browser on the same
// machine reaches it too, and sends what any page that it shows wants. A page of another site is told apart by the header
// Origin, which browsers add to whatever can change something. One whose name was made to point to this machine (DNS
// rebinding) is told apart by the header Host, which then has that name: names other than localhost are refused, since only
// addresses cannot be made to point elsewhere. A token needs none of this, as no page knows it.
type access struct {
	token [sha256.Size]byte // hashed, so that comparing takes as long whatever is sent
	open  bool              // there is no token
}

func newAccess(token string) access {
	return access{token: sha256.Sum256([]byte(token)), open: token == ""}
}

// refuse answers a request that may not go on, and reports whether it was one.
func (a access) refuse(r *Request) bool {
	header := &r.HTTP.Request.Header
	switch {
	case r.route != nil && r.route.Open:
		return false
	case !a.open && !a.has(header.Peek(fasthttp.HeaderAuthorization)):
		r.HTTP.Response.Header.Set(fasthttp.HeaderWWWAuthenticate, `Bearer realm="mmids"`)
		r.Text(fasthttp.StatusUnauthorized, "This API needs a token: Authorization: Bearer TOKEN")
	case a.open && !isAddress(header.Host()):
		r.Text(fasthttp.StatusForbidden, "Without a token this API has to be asked by its address or as localhost")
	case a.open && isOtherSite(header.Peek(fasthttp.HeaderOrigin), header.Host()):
		r.Text(fasthttp.StatusForbidden, "Without a token this API does not answer web pages of other sites")
	default:
		return false
	}
	// What is left of the body is not read, so no other request can follow.
	if r.HTTP.RequestBodyStream() != nil {
		r.refused = true
		r.HTTP.SetConnectionClose()
	}
	return true
}

// has reports whether a header Authorization has the token (RFC 6750 §2.1).
func (a access) has(authorization []byte) bool {
	scheme, token, _ := bytes.Cut(authorization, []byte{' '})
	if !bytes.EqualFold(scheme, []byte("Bearer")) {
		return false
	}
	sum := sha256.Sum256(bytes.TrimSpace(token))
	return subtle.ConstantTimeCompare(sum[:], a.token[:]) == 1
}

// isAddress reports whether a header Host is an IP address or localhost, with or without a port. Programs that are no
// browsers may leave it out.
func isAddress(header []byte) bool {
	host := string(header)
	if end := strings.LastIndexByte(host, ':'); end >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:end]
	}
	if host == "" || strings.EqualFold(host, "localhost") {
		return true
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

// isOtherSite reports whether a header Origin names another site than Host.
func isOtherSite(origin, host []byte) bool {
	if len(origin) == 0 {
		return false
	}
	_, own, _ := bytes.Cut(origin, []byte("://"))
	return !bytes.EqualFold(own, host)
}
