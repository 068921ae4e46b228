package chunk

// The limits of a Reader whose Config does not name others. Together they say what a peer that nobody has
// authenticated yet can make us hold: 16 MiB of payload and 64 × about 80 bytes of chunk stream state.
const (
	// A key frame of 60 Mbit/s video is about 1 MB, so 8 MiB leaves room for every encoder we know of.
	messageBytesMax = 8 << 20
	// Chunk size costs us no memory. A size beyond any message we accept is a broken or hostile peer; 10 MiB is
	// what other servers allow.
	chunkSizeMax = 10 << 20
	// Encoders use 3 to 8 chunk streams, some hardware a few more.
	chunkStreamsMax = 64
)

// eagerBytes is the memory that a message may claim by its declared length alone. It covers every audio frame and what
// clients say of themselves; a stranger can claim chunkStreamsMax × 4 KiB = 256 KiB with headers of 12 bytes. Longer messages
// get their memory at once only up to the size of the largest message that the peer has really sent before, beyond that it
// grows as bytes arrive: a publisher's first key frames are copied a few times, and no others.
const eagerBytes = 4 << 10

// deltaAfterType0Max is the default of ReaderConfig.DeltaAfterType0Max: ten seconds.
const deltaAfterType0Max = 10_000

// Limits bounds what the peer of a Reader can make it accept. A field that is zero has its default.
type Limits struct {
	MessageBytesMax int // declared length of one message; default 8 MiB
	ChunkSizeMax    int // what Set Chunk Size may ask for; default 10 MiB
	ChunkStreamsMax int // chunk streams that the peer has used so far, whatever their ids; default 64
	PartialBytesMax int // payload memory of all messages that are not complete yet; default twice MessageBytesMax
}

// WithDefaults returns the limits with a value for each.
func (l Limits) WithDefaults() Limits {
	fill := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&l.MessageBytesMax, messageBytesMax)
	fill(&l.ChunkSizeMax, chunkSizeMax)
	fill(&l.ChunkStreamsMax, chunkStreamsMax)
	// Two messages of the greatest size at the same time, for example video and a large data message.
	fill(&l.PartialBytesMax, 2*l.MessageBytesMax)
	return l
}
