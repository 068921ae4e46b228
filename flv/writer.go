package flv

import "io"

// Writer writes an FLV file or live stream, one Write of the underlying writer for each tag. It is not for use by
// several goroutines at once.
type Writer struct {
	out     io.Writer
	scratch []byte
}

// NewWriter returns a Writer to w. Begin with WriteFileHeader, or with WriteTag to continue a file that has tags.
func NewWriter(w io.Writer) *Writer { return &Writer{out: w} }

// WriteFileHeader writes the file header and the zero back pointer behind it.
func (w *Writer) WriteFileHeader(hasAudio, hasVideo bool) error {
	w.scratch = AppendFileHeader(w.scratch[:0], hasAudio, hasVideo)
	_, err := w.out.Write(w.scratch)
	return err
}

// WriteTag writes one tag; the timestamp is in milliseconds. It does not keep body. Errors are those of AppendTag and of
// the underlying writer.
func (w *Writer) WriteTag(t TagType, timestamp uint32, body []byte) error {
	tag, err := AppendTag(w.scratch[:0], t, timestamp, body)
	if err != nil {
		return err
	}
	w.scratch = tag
	_, err = w.out.Write(tag)
	return err
}
