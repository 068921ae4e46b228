// Command reactorserver is a lookup service for trying out reactors: it answers from a folder of files.
//
//	POST /CATEGORY {"stream_name": "NAME", …}
//
// is answered 200 with the content of FOLDER/CATEGORY/NAME.mmids, which may be empty, or 404 if there is no such file.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	address := flag.String("address", "127.0.0.1:9055", "where to listen")
	folder := flag.String("folder", "workflows", "folder with a folder of .mmids files for each category")
	flag.Parse()
	root, err := os.OpenRoot(*folder) // names from outside cannot leave it
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *address, Handler: newHandler(root.FS()), ReadTimeout: 10 * time.Second}
	log.Printf("answering from %s on http://%s/CATEGORY", *folder, *address)
	log.Fatal(server.ListenAndServe())
}

// questionBytesMax bounds the question: a stream name and a few short fields.
const questionBytesMax = 64 << 10

func newHandler(files fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{category}", func(w http.ResponseWriter, r *http.Request) {
		var question struct {
			StreamName string `json:"stream_name"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, questionBytesMax)).Decode(&question); err != nil {
			http.Error(w, "the body is no JSON object with a stream_name", http.StatusBadRequest)
			return
		}
		text, err := read(files, r.PathValue("category"), question.StreamName)
		log.Printf("%q about %q: %v", r.URL.Path, question.StreamName, errorOr(err, "valid"))
		if err != nil {
			http.Error(w, "no such stream", http.StatusNotFound)
			return
		}
		_, _ = w.Write(text)
	})
	return mux
}

var errName = errors.New("the name cannot be that of a file")

// read returns the answer about a stream. fs.ValidPath keeps names such as ".." out.
func read(files fs.FS, category, name string) ([]byte, error) {
	for _, part := range []string{category, name} {
		if part == "" || part == "." || strings.Contains(part, "/") || !fs.ValidPath(part) || len(part) > 200 {
			return nil, errName
		}
	}
	return fs.ReadFile(files, category+"/"+name+".mmids")
}

func errorOr(err error, good string) string {
	if err != nil {
		return err.Error()
	}
	return good
}
