package watch

import (
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/fanout"
	"mmids/engine/media"
)

// formatOfPayloads is a log's format in which a message is its payload.
type formatOfPayloads struct{}

func (formatOfPayloads) Len(_ media.Kind, _ int64, tagLen int) int { return tagLen }
func (formatOfPayloads) Append(dst []byte, _ media.Kind, _ int64, tag []byte) []byte {
	return append(dst, tag...)
}
func (formatOfPayloads) Script(*media.Metadata) []byte                          { return nil }
func (formatOfPayloads) AppendNotice(dst []byte, _ media.Event, _ int64) []byte { return dst }
func (formatOfPayloads) MessageLen(b []byte) int                                { return len(b) }
func (formatOfPayloads) Time([]byte) int64                                      { return 0 }

// peer is a viewer's connection that takes nothing, or everything.
type peer struct{ takes bool }

func (p *peer) Flush() bool       { return true }
func (p *peer) Queue([]byte)      {}
func (p *peer) QueueMedia([]byte) {}
func (p *peer) Merge(bool)        {}
func (p *peer) Close(error)       {}
func (p *peer) Write(spans [][]byte) (n int, err error) {
	for i := range spans {
		if p.takes {
			n += len(spans[i])
		}
	}
	return n, nil
}

// task is visited when the test says so.
type task struct{}

func (task) Mark()  {}
func (task) Later() {}

// TestProgress: only who takes nothing of what there is counts as stalled.
func TestProgress(t *testing.T) {
	var visit func(int) (int, bool)
	l := fanout.New(fanout.Config{}, formatOfPayloads{})
	defer l.Close()
	g := l.NewGroup(fanout.NewLoop(func(v func(int) (int, bool)) fanout.Task { visit = v; return task{} }, zerolog.Nop()))
	p := &peer{}
	v := g.Add(p, fanout.ViewerConfig{})
	defer g.Remove(v)
	begun := time.Now()
	progress := NewProgress(begun)
	stalled := func(seconds int, sent uint64) bool {
		return progress.Stalled(v, begun.Add(time.Duration(seconds)*time.Second), sent, 10*time.Second)
	}
	require.False(t, stalled(60, 0), "there is nothing to take")

	l.Append(&media.Notification{Event: media.NewStream})
	n := media.Notification{Event: media.Coded, Packet: media.Packet{Kind: media.Video, KeyFrame: true, Body: media.CopyBuffer([]byte("K"))}}
	l.Append(&n)
	n.Release()
	l.Publish()
	visit(64)
	require.True(t, v.Blocked())
	require.False(t, stalled(70, 0))
	require.True(t, stalled(71, 0))
	require.False(t, stalled(72, 5), "it took some")
	require.True(t, stalled(83, 5))
	p.takes = true
	visit(64)
	require.False(t, stalled(100, 5), "it has everything")

	skips, news := progress.Skips(v)
	require.Zero(t, skips)
	require.False(t, news)
}
