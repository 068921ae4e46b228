package flv

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// What ffprobe says of the file's video: decode time and presentation time in milliseconds, in the order of the file.
var recordedFrames = [][2]int{
	{0, 80}, {40, 200}, {80, 120}, {120, 160}, {160, 280}, {200, 240}, {240, 360}, {280, 320}, {320, 480}, {360, 400},
	{400, 440}, {440, 600}, {480, 520}, {520, 560}, {560, 640}, {600, 680}, {640, 800}, {680, 720}, {720, 760}, {760, 920},
	{800, 840}, {840, 880}, {880, 1040}, {920, 960}, {960, 1000},
}

// recordedVideoBytes and recordedAudioBytes are the sums of ffprobe's packet sizes.
const (
	recordedVideoBytes = 6144
	recordedAudioBytes = 4143
	recordedSounds     = 45
)

func TestRecordedFile(t *testing.T) {
	file, err := os.ReadFile("testdata/bframes-aac.flv")
	require.NoError(t, err)
	r := NewReader(bytes.NewReader(file))
	header, err := r.ReadFileHeader()
	require.NoError(t, err)
	require.Equal(t, FileHeader{HasAudio: true, HasVideo: true, Size: 9}, header)

	var copied bytes.Buffer
	w := NewWriter(&copied)
	require.NoError(t, w.WriteFileHeader(header.HasAudio, header.HasVideo))

	var frames [][2]int
	var keys, scripts, sounds, videoBytes, audioBytes int
	packets := map[string]int{}
	for {
		tag, err := r.ReadTag()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.NoError(t, w.WriteTag(tag.Type, tag.Timestamp, tag.Body))
		switch tag.Type {
		case TagScript:
			scripts++
			require.Contains(t, string(tag.Body), "onMetaData")
		case TagVideo:
			h, err := ParseVideo(tag.Body)
			require.NoError(t, err)
			require.Equal(t, AVC, h.Codec)
			packets["video "+h.Packet.String()]++
			if h.Packet == PacketCodedFrames {
				dts := int(tag.Timestamp)
				frames = append(frames, [2]int{dts, dts + int(h.CompositionTime)})
				videoBytes += len(tag.Body) - h.Size
			}
			if h.IsKeyFrame() {
				keys++
				require.Zero(t, tag.Timestamp)
			}
			again, err := AppendVideoHeader(nil, h)
			require.NoError(t, err)
			require.Equal(t, tag.Body[:h.Size], again)
		case TagAudio:
			h, err := ParseAudio(tag.Body)
			require.NoError(t, err)
			require.Equal(t, AAC, h.Codec)
			packets["audio "+h.Packet.String()]++
			if h.Packet == PacketCodedFrames {
				sounds++
				audioBytes += len(tag.Body) - h.Size
			}
			again, err := AppendAudioHeader(nil, h)
			require.NoError(t, err)
			require.Equal(t, tag.Body[:h.Size], again)
		}
	}
	require.Equal(t, recordedFrames, frames)
	require.Equal(t, 1, keys)
	require.Equal(t, 1, scripts)
	require.Equal(t, recordedSounds, sounds)
	require.Equal(t, recordedVideoBytes, videoBytes)
	require.Equal(t, recordedAudioBytes, audioBytes)
	require.Equal(t, map[string]int{
		"video sequence header": 1, "video coded frames": 25, "video sequence end": 1,
		"audio sequence header": 1, "audio coded frames": recordedSounds,
	}, packets)
	require.Equal(t, file, copied.Bytes(), "written again, the file is the same byte for byte")
}
