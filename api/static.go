package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path/filepath"
	"strings"

	"github.com/valyala/fasthttp"
)

// indexFile is what a folder itself is answered with.
const indexFile = "index.html"

// mediaTypes are those of a page's files. What the machine's own tables say of them may be wrong, and a browser runs no
// module of another type.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// Static returns a route for each file under a first part of the path, such as "console", and one for its index.html at
// that part itself. The files may be read by everybody who reaches the port: they are the same in every server.
// The error is that of a file that cannot be read, or whose type is not known.
func Static(under string, files fs.FS) ([]Route, error) {
	var routes []Route
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		f, err := newStaticFile(name, content)
		if err != nil {
			return err
		}
		if name == indexFile {
			routes = append(routes, staticRoute(under, "", f.asFolder))
		}
		routes = append(routes, staticRoute(under, name, f.answer))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("files of /%s: %w", under, err)
	}
	return routes, nil
}

func staticRoute(under, name string, h Handler) Route {
	parts := []Part{Exact(under)}
	for part := range strings.SplitSeq(name, "/") {
		if part != "" {
			parts = append(parts, Exact(part))
		}
	}
	return Route{Method: "GET", Path: parts, Handler: h, Open: true, Quiet: true}
}

// staticFile is a file that never changes while the server runs.
type staticFile struct {
	content   []byte
	mediaType string
	tag       string // the entity tag: browsers ask each time, and get the file again when it is another one
}

func newStaticFile(name string, content []byte) (*staticFile, error) {
	mediaType := mediaTypes[filepath.Ext(name)]
	if mediaType == "" {
		mediaType = mime.TypeByExtension(filepath.Ext(name))
	}
	if mediaType == "" {
		return nil, fmt.Errorf("%s: media type is not known", name)
	}
	sum := sha256.Sum256(content)
	return &staticFile{content, mediaType, `"` + hex.EncodeToString(sum[:16]) + `"`}, nil
}

// asFolder answers the folder's own path with the file. Addresses in it are relative to the folder, so the path has to end
// in a slash.
func (f *staticFile) asFolder(r *Request) {
	target, ok := pathOf(r.HTTP.Request.Header.RequestURI())
	if ok && !strings.HasSuffix(string(target), "/") {
		r.redirect(string(target[strings.LastIndexByte(string(target), '/')+1:]) + "/")
		return
	}
	f.answer(r)
}

func (f *staticFile) answer(r *Request) {
	header := &r.HTTP.Response.Header
	header.Set(fasthttp.HeaderETag, f.tag)
	header.Set(fasthttp.HeaderCacheControl, "no-cache") // which means: ask whether it is still the same
	header.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	header.Set(fasthttp.HeaderReferrerPolicy, "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set(fasthttp.HeaderContentSecurityPolicy, contentPolicy)
	if hasTag(string(r.HTTP.Request.Header.Peek(fasthttp.HeaderIfNoneMatch)), f.tag) {
		r.Empty(fasthttp.StatusNotModified)
		return
	}
	r.HTTP.SetStatusCode(fasthttp.StatusOK)
	r.HTTP.SetContentType(f.mediaType)
	r.HTTP.Response.SetBodyRaw(f.content)
}

// hasTag reports whether a header If-None-Match names the tag (RFC 9110 §13.1.2).
func hasTag(header, tag string) bool {
	for other := range strings.SplitSeq(header, ",") {
		if other = strings.TrimSpace(other); other == "*" || strings.TrimPrefix(other, "W/") == tag {
			return true
		}
	}
	return false
}

// contentPolicy says what a page may do: run and show what is beside it, and ask the server that it comes from. Nothing makes
// elements or scripts of text (require-trusted-types-for), and no other page shows it inside.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src blob:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// redirect sends a client to another place, which may be relative to where it is.
func (r *Request) redirect(location string) {
	r.HTTP.Response.Header.Set(fasthttp.HeaderLocation, location)
	r.Empty(fasthttp.StatusFound)
}

// wantsPage reports whether a browser asks, for somebody who will look at the answer.
func (r *Request) wantsPage() bool {
	return strings.Contains(string(r.HTTP.Request.Header.Peek(fasthttp.HeaderAccept)), "text/html")
}
