package ffmpeg

import (
	"fmt"
	"slices"
	"strings"
)

// networkProtocols are what an address elsewhere may begin with. None of them reads or writes a local file, runs anything,
// or lets its address say what is to be sent, as gopher does.
var networkProtocols = []string{
	"http", "https", "rist", "rtmp", "rtmpe", "rtmps", "rtmpt", "rtmpte", "rtmpts", "rtp", "rtsp", "rtsps", "srt", "tcp", "tls", "udp",
}

// beneathNetwork are protocols that those make use of: encrypted HLS, encrypted and tunnelled RTMP, proxies.
var beneathNetwork = []string{"crypto", "ffrtmpcrypt", "ffrtmphttp", "httpproxy"}

// beneathFiles is what a local file may lead to: other local files, encrypted or not.
var beneathFiles = []string{"file", "crypto"}

// InternalProtocols is the whitelist for addresses of the server's own port.
const InternalProtocols = "rtmp,tcp"

// FileProtocol is the whitelist for local files, and what ffmpeg takes an address for that names no protocol.
const FileProtocol = "file"

// Protocols says which addresses ffmpeg may be sent to. The zero value allows those of the network.
type Protocols struct {
	// Files allows local files.
	Files bool
	// Further are protocols of ffmpeg that are allowed beside those of the network, such as "concat".
	Further []string
}

// Whitelist returns the protocols that ffmpeg may use for an address, as its option -protocol_whitelist takes them, or why
// the address is not allowed. What comes from the network never leads to local files: a playlist can name any.
func (p Protocols) Whitelist(address string) (string, error) {
	network := slices.Concat(networkProtocols, beneathNetwork)
	switch protocol := protocolOf(address); {
	case slices.Contains(networkProtocols, protocol):
		// ffmpeg does without the slashes, but then nobody sees that there may be a password in it.
		if !strings.HasPrefix(address[len(protocol):], "://") {
			return "", fmt.Errorf("%s: is not followed by //", protocol)
		}
		return strings.Join(network, ","), nil
	case p.Files && protocol == FileProtocol:
		return strings.Join(beneathFiles, ","), nil
	case slices.Contains(p.Further, protocol):
		return strings.Join(slices.Concat(network, beneathFiles, p.Further), ","), nil
	case protocol == FileProtocol:
		return "", fmt.Errorf("local files are not allowed; it has to begin with one of %s and ://", strings.Join(networkProtocols, ", "))
	default:
		return "", fmt.Errorf("the protocol %.*q is not allowed; it has to be one of %s", protocolBytesMax, protocol, strings.Join(networkProtocols, ", "))
	}
}

// protocolBytesMax bounds what an error shows of a protocol. The longest of ffmpeg has 11 letters.
const protocolBytesMax = 20

// protocolOf returns the protocol that ffmpeg takes an address for (url_find_protocol in libavformat/avio.c).
func protocolOf(address string) string {
	if strings.HasPrefix(address, "subfile,") {
		return "subfile"
	}
	end := 0
	for end < len(address) && isSchemeByte(address[end]) {
		end++
	}
	if end == len(address) || address[end] != ':' {
		return FileProtocol
	}
	return address[:end]
}
