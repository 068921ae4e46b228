package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"mmids/bench/stream"
	"mmids/rtmp/client"
	"mmids/rtmp/message"
)

// churn is clients that come and go: half of them say all that they have to say, the others are cut off somewhere.
func churn(a *attack, r *rand.Rand) {
	cut, publishes := r.IntN(2) == 0, r.IntN(2) == 0
	switch key := fmt.Sprintf("churn%d", r.IntN(50)); {
	case cut && publishes:
		a.cutAnywhere(r, publishScript(r, "live", key))
	case cut:
		a.cutAnywhere(r, playScript(r, "live", a.watched(r)))
	case publishes:
		a.publish(r, "live/"+key, 1+r.IntN(10))
	default:
		a.play(r, "live/"+a.watched(r), 1+r.IntN(30))
	}
}

// watched is the key of a stream that honest viewers watch, too, or of one that nobody may publish.
func (a *attack) watched(r *rand.Rand) string {
	if n := r.IntN(honestStreams + 1); n < honestStreams {
		return fmt.Sprintf("%s%d", honestKey, n)
	}
	return fmt.Sprintf("churn%d", r.IntN(50))
}

// cutAnywhere says a conversation up to any byte, in pieces of any size, and leaves without a word.
func (a *attack) cutAnywhere(r *rand.Rand, s *script) {
	c, err := a.dial(r)
	if err != nil {
		return
	}
	a.faults.Add(1)
	a.say(r, c, s.bytes[:r.IntN(len(s.bytes)+1)])
	if r.IntN(2) == 0 {
		_ = c.SetLinger(0)
	}
	_ = c.Close()
}

// say writes bytes in pieces.
func (a *attack) say(r *rand.Rand, c net.Conn, b []byte) {
	_ = c.SetWriteDeadline(time.Now().Add(2 * time.Second))
	for len(b) > 0 {
		n := min(1+r.IntN(2000), len(b))
		if _, err := c.Write(b[:n]); err != nil {
			return
		}
		b = b[n:]
	}
}

// publish publishes some frames as a good client does. That it is refused, or ended, is not its fault.
func (a *attack) publish(r *rand.Rand, path string, frames int) {
	p, err := client.Publish(a.ctx, a.server.url(path), a.clientConfig(r))
	if err != nil {
		return
	}
	defer p.Close()
	_ = p.WriteMedia(message.TypeVideo, 0, stream.VideoConfig)
	for n := range frames {
		m := mediaMessage(r, 1+n)
		if p.WriteMedia(m.Type, m.Timestamp, m.Payload) != nil {
			return
		}
		if n%8 == 7 && !a.pause(frameEvery*time.Millisecond) {
			return
		}
	}
	if r.IntN(2) == 0 {
		_ = p.Stop()
	}
}

// play takes some messages as a good client does.
func (a *attack) play(r *rand.Rand, path string, messages int) {
	p, err := client.Play(a.ctx, a.server.url(path), a.clientConfig(r))
	if err != nil {
		return
	}
	defer p.Close()
	_ = p.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	for range messages {
		if _, err := p.Read(); err != nil {
			return
		}
	}
}

func (a *attack) clientConfig(r *rand.Rand) client.Config {
	dial := a.dialFrom(r)
	return client.Config{Timeout: 3 * time.Second, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return c, nil
	}}
}
