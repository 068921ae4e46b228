// Package docs checks that what the documentation shows works.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/forward"
	"mmids/engine/limits"
	"mmids/engine/reactor"
	"mmids/engine/settings"
	"mmids/engine/workflow"
	"mmids/ffmpeg"
	ffmpegstep "mmids/ffmpeg/step"
	httpstep "mmids/http/step"
	"mmids/rtmp/step"
)

// blocks returns the fenced blocks of a document that have no language: those are configurations. Workflows inside of
// shell commands are found by their braces.
func blocks(text string) (list []string) {
	var block []string
	inside, plain := false, false
	for line := range strings.SplitSeq(text, "\n") {
		fence := strings.HasPrefix(line, "```")
		switch {
		case fence && !inside:
			inside, plain, block = true, line == "```", nil
		case fence:
			inside = false
			if plain {
				list = append(list, strings.Join(block, "\n")+"\n")
			}
		case inside && !plain && strings.HasPrefix(line, "workflow ") && strings.HasSuffix(line, "{"):
			plain, block = true, []string{line} // a here-document
		case inside && plain && line == "END":
			list = append(list, strings.Join(block, "\n")+"\n")
			plain = false
		case inside:
			block = append(block, line)
		}
	}
	return list
}

func TestEveryLimitIsDocumented(t *testing.T) {
	var tables string
	for _, file := range []string{"configuration.md", "operations.md"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, section, found := strings.Cut(string(text), "\n## Limits\n")
		require.True(t, found)
		tables += section
	}
	for _, l := range limits.All() {
		require.Contains(t, tables, "`"+l.String()+"` |")
	}
}

func stepTypes(t *testing.T) *workflow.Registry {
	registry := &workflow.Registry{}
	own := ffmpeg.Protocols{Files: true}
	require.NoError(t, registry.Add(step.ReceiveType, step.Receive(nil, nil)))
	require.NoError(t, registry.Add(step.WatchType, step.Watch(nil, nil)))
	require.NoError(t, registry.Add(httpstep.WatchType, httpstep.Watch(nil, nil)))
	require.NoError(t, registry.Add(ffmpegstep.PullType, ffmpegstep.Pull(nil, nil, own)))
	require.NoError(t, registry.Add(ffmpegstep.PushType, ffmpegstep.Push(nil, nil, own)))
	require.NoError(t, registry.Add(ffmpegstep.HLSType, ffmpegstep.HLS(nil, nil)))
	require.NoError(t, registry.Add(ffmpegstep.TranscodeType, ffmpegstep.Transcode(nil, nil)))
	require.NoError(t, registry.Add(forward.Type, forward.Step(nil, nil)))
	require.NoError(t, registry.Add(forward.OldType, forward.Step(nil, nil)))
	return registry
}

func TestConfigurationsInTheDocs(t *testing.T) {
	registry := stepTypes(t)
	var executors reactor.Executors
	require.NoError(t, executors.Add(reactor.SimpleHTTPName, reactor.SimpleHTTP()))
	files, err := filepath.Glob("*.md")
	require.NoError(t, err)
	checked := 0
	for _, file := range append(files, "../README.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, block := range blocks(string(text)) {
			checked++
			document, err := config.ParseFile(file, []byte(block), os.LookupEnv)
			require.NoError(t, err, block)
			_, mistakes, warnings := settings.Read(document.Settings)
			require.Empty(t, mistakes, block)
			require.Empty(t, warnings, block)
			for _, r := range document.Reactors {
				require.Empty(t, executors.Check(r), block)
			}
			for _, w := range document.Workflows {
				require.Empty(t, registry.Check(w), block)
			}
		}
	}
	require.GreaterOrEqual(t, checked, 25, "the documents show configurations")
}

// TestMistakeInTheDocs: what mmids check is said to print is what it prints.
func TestMistakeInTheDocs(t *testing.T) {
	page, err := os.ReadFile("configuration.md")
	require.NoError(t, err)
	_, shown, found := strings.Cut(string(page), "$ mmids check studio.config\n")
	require.True(t, found)
	shown, _, _ = strings.Cut(shown, "```")
	const text = "settings {\n}\n\nworkflow studio {\n    rtmp_watch rtmp_app=live stream_key=*\n" +
		"    rtmp_receive rtmp_app=ingest stream_key=* port=19355x\n}\n"
	document, err := config.ParseFile("studio.config", []byte(text), os.LookupEnv)
	require.NoError(t, err)
	mistakes := stepTypes(t).Check(document.Workflows[0])
	require.Len(t, mistakes, 1)
	require.Equal(t, config.Explain([]byte(text), mistakes[0])+"\nstudio.config: 1 mistake\n", shown)
}

func TestEverySettingIsDocumented(t *testing.T) {
	page, err := os.ReadFile("configuration.md")
	require.NoError(t, err)
	for _, name := range settings.Names() {
		require.Contains(t, string(page), "| `"+name+"` |", "docs/configuration.md does not describe %s", name)
	}
}

// TestEveryRecipeIsTested checks that the cookbook's table names each recipe, and tests that there are.
func TestEveryRecipeIsTested(t *testing.T) {
	page, err := os.ReadFile("cookbook.md")
	require.NoError(t, err)
	recipes, table, found := strings.Cut(string(page), "\n## Which test shows what\n")
	require.True(t, found)
	var tests strings.Builder
	files, err := filepath.Glob("../e2e_*_test.go")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		tests.Write(text)
	}
	named := strings.Split(recipes, "\n## ")[1:]
	require.GreaterOrEqual(t, len(named), 14)
	for _, recipe := range named {
		title, _, _ := strings.Cut(recipe, "\n")
		_, row, found := strings.Cut(table, "| "+title+" |")
		require.True(t, found, "the table lacks %s", title)
		row, _, _ = strings.Cut(row, "\n")
		names := strings.Split(row, "`")
		require.Greater(t, len(names), 2, title)
		for i := 1; i < len(names); i += 2 {
			require.Contains(t, tests.String(), "func "+names[i]+"(", title)
		}
	}
}

// TestEverySecurityClaimIsTested checks that there are the tests which the page on security names.
func TestEverySecurityClaimIsTested(t *testing.T) {
	page, err := os.ReadFile("security.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "\n## Which test shows what\n")
	require.True(t, found)
	var tests strings.Builder
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	}))
	names := strings.Split(table, "`")
	require.Greater(t, len(names), 50)
	for i := 1; i < len(names); i += 2 {
		require.True(t, strings.Contains(tests.String(), "func "+names[i]+"("), "there is no %s", names[i])
	}
}

func TestLinksBetweenDocuments(t *testing.T) {
	files, err := filepath.Glob("*.md")
	require.NoError(t, err)
	for _, others := range []string{"../*.md", "../*/*.md", "../*/*/*.md"} {
		more, err := filepath.Glob(others)
		require.NoError(t, err)
		files = append(files, more...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, rest := range strings.Split(string(text), "](")[1:] {
			target, _, _ := strings.Cut(rest, ")")
			if strings.Contains(target, "://") {
				continue
			}
			target, anchor, hasAnchor := strings.Cut(target, "#")
			name := filepath.Join(filepath.Dir(file), target)
			if target == "" {
				name = file
			}
			_, err := os.Stat(name)
			require.NoError(t, err, "%s links to %s", file, target)
			if hasAnchor {
				require.Contains(t, anchors(t, name), anchor, "%s links to %s", file, target)
			}
		}
	}
}

// anchors returns the places of a document that links can lead to, by the names that GitHub gives them.
func anchors(t *testing.T, file string) (names []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	inBlock := false
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.HasPrefix(line, "```") {
			inBlock = !inBlock
		}
		if title, found := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); found && line[0] == '#' && !inBlock {
			names = append(names, strings.Map(anchorRune, title))
		}
	}
	return names
}

func anchorRune(r rune) rune {
	switch {
	case r == ' ':
		return '-'
	case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
		return unicode.ToLower(r)
	}
	return -1
}
