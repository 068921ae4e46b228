package amf

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// connectMessage is what an encoder of the OBS family sends first.
func connectMessage() []any {
	return []any{"connect", 1.0, &Object{Properties: props(
		"app", "live",
		"type", "nonprivate",
		"flashVer", "FMLE/3.0 (compatible; FMSc/1.0)",
		"swfUrl", "rtmp://media.example.net:1935/live",
		"tcUrl", "rtmp://media.example.net:1935/live",
		"fourCcList", &StrictArray{Values: []any{"av01", "vp09", "hvc1"}},
		"capsEx", 3.0,
		"videoFourCcInfoMap", &Object{Properties: props("*", 4.0)},
	)}}
}

// metadataMessage is an onMetaData of the OBS family.
func metadataMessage() []any {
	return []any{"@setDataFrame", "onMetaData", &ECMAArray{Properties: props(
		"duration", 0.0,
		"fileSize", 0.0,
		"width", 1920.0,
		"height", 1080.0,
		"videocodecid", 7.0,
		"videodatarate", 6000.0,
		"framerate", 60.0,
		"audiocodecid", 10.0,
		"audiodatarate", 160.0,
		"audiosamplerate", 48000.0,
		"audiosamplesize", 16.0,
		"audiochannels", 2.0,
		"stereo", true,
		"2.1", false,
		"3.1", false,
		"4.0", false,
		"4.1", false,
		"5.1", false,
		"7.1", false,
		"encoder", "obs-output module (libobs version 31.0.2)",
	)}}
}

func appendMessage(dst []byte, message []any) ([]byte, error) {
	var err error
	for _, v := range message {
		if dst, err = Append(dst, v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func TestClientMessages(t *testing.T) {
	for _, message := range [][]any{connectMessage(), metadataMessage()} {
		b, err := appendMessage(nil, message)
		require.NoError(t, err)
		got, err := DecodeAll(b, Limits{})
		require.NoError(t, err)
		require.Equal(t, message, got)
	}
}

func benchmarkDecode(b *testing.B, message []any) {
	input := must(appendMessage(nil, message))
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeAll(input, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkAppend(b *testing.B, message []any) {
	out := must(appendMessage(nil, message))
	b.SetBytes(int64(len(out)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := appendMessage(out[:0], message); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeConnect(b *testing.B)  { benchmarkDecode(b, connectMessage()) }
func BenchmarkDecodeMetadata(b *testing.B) { benchmarkDecode(b, metadataMessage()) }
func BenchmarkAppendConnect(b *testing.B)  { benchmarkAppend(b, connectMessage()) }
func BenchmarkAppendMetadata(b *testing.B) { benchmarkAppend(b, metadataMessage()) }

func BenchmarkDecode3Metadata(b *testing.B) {
	var input []byte
	for _, v := range metadataMessage() {
		input = must(Append3(input, v))
	}
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode3All(input, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A hostile message costs no more than the limits allow.
func BenchmarkDecodeManyObjects(b *testing.B) {
	var input []byte
	for range 1300 {
		input = append(input, markerObject, 0, 0, markerNull, 0, 0, markerObjectEnd)
	}
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeAll(input, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
