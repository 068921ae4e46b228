package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"mmids/engine/config"
	"mmids/engine/settings"
)

// configuration is a file that was read without a mistake.
type configuration struct {
	document *config.Document
	settings settings.Settings
	warnings []config.Mistake
}

// readConfig reads a configuration file. Its mistakes, all of them, are written to stderr with the lines they are in.
func readConfig(p parts, file string, stderr io.Writer) (configuration, error) {
	text, err := readBounded(file)
	if err != nil {
		return configuration{}, err
	}
	read, err := parseConfig(p, file, text)
	var mistakes config.Errors
	if !errors.As(err, &mistakes) {
		return read, err
	}
	for _, m := range mistakes {
		fmt.Fprintln(stderr, config.Explain(text, m))
	}
	noun := "mistakes"
	if len(mistakes) == 1 {
		noun = "mistake"
	}
	fmt.Fprintf(stderr, "%s: %d %s\n", file, len(mistakes), noun)
	return configuration{}, errReported
}

// readFile is readConfig without a word.
func readFile(p parts, file string) (configuration, error) {
	text, err := readBounded(file)
	if err != nil {
		return configuration{}, err
	}
	return parseConfig(p, file, text)
}

func parseConfig(p parts, file string, text []byte) (configuration, error) {
	document, err := config.ParseFile(file, text, os.LookupEnv)
	if err != nil {
		return configuration{}, err
	}
	s, mistakes, warnings := settings.Read(document.Settings)
	steps, err := p.steps(neighbours{protocols: ffmpegProtocols(s)}) // checking needs no others
	if err != nil {
		return configuration{}, err
	}
	executors, err := p.executors()
	if err != nil {
		return configuration{}, err
	}
	for _, r := range document.Reactors {
		mistakes = append(mistakes, executors.Check(r)...)
	}
	for _, w := range document.Workflows {
		mistakes = append(mistakes, steps.Check(w)...)
	}
	if len(mistakes) > 0 {
		return configuration{}, config.Errors(mistakes)
	}
	return configuration{document, s, append(document.Warnings, warnings...)}, nil
}

// readBounded reads a file, but no more of it than a configuration may have.
func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no configuration file %s; name one with --config FILE", file)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, config.TextBytesMax+1))
}

// check is the command that reads a configuration and says what it thinks of it.
func check(file string, stdout, stderr io.Writer) error {
	read, err := readConfig(official, file, stderr)
	if err != nil {
		return err
	}
	for _, w := range read.warnings {
		fmt.Fprintln(stderr, "warning:", w)
	}
	fmt.Fprintf(stdout, "%s: good, %d workflows\n", file, len(read.document.Workflows))
	return nil
}
