package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"mmids/rtmp/client"
)

// overHTTP reports whether viewers watch over HTTP.
func (o *options) overHTTP() bool { return o.target.Scheme == "http" }

// The formats of streams over HTTP.
const (
	formatFLV = "flv"
	formatMP4 = "mp4" // is not looked into
)

// httpViewer connects a viewer that watches over HTTP. Its answer comes when the stream begins.
func (c *connector) httpViewer(ctx context.Context, number int, s *published) (*viewer, input, error) {
	target := c.options.target
	n, err := dialer(number, target).DialContext(ctx, "tcp", target.Host)
	if err != nil {
		return nil, nil, err
	}
	path := fmt.Sprintf("%s/%s.%s", target.Path, c.key(int(s.number)), c.options.format)
	if _, err := fmt.Fprintf(n, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, target.Host); err != nil {
		_ = n.Close()
		return nil, nil, err
	}
	fd, err := takeSocket(n.(*net.TCPConn))
	return &viewer{link: link{fd: fd}, stream: s}, &httpInput{}, err
}

// httpInput reads an answer that is FLV in chunks.
type httpInput struct {
	body     bool   // the head has been read
	wire     []byte // chunks that are not complete
	flv      []byte // tags that are not complete
	began    bool   // the file header has been read
	messages []client.Message
}

// Feed implements input.
func (h *httpInput) Feed(b []byte) ([]client.Message, error) {
	h.messages = h.messages[:0]
	h.wire = append(h.wire, b...)
	if err := h.readHead(); err != nil || !h.body {
		return nil, err
	}
	if err := h.readChunks(); err != nil {
		return nil, err
	}
	h.readTags()
	return h.messages, nil
}

func (h *httpInput) readHead() error {
	if h.body {
		return nil
	}
	end := bytes.Index(h.wire, []byte("\r\n\r\n"))
	if end < 0 {
		return nil
	}
	status, _, _ := bytes.Cut(h.wire, []byte("\r\n"))
	if !bytes.Contains(status, []byte(strconv.Itoa(http.StatusOK))) {
		return fmt.Errorf("the answer is %s", status)
	}
	h.body, h.wire = true, h.wire[end+4:]
	return nil
}

// readChunks moves the content of complete chunks to the tags.
func (h *httpInput) readChunks() error {
	rest := h.wire
	for {
		line, behind, ok := bytes.Cut(rest, []byte("\r\n"))
		if !ok {
			break
		}
		size, err := strconv.ParseUint(string(line), 16, 31)
		if err != nil {
			return fmt.Errorf("a chunk of size %q", line)
		}
		if len(behind) < int(size)+2 {
			break
		}
		h.flv = append(h.flv, behind[:size]...)
		rest = behind[size+2:]
	}
	h.wire = h.wire[:copy(h.wire, rest)]
	return nil
}

// readTags makes messages of complete tags.
func (h *httpInput) readTags() {
	const fileHeaderLen, tagHeaderLen, tagSizeLen = 13, 11, 4
	rest := h.flv
	if !h.began && len(rest) >= fileHeaderLen {
		h.began, rest = true, rest[fileHeaderLen:]
	}
	for h.began && len(rest) >= tagHeaderLen {
		size := int(rest[1])<<16 | int(rest[2])<<8 | int(rest[3])
		if len(rest) < tagHeaderLen+size+tagSizeLen {
			break
		}
		h.messages = append(h.messages, client.Message{
			Type:      rest[0],
			Timestamp: uint32(rest[7])<<24 | uint32(rest[4])<<16 | uint32(rest[5])<<8 | uint32(rest[6]),
			Payload:   bytes.Clone(rest[tagHeaderLen : tagHeaderLen+size]),
		})
		rest = rest[tagHeaderLen+size+tagSizeLen:]
	}
	h.flv = h.flv[:copy(h.flv, rest)]
}
