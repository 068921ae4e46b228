package amf

import (
	"bytes"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unhex reads hexadecimal digits between spaces, and text between single quotes.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(part), ""))
		require.NoError(t, err)
		out = append(out, b...)
	}
	return out
}

// row is one value and its encoding.
type row struct {
	name  string
	bytes string // for unhex
	value any
	// decodeOnly marks bytes that a decoder accepts but an encoder writes in another way.
	decodeOnly bool
	// cuts are the lengths at which the shortened input is still a whole value, by the tolerance for missing end markers.
	cuts []int
}

// codec is what AMF0 and AMF3 have in common.
type codec struct {
	decodeAll func([]byte, Limits) ([]any, error)
	append    func([]byte, any) ([]byte, error)
	encoder   func([]byte, Limits) *Encoder
}

var (
	codec0 = codec{DecodeAll, Append, NewEncoder}
	codec3 = codec{Decode3All, Append3, NewEncoder3}
)

func (c codec) testRows(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b := unhex(t, r.bytes)
			c.testDecode(t, r, b)
			c.testCuts(t, r, b)
			if !r.decodeOnly {
				c.testEncode(t, r, b)
			}
		})
	}
}

func (c codec) testDecode(t *testing.T, r row, b []byte) {
	require.Equal(t, []any{r.value}, c.decodeAndOverwrite(t, b))

	// In a long input each string is copied by itself. What follows the row must not look like more of it.
	if len(r.cuts) == 0 {
		padding := bytes.Repeat(must(c.append(nil, 0.0)), sharedTextMax/9+1)
		require.Equal(t, r.value, c.decodeAndOverwrite(t, slices.Concat(b, padding))[0])
	}
}

// decodeAndOverwrite makes sure that nothing decoded changes with the input.
func (c codec) decodeAndOverwrite(t *testing.T, b []byte) []any {
	input := slices.Clone(b)
	got, err := c.decodeAll(input, Limits{})
	require.NoError(t, err)
	for i := range input {
		input[i] = 0xEE
	}
	return got
}

func (c codec) testCuts(t *testing.T, r row, b []byte) {
	for cut := range b {
		got, err := c.decodeAll(b[:cut:cut], Limits{})
		switch {
		case cut == 0:
			require.NoError(t, err)
			require.Empty(t, got)
		case slices.Contains(r.cuts, cut):
			require.NoError(t, err, "cut at %d", cut)
			require.Len(t, got, 1)
			require.IsType(t, r.value, got[0])
		default:
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax, "cut at %d", cut)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut at %d", cut)
			require.LessOrEqual(t, syntax.Offset, cut)
			require.Empty(t, got)
		}
	}
}

func (c codec) testEncode(t *testing.T, r row, b []byte) {
	dst := []byte("before")
	got, err := c.append(dst, r.value)
	require.NoError(t, err)
	require.Equal(t, append(dst, b...), got)
}
