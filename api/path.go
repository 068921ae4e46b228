package api

import "bytes"

// path is a request's path as the router sees it. It refers to the request's memory.
type path struct {
	array   [partsMax][]byte
	count   int
	invalid bool // no route can have it
}

// parts returns the parts after percent-decoding.
func (p *path) parts() [][]byte { return p.array[:p.count] }

// split takes a request target apart at the slashes of its path. Empty and blank parts are dropped, so
// /workflows/, //workflows and /workflows are equal. Parts are decoded one by one, after splitting, so an encoded
// slash belongs to a name. A part without percent sign costs no memory. Nothing is done about "." and "..", which
// are names like others here. The target itself is left as it is.
func (p *path) split(target []byte) {
	rest, ok := pathOf(target)
	p.count, p.invalid = 0, !ok
	for len(rest) > 0 {
		var part []byte
		part, rest, _ = bytes.Cut(rest, []byte{'/'})
		if len(bytes.TrimSpace(part)) == 0 {
			continue
		}
		if p.count == partsMax {
			p.invalid = true
			return
		}
		p.array[p.count] = percentDecoded(part)
		p.count++
	}
}

// pathOf returns the path of a request target without its query. A target is "/path?query", with scheme and host
// before it if the client takes us for a proxy (RFC 9112 §3.2). Other targets, such as "*", have no path.
func pathOf(target []byte) (path []byte, ok bool) {
	if i := bytes.IndexAny(target, "?#"); i >= 0 {
		target = target[:i]
	}
	if len(target) > 0 && target[0] == '/' {
		return target, true
	}
	_, rest, ok := bytes.Cut(target, []byte("://"))
	if slash := bytes.IndexByte(rest, '/'); slash >= 0 {
		return rest[slash:], ok
	}
	return nil, ok
}

// percentDecoded returns part with each %XX replaced (RFC 3986 §2.1). A percent sign that is not followed by two
// hexadecimal digits stands for itself, so that a name such as "100%" can be typed as it is.
func percentDecoded(part []byte) []byte {
	if bytes.IndexByte(part, '%') < 0 {
		return part
	}
	decoded := make([]byte, 0, len(part))
	for i := 0; i < len(part); i++ {
		if part[i] == '%' && i+2 < len(part) {
			high, low := hexDigit(part[i+1]), hexDigit(part[i+2])
			if high >= 0 && low >= 0 {
				decoded = append(decoded, byte(high<<4|low))
				i += 2
				continue
			}
		}
		decoded = append(decoded, part[i])
	}
	return decoded
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
