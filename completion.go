package main

import (
	_ "embed"
	"fmt"
	"io"
)

// The scripts are files of their own, so that they can be read, and installed by a package.
var (
	//go:embed packaging/completion/mmids.bash
	bashCompletion string
	//go:embed packaging/completion/mmids.zsh
	zshCompletion string
	//go:embed packaging/completion/mmids.fish
	fishCompletion string
)

// completion prints the script for a shell.
func completion(args []string, stdout io.Writer) error {
	scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	if len(args) != 1 || scripts[args[0]] == "" {
		return fmt.Errorf("name a shell: mmids completion bash, zsh or fish")
	}
	_, err := io.WriteString(stdout, scripts[args[0]])
	return err
}
