package session_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/session"
)

var update = flag.Bool("update", false, "rewrite what the sessions make of the transcripts in testdata")

const transcriptRule = "----\n"

// TestTranscripts replays what real clients sent, whole and cut in two at every byte.
func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.transcript")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".transcript"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			head, want, ok := strings.Cut(string(text), transcriptRule)
			require.True(t, ok)
			stream := clientBytes(t, head)

			got := replay(t, stream)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(head+transcriptRule+got), 0o644))
				want = got
			}
			require.Equal(t, want, got)
			for cut := range len(stream) {
				if got := replay(t, stream[:cut], stream[cut:]); got != want {
					require.Equal(t, want, got, "cut at %d", cut)
				}
			}
		})
	}
}

// clientBytes are the bytes of the lines that begin with C.
func clientBytes(t *testing.T, head string) []byte {
	t.Helper()
	var stream bytes.Buffer
	for line := range strings.Lines(head) {
		if text, ok := strings.CutPrefix(line, "C "); ok {
			b, err := hex.DecodeString(strings.TrimSpace(text))
			require.NoError(t, err)
			stream.Write(b)
		}
	}
	return stream.Bytes()
}

// replay feeds a session the parts of what a client sent, and writes down all that happens.
func replay(t *testing.T, parts ...[]byte) string {
	t.Helper()
	s := newTestServer(t, session.ServerConfig{})
	reader := chunk.NewReader(chunk.ReaderConfig{Memory: s.memory})
	s.Start()
	s.drain()
	for _, part := range parts {
		err := reader.Feed(part, func(m *chunk.Message) error {
			if m.Type != 8 && m.Type != 9 {
				s.lines = append(s.lines, "> "+describe(t, m))
			}
			err := s.Handle(m)
			s.drain()
			return err
		})
		require.NoError(t, err)
		s.Received(reader.BytesRead())
		s.drain()
	}
	reader.Close()
	s.Close()
	require.Empty(t, s.memory.out, "payloads that nobody freed")
	return strings.Join(s.lines, "\n") + "\n"
}
