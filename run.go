package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// run is the server, from start to stop.
func run(file string, stdout, stderr io.Writer) error {
	// When nobody reads standard output any more, such as a pipe to tee, writes fail instead of ending the process: the
	// log files go on. Ignoring the signal would make every ffmpeg ignore it, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	interrupted, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()

	signals := operatorSignals()
	manager := findServiceManager()

	watch := fileWatch{file: file}
	watch.begin()
	read, err := readConfig(official, file, stderr)
	if err != nil {
		return err
	}
	watch.on = read.settings.WatchConfig
	log, output, err := openLog(read, stdout)
	if err != nil {
		return err
	}
	defer output.Close()

	s, err := start(official, read, log, output)
	if err != nil {
		log.Error().Err(err).Msg("the server cannot start")
		return err
	}
	running := &service{parts: official, file: file, log: log, output: output, running: s, manager: manager, watch: watch}
	fmt.Fprint(stderr, running.summary(read, newPaint(stderr))) // not to stdout, which may be a file of JSON lines
	manager.ready("Running")
	running.operate(interrupted, signals)
	release() // a second signal ends the process at once
	manager.stopping()
	log.Info().Msg("stopping")
	s.stop(log)
	log.Info().Msg("stopped")
	return nil
}
