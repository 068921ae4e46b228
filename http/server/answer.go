package server

import (
	"fmt"
	"net/http"
	"time"
)

// commonHeader is in every answer. Any page may play what its reader's address or token may watch: access is by these and
// not by cookies, which browsers do not send along where every origin is allowed.
const commonHeader = "Connection: close\r\nCache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\n"

// answer answers a request with a text for people, and ends the connection.
func (c *conn) answer(status int, text string, header ...string) {
	b := appendStatus(nil, status)
	b = append(b, commonHeader...)
	for _, line := range header {
		b = append(append(b, line...), "\r\n"...)
	}
	b = fmt.Appendf(b, "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n", len(text)+1)
	if !c.headOnly {
		b = append(append(b, text...), '\n')
	}
	c.finish(b)
}

// answerPreflight tells a browser that its page may ask, and with which headers.
func (c *conn) answerPreflight() {
	b := appendStatus(nil, http.StatusNoContent)
	b = append(b, commonHeader...)
	b = append(b, "Allow: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Headers: *\r\nAccess-Control-Max-Age: 86400\r\n\r\n"...)
	c.finish(b)
}

// finish sends the last of an answer.
func (c *conn) finish(b []byte) {
	if c.ended == nil {
		c.ended = errDone
	}
	c.tcp.Send(b)
	c.tcp.CloseAfterFlush(c.ended)
}

// appendStreamHead appends the head of an answer that is a stream.
func appendStreamHead(dst []byte, contentType string, inChunks bool) []byte {
	dst = append(appendStatus(dst, http.StatusOK), commonHeader...)
	if inChunks {
		dst = append(dst, "Transfer-Encoding: chunked\r\n"...)
	}
	// Proxies are to pass on what comes; nginx does not by itself.
	return fmt.Appendf(dst, "Content-Type: %s\r\nX-Accel-Buffering: no\r\n\r\n", contentType)
}

func appendStatus(dst []byte, status int) []byte {
	dst = fmt.Appendf(dst, "HTTP/1.1 %d %s\r\nDate: ", status, http.StatusText(status))
	return append(time.Now().UTC().AppendFormat(dst, http.TimeFormat), "\r\n"...)
}
