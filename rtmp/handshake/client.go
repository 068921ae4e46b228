package handshake

// ClientConfig has a zero value that works.
type ClientConfig struct {
	Config
	// Scheme is the form of C1. Servers that know no digests take one with a digest for a simple one; some old
	// servers want a digest before they play H.264.
	Scheme Scheme
}

// Client is the side that connects. It belongs to one goroutine at a time and holds at most 1536 bytes of what
// came in, none of it after S1.
type Client struct {
	maker  maker
	intake intake
	scheme Scheme
}

// NewClient returns a Client that has sent nothing.
func NewClient(c ClientConfig) *Client {
	k := &Client{maker: newMaker(c.Config), scheme: c.Scheme}
	k.maker.name, k.maker.key, k.maker.peerName = clientName, clientKey, serverName
	k.maker.software = [4]byte{9, 0, 124, 2} // the Flash Player that servers first trusted with H.264
	return k
}

// Start appends C0 and C1 to dst. It is called once, before Feed.
func (c *Client) Start(dst []byte) ([]byte, error) {
	out, err := c.maker.appendHello(append(dst, version), c.scheme)
	if err != nil {
		c.intake.err = err
		return dst, err
	}
	return out, nil
}

// Feed consumes what belongs to the handshake from the front of b and appends to dst what the server is to be
// sent: C2 when S1 is complete. rest is what follows the handshake, empty until done, which is at the end of S2;
// once done, Feed consumes nothing. It keeps no reference to b or dst.
//
// The content of S2 is not checked. A first byte that is not plain RTMP is a [*NotRTMPError]. Errors are final.
func (c *Client) Feed(dst, b []byte) (out, rest []byte, done bool, err error) {
	return c.intake.feed(dst, b, c.reply)
}

func (c *Client) reply(dst []byte, s1 *packet) ([]byte, error) {
	if c.scheme == Simple {
		return c.maker.appendAnswer(dst, s1, nil)
	}
	_, digest := findDigest(s1, c.maker.peerName)
	return c.maker.appendAnswer(dst, s1, digest)
}
