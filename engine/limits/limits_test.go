package limits

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range All() {
		require.NotEmpty(t, l.String(), "limit %d", int(l))
		require.False(t, seen[l.String()], l.String())
		seen[l.String()] = true
	}
	require.Len(t, seen, int(count))
}

func TestCounters(t *testing.T) {
	var c Counters
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				c.Exceeded(ChunkStreams)
			}
		})
	}
	all.Wait()
	for _, l := range All() {
		if l == ChunkStreams {
			require.EqualValues(t, 4000, c.Count(l))
		} else {
			require.Zero(t, c.Count(l), l)
		}
	}
	c.CountedBy(ChunkStreams, func() uint64 { return 5 })
	c.CountedBy(ChunkSize, func() uint64 { return 7 })
	require.EqualValues(t, 4005, c.Count(ChunkStreams))
	require.EqualValues(t, 7, c.Count(ChunkSize))
	var none *Counters
	none.CountedBy(Workflows, func() uint64 { return 1 })
	none.Exceeded(Workflows)
	require.Zero(t, none.Count(Workflows))
}

func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Counters
		var told []uint64
		lines := NewLines(RefusalLines, 3, &c, func(n uint64) { told = append(told, n) })
		ask := func(n int) (allowed int) {
			for range n {
				if lines.Allow() {
					allowed++
				}
			}
			return allowed
		}
		second := func() {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		require.Equal(t, 3, ask(3), "at the limit")
		second()
		require.Empty(t, told, "nothing was left out")

		require.Equal(t, 3, ask(4), "one above")
		second()
		require.Equal(t, []uint64{1}, told, "without another line that would bring it up")
		second()
		require.Equal(t, []uint64{1}, told, "told once")

		require.Equal(t, 3, ask(1000))
		second()
		require.Equal(t, 3, ask(1000))
		second()
		require.Equal(t, []uint64{1, 997, 997}, told)
		require.EqualValues(t, 1+997+997, c.Count(RefusalLines))

		require.Equal(t, 3, ask(5))
		lines.Close()
		require.Equal(t, []uint64{1, 997, 997, 2}, told)
		lines.Close()
		second()
		require.Len(t, told, 4, "nothing more")
	})
}

func TestErrorsAreAlwaysWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		lines := NewLines(RefusalLines, 1, nil, func(uint64) {})
		log := zerolog.New(&text).Level(zerolog.InfoLevel).Sample(lines)
		for range 3 {
			log.Debug().Msg("not enabled")
			log.Warn().Msg("warning")
			log.Error().Msg("error")
		}
		require.Equal(t, 1, strings.Count(text.String(), "warning"))
		require.Equal(t, 3, strings.Count(text.String(), `"message":"error"`))
		lines.Close()
	})
}

func TestLinesByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := NewLines(RefusalLines, 0, nil, func(uint64) {})
		for range linesPerSecond {
			require.True(t, lines.Allow())
		}
		require.False(t, lines.Allow())
		lines.Close()
	})
}
