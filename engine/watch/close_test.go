package watch

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestCloseLevel(t *testing.T) {
	rule := errors.New("a rule was broken")
	for _, c := range []struct {
		said bool
		err  error
		want zerolog.Level
	}{
		{false, io.EOF, zerolog.DebugLevel},
		{false, fmt.Errorf("read: %w", syscall.ECONNRESET), zerolog.DebugLevel},
		{true, rule, zerolog.DebugLevel},
		{false, rule, zerolog.InfoLevel},
	} {
		require.Equal(t, c.want, CloseLevel(c.said, c.err), c.err)
	}
}
