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
  mmids [--config FILE]         run the server (default configuration: mmids.config)
  mmids check [FILE]            read a configuration and show every mistake in it
  mmids plan [OPTIONS] [FILE]   show what would change if the running server applied a configuration now
  mmids health [OPTIONS] [FILE] ask the running server whether it can take streams
  mmids version                 print version, commit and Go version
  mmids completion SHELL        print a script by which bash, zsh or fish completes commands

Options of plan and health:
  --api URL                     the server's HTTP API (default: what the configuration says)
  --token-file FILE             the token that it needs (default: what the configuration says)
  --json                        plan: print JSON

Exit codes:
  0   it worked; plan: nothing would change; health: the server can take streams
  1   it did not; what is wrong is on standard error
  2   plan: something would change

Signals to a running server:
  SIGHUP                        apply the configuration file as it is now
  SIGUSR1                       open the log file anew
  SIGINT, SIGTERM               stop in order; a second one at once

Environment:
  mmids_log, MMIDS_LOG          log level: error, warn, info, debug or trace (default: info)
  NO_COLOR                      no colours
`

const defaultConfig = "mmids.config"

func main() {
	err := command(os.Args[1:], os.Stdout, os.Stderr)
	var code exitCode
	switch {
	case err == nil:
	case errors.As(err, &code):
		os.Exit(int(code))
	default:
		if !errors.Is(err, errReported) {
			fmt.Fprintln(os.Stderr, "mmids:", err)
		}
		os.Exit(1)
	}
}

// errReported is a failure that the user has been told of already.
var errReported = errors.New("see above")

// exitCode is the result of a command that has worked, for scripts.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

func command(args []string, stdout, stderr io.Writer) error {
	flags := newFlags(stderr)
	file := flags.String("config", defaultConfig, "")
	showVersion := flags.Bool("version", false, "")
	if done, err := parseFlags(flags, args); done {
		return err
	}
	name, rest := flags.Arg(0), flags.Args()
	if len(rest) > 0 {
		rest = rest[1:]
	}
	if *showVersion {
		name = "version"
	}
	switch name {
	case "":
		return run(*file, stdout, stderr)
	case "check":
		if done, err := parseFile(newFlags(stderr), rest, file); done {
			return err
		}
		return check(*file, stdout, stderr)
	case "plan", "health":
		return askServer(name, *file, rest, stdout, stderr)
	case "completion":
		return completion(rest, stdout)
	case "version":
		fmt.Fprint(stdout, describeBuild())
		return nil
	case "help":
		fmt.Fprintf(stdout, usage, version)
		return nil
	}
	flags.Usage()
	return fmt.Errorf("unknown command %q", name)
}

func newFlags(stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("mmids", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprintf(stderr, usage, version) }
	return flags
}

// parseFlags reports whether that was all: the user has been told how to use the program.
func parseFlags(flags *flag.FlagSet, args []string) (done bool, err error) {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return true, nil
	case err != nil:
		return true, errReported
	}
	return false, nil
}

// parseFile is parseFlags for a command that is about one file, which may be named.
func parseFile(flags *flag.FlagSet, args []string, file *string) (done bool, err error) {
	if done, err := parseFlags(flags, args); done {
		return true, err
	}
	switch flags.NArg() {
	case 0:
	case 1:
		*file = flags.Arg(0)
	default:
		return true, fmt.Errorf("%q is too much: a command is about one file, and options stand before it", flags.Arg(1))
	}
	return false, nil
}
