package handshake

import "fmt"

// Kind is what the first byte of a connection makes it look like.
type Kind uint8

const (
	Unknown       Kind = iota
	TLS                // 0x16, a TLS record: the client wants RTMPS
	HTTP               // an upper-case letter: a browser, a health check, RTMPT, or a PROXY v1 line
	ProxyProtocol      // 0x0D, PROXY protocol v2 from a load balancer
	EncryptedRTMP      // 6, RTMPE
	OtherVersion       // 0…31 but 3 and the above: RTMP versions that never were or are no more (RTMP 1.0 §5.2.2)
)

func (k Kind) String() string {
	switch k {
	case TLS:
		return "TLS, as for RTMPS"
	case HTTP:
		return "HTTP or another text protocol"
	case ProxyProtocol:
		return "PROXY protocol"
	case EncryptedRTMP:
		return "encrypted RTMP (RTMPE), which is not supported"
	case OtherVersion:
		return "an unsupported version of RTMP"
	}
	return "an unknown protocol"
}

// NotRTMPError says that the other side does not speak plain RTMP. Nothing has been answered, so that the caller
// can answer in the right protocol.
type NotRTMPError struct {
	Kind      Kind
	FirstByte byte
}

func (e *NotRTMPError) Error() string {
	return fmt.Sprintf("not RTMP: first byte is 0x%02x, which looks like %v", e.FirstByte, e.Kind)
}

// checkVersion returns a *NotRTMPError unless b, which is C0 or S0, is plain RTMP.
func checkVersion(b byte) error {
	if b == version {
		return nil
	}
	return &NotRTMPError{Kind: kindOf(b), FirstByte: b}
}

func kindOf(b byte) Kind {
	switch {
	case b == 0x16:
		return TLS
	case 'A' <= b && b <= 'Z':
		return HTTP
	case b == '\r':
		return ProxyProtocol
	case b == 6:
		return EncryptedRTMP
	case b < 32:
		return OtherVersion
	}
	return Unknown
}
