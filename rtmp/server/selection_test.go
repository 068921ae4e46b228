package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/flv"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

func announce(list string, video, audio []session.Codec, caps session.CapsEx) *session.Capabilities {
	return &session.Capabilities{FourCCList: strings.Fields(list), Video: video, Audio: audio, CapsEx: caps}
}

func TestAbilities(t *testing.T) {
	const all = session.CapsMultitrack | session.CapsModEx
	decode := func(names string) (list []session.Codec) {
		for name := range strings.FieldsSeq(names) {
			list = append(list, session.Codec{FourCC: name, Info: session.CanDecode})
		}
		return list
	}
	f := func(want *abilities, announced *session.Capabilities) {
		t.Helper()
		require.Equal(t, want, abilitiesOf(announced))
	}
	f(nil, announce("", nil, nil, 0))
	f(nil, announce("*", nil, nil, all))
	f(nil, announce("", nil, nil, all))
	f(nil, announce("", []session.Codec{{FourCC: "*", Info: session.CanForward}}, []session.Codec{{FourCC: "*", Info: session.CanDecode}}, all|session.CapsReconnect))
	f(&abilities{}, announce("", nil, nil, session.CapsReconnect))
	f(&abilities{modEx: true}, announce("*", nil, nil, session.CapsModEx))
	f(&abilities{video: codecs{flv.HEVC, flv.AV1}}, announce("hvc1 av01", nil, nil, 0))
	f(&abilities{video: codecs{flv.HEVC}, audio: codecs{flv.Opus}}, announce("hvc1 Opus", nil, nil, 0))
	f(&abilities{audio: codecs{flv.AC3}, multitrack: true, modEx: true}, announce("ac-3", nil, nil, all))
	f(&abilities{}, announce("hvc1 * Opus", nil, nil, 0))
	f(&abilities{}, announce("hevc1 \x00abc", nil, nil, 0))
	f(&abilities{video: codecs{flv.AV1}, multitrack: true, modEx: true}, announce("*", decode("av01"), nil, all))
	f(&abilities{audio: codecs{flv.AAC}, multitrack: true, modEx: true}, announce("", decode("*"), decode("mp4a"), all))
	f(&abilities{video: codecs{}, multitrack: true, modEx: true}, announce("", []session.Codec{{FourCC: "hvc1", Info: session.CanEncode}, {FourCC: "*"}}, nil, all))
}

// gets sends tag bodies, video unless they begin with "A ", through a selection and returns what comes out in the same
// form. The message stream and the time of each are checked.
func gets(t *testing.T, s *selection, tags ...string) (got []string) {
	t.Helper()
	s.streamID = 3
	for i, text := range tags {
		kind := media.Video
		if rest, isAudio := strings.CutPrefix(text, "A "); isAudio {
			kind, text = media.Audio, rest
		}
		const late = 0x1000000 // such messages have an extended timestamp
		out := s.rewrite(nil, wire{}.Append(nil, kind, int64(late+i), unhex(t, text)))
		if len(out) == 0 {
			continue
		}
		m := readBack(t, out)[0]
		require.Equal(t, chunk.Message{ChunkStream: m.ChunkStream, Type: m.Type, StreamID: 3, Timestamp: uint32(late + i), Payload: m.Payload}, m)
		got = append(got, map[uint8]string{message.TypeAudio: "A ", message.TypeVideo: ""}[m.Type]+fmt.Sprintf("%x", m.Payload))
	}
	return got
}

func hexes(t *testing.T, tags ...string) (list []string) {
	t.Helper()
	for _, text := range tags {
		rest, isAudio := strings.CutPrefix(text, "A ")
		text = fmt.Sprintf("%x", unhex(t, rest))
		if isAudio {
			text = "A " + text
		}
		list = append(list, text)
	}
	return list
}

// unhex reads hex, with 'text' for FourCCs.
func unhex(t *testing.T, s string) (out []byte) {
	t.Helper()
	for i, part := range strings.Split(s, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		var b []byte
		_, err := fmt.Sscanf(strings.ReplaceAll(part, " ", "")+".", "%x.", &b)
		if part != "" && strings.TrimSpace(part) != "" {
			require.NoError(t, err, s)
		}
		out = append(out, b...)
	}
	return out
}

// unrefused is a selection whose viewer can take something of each stream.
func unrefused(t *testing.T, can abilities) *selection {
	return &selection{can: &can, scratch: new(scratch), fail: func(kind media.Kind, c flv.Codec) { t.Errorf("refused for %v %v", kind, c) }}
}

func TestSelectionPassesWhatCanBeTaken(t *testing.T) {
	same := func(can abilities, tags ...string) {
		t.Helper()
		require.Equal(t, hexes(t, tags...), gets(t, unrefused(t, can), tags...))
	}
	same(abilities{video: codecs{flv.HEVC}},
		"90 'hvc1' 01", "94 'hvc1' 02", "91 'hvc1' 000050 aa", "a3 'hvc1' bb", "A af00 1190", "A af01 cc", "A 94 'mp4a' 0102")
	same(abilities{video: codecs{}, audio: codecs{}}, "1700000000 01", "1701000050 aa", "2701000000 bb", "A af00 1190", "A af01 cc", "A 2f ff", "12 aa", "5700")
	same(abilities{video: codecs{flv.HEVC}}, "1c00000000 01", "1c01000000 aa") // the classic id of HEVC
	same(abilities{video: codecs{flv.AV1, flv.HEVC}, multitrack: true},
		"90 'av01' 01", "96 00 'hvc1' 01 01", "91 'av01' aa", "96 01 'hvc1' 01 000000 bb", "96 21 'av01' 00 000001 cc 'hvc1' 01 000004 000000 dd")
	same(abilities{modEx: true}, "97 02 000005 01 'hvc1' 000000 aa", "97 00 aa 11 'hvc1' 000000 aa")
	same(abilities{}, "91", "97 ff", "A 9f", "A 95 f0 'Opus'") // what cannot be read is none of our business
}

func TestSelectionWithoutMultitrack(t *testing.T) {
	f := func(can abilities, tags []string, want ...string) {
		t.Helper()
		require.Equal(t, hexes(t, want...), gets(t, unrefused(t, can), tags...))
	}
	// The default track, and nothing else.
	two := []string{"1700000000 01", "96 00 'hvc1' 01 02", "1701000050 aa", "96 01 'hvc1' 01 000050 bb", "2701000000 cc", "a6 03 'hvc1' 01 dd"}
	f(abilities{}, two, "1700000000 01", "1701000050 aa", "2701000000 cc")
	// Another track, as if it were the only one, in the form that the viewer knows.
	f(abilities{video: codecs{flv.AV1}}, []string{"90 'hvc1' 01", "96 00 'av01' 01 02", "96 00 'avc1' 02 03", "94 'hvc1' 04", "91 'hvc1' 000050 aa", "96 01 'av01' 01 bb", "96 01 'avc1' 02 000000 cc", "a6 01 'av01' 01 dd"},
		"90 'av01' 02", "91 'av01' bb", "a1 'av01' dd")
	f(abilities{video: codecs{flv.AV1}}, []string{"90 'hvc1' 01", "96 00 'avc1' 01 02", "91 'hvc1' 000050 aa", "96 01 'avc1' 01 ffffd8 bb", "a6 03 'avc1' 01 cc"},
		"1700000000 02", "1701ffffd8 bb", "2701000000 cc")
	f(abilities{video: codecs{flv.AVC}}, []string{"90 'hvc1' 01", "96 00 'avc1' 01 02", "96 01 'avc1' 01 ffffd8 bb"}, "90 'avc1' 02", "91 'avc1' ffffd8 bb")
	// Lists of tracks.
	f(abilities{}, []string{"96 10 'hvc1' 00 000001 01 01 000001 02", "96 11 'hvc1' 00 000005 000050 aabb 01 000004 ffffff cc"},
		"90 'hvc1' 01", "91 'hvc1' 000050 aabb")
	f(abilities{video: codecs{flv.AV1}}, []string{"96 20 'hvc1' 00 000001 01 'av01' 01 000002 0203", "a6 21 'hvc1' 00 000005 000050 aabb 'av01' 01 000002 ccdd"},
		"90 'av01' 0203", "a1 'av01' ccdd")
	// HDR metadata of the track that is shown; for the classic form there is none.
	f(abilities{video: codecs{flv.AV1}}, []string{"90 'hvc1' 01", "96 00 'av01' 01 02", "96 04 'av01' 01 05", "94 'hvc1' 06"}, "90 'av01' 02", "94 'av01' 05")
	f(abilities{video: codecs{}}, []string{"90 'avc1' 01", "94 'avc1' 05", "91 'avc1' 000000 aa"}, "1700000000 01", "1701000000 aa")
	// FFmpeg 8 says HDR metadata of its second track without the track's id.
	f(abilities{}, []string{"1700000000 01", "96 00 'hvc1' 01 02", "94 'hvc1' 05", "1701000000 aa"}, "1700000000 01", "1701000000 aa")
	// Audio.
	f(abilities{audio: codecs{flv.Opus}}, []string{"A 90 'ac-3'", "A 95 00 'Opus' 01 02", "A 95 04 'Opus' 01 0102", "A 94 'ac-3' 0106", "A 91 'ac-3' aa", "A 95 01 'Opus' 01 bb"},
		"A 90 'Opus' 02", "A 94 'Opus' 0102", "A 91 'Opus' bb")
	f(abilities{audio: codecs{}}, []string{"A 90 'ac-3'", "A 95 00 'mp4a' 01 1190", "A 95 04 'mp4a' 01 0102", "A 95 01 'mp4a' 01 bb"}, "A af00 1190", "A af01 bb")
	f(abilities{}, []string{"A 95 20 'mp4a' 00 000002 1190 'Opus' 01 000001 02", "A 95 21 'Opus' 01 000001 cc 'mp4a' 00 000001 dd"}, "A 90 'mp4a' 1190", "A 91 'mp4a' dd")
}

func TestSelectionWithMultitrackLeavesCodecsOut(t *testing.T) {
	got := gets(t, unrefused(t, abilities{video: codecs{flv.AV1}, multitrack: true}),
		"96 20 'hvc1' 00 000001 01 'av01' 01 000002 0203 'avc1' 02 000001 04", "90 'hvc1' 01", "96 00 'hvc1' 04 01", "96 01 'av01' 01 aa")
	require.Equal(t, hexes(t, "96 20 'av01' 01 000002 0203 'avc1' 02 000001 04", "96 01 'av01' 01 aa"), got)
	got = gets(t, unrefused(t, abilities{video: codecs{flv.AV1}, multitrack: true}), "97 02 000005 06 21 'av01' 01 000002 ccdd")
	require.Equal(t, hexes(t, "96 21 'av01' 01 000002 ccdd"), got, "without ModEx")
}

func TestSelectionWithoutModEx(t *testing.T) {
	got := gets(t, unrefused(t, abilities{}), "97 02 000005 01 'hvc1' 000050 aa", "97 00 aa 11 'av01' bb", "A 97 02 000005 01 'Opus' cc", "A 91 'Opus' dd")
	require.Equal(t, hexes(t, "91 'hvc1' 000050 aa", "91 'av01' bb", "A 91 'Opus' cc", "A 91 'Opus' dd"), got)
}

// Messages of several chunks: the header alone decides, but what is rebuilt is whole.
func TestSelectionOfLongMessages(t *testing.T) {
	long := strings.Repeat("5a", 3*chunkSize)
	size := fmt.Sprintf("%06x", 3*chunkSize)
	f := func(tag, want string) {
		t.Helper()
		require.Equal(t, hexes(t, want), gets(t, unrefused(t, abilities{video: codecs{flv.HEVC}}), tag))
	}
	f("91 'hvc1' 000000 "+long, "91 'hvc1' 000000 "+long)
	f("96 03 'hvc1' 01 "+long, "93 'hvc1' "+long)
	f("97 02 000001 03 'hvc1' "+long, "93 'hvc1' "+long)
	f("96 23 'av01' 00"+size+long+" 'hvc1' 01"+size+strings.ReplaceAll(long, "5a", "a5"), "93 'hvc1' "+strings.ReplaceAll(long, "5a", "a5"))
}

func TestSelectionRefuses(t *testing.T) {
	f := func(can abilities, want string, tags ...string) {
		t.Helper()
		var refused []string
		s := &selection{can: &can, scratch: new(scratch), fail: func(kind media.Kind, c flv.Codec) { refused = append(refused, fmt.Sprint(kind, " ", c)) }}
		gets(t, s, tags...)
		require.Equal(t, want, strings.Join(refused, ", "))
	}
	hevc := []string{"90 'hvc1' 01", "94 'hvc1' 02", "a1 'hvc1' 000000 aa", "91 'hvc1' 000000 aa", "91 'hvc1' 000000 aa"}
	f(abilities{video: codecs{flv.AV1}}, "video HEVC", hevc...)
	f(abilities{video: codecs{flv.AV1}, multitrack: true}, "video HEVC", hevc...)
	f(abilities{video: codecs{flv.AV1}}, "", hevc[:3]...) // before a key frame another track may come
	f(abilities{video: codecs{}}, "video HEVC (classic id 12)", "1c00000000 01", "1c01000000 aa")
	f(abilities{audio: codecs{}}, "audio Opus", "A 90 'Opus' 01", "1701000000 aa", "A 91 'Opus' aa", "A 91 'Opus' aa")
	f(abilities{video: codecs{flv.AV1}}, "video HEVC", "90 'av01' 01", "91 'av01' aa", "90 'hvc1' 01", "a1 'hvc1' 000000 aa", "91 'hvc1' 000000 aa") // it changes
	f(abilities{video: codecs{flv.AV1}}, "", "96 00 'av01' 01 01", "90 'hvc1' 01", "91 'hvc1' 000000 aa", "90 'hvc1' 02", "91 'hvc1' 000000 aa")     // but not the track that is shown

	can := abilities{video: codecs{flv.AV1}}
	s := &selection{can: &can, scratch: new(scratch), fail: func(media.Kind, flv.Codec) {}}
	require.Empty(t, gets(t, s, append(hevc, "90 'av01' 01", "A af01 aa")...), "nothing follows")
}

// A publisher that returns may have other tracks.
func TestSelectionBeginsAnewWithTheStream(t *testing.T) {
	s := unrefused(t, abilities{video: codecs{flv.AV1}})
	gets(t, s, "96 00 'av01' 01 01", "96 01 'av01' 01 aa")
	notice := wire{}.AppendNotice(nil, media.NewStream, 40)
	require.Equal(t, readBack(t, appendOn(3, nil, notice)), readBack(t, s.rewrite(nil, notice)))
	require.Equal(t, hexes(t, "1700000000 01", "1701000000 aa"), gets(t, s, "1700000000 01", "1701000000 aa"))
	script := wire{}.Append(nil, media.Other, 0, []byte("data"))
	require.Equal(t, "data", string(readBack(t, s.rewrite(nil, script))[0].Payload))
}
