package figures

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeEndpoint has a number of streams with an output each.
type fakeEndpoint struct {
	protocol string
	port     int
	streams  int
}

func (f fakeEndpoint) Streams(dst []Stream) []Stream {
	for i := range f.streams {
		key := fmt.Sprintf("key%04d", f.streams-i)
		dst = append(dst, Stream{
			ID: "id-" + f.protocol + key, Port: f.port, App: "live", Key: key, BitsPerSecond: 8000, Video: &Video{FramesPerSecond: 30},
		})
	}
	return dst
}

func (f fakeEndpoint) Outputs(dst []Output) []Output {
	for i := range f.streams {
		key := fmt.Sprintf("key%04d", i+1)
		for _, app := range []string{"b", "a"} {
			dst = append(dst, Output{StreamID: "id-rtmp" + key, Protocol: f.protocol, App: app, Key: key, Viewers: 2, Skips: 1, BehindBytes: 500})
		}
	}
	return append(dst, Output{Protocol: f.protocol, App: "a", Key: "nobody sends it", Viewers: 7})
}

func (f fakeEndpoint) Connections(_ context.Context, dst []Connection, limit int) []Connection {
	for i := 0; i < f.streams && len(dst) < limit; i++ {
		dst = append(dst, Connection{ID: fmt.Sprint(i), Port: f.port, Seconds: float64(i)})
	}
	return dst
}

func TestStreamsHaveTheOutputsOfAllEndpoints(t *testing.T) {
	v := View{fakeEndpoint{"rtmp", 1935, 2}, fakeEndpoint{"http", 80, 2}}
	streams := v.Streams()
	var order []string
	for _, s := range streams {
		order = append(order, s.ID)
	}
	require.Equal(t, []string{"id-httpkey0001", "id-httpkey0002", "id-rtmpkey0001", "id-rtmpkey0002"}, order)
	require.Equal(t, []Output{}, streams[0].Outputs, "a list, if an empty one")
	s, known := v.Stream("id-rtmpkey0001")
	require.True(t, known)
	require.Equal(t, streams[2], s)
	_, known = v.Stream("id-rtmpkey0003")
	require.False(t, known)
	require.Equal(t, 8, s.Viewers)
	var outputs []string
	for _, o := range s.Outputs {
		outputs = append(outputs, o.Protocol+"/"+o.App)
		require.EqualValues(t, 500, o.LagMS, "500 bytes at 8,000 bits a second")
	}
	require.Equal(t, []string{"http/a", "http/b", "rtmp/a", "rtmp/b"}, outputs)
	require.Equal(t, StreamMoment{ID: s.ID, BitsPerSecond: 8000, FramesPerSecond: 30, Viewers: 8, Skips: 4}, v.Moment()[2])
}

func TestWithoutStreamsThereAreLists(t *testing.T) {
	text, err := json.Marshal([]any{View{}.Streams(), View{}.Connections(context.Background(), 5), View{}.Moment()})
	require.NoError(t, err)
	require.Equal(t, "[[],[],[]]", string(text))
}

func TestConnectionsHaveALimit(t *testing.T) {
	v := View{fakeEndpoint{"rtmp", 1935, 3}, fakeEndpoint{"http", 80, 3}}
	var got []string
	for _, c := range v.Connections(context.Background(), 5) {
		got = append(got, fmt.Sprint(c.Port, "/", c.ID))
	}
	require.Equal(t, []string{"80/1", "80/0", "1935/2", "1935/1", "1935/0"}, got, "by port, the oldest first")
}

// A thousand streams take a few ms of one CPU a second, and a few allocations.
func TestAThousandStreamsAreNothing(t *testing.T) {
	v := View{fakeEndpoint{"rtmp", 1935, 1000}}
	text, err := json.Marshal(v.Moment())
	require.NoError(t, err)
	require.Less(t, len(text), 150_000, "bytes a second for each reader")
	allocations := testing.AllocsPerRun(3, func() { v.Moment() })
	require.Less(t, allocations, 20_000.0, "some for each stream and output, half of them by the fake")
}

func BenchmarkMomentOf1000Streams(b *testing.B) {
	v := View{fakeEndpoint{"rtmp", 1935, 1000}}
	b.ReportAllocs()
	for b.Loop() {
		v.Moment()
	}
}

func TestTimes(t *testing.T) {
	var s Stopwatch
	for _, took := range []time.Duration{time.Millisecond, 2 * time.Millisecond, time.Minute} {
		s.Note(took)
	}
	(*Stopwatch)(nil).Note(1)
	times := s.Times()
	require.EqualValues(t, 3, times.Count)
	require.Equal(t, (time.Minute+3*time.Millisecond)/3, times.Mean())
	require.EqualValues(t, 1, times.Buckets()[0.001])
	require.EqualValues(t, 2, times.Buckets()[0.005])
	require.EqualValues(t, 2, times.Buckets()[10], "what took longer is only counted")
	require.Zero(t, Times{}.Mean())
}
