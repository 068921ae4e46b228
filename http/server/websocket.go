package server

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
)

// What there is of WebSockets here (RFC 6455): the handshake, frames in front of what goes out, and of what comes in the
// control frames. Libraries read and write a connection of their own, for which a log that all viewers share has no place.

// isUpgrade reports whether a request wants a WebSocket.
func isUpgrade(h http.Header) bool {
	return hasToken(h, "Connection", "upgrade") && hasToken(h, "Upgrade", "websocket")
}

func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for item := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

// upgrade returns what a handshake is answered with, or why it is refused (RFC 6455 §4.2).
func upgrade(r *http.Request) (accept string, no *refusal) {
	if r.Header.Get("Sec-WebSocket-Version") != "13" {
		return "", &refusal{http.StatusBadRequest, "WebSockets of version 13 are spoken here.", "Sec-WebSocket-Version: 13"}
	}
	const nonceLen = 16
	key := r.Header.Get("Sec-WebSocket-Key")
	if nonce, err := base64.StdEncoding.DecodeString(key); err != nil || len(nonce) != nonceLen || r.Method != http.MethodGet || !r.ProtoAtLeast(1, 1) {
		return "", &refusal{http.StatusBadRequest, "The WebSocket handshake is not complete.", ""}
	}
	return acceptKey(key), nil
}

// acceptKey proves that a handshake was understood (RFC 6455 §1.3).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func appendSwitch(dst []byte, accept string) []byte {
	return fmt.Appendf(dst, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept)
}

// The codes of close frames (RFC 6455 §7.4.1, and 1013 of the registry that it founds).
const (
	closeNormal      = 1000
	closeGoingAway   = 1001
	closeProtocol    = 1002
	closeUnsupported = 1003
	closePolicy      = 1008
	closeTryAgain    = 1013
)

func appendCloseFrame(dst []byte, code uint16, reason string) []byte {
	const reasonMax = controlMax - 2
	if len(reason) > reasonMax {
		reason = strings.ToValidUTF8(reason[:reasonMax], "")
	}
	return appendFrame(dst, opClose, append(binary.BigEndian.AppendUint16(nil, code), reason...))
}
