package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/client"
)

// TestHTTPInput: an answer means the same wherever TCP cuts it, and whatever its chunks are.
func TestHTTPInput(t *testing.T) {
	tag := func(typ byte, time uint32, body string) string {
		return string([]byte{typ, 0, 0, byte(len(body)), byte(time >> 16), byte(time >> 8), byte(time), byte(time >> 24), 0, 0, 0}) + body + "\x00\x00\x00\x0f"
	}
	content := "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00" + tag(9, 40, "video") + tag(8, 1<<24+2, "sound")
	answer := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, size := range []int{13, 20, 7} {
		part := content[:min(size, len(content))]
		content = content[len(part):]
		answer += fmt.Sprintf("%08x\r\n%s\r\n", len(part), part)
	}
	answer += fmt.Sprintf("%x\r\n%s\r\n", len(content), content)
	for cut := range len(answer) {
		h := &httpInput{}
		var got []client.Message
		for _, piece := range []string{answer[:cut], answer[cut:]} {
			messages, err := h.Feed([]byte(piece))
			require.NoError(t, err)
			got = append(got, messages...)
		}
		require.Equal(t, []client.Message{
			{Type: 9, Timestamp: 40, Payload: []byte("video")}, {Type: 8, Timestamp: 1<<24 + 2, Payload: []byte("sound")},
		}, got)
	}
	_, err := (&httpInput{}).Feed([]byte("HTTP/1.1 404 Not Found\r\n\r\n"))
	require.EqualError(t, err, "the answer is HTTP/1.1 404 Not Found")
	_, err = (&httpInput{}).Feed([]byte("HTTP/1.1 200 OK\r\n\r\nFLV\r\n"))
	require.Error(t, err)
}
