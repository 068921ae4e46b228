package flv

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

// BodyBytesMaxDefault is the largest tag body that a Reader accepts unless told otherwise. The size field of a tag has
// 24 bits and ends one byte below it, so every valid tag passes; lower Reader.BodyBytesMax for input from strangers.
const BodyBytesMaxDefault = 16 << 20

// bodyReadStep is how much room is made for a body before its bytes are there. A tag that only claims to be large costs
// this much; a key frame of a 20 Mb/s stream arrives in a few steps.
const bodyReadStep = 64 << 10

// readAheadBytes is the size of the buffer between the underlying reader and the tags. Audio tags have a few hundred
// bytes, so one read brings many; what is left of a larger body is read past the buffer.
const readAheadBytes = 32 << 10

// Tag is one tag of a file or stream.
type Tag struct {
	Type      TagType
	Timestamp uint32 // decode time in milliseconds
	Body      []byte // the Reader's own buffer, valid until its next ReadTag
}

// ReadError says where in the stream reading stopped.
type ReadError struct {
	Offset int64 // bytes from the beginning of the stream to the header, back pointer or tag that could not be read
	Err    error
}

func (e *ReadError) Error() string { return fmt.Sprintf("flv: at byte %d: %v", e.Offset, e.Err) }

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *ReadError) Unwrap() error { return e.Err }

// Reader reads the tags of an FLV file or live stream. It is not for use by several goroutines at once.
type Reader struct {
	// BodyBytesMax bounds the body of one tag; zero means BodyBytesMaxDefault. Set it before the first tag is read.
	BodyBytesMax int

	in         *bufio.Reader
	offset     int64 // of the next byte of in
	header     FileHeader
	headerRead bool
	body       []byte
	err        error // sticky: behind a broken tag there is no telling where the next begins
}

// NewReader returns a Reader of r. It reads ahead of the tags that it returns.
func NewReader(r io.Reader) *Reader { return &Reader{in: bufio.NewReaderSize(r, readAheadBytes)} }

// ReadFileHeader returns the file header; ReadTag reads it by itself if nobody asked for it before.
func (r *Reader) ReadFileHeader() (FileHeader, error) {
	if r.err == nil && !r.headerRead {
		r.err = r.readFileHeader()
	}
	return r.header, r.err
}

// ReadTag returns the next tag. It returns io.EOF, unwrapped, when the stream ends where a tag could begin. Every other
// error is a *ReadError: around io.ErrUnexpectedEOF when the stream is cut off elsewhere, around ErrNotFLV,
// ErrUnsupported and ErrTooLarge, or around an error of the underlying reader. Errors repeat at each further call.
//
// A tag is returned as soon as its body is there, without waiting for the back pointer (PreviousTagSize) behind it. The
// back pointers are skipped, not checked: many programs write wrong ones, and going forward needs none.
func (r *Reader) ReadTag() (Tag, error) {
	if _, err := r.ReadFileHeader(); err != nil {
		return Tag{}, err
	}
	tag, err := r.readTag()
	r.err = err
	return tag, err
}

func (r *Reader) readFileHeader() error {
	var b [fileHeaderSize]byte
	start := r.offset
	if err := r.readFull(b[:]); err != nil {
		return &ReadError{start, unexpectedEOF(err)}
	}
	header, err := ParseFileHeader(b[:])
	if err != nil {
		return &ReadError{start, err}
	}
	n, err := r.in.Discard(header.Size - fileHeaderSize)
	r.offset += int64(n)
	if err != nil {
		return &ReadError{start, unexpectedEOF(err)}
	}
	r.header, r.headerRead = header, true
	return nil
}

func (r *Reader) readTag() (Tag, error) {
	start := r.offset
	n, err := r.in.Discard(previousTagSizeSize)
	r.offset += int64(n)
	if err != nil {
		return Tag{}, &ReadError{start, unexpectedEOF(err)}
	}

	start = r.offset
	b, err := r.in.Peek(tagHeaderSize)
	if len(b) == 0 && errors.Is(err, io.EOF) {
		return Tag{}, io.EOF
	}
	if err != nil {
		return Tag{}, &ReadError{start, unexpectedEOF(err)}
	}
	header, err := ParseTagHeader(b)
	if err != nil {
		return Tag{}, &ReadError{start, err}
	}
	limit := r.BodyBytesMax
	if limit == 0 {
		limit = BodyBytesMaxDefault
	}
	if header.BodySize > limit {
		return Tag{}, &ReadError{start, fmt.Errorf("%w: %d bytes, limit %d", errTagTooLarge, header.BodySize, limit)}
	}
	n, err = r.in.Discard(tagHeaderSize)
	r.offset += int64(n)
	if err == nil {
		err = r.readBody(header.BodySize)
	}
	if err != nil {
		return Tag{}, &ReadError{start, unexpectedEOF(err)}
	}
	return Tag{Type: header.Type, Timestamp: header.Timestamp, Body: r.body}, nil
}

// readBody fills r.body with the next size bytes, making room as they arrive.
func (r *Reader) readBody(size int) error {
	r.body = r.body[:0]
	for len(r.body) < size {
		have := len(r.body)
		step := min(size-have, max(cap(r.body)-have, bodyReadStep))
		r.body = slices.Grow(r.body, step)[:have+step]
		if err := r.readFull(r.body[have:]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) readFull(b []byte) error {
	n, err := io.ReadFull(r.in, b)
	r.offset += int64(n)
	return err
}

// unexpectedEOF is for the places where the stream must not end.
func unexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
