package flv

import (
	"errors"
	"fmt"
)

// The kinds of failure of this package, for errors.Is. The errors that are returned say more about the place.
var (
	// ErrShort says that a body ends inside its own header.
	ErrShort = errors.New("ends too early")
	// ErrUnsupported says that a reserved value stands where it decides how the bytes behind it are laid out.
	ErrUnsupported = errors.New("unsupported")
	// ErrNotEncodable says that a header holds something its form has no room for, such as a track in a classic header.
	ErrNotEncodable = errors.New("cannot be written in this form")
	// ErrTooLarge says that a tag or track is over the limit of the reader, or over the 24 bits of the size field.
	ErrTooLarge = errors.New("too large")
	// ErrNotFLV says that a stream does not begin with an FLV file header.
	ErrNotFLV = errors.New("not an FLV file header")
)

// Made once, so that refusing a hostile body costs no allocation.
var (
	errVideoShort      = fmt.Errorf("flv: video tag header %w", ErrShort)
	errAudioShort      = fmt.Errorf("flv: audio tag header %w", ErrShort)
	errModExShort      = fmt.Errorf("flv: ModEx prefix %w", ErrShort)
	errExHeaderShort   = fmt.Errorf("flv: enhanced header %w", ErrShort)
	errTrackShort      = fmt.Errorf("flv: track %w", ErrShort)
	errFileHeaderShort = fmt.Errorf("flv: file header %w", ErrShort)
	errTagHeaderShort  = fmt.Errorf("flv: tag header %w", ErrShort)

	errVideoPacket      = fmt.Errorf("flv: reserved video packet type: %w", ErrUnsupported)
	errAudioPacket      = fmt.Errorf("flv: reserved audio packet type: %w", ErrUnsupported)
	errModExChain       = fmt.Errorf("flv: more than %d ModEx prefixes: %w", modExPrefixesMax, ErrUnsupported)
	errMultitrackKind   = fmt.Errorf("flv: reserved multitrack type: %w", ErrUnsupported)
	errMultitrackNested = fmt.Errorf("flv: ModEx or Multitrack inside a multitrack header: %w", ErrUnsupported)
	errFourCC           = fmt.Errorf("flv: FourCC begins with a zero byte: %w", ErrUnsupported)
	errEncrypted        = fmt.Errorf("flv: encrypted tag: %w", ErrUnsupported)
	errFileVersion      = fmt.Errorf("flv: file version other than 1: %w", ErrUnsupported)
	errFileHeaderSize   = fmt.Errorf("flv: file header size outside %d to %d: %w", fileHeaderSize, fileHeaderBytesMax, ErrNotFLV)
	errSignature        = fmt.Errorf("flv: %w", ErrNotFLV)

	errVideoNotEncodable = fmt.Errorf("flv: video header %w", ErrNotEncodable)
	errAudioNotEncodable = fmt.Errorf("flv: audio header %w", ErrNotEncodable)
	errTrackNotEncodable = fmt.Errorf("flv: track %w", ErrNotEncodable)
	errTagNotEncodable   = fmt.Errorf("flv: tag type over %d %w", uint8(tagTypeMax), ErrNotEncodable)
	errTrackTooLarge     = fmt.Errorf("flv: track: %w", ErrTooLarge)
	errTagTooLarge       = fmt.Errorf("flv: tag body: %w", ErrTooLarge)
)
