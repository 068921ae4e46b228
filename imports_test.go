package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport says which packages of the project each package may import. Imports point down. Think before a line is
// changed to make a build pass: protocol packages do no I/O and know nothing of the engine, steps know endpoints only by
// the interface they declare, and engine/tcp is the only one that knows gnet.
var mayImport = map[string][]string{
	".":                       {"api", "engine/bulletin", "engine/certificate", "engine/config", "engine/deploy", "engine/event", "engine/figures", "engine/forward", "engine/limits", "engine/logging", "engine/media", "engine/metrics", "engine/reactor", "engine/settings", "engine/tcp", "engine/watch", "engine/workflow", "ffmpeg", "ffmpeg/step", "http/server", "http/step", "rtmp/server", "rtmp/step", "web"},
	"amf":                     {},
	"flv":                     {},
	"rtmp/handshake":          {},
	"rtmp/chunk":              {},
	"rtmp/message":            {"amf", "rtmp/chunk"},
	"rtmp/session":            {"amf", "rtmp/chunk", "rtmp/message"},
	"rtmp/client":             {"amf", "rtmp/chunk", "rtmp/handshake", "rtmp/message", "rtmp/session"},
	"rtmp/server":             {"amf", "engine/access", "engine/fanout", "engine/figures", "engine/limits", "engine/media", "engine/metadata", "engine/tcp", "engine/watch", "engine/workflow", "flv", "rtmp/chunk", "rtmp/handshake", "rtmp/message", "rtmp/session"},
	"rtmp/step":               {"engine/access", "engine/config", "engine/fanout", "engine/media", "engine/watch", "engine/workflow", "rtmp/server"},
	"engine/access":           {},
	"engine/metadata":         {"amf", "engine/media"},
	"mp4":                     {"engine/media", "flv"},
	"http/server":             {"engine/access", "engine/fanout", "engine/figures", "engine/limits", "engine/media", "engine/metadata", "engine/tcp", "engine/watch", "engine/workflow", "mp4"},
	"http/step":               {"engine/access", "engine/config", "engine/fanout", "engine/watch", "engine/workflow", "http/server"},
	"engine/watch":            {"engine/access", "engine/config", "engine/fanout", "engine/figures", "engine/media", "engine/reactor", "engine/tcp", "engine/workflow"},
	"engine/media":            {},
	"engine/bulletin":         {},
	"engine/metrics":          {"engine/figures", "engine/limits", "engine/workflow"},
	"engine/figures":          {"engine/media", "flv"},
	"engine/certificate":      {},
	"engine/config":           {},
	"engine/logging":          {},
	"engine/limits":           {},
	"engine/panics":           {},
	"engine/panics/panictest": {},
	"engine/tcp":              {"engine/figures", "engine/limits", "engine/panics"},
	"engine/fanout":           {"engine/media", "engine/panics"},
	"engine/reactor":          {"engine/config", "engine/event", "engine/figures", "engine/limits", "engine/logging", "engine/panics"},
	"engine/forward":          {"engine/config", "engine/event", "engine/media", "engine/reactor", "engine/workflow"},
	"ffmpeg":                  {"engine/figures", "engine/logging", "engine/panics"},
	"ffmpeg/step":             {"engine/access", "engine/config", "engine/media", "engine/panics", "engine/workflow", "ffmpeg", "rtmp/server"},
	"engine/event":            {"engine/config", "engine/media", "engine/panics"},
	"engine/deploy":           {"engine/config", "engine/workflow"},
	"engine/workflow":         {"engine/config", "engine/event", "engine/limits", "engine/logging", "engine/media", "engine/panics"},
	"engine/settings":         {"amf", "api", "engine/certificate", "engine/config", "engine/fanout", "engine/limits", "engine/logging", "engine/reactor", "engine/tcp", "ffmpeg", "rtmp/chunk", "rtmp/server"},
	"api":                     {"engine/bulletin", "engine/config", "engine/deploy", "engine/figures", "engine/limits", "engine/logging", "engine/media", "engine/panics", "engine/workflow", "mp4"},
	"web":                     {},
	"web/browsertest":         {},
	"examples/custom":         {"api", "engine/config", "engine/event", "engine/media", "engine/reactor", "engine/tcp", "engine/workflow", "rtmp/server", "rtmp/step"},
	"examples/reactorserver":  {},
	"fuzz/budget":             {},
	"fuzz/record":             {},
	"bench/stream":            {"rtmp/message"},
	"bench/measure":           {},
	"bench/result":            {"bench/measure"},
	"bench/floor":             {"bench/stream", "rtmp/chunk", "rtmp/message"},
	"bench/picture":           {},
	"bench/plot":              {"bench/picture"},
	"bench/compare":           {"bench/measure", "bench/picture", "bench/result"},
	"bench/load":              {"amf", "bench/measure", "bench/result", "bench/stream", "rtmp/chunk", "rtmp/client", "rtmp/message"},
}

// onlyIn names the one package that may import a library, so that it can be exchanged.
var onlyIn = map[string]string{
	"github.com/panjf2000/gnet/v2": "engine/tcp",
	"github.com/valyala/fasthttp":  "api",
	"github.com/bytedance/sonic":   "api",
	"github.com/stretchr/testify":  "tests",

	"github.com/Eyevinn/mp4ff": "mp4",

	"github.com/prometheus/client_golang": "engine/metrics",

	"software.sslmate.com/src/go-pkcs12": "engine/certificate",
}

// TestImportsPointDown reads the source itself: what the go command knows may be cached.
func TestImportsPointDown(t *testing.T) {
	seen := make(map[string]bool)
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		folder := path.Dir(filepath.ToSlash(file))
		seen[folder] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			checkImport(t, file, folder, name)
		}
		return nil
	})
	require.NoError(t, err)
	for folder := range mayImport {
		require.True(t, seen[folder], "there is no package %s", folder)
	}
}

func checkImport(t *testing.T, file, folder, name string) {
	for library, owner := range onlyIn {
		forTests := owner == "tests" && strings.HasSuffix(folder, "test")
		if (name == library || strings.HasPrefix(name, library+"/")) && owner != folder && !forTests {
			t.Errorf("%s imports %s, which only %s may", file, name, owner)
		}
	}
	ours, ok := strings.CutPrefix(name, "mmids/")
	if !ok {
		return
	}
	if strings.HasSuffix(folder, "test") && strings.HasPrefix(folder, "engine/workflow/") {
		return // helpers for tests
	}
	allowed, known := mayImport[folder]
	if !known {
		t.Errorf("%s: the package is not in the table of imports", file)
	} else if !slices.Contains(allowed, ours) {
		t.Errorf("%s imports %s, which the table of imports does not allow", file, ours)
	}
}
