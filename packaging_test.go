package main

import (
	"cmp"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBashCompletion runs the script in a shell and asks it for completions.
func TestBashCompletion(t *testing.T) {
	t.Parallel()
	script := startProcess(t, must(t, binary), "completion", "bash")
	script.succeeds(patience)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "some.config"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "completion"), []byte(script.output.String()), 0o600))
	f := func(line, want string) {
		t.Helper()
		const ask = `source ./completion; COMP_WORDS=($1); [[ $1 == *' ' ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _mmids; echo "${COMPREPLY[@]}"`
		cmd := exec.Command("bash", "-c", ask, "bash", line)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, want, strings.TrimSpace(string(out)), line)
	}
	f("mmids ", "check plan health version completion help --config --version --help")
	f("mmids pl", "plan")
	f("mmids --config so", "some.config")
	f("mmids --config some.config he", "health help")
	f("mmids check so", "some.config")
	f("mmids plan --", "--api --token-file --json")
	f("mmids plan --api http://127.0.0.1:9011 so", "some.config")
	f("mmids completion ", "bash zsh fish")
}

// TestCompletions know every command, in every shell.
func TestCompletions(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		p := startProcess(t, must(t, binary), "completion", shell)
		p.succeeds(patience)
		commands := 0
		for _, line := range strings.Split(usage, "\n") {
			if command, found := strings.CutPrefix(line, "  mmids "); found && !strings.HasPrefix(command, "[") {
				require.Contains(t, p.output.String(), strings.Fields(command)[0], shell)
				commands++
			}
		}
		require.GreaterOrEqual(t, commands, 5)
	}
	p := startProcess(t, must(t, binary), "completion", "csh")
	require.Equal(t, 1, p.wait(patience))
	require.Contains(t, p.output.String(), "bash, zsh or fish")
}

// TestPackagedConfigurations have no mistakes.
func TestPackagedConfigurations(t *testing.T) {
	files, err := filepath.Glob("packaging/*/*.config")
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, file := range append(files, defaultConfig) {
		read, err := readConfig(official, file, os.Stderr)
		require.NoError(t, err, file)
		require.Empty(t, read.warnings, file)
	}
}

// TestContainerShowsWhatItExposes: each port that the image exposes is one that its configuration opens.
func TestContainerShowsWhatItExposes(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	_, exposed, found := strings.Cut(string(dockerfile), "\nEXPOSE ")
	require.True(t, found)
	exposed, _, _ = strings.Cut(exposed, "\n")
	read, err := readConfig(official, "packaging/docker/mmids.config", os.Stderr)
	require.NoError(t, err)
	opens := []string{read.settings.API[strings.LastIndexByte(read.settings.API, ':')+1:]}
	for _, d := range read.document.Workflows[0].Steps {
		publish, watch := clientURLs(d, "HOST")
		for _, address := range append(publish, watch...) {
			u, err := url.Parse(address)
			require.NoError(t, err)
			opens = append(opens, cmp.Or(u.Port(), "1935"))
		}
	}
	slices.Sort(opens)
	require.Equal(t, strings.Fields(exposed), slices.Compact(opens))
}
