//go:build !race

package server

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

func TestSelectionAllocatesNothing(t *testing.T) {
	s := unrefused(t, abilities{})
	frame := func(text string) []byte {
		return wire{}.Append(nil, media.Video, 40, append(unhex(t, text), bytes.Repeat([]byte{1}, 2*chunkSize)...))
	}
	frames := [][]byte{frame("90 'hvc1' 01"), frame("91 'hvc1' 000000"), frame("97 02 000001 03 'hvc1'"), frame("96 13 'hvc1' 00 000001 01 01 002000"), frame("96 03 'hvc1' 01")}
	dst := make([]byte, 0, 64<<10)
	for _, f := range frames {
		s.rewrite(dst, f)
		require.Zero(t, testing.AllocsPerRun(100, func() { s.rewrite(dst, f) }))
	}
}
