package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// tee passes one connection on to the server and keeps what both sides say.
type tee struct {
	listener net.Listener
	client   transcript
	server   transcript
	done     chan struct{} // closed when both sides have ended
}

// transcript is the beginning of what one side says.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// transcriptBytesMax bounds a transcript. A fuzzer gets slow with longer seeds, and a conversation about a clip of two
// seconds is shorter.
const transcriptBytesMax = 48 << 10

func (s *transcript) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b[:min(len(b), transcriptBytesMax-s.text.Len())])
	return len(b), nil
}

func (s *transcript) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.text.Bytes())
}

// waitFor waits until the side has said a text.
func (s *transcript) waitFor(text string) error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if bytes.Contains(s.bytes(), []byte(text)) {
			return nil
		}
	}
	return fmt.Errorf("%q was not said", text)
}

// newTee listens for the one connection that it passes on to a server.
func newTee(server string) (*tee, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &tee{listener: listener, done: make(chan struct{})}
	go t.pass(server)
	return t, nil
}

func (t *tee) address() string { return t.listener.Addr().String() }

func (t *tee) pass(server string) {
	defer close(t.done)
	client, err := t.listener.Accept()
	t.listener.Close()
	if err != nil {
		return
	}
	defer client.Close()
	upstream, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer upstream.Close()
	var sides sync.WaitGroup
	pass := func(to, from net.Conn, kept *transcript) {
		_, _ = io.Copy(io.MultiWriter(kept, to), from) // how the conversation ends is a matter of its two sides
		_ = to.(*net.TCPConn).CloseWrite()
	}
	sides.Go(func() { pass(upstream, client, &t.client) })
	sides.Go(func() { pass(client, upstream, &t.server) })
	sides.Wait()
}
