package main

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// serviceManager is systemd, if it has started the server and waits for news (Type=notify). The protocol is a datagram for
// each piece of news, see sd_notify(3).
type serviceManager struct{ socket string }

// findServiceManager takes the variable out of the environment: the programs that the server starts have nothing to tell.
func findServiceManager() serviceManager {
	const variable = "NOTIFY_SOCKET"
	socket := os.Getenv(variable)
	_ = os.Unsetenv(variable)
	return serviceManager{socket}
}

func (m serviceManager) ready(status string) { m.tell("READY=1\nSTATUS=" + status) }
func (m serviceManager) stopping()           { m.tell("STOPPING=1\nSTATUS=Stopping") }

// reloading has the time in it, by which systemd tells this reload from earlier ones.
func (m serviceManager) reloading() {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	m.tell(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/1000))
}

// tell is for news that nobody waits for: what systemd does not hear it finds out by itself, by a timeout.
func (m serviceManager) tell(news string) {
	if m.socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(news))
}
