// Command mmids is a live video workflow server: streams come in by RTMP, run through workflows of steps, and viewers
// watch what comes out.
//
// This file is the official distribution, and nothing in it is special: another program can be built from the same
// packages with other endpoints, steps and routes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// version is the product's version. Builds may set it with -ldflags "-X main.version=…".
var version = "0.1.0"

const usage = `mmids %s, a live video workflow server

Usage:
  mmids [--config FILE]    run the server (default configuration: mmids.config)
  mmids check [FILE]       read a configuration and show every mistake in it
  mmids version            print the version

Environment:
  mmids_log, MMIDS_LOG     log level: error, warn, info, debug or trace (default: info)
`

const defaultConfig = "mmids.config"

func main() {
	if err := command(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(os.Stderr, "mmids:", err)
		}
		os.Exit(1)
	}
}

// errReported is a failure that the user has been told of already.
var errReported = errors.New("see above")

func command(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("mmids", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprintf(stderr, usage, version) }
	file := flags.String("config", defaultConfig, "")
	showVersion := flags.Bool("version", false, "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return errReported
	}
	name := flags.Arg(0)
	if *showVersion {
		name = "version"
	}
	switch name {
	case "":
		return run(*file, stdout, stderr)
	case "check":
		if flags.NArg() > 1 {
			*file = flags.Arg(1)
		}
		return check(*file, stdout, stderr)
	case "version":
		fmt.Fprintln(stdout, "mmids", version)
		return nil
	case "help":
		fmt.Fprintf(stdout, usage, version)
		return nil
	}
	flags.Usage()
	return fmt.Errorf("unknown command %q", name)
}
