package flv

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

type savedTag struct {
	Type      TagType
	Timestamp uint32
	Body      string
}

// readAll returns the tags in front of the first error, and that error.
func readAll(r *Reader) ([]savedTag, error) {
	var all []savedTag
	for {
		tag, err := r.ReadTag()
		if err != nil {
			return all, err
		}
		all = append(all, savedTag{tag.Type, tag.Timestamp, string(tag.Body)})
	}
}

var sampleTags = []savedTag{
	{TagScript, 0, "\x02\x00\x0aonMetaData\x05"},
	{TagVideo, 0, "\x17\x00\x00\x00\x00config"},
	{TagAudio, 1<<24 - 1, "\xaf\x01sound"},
	{TagAudio, 1 << 24, ""},
	{TagVideo, 0xffffffff, "\x27\x01\xff\xff\xff frame"},
	{TagType(31), 0x01020304, "a type nobody knows"},
}

func sampleFile(t testing.TB, tags []savedTag) []byte {
	var file bytes.Buffer
	w := NewWriter(&file)
	require.NoError(t, w.WriteFileHeader(true, true))
	for _, tag := range tags {
		require.NoError(t, w.WriteTag(tag.Type, tag.Timestamp, []byte(tag.Body)))
	}
	return file.Bytes()
}

func TestAppendTagBytes(t *testing.T) {
	got, err := AppendTag([]byte{0xee}, TagVideo, 0xa1b2c3d4, []byte{0x17, 0x02})
	require.NoError(t, err)
	require.Equal(t, unhex(t, "ee 09 000002 b2c3d4 a1 000000 1702 0000000d"), got)
	require.Len(t, got, 1+2+TagOverhead)

	require.Equal(t, "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", string(AppendFileHeader(nil, true, true)))
	require.Equal(t, "FLV\x01\x04\x00\x00\x00\x09\x00\x00\x00\x00", string(AppendFileHeader(nil, true, false)))
	require.Equal(t, "FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00", string(AppendFileHeader(nil, false, true)))
}

func TestAppendTagLimits(t *testing.T) {
	body := make([]byte, uint24Max+1)
	got, err := AppendTag(nil, TagVideo, 0, body[:uint24Max])
	require.NoError(t, err)
	require.Len(t, got, uint24Max+TagOverhead)
	got, err = AppendTag([]byte("kept"), TagVideo, 0, body)
	require.ErrorIs(t, err, ErrTooLarge)
	require.Equal(t, "kept", string(got))
	got, err = AppendTag([]byte("kept"), TagType(32), 0, nil)
	require.ErrorIs(t, err, ErrNotEncodable)
	require.Equal(t, "kept", string(got))
	require.ErrorIs(t, NewWriter(io.Discard).WriteTag(TagVideo, 0, body), ErrTooLarge)
}

func TestReadWhatWasWritten(t *testing.T) {
	file := sampleFile(t, sampleTags)
	for name, in := range map[string]io.Reader{
		"at once":      bytes.NewReader(file),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(file)),
		"data and EOF": iotest.DataErrReader(bytes.NewReader(file)),
	} {
		r := NewReader(in)
		header, err := r.ReadFileHeader()
		require.NoError(t, err, name)
		require.Equal(t, FileHeader{HasAudio: true, HasVideo: true, Size: 9}, header, name)
		got, err := readAll(r)
		require.Equal(t, io.EOF, err, name)
		require.Equal(t, sampleTags, got, name)
		_, err = r.ReadTag()
		require.Equal(t, io.EOF, err, name)
	}
}

func TestReadEveryCut(t *testing.T) {
	file := sampleFile(t, sampleTags)
	boundary := map[int]int{} // where a tag may begin: how many tags lie in front
	whole := map[int]int{}    // how many tags are whole when the file ends here
	at := fileHeaderSize + previousTagSizeSize
	boundary[at] = 0
	for i, tag := range sampleTags {
		at += tagHeaderSize + len(tag.Body)
		for end := at; end <= len(file); end++ {
			whole[end] = i + 1
		}
		at += previousTagSizeSize
		boundary[at] = i + 1
	}
	for cut := range len(file) + 1 {
		got, err := readAll(NewReader(bytes.NewReader(file[:cut])))
		require.Equal(t, sampleTags[:whole[cut]], append([]savedTag{}, got...), "cut at %d", cut)
		if _, ok := boundary[cut]; ok {
			require.Equal(t, io.EOF, err, "cut at %d", cut)
			continue
		}
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut at %d", cut)
		var where *ReadError
		require.ErrorAs(t, err, &where)
		require.LessOrEqual(t, where.Offset, int64(cut))
	}
}

func TestReadErrorOffset(t *testing.T) {
	file := sampleFile(t, sampleTags[:2])
	second := fileHeaderSize + previousTagSizeSize + TagOverhead + len(sampleTags[0].Body)
	_, err := readAll(NewReader(bytes.NewReader(file[:second+tagHeaderSize+1])))
	var where *ReadError
	require.ErrorAs(t, err, &where)
	require.Equal(t, int64(second), where.Offset)
	require.ErrorContains(t, err, "at byte 42: unexpected EOF")
}

func TestReadTolerates(t *testing.T) {
	file := sampleFile(t, sampleTags)

	wrong := bytes.Clone(file)
	copy(wrong[9:], "\xde\xad\xbe\xef")
	copy(wrong[len(wrong)-4:], "\xde\xad\xbe\xef")
	got, err := readAll(NewReader(bytes.NewReader(wrong)))
	require.Equal(t, io.EOF, err)
	require.Equal(t, sampleTags, got, "wrong back pointers")

	long := append([]byte("FLV\x01\x05\x00\x00\x00\x0cabc"), file[9:]...)
	r := NewReader(bytes.NewReader(long))
	header, err := r.ReadFileHeader()
	require.NoError(t, err)
	require.Equal(t, 12, header.Size)
	got, err = readAll(r)
	require.Equal(t, io.EOF, err)
	require.Equal(t, sampleTags, got, "a longer header")
	_, err = readAll(NewReader(bytes.NewReader(long[:11])))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut inside a longer header")

	other := bytes.Clone(file)
	other[13] |= 0xc0                  // reserved bits
	copy(other[13+8:], "\x00\x00\x01") // stream id
	got, err = readAll(NewReader(bytes.NewReader(other)))
	require.Equal(t, io.EOF, err)
	require.Equal(t, sampleTags, got, "reserved bits and stream id")
}

func TestReadRefuses(t *testing.T) {
	f := func(file string, want error) {
		t.Helper()
		r := NewReader(bytes.NewReader([]byte(file)))
		_, err := r.ReadTag()
		require.ErrorIs(t, err, want)
		_, again := r.ReadTag()
		require.Equal(t, err, again, "errors repeat")
	}
	f("FLW\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", ErrNotFLV)
	f("HTTP/1.1 404 Not Found", ErrNotFLV)
	f("FLV\x02\x05\x00\x00\x00\x09\x00\x00\x00\x00", ErrUnsupported)
	f("FLV\x01\x05\x00\x00\x00\x08\x00\x00\x00\x00", ErrNotFLV)
	f("FLV\x01\x05\xff\xff\xff\xff\x00\x00\x00\x00", ErrNotFLV)
	f("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00\x29\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00x", ErrUnsupported) // encrypted

	_, err := ParseFileHeader([]byte("FLV\x01\x05\x00\x01\x00\x00"))
	require.NoError(t, err, "the largest header")
	_, err = ParseFileHeader([]byte("FLV\x01\x05\x00\x01\x00\x01"))
	require.ErrorIs(t, err, ErrNotFLV, "one above")
	_, err = ParseFileHeader([]byte("FLV\x01\x05\x00\x00\x00"))
	require.ErrorIs(t, err, ErrShort)
	_, err = ParseTagHeader(make([]byte, 10))
	require.ErrorIs(t, err, ErrShort)
}

func TestReadLimit(t *testing.T) {
	tags := []savedTag{{TagVideo, 0, string(make([]byte, 100))}, {TagVideo, 0, string(make([]byte, 101))}}
	r := NewReader(bytes.NewReader(sampleFile(t, tags)))
	r.BodyBytesMax = 100
	got, err := readAll(r)
	require.Equal(t, tags[:1], got, "at the limit")
	require.ErrorIs(t, err, ErrTooLarge, "one above")
	require.ErrorContains(t, err, "101 bytes, limit 100")

	huge := AppendFileHeader(nil, true, true)
	huge = append(huge, 9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 'x')
	r = NewReader(bytes.NewReader(huge))
	_, err = r.ReadTag()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the largest size passes the default limit")
	require.LessOrEqual(t, cap(r.body), 2*bodyReadStep, "room is made as bytes arrive")

	body := bytes.Repeat([]byte("0123456789abcdef"), 20_000) // several steps
	r = NewReader(iotest.HalfReader(bytes.NewReader(sampleFile(t, []savedTag{{TagVideo, 5, string(body)}, sampleTags[0]}))))
	got, err = readAll(r)
	require.Equal(t, io.EOF, err)
	require.Equal(t, []savedTag{{TagVideo, 5, string(body)}, sampleTags[0]}, got)
}

// A tag of a live stream is there as soon as its body is, without the back pointer behind it.
func TestReadTagDoesNotWaitForBackPointer(t *testing.T) {
	file := sampleFile(t, sampleTags[:1])
	broken := errors.New("the line broke")
	r := NewReader(io.MultiReader(bytes.NewReader(file[:len(file)-4]), iotest.ErrReader(broken)))
	tag, err := r.ReadTag()
	require.NoError(t, err)
	require.Equal(t, sampleTags[0].Body, string(tag.Body))
	_, err = r.ReadTag()
	require.ErrorIs(t, err, broken)
}

func TestWriterReportsErrors(t *testing.T) {
	full := errors.New("disk full")
	w := NewWriter(failingWriter{full})
	require.ErrorIs(t, w.WriteFileHeader(true, true), full)
	require.ErrorIs(t, w.WriteTag(TagAudio, 0, nil), full)
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
