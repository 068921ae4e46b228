package figures

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestShortened: ten thousand viewers would keep ten thousand commands otherwise.
func TestShortened(t *testing.T) {
	command := strings.Repeat("x", 3*textMax)
	for _, size := range []int{1, textMax, textMax + 1} {
		text := command[:size]
		short := Shortened(text)
		require.Equal(t, text[:min(size, textMax)], short)
		require.NotSame(t, unsafe.StringData(text), unsafe.StringData(short))
	}
	require.Empty(t, Shortened(""))
}
