package ffmpeg

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// ErrNotFound is wrapped by errors that say that there is no ffmpeg to run.
var ErrNotFound = errors.New("ffmpeg not found")

const install = `install it with "apt-get install ffmpeg"`

// findExecutable returns the path to run. Configured is Config.Path.
func findExecutable(configured string) (string, error) {
	if configured == "" {
		path, err := exec.LookPath("ffmpeg")
		if err != nil {
			return "", fmt.Errorf("%w: there is none in PATH; %s or set ffmpeg_path", ErrNotFound, install)
		}
		return path, nil
	}
	if !strings.Contains(configured, "/") {
		configured = "./" + configured // a bare name would be looked up in PATH
	}
	path, err := exec.LookPath(configured)
	if err != nil {
		return "", fmt.Errorf("%w: %w; correct ffmpeg_path, or %s and leave ffmpeg_path out", ErrNotFound, err, install)
	}
	return path, nil
}

// passedOn are the environment variables that ffmpeg gets. Others stay with the server: they may hold secrets, and some,
// such as FFREPORT, make ffmpeg write files of its own.
var passedOn = []string{
	"HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ",
	"http_proxy", "no_proxy", "SSL_CERT_DIR", "SSL_CERT_FILE",
}

// environment returns those variables of all that ffmpeg gets.
func environment(all []string) []string {
	passed := make([]string, 0, len(passedOn)) // not nil, which would mean all of them to exec.Cmd
	for _, variable := range all {
		if name, _, _ := strings.Cut(variable, "="); slices.Contains(passedOn, name) {
			passed = append(passed, variable)
		}
	}
	return passed
}
