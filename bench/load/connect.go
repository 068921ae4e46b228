package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"

	"mmids/rtmp/client"
)

// connector brings clients to the server.
type connector struct {
	options *options
	prefix  string // of stream keys
}

func newConnector(o *options) *connector {
	c := &connector{options: o, prefix: o.key}
	if c.prefix == "" {
		// A server may still remember what an earlier run published.
		c.prefix = fmt.Sprintf("load%d-", os.Getpid())
	}
	return c
}

// key is the key of a stream.
func (c *connector) key(stream int) string {
	if c.options.publishers == 0 {
		return c.prefix
	}
	return fmt.Sprintf("%s%d", c.prefix, stream)
}

// portsPerAddress is how many connections come from one local address: fewer than Linux has ports to choose from.
const portsPerAddress = 20_000

// dialer is the dialer of the client with this number. On the loopback, every portsPerAddress clients have an address of
// their own.
func dialer(number int, target *url.URL) *net.Dialer {
	d := &net.Dialer{}
	if ip := net.ParseIP(target.Hostname()).To4(); ip != nil && ip.IsLoopback() && number >= portsPerAddress {
		d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(number/portsPerAddress))}
	}
	return d
}

// open is how a client begins to publish or play.
type open func(ctx context.Context, address string, c client.Config) (*client.Conversation, error)

// converse connects a client and takes its socket.
func (c *connector) converse(ctx context.Context, number int, target *url.URL, stream int, open open) (link, *client.Conversation, error) {
	var s *secure
	d := dialer(number, target)
	config := client.Config{ChunkSize: uint32(c.options.chunk), Dial: d.DialContext}
	if target.Scheme == "rtmps" {
		config.Dial = func(ctx context.Context, network, address string) (_ net.Conn, err error) {
			if s, err = dialSecure(ctx, d, network, address); err != nil {
				return nil, err
			}
			return s.tls, nil
		}
	}
	address := "rtmp://" + target.Host + target.Path + "/" + c.key(stream)
	conversation, err := open(ctx, address, config)
	if err != nil {
		return link{}, nil, err
	}
	var tcp *net.TCPConn
	if s != nil {
		s.inMemory = true
		tcp = s.tcp
	} else {
		tcp = conversation.Net().(*net.TCPConn)
	}
	l := link{secure: s, received: int64(conversation.Received())}
	l.fd, err = takeSocket(tcp)
	return l, conversation, err
}

func (c *connector) publisher(ctx context.Context, s *published) (*publisher, error) {
	l, conversation, err := c.converse(ctx, 0, c.options.publish, int(s.number), client.OpenPublish)
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return &publisher{link: l, conversation: conversation, stream: s}, nil
}

// viewer connects a viewer; in is what to verify it with.
func (c *connector) viewer(ctx context.Context, number int, s *published) (v *viewer, in input, err error) {
	if c.options.raw() {
		return c.rawViewer(ctx, number, s)
	}
	if c.options.overHTTP() {
		return c.httpViewer(ctx, number, s)
	}
	l, conversation, err := c.converse(ctx, number, c.options.target, int(s.number), client.OpenPlay)
	if err != nil {
		return nil, nil, fmt.Errorf("play: %w", err)
	}
	v = &viewer{link: l, stream: s, window: int64(conversation.Session().Window())}
	return v, conversation, nil
}

func (c *connector) rawViewer(ctx context.Context, number int, s *published) (*viewer, input, error) {
	n, err := dialer(number, c.options.target).DialContext(ctx, "tcp", c.options.target.Host)
	if err != nil {
		return nil, nil, err
	}
	fd, err := takeSocket(n.(*net.TCPConn))
	return &viewer{link: link{fd: fd}, stream: s}, newRawInput(), err
}

var errTooFull = errors.New("the server did not let all clients in in time")

// connectWithin is connectAll with the time that it may take. A client that has waited in vain, however long it does, is one
// that the server did not let in in time.
func (c *connector) connectWithin(ctx context.Context, l *loop) error {
	if c.options.within == 0 {
		return c.connectAll(ctx, l)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.options.within, errTooFull)
	defer cancel()
	err := c.connectAll(ctx, l)
	if waited := net.Error(nil); errors.As(err, &waited) && waited.Timeout() {
		return fmt.Errorf("%w: %w", errTooFull, err)
	}
	return err
}

// connectAll brings all clients of a loop to the server, publishers first.
func (c *connector) connectAll(ctx context.Context, l *loop) error {
	o := c.options
	publishers := make([]*publisher, o.publishers)
	err := c.together(ctx, len(publishers), func(ctx context.Context, i int) (err error) {
		publishers[i], err = c.publisher(ctx, l.streams[i])
		return err
	})
	if err != nil {
		for _, p := range publishers {
			if p != nil {
				p.close()
			}
		}
		return err
	}
	l.call(func() { l.addPublishers(publishers) })
	return c.together(ctx, o.allViewers(), func(ctx context.Context, i int) error {
		v, in, err := c.viewer(ctx, i, l.streams[i%o.streams()])
		if err != nil {
			return err
		}
		joined := false
		if verifies(i, o.verify, o.allViewers()) {
			joined = l.call(func() { l.addVerifier(&verifier{viewer: *v, in: in, leading: c.leading(i), shape: o.shape}) })
		} else {
			joined = l.call(func() { l.addViewer(v) })
		}
		if !joined {
			v.close()
		}
		return nil
	})
}

// leading is what viewer i does for its stream.
func (c *connector) leading(i int) leading {
	o := c.options
	switch {
	case o.publishers > 0 || i != firstVerifying(o.verify, o.allViewers()):
		return notLeading
	case o.raw():
		return copying
	}
	return counting
}

// verifies reports whether viewer i of all is one of n that verify: they are spread evenly, because servers send to viewers
// in the order in which they came.
func verifies(i, n, all int) bool {
	// Of the n equal parts of the list, it is the viewer in the middle of its own.
	part := i * n / all
	return n > 0 && i == firstOf(part, n, all)+(firstOf(part+1, n, all)-1-firstOf(part, n, all))/2
}

func firstVerifying(n, all int) int { return (firstOf(1, n, all) - 1) / 2 }

// firstOf is the first of the list that is in this part of n.
func firstOf(part, n, all int) int { return (part*all + n - 1) / n }

// together calls f with 0 … n-1, some at the same time, until one fails.
func (c *connector) together(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, c.options.connecting)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-slots }()
			if err := f(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
