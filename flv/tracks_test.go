package flv

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func collect(tracks Tracks) ([]Track, error) {
	var all []Track
	for track, ok := tracks.Next(); ok; track, ok = tracks.Next() {
		all = append(all, track)
	}
	return all, tracks.Err()
}

// videoTrackCases are whole messages of several tracks.
var videoTrackCases = []struct {
	name   string
	bytes  string
	header VideoHeader
	tracks []Track
}{
	{
		"many tracks, coded frames",
		"96 11 'hvc1' 00 000005 000050 aabb 03 000004 ffffff cc",
		VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true, Multitrack: ManyTracks, CompositionTime: 80, Size: 6},
		[]Track{
			{ID: 0, Codec: HEVC, CompositionTime: 80, Payload: []byte{0xaa, 0xbb}},
			{ID: 3, Codec: HEVC, CompositionTime: -1, Payload: []byte{0xcc}},
		},
	},
	{
		"many tracks, sequence headers, the second empty",
		"96 10 'avc1' 01 000001 01 02 000000",
		VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketSequenceHeader, Enhanced: true, Multitrack: ManyTracks, TrackID: 1, Size: 6},
		[]Track{
			{ID: 1, Codec: AVC, Payload: []byte{1}},
			{ID: 2, Codec: AVC, Payload: []byte{}},
		},
	},
	{
		"many codecs, composition time only where the codec has one",
		"a6 21 'av01' 00 000002 1122 'avc1' 01 000004 000001 33",
		VideoHeader{Codec: AV1, FrameType: FrameInter, Packet: PacketCodedFrames, Enhanced: true, Multitrack: ManyTracksManyCodecs, Size: 2},
		[]Track{
			{ID: 0, Codec: AV1, Payload: []byte{0x11, 0x22}},
			{ID: 1, Codec: AVC, CompositionTime: 1, Payload: []byte{0x33}},
		},
	},
	{
		"many tracks behind a nanosecond offset",
		"97 02 000003 06 13 'hvc1' 00 000001 44 01 000001 55",
		VideoHeader{Codec: HEVC, FrameType: FrameKey, Packet: PacketCodedFramesX, Enhanced: true, Multitrack: ManyTracks, NanosecondOffset: 3, Size: 11},
		[]Track{
			{ID: 0, Codec: HEVC, Payload: []byte{0x44}},
			{ID: 1, Codec: HEVC, Payload: []byte{0x55}},
		},
	},
}

func TestVideoTracks(t *testing.T) {
	for _, c := range videoTrackCases {
		t.Run(c.name, func(t *testing.T) {
			body := unhex(t, c.bytes)
			h, err := ParseVideo(body)
			require.NoError(t, err)
			require.Equal(t, c.header, h)
			require.Equal(t, h.Packet == PacketSequenceHeader, h.IsSequenceHeader())
			require.Equal(t, h.FrameType == FrameKey && h.Packet != PacketSequenceHeader, h.IsKeyFrame())
			tracks, err := collect(h.Tracks(body))
			require.NoError(t, err)
			require.Equal(t, c.tracks, tracks)

			again, err := AppendVideoHeader(nil, h)
			require.NoError(t, err)
			require.Len(t, again, h.Size)
			for _, track := range c.tracks {
				again, err = h.AppendTrack(again, track)
				require.NoError(t, err)
			}
			require.Equal(t, body, again)
		})
	}
}

// A message cut anywhere gives the tracks that are whole, then an error, unless the cut lies between two tracks.
func TestVideoTracksEveryCut(t *testing.T) {
	for _, c := range videoTrackCases {
		body := unhex(t, c.bytes)
		ends := map[int]bool{len(body): true}
		for cut := range len(body) {
			h, err := ParseVideo(body[:cut])
			if err != nil {
				require.ErrorIs(t, err, ErrShort, "%s cut at %d", c.name, cut)
				continue
			}
			require.Equal(t, c.header, h, "%s cut at %d", c.name, cut)
			tracks, err := collect(h.Tracks(body[:cut]))
			require.Equal(t, c.tracks[:len(tracks)], append([]Track{}, tracks...), "%s cut at %d", c.name, cut)
			if err == nil {
				ends[cut] = true
				continue
			}
			require.ErrorIs(t, err, ErrShort, "%s cut at %d", c.name, cut)
		}
		require.Len(t, ends, len(c.tracks), "%s: places where the message may end", c.name)
	}
}

func TestAudioTracks(t *testing.T) {
	body := unhex(t, "95 21 'Opus' 00 000002 aabb 'mp4a' 01 000001 cc")
	h, err := ParseAudio(body)
	require.NoError(t, err)
	require.Equal(t, AudioHeader{Codec: Opus, Packet: PacketCodedFrames, Enhanced: true, Multitrack: ManyTracksManyCodecs, Size: 2}, h)
	tracks, err := collect(h.Tracks(body))
	require.NoError(t, err)
	want := []Track{{ID: 0, Codec: Opus, Payload: []byte{0xaa, 0xbb}}, {ID: 1, Codec: AAC, Payload: []byte{0xcc}}}
	require.Equal(t, want, tracks)

	again, err := AppendAudioHeader(nil, h)
	require.NoError(t, err)
	for _, track := range want {
		again, err = h.AppendTrack(again, track)
		require.NoError(t, err)
	}
	require.Equal(t, body, again)

	for cut := range len(body) {
		h, err := ParseAudio(body[:cut])
		if err == nil {
			tracks, err = collect(h.Tracks(body[:cut]))
			require.Equal(t, want[:len(tracks)], append([]Track{}, tracks...))
			if cut == 12 {
				require.NoError(t, err, "between the two tracks")
				continue
			}
		}
		require.ErrorIs(t, err, ErrShort, "cut at %d", cut)
	}
}

func TestTracksOfOrdinaryMessages(t *testing.T) {
	body := unhex(t, "17 01 000050 aabb")
	h, err := ParseVideo(body)
	require.NoError(t, err)
	tracks, err := collect(h.Tracks(body))
	require.NoError(t, err)
	require.Equal(t, []Track{{Codec: AVC, CompositionTime: 80, Payload: []byte{0xaa, 0xbb}}}, tracks)

	body = unhex(t, "96 01 'hvc1' 07 000001 aa")
	h, err = ParseVideo(body)
	require.NoError(t, err)
	tracks, err = collect(h.Tracks(body))
	require.NoError(t, err)
	require.Equal(t, []Track{{ID: 7, Codec: HEVC, CompositionTime: 1, Payload: []byte{0xaa}}}, tracks)

	body = unhex(t, "d1 00")
	h, err = ParseVideo(body)
	require.NoError(t, err)
	tracks, err = collect(h.Tracks(body))
	require.NoError(t, err)
	require.Empty(t, tracks, "a command has no payload")

	_, err = collect(h.Tracks(nil))
	require.NoError(t, err)
	_, err = collect(VideoHeader{Packet: PacketCodedFrames, Size: 5}.Tracks([]byte{1, 2}))
	require.ErrorIs(t, err, ErrShort, "a header that is not this body's")
}

func TestAppendTrackRefuses(t *testing.T) {
	many := VideoHeader{Codec: AVC, FrameType: FrameKey, Packet: PacketCodedFrames, Enhanced: true, Multitrack: ManyTracks}
	codecs := many
	codecs.Multitrack = ManyTracksManyCodecs
	one := many
	one.Multitrack = OneTrack
	f := func(h VideoHeader, track Track, want error) {
		t.Helper()
		got, err := h.AppendTrack([]byte("kept"), track)
		require.ErrorIs(t, err, want)
		require.Equal(t, "kept", string(got))
	}
	f(one, Track{}, ErrNotEncodable)
	f(VideoHeader{Codec: AVC, Packet: PacketCodedFrames}, Track{}, ErrNotEncodable)
	f(codecs, Track{Codec: VP6}, ErrNotEncodable)
	f(codecs, Track{Codec: AV1, CompositionTime: 1}, ErrNotEncodable)
	f(many, Track{CompositionTime: int24Max + 1}, ErrNotEncodable)

	largest := make([]byte, uint24Max-3) // three bytes of the size are the composition time
	got, err := many.AppendTrack(nil, Track{Payload: largest})
	require.NoError(t, err)
	require.Equal(t, unhex(t, "00 ffffff 000000"), got[:7])
	f(many, Track{Payload: make([]byte, uint24Max-2)}, ErrTooLarge)
}
