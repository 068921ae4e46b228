package session

const (
	// nameBytesMax bounds an app, a stream key and a query, each. Signed tokens in a query reach 2 KiB, ffmpeg stops at
	// 1 KiB for a whole address.
	nameBytesMax = 8 << 10

	// queryPairsMax bounds the name-value pairs of a merged query, so that merging costs at most its square, 4096 short
	// comparisons. Addresses have fewer than ten.
	queryPairsMax = 64

	// fourCCsMax bounds what is kept of the codecs that a client announces. Enhanced RTMP v2 defines 12.
	fourCCsMax = 64

	// ackWindowMin is the smallest distance between two acknowledgements. A peer may ask for one per byte; one per 4 KiB
	// is 0.4 % of its traffic. A window of 0 turns acknowledgements off.
	ackWindowMin = 4 << 10

	// earlyBytesMax and earlyMessagesMax bound the media that is held between a publish request and the decision on
	// it, per connection and before anything vouches for the client. Sequence headers and metadata are a few KiB; 1 MiB
	// is 2 s at 4 Mb/s.
	earlyBytesMax    = 1 << 20
	earlyMessagesMax = 512

	// pendingCallsMax bounds the calls of a client that wait for an answer. It makes five to get a stream.
	pendingCallsMax = 32
)
