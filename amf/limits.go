package amf

// Limits bound what one message may cost: all values of a Decoder or Encoder together, or one call of Append. A field that
// is zero or negative means the one in DefaultLimits.
type Limits struct {
	// Depth is how many objects, arrays, vectors, dictionaries and wrappers may stand inside one another. Since decoding
	// recurses and a Go program does not survive a stack overflow, more than depthMax is taken as depthMax.
	Depth int
	// Nodes is how many values and properties there may be: {a: 1} is three nodes, the object, the property and the number.
	Nodes int
	// Bytes is the sum of the lengths of all strings, property and class names, XML texts and byte arrays. A string that is
	// repeated through an AMF3 string or traits reference counts each time.
	Bytes int
}

// DefaultLimits fits every command and every onMetaData of known clients many times over; the largest seen (metadata with
// a list of key frames) have some hundred nodes. The dearest nodes are objects with one property: three nodes and about
// 400 B, since room is made for firstProperties. So a message costs at most 4,096 ÷ 3 × 400 B and 1 MiB of text, in all
// less than 2 MiB.
var DefaultLimits = Limits{Depth: 32, Nodes: 4096, Bytes: 1 << 20}

// depthMax × about 0.5 KiB of stack for each level is well below Go's limit of 1 GiB (250 MiB on 32-bit machines).
const depthMax = 1000

// budget is what is left of Limits. Decoders and encoders charge the same price for the same value, so that what has been
// encoded within some limits can be decoded within them.
type budget struct {
	depth int // not used up: the recursion passes its own depth
	nodes int
	bytes int
}

func (l Limits) budget() budget {
	orDefault := func(n, d int) int {
		if n <= 0 {
			return d
		}
		return n
	}
	return budget{
		depth: min(orDefault(l.Depth, DefaultLimits.Depth), depthMax),
		nodes: orDefault(l.Nodes, DefaultLimits.Nodes),
		bytes: orDefault(l.Bytes, DefaultLimits.Bytes),
	}
}

// enter permits one more level below depth enclosing ones.
func (b *budget) enter(depth int) error {
	if depth >= b.depth {
		return ErrTooDeep
	}
	return nil
}

func (b *budget) takeNodes(n int) error {
	if n > b.nodes {
		return ErrTooManyNodes
	}
	b.nodes -= n
	return nil
}

func (b *budget) takeBytes(n int) error {
	if n > b.bytes {
		return ErrTooManyBytes
	}
	b.bytes -= n
	return nil
}
