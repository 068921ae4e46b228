package mp4

import (
	"bytes"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/stretchr/testify/require"

	"mmids/engine/media"
)

// message is a tag that a publisher sends.
type message struct {
	kind media.Kind
	tag  []byte
}

func video(hex string, payload ...byte) message {
	return message{media.Video, append(fromHex(hex), payload...)}
}

func audio(hex string, payload ...byte) message {
	return message{media.Audio, append(fromHex(hex), payload...)}
}

// muxed feeds a stream, a message each 40 ms.
func muxed(messages ...message) stream {
	s := newStream()
	for i, m := range messages {
		s.add(m.kind, int64(40*i), m.tag)
	}
	s.End()
	return s
}

// entries returns the sample entries of a stream's initialization segment, as a whole parser understands them.
func entries(t *testing.T, contentType string, messages ...message) (list []mp4.Box) {
	t.Helper()
	s := muxed(messages...)
	require.Empty(t, s.Refused())
	require.Equal(t, contentType, s.ContentType())
	file, err := mp4.DecodeFile(&s.out.bytes)
	require.NoError(t, err)
	for _, trak := range file.Init.Moov.Traks {
		list = append(list, trak.Mdia.Minf.Stbl.Stsd.Children[0])
	}
	return list
}

// TestModernCodecs: what FFmpeg 8 sends in front of HEVC, AV1, VP9, Opus and FLAC becomes an initialization segment.
func TestModernCodecs(t *testing.T) {
	list := entries(t, `video/mp4; codecs="hvc1.1.6.L60.90, mp4a.40.2"`,
		video("90687663310101600000009000000000003cf000fcfdf8f800000f03200001001840010c01ffff01600000030090000003000003003c95900921"+
			"0001002b42010101600000030090000003000003003ca01a2071c456595912930bc05a02000003000200000300321022000100064401c073c189"),
		audio("af00118856e500"), video("9168766331000000", 'K'), video("a368766331", 'P'))
	hevc := list[0].(*mp4.VisualSampleEntryBox)
	require.EqualValues(t, 194, hevc.Width)
	require.EqualValues(t, 110, hevc.Height)
	require.Len(t, hevc.HvcC.NaluArrays, 3)

	list = entries(t, `video/mp4; codecs="av01.0.00M.08, opus"`,
		video("906176303181000c000a0a00000003b60ed00be001"), audio("904f7075734f707573486561640102380180bb0000000000"),
		video("9161763031", 'K'))
	require.EqualValues(t, 194, list[0].(*mp4.VisualSampleEntryBox).Width)
	opus := list[1].(*mp4.AudioSampleEntryBox)
	require.EqualValues(t, 2, opus.ChannelCount)
	require.EqualValues(t, 312, opus.Dops.PreSkip)
	require.EqualValues(t, 48000, opus.Dops.InputSampleRate)

	const info = "120012000006540019820bb8037000023280193e23b90c36014be54e0f088c75d045"
	for _, header := range []string{"90664c6143" + info, "90664c6143664c614380000022" + info} {
		list = entries(t, `video/mp4; codecs="vp09.00.10.08, flac"`,
			video("907670303901000000000a820202020000"), audio(header), video("9176703039"+vp9Key), video("a17670303986004092f121"))
		vp9 := list[0].(*mp4.VisualSampleEntryBox)
		require.Equal(t, "vp09", vp9.Type())
		require.EqualValues(t, 194, vp9.Width, "which the key frame says")
		require.EqualValues(t, 110, vp9.Height)
		require.Equal(t, &mp4.VppCBox{
			Version: 1, Level: 10, BitDepth: 8, ChromaSubsampling: 1, ColourPrimaries: 2, TransferCharacteristics: 2, MatrixCoefficients: 2,
		}, vp9.VppC)
		var b bytes.Buffer
		require.NoError(t, list[1].Encode(&b))
		require.Equal(t, fromHex("00000056664c6143"+"0000000000000001"+"0000000000000000"+"0002001800000000"+"bb800000"+
			"0000003264664c61"+"00000000"+"80000022"+info), b.Bytes(), "FLAC in ISOBMFF §3.3: 24 bits of 48 kHz, and STREAMINFO")
	}
}

// vp9Key is the beginning of a key frame of libvpx, of 194 x 110.
const vp9Key = "82498342000c1006d60638241c184a"

// TestVP9OfOtherSizes: a key frame of another size comes behind an initialization segment of its own.
func TestVP9OfOtherSizes(t *testing.T) {
	const record, smaller = "9076703039" + "000a820202020000", "82498342000610035606" // 98 x 54, and no version in front of the record
	s := muxed(video(record), video("9176703039"+vp9Key), video("9176703039"+vp9Key), video("9176703039"+smaller))
	require.Len(t, s.out.lines, 5)
	require.Equal(t, "init video", s.out.lines[0])
	require.Equal(t, "init video", s.out.lines[3])
	require.Equal(t, `video/mp4; codecs="vp09.00.10.08"`, s.ContentType())
	require.Equal(t, "VP9 has a sequence header that cannot be understood", muxed(video("9076703039000a82")).Refused())
	require.Equal(t, "vp09.02.51.10", vp9Codecs(vp9Record(fromHex("0233a40101010000"))))
	require.Equal(t, "vp09.00.10.08", vp9Codecs(vp9Record(fromHex("0000820202020000"))), "a level that is not known")
}

// TestDolby: AC-3 and E-AC-3 say in each frame what others say in a sequence header, which is empty.
func TestDolby(t *testing.T) {
	const ac3 = "9161632d33" + "0b77cded1e40ebf8403eff99" // 5.1 of 448 kbit/s
	list := entries(t, `audio/mp4; codecs="ac-3"`, audio("9061632d33"), audio(ac3), audio(ac3))
	entry := list[0].(*mp4.AudioSampleEntryBox)
	require.EqualValues(t, 6, entry.ChannelCount)
	require.EqualValues(t, 48000, entry.SampleRate)
	require.Equal(t, &mp4.Dac3Box{BSID: 8, ACMod: 7, LFEOn: 1, BitRateCode: 15}, entry.Dac3)
	require.Equal(t, 448_000, entry.Dac3.BitrateBps())

	frame := append(fromHex("0b77037f3f87c00020882000"), make([]byte, 1792-12)...) // 5.1
	list = entries(t, `audio/mp4; codecs="ec-3"`, audio("9065632d33"), audio("9165632d33", frame...))
	dec3 := list[0].(*mp4.AudioSampleEntryBox).Dec3
	require.EqualValues(t, 448, dec3.DataRate)
	require.Equal(t, []mp4.EC3Sub{{BSID: 16, ACMod: 7, LFEOn: 1}}, dec3.EC3Subs)

	back := append(fromHex("0b774007348010200000"), make([]byte, 6)...) // left and right behind the listener
	list = entries(t, `audio/mp4; codecs="ec-3"`, audio("9165632d33", append(frame, back...)...))
	dec3 = list[0].(*mp4.AudioSampleEntryBox).Dec3
	require.Equal(t, []mp4.EC3Sub{{BSID: 16, ACMod: 7, LFEOn: 1, NumDepSub: 1, ChanLoc: 1 << 1}}, dec3.EC3Subs)
	channels, _ := dec3.ChannelInfo()
	require.Equal(t, 8, channels)
}

// TestDolbyThatChanges: another form comes behind an initialization segment of its own, and what is no frame changes nothing.
func TestDolbyThatChanges(t *testing.T) {
	const stereo, surround = "9161632d33" + "0b770000484043e106", "9161632d33" + "0b77cded1e40ebf8403eff99"
	s := muxed(audio(stereo), audio(stereo), audio("9161632d33", []byte("noise")...), audio(surround), audio(surround))
	var kinds []string
	for _, line := range s.out.lines {
		kinds = append(kinds, line[:4])
	}
	require.Equal(t, []string{"init", "0 au", "40 a", "80 a", "init", "120 ", "160 "}, kinds)

	for _, b := range [][]byte{fromHex(stereo)[5:], fromHex(surround)[5:]} {
		for cut := range 7 {
			_, ok := ac3Config(b[:cut])
			require.False(t, ok)
		}
	}
	for cut := range 6 {
		_, n := eac3Config(fromHex("0b77037f3f87c00020882000")[:cut])
		require.Zero(t, n)
	}
	_, n := eac3Config(fromHex("0b77cded1e40ebf8403eff99"))
	require.Zero(t, n, "AC-3 is not E-AC-3")
	_, ok := ac3Config(fromHex("0b77037f3f87c00020882000"))
	require.False(t, ok, "nor the other way round")
}
