//go:build !race

package flv

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// The race detector allocates by itself, so these hold only without it.

func TestHotPathAllocatesNothing(t *testing.T) {
	f := func(name string, run func()) {
		t.Helper()
		require.Zero(t, testing.AllocsPerRun(100, run), name)
	}
	for _, c := range videoCases {
		body := unhex(t, c.bytes)
		f("ParseVideo "+c.name, func() { ParseVideo(body) })
		f("ParseVideo cut "+c.name, func() { ParseVideo(body[:len(body)-1]) })
	}
	for _, c := range audioCases {
		body := unhex(t, c.bytes)
		f("ParseAudio "+c.name, func() { ParseAudio(body) })
		f("ParseAudio cut "+c.name, func() { ParseAudio(body[:len(body)-1]) })
	}
	for _, c := range videoTrackCases {
		body := unhex(t, c.bytes)
		h, err := ParseVideo(body)
		require.NoError(t, err)
		f("Tracks "+c.name, func() {
			tracks := h.Tracks(body)
			for _, ok := tracks.Next(); ok; _, ok = tracks.Next() {
			}
		})
	}
	for _, c := range videoDescriptions {
		body := unhex(t, c.bytes)
		f("DescribeVideo "+c.name, func() { DescribeVideo(body) })
	}
	for _, c := range audioDescriptions {
		body := unhex(t, c.bytes)
		f("DescribeAudio "+c.name, func() { DescribeAudio(body) })
	}
	dst, body := make([]byte, 0, 4096), make([]byte, 1000)
	f("AppendTag", func() { AppendTag(dst, TagVideo, 1<<25, body) })
	f("AppendVideoHeader", func() { AppendVideoHeader(dst, videoCases[1].header) })
	f("AppendAudioHeader", func() { AppendAudioHeader(dst, audioCases[1].header) })
}

func TestReaderAndWriterReuseTheirBuffers(t *testing.T) {
	tags := make([]savedTag, 200)
	for i := range tags {
		tags[i] = savedTag{TagVideo, uint32(i), string(make([]byte, 1000))}
	}
	r := NewReader(bytes.NewReader(sampleFile(t, tags)))
	var out bytes.Buffer
	out.Grow(1 << 20)
	w := NewWriter(&out)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		tag, err := r.ReadTag()
		if err != nil {
			panic(err)
		}
		if err := w.WriteTag(tag.Type, tag.Timestamp, tag.Body); err != nil {
			panic(err)
		}
	}))
}
