// Package browsertest drives a headless Chromium for tests of the console. It speaks the browser's own protocol (Chrome
// DevTools Protocol) through a pair of pipes, which needs no port, no library and no matching versions.
package browsertest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Patience is how long anything on a page may take. Nothing waits for it unless it fails.
const Patience = 40 * time.Second

// Browser is a running Chromium. It ends with its test.
type Browser struct {
	t       testing.TB
	cmd     *exec.Cmd
	to      io.WriteCloser
	mu      sync.Mutex
	next    int
	waiting map[int]chan message
	pages   map[string]*Page // by session
	ended   chan struct{}
}

// message is what goes through the pipes: a command, its answer, or an event.
type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Start starts Chromium. A machine without it fails the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("this test needs chromium: apt-get install -y chromium")
	}
	theirIn, toBrowser, err := os.Pipe()
	require.NoError(t, err)
	fromBrowser, theirOut, err := os.Pipe()
	require.NoError(t, err)
	b := &Browser{t: t, to: toBrowser, waiting: map[int]chan message{}, pages: map[string]*Page{}, ended: make(chan struct{})}
	b.cmd = exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--mute-audio",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
		"--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb", "--autoplay-policy=document-user-activation-required",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	b.cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4, as the browser expects them
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	require.NoError(t, b.cmd.Start())
	_, _ = theirIn.Close(), theirOut.Close()
	go b.read(fromBrowser)
	t.Cleanup(func() {
		_ = toBrowser.Close()
		_ = syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL) // its helpers, too
		_ = b.cmd.Wait()
		<-b.ended
	})
	return b
}

// read hands what the browser says to whoever waits for it. Messages end in a zero byte.
func (b *Browser) read(from io.ReadCloser) {
	defer close(b.ended)
	defer from.Close()
	reader := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := reader.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		waiting, page := b.waiting[m.ID], b.pages[m.SessionID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case m.ID != 0 && waiting != nil:
			waiting <- m
		case m.Method != "" && page != nil:
			page.heard(m.Method, m.Params)
		}
	}
}

// call sends a command and returns its result. A session is a page, "" the browser itself.
func (b *Browser) call(session, method string, params any) (json.RawMessage, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	b.next++
	command := message{ID: b.next, SessionID: session, Method: method, Params: body}
	b.waiting[b.next] = answer
	text, err := json.Marshal(command)
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return m.Result, nil
	case <-b.ended:
		return nil, fmt.Errorf("%s: the browser has ended", method)
	case <-time.After(Patience):
		return nil, fmt.Errorf("%s: no answer within %v", method, Patience)
	}
}

// must is call for what only a broken browser refuses. The result goes into v unless that is nil.
func (b *Browser) must(session, method string, params, v any) {
	b.t.Helper()
	result, err := b.call(session, method, params)
	require.NoError(b.t, err)
	if v != nil {
		require.NoError(b.t, json.Unmarshal(result, v))
	}
}
