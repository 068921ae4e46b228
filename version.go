package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// commit is for builds outside of a checkout, with -ldflags "-X main.commit=…".
var commit = "unknown"

// describeBuild says all that tells one build from another. It is for whoever may run the program; others are told no more
// than the version, by the API.
func describeBuild() string {
	commit, changes := commit, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				changes = " with changes"
			}
		}
	}
	return fmt.Sprintf("mmids %s\ncommit %s%s\n%s %s/%s\n", version, commit, changes, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
