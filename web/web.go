// Package web is the console: a page that shows what a server does and changes its workflows. It is plain HTML, CSS and
// ES modules under page, served as they are; the page asks the HTTP API that it comes from, nobody else.
package web

import (
	"embed"
	"io/fs"
)

//go:embed page
var embedded embed.FS

// Page returns the files of the console; index.html is the page itself.
func Page() fs.FS {
	page, err := fs.Sub(embedded, "page")
	if err != nil {
		panic(err) // "page" is a valid name
	}
	return page
}
