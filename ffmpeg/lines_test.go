package ffmpeg

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type emitted struct {
	line string
	cut  bool
}

func TestLinesAtEveryCut(t *testing.T) {
	const input = "\nfirst\r\nsecond\rtoo long line\n\n12345678\n123456789\nend"
	want := []emitted{
		{"first", false}, {"second", false}, {"too long", true}, {"12345678", false}, {"12345678", true}, {"end", false},
	}
	for cut := range len(input) + 1 {
		var got []emitted
		l := lines{max: 8, emit: func(line []byte, cut bool) { got = append(got, emitted{string(line), cut}) }}
		l.write([]byte(input[:cut]))
		l.write([]byte(input[cut:]))
		l.flush()
		l.flush()
		require.Equal(t, want, got, cut)
	}
}

func TestLinesKeepNoMoreThanALine(t *testing.T) {
	l := lines{max: 100, emit: func([]byte, bool) {}}
	for range 1000 {
		l.write([]byte(strings.Repeat("x", 1000)))
	}
	require.Len(t, l.partial, 100)
	require.LessOrEqual(t, cap(l.partial), 200)
}
