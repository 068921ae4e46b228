package metadata

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/engine/media"
)

func TestOf(t *testing.T) {
	script := []byte("the script as sent")
	m := Of([]amf.Property{
		{Name: "duration", Value: 0.0}, // not known to the engine
		{Name: "width", Value: 1280.9},
		{Name: "height", Value: int32(720)},
		{Name: "framerate", Value: 29.97},
		{Name: "videocodecid", Value: 7.0}, // encoders send a number
		{Name: "audiocodecid", Value: "mp4a"},
		{Name: "stereo", Value: true},
		{Name: "encoder", Value: "Lavf"},
		{Name: "audiosamplerate", Value: "44100"}, // of a wrong type
		{Name: "videodatarate", Value: -1.0},
	}, script)
	require.Equal(t, []media.Field{
		{Name: "width", Value: "1280"}, {Name: "height", Value: "720"}, {Name: "framerate", Value: "29.97"},
		{Name: "videocodecid", Value: "7"}, {Name: "audiocodecid", Value: "mp4a"}, {Name: "stereo", Value: "true"},
		{Name: "encoder", Value: "Lavf"},
	}, m.Fields)
	require.Equal(t, script, m.Script)
	script[0] = 'X'
	require.NotEqual(t, script, m.Script, "the script is a copy")
	require.Equal(t, m.Script, Script(m))
}

func TestScriptOfSourcesWithoutOne(t *testing.T) {
	script := Script(&media.Metadata{Fields: []media.Field{
		{Name: "width", Value: "640"}, {Name: "height", Value: "many"}, {Name: "stereo", Value: "false"}, {Name: "encoder", Value: "x"},
	}})
	values, err := amf.DecodeAll(script, amf.Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{"onMetaData", &amf.Object{Properties: []amf.Property{
		{Name: "width", Value: 640.0}, {Name: "stereo", Value: false}, {Name: "encoder", Value: "x"},
	}}}, values)
	require.Nil(t, Script(&media.Metadata{}))
	require.Nil(t, Script(nil))
}
