package handshake

import (
	"crypto/hmac"
	"crypto/sha256"
)

// The digest form is in no specification by its maker. Flash Player, Flash Media Server and every server since
// agree on what follows.
//
// The 1528 bytes behind time and version are two blocks of 764 bytes, one with a key for RTMPE, which is random
// for us, and one with the digest. Which comes first is the scheme:
//
//	Digest0   time 4 | version 4 | key 764    | digest 764
//	Digest1   time 4 | version 4 | digest 764 | key 764
//
// The digest block begins with four bytes whose sum modulo 728 says how far behind them the digest stands. The
// digest is the HMAC-SHA256 of the packet without the digest's own 32 bytes.

// Scheme is a form of the handshake.
type Scheme uint8

const (
	Simple  Scheme = iota // no digest
	Digest0               // digest in the second block
	Digest1               // digest in the first block
)

const (
	digestBytes = sha256.Size
	blockBytes  = 764
	headBytes   = 8 // time and version

	// digestOffsets is the number of places where a digest can stand in its block, behind the four bytes.
	digestOffsets = blockBytes - 4 - digestBytes

	// A signed answer ends with its signature.
	signedBytes = packetBytes - digestBytes
)

// The keys: the name alone for the digest of C1 or S1, with the 32 bytes behind it for the answers.
var (
	clientKey = []byte("Genuine Adobe Flash Player 001" + keyTail)
	serverKey = []byte("Genuine Adobe Flash Media Server 001" + keyTail)

	clientName = clientKey[:len(clientKey)-len(keyTail)]
	serverName = serverKey[:len(serverKey)-len(keyTail)]
)

const keyTail = "\xF0\xEE\xC2\x4A\x80\x68\xBE\xE8\x2E\x00\xD0\xD1\x02\x9E\x7E\x57" +
	"\x6E\xEC\x5D\x2D\x29\x80\x6F\xAB\x93\xB8\xE6\x36\xCF\xEB\x31\xAE"

// imprint puts the digest of p into p.
func imprint(p *packet, s Scheme, name []byte) {
	at := digestAt(p, s)
	copy(p[at:], mac(name, p[:at], p[at+digestBytes:]))
}

// findDigest returns the scheme and digest of p, or Simple if p has no valid digest under name.
func findDigest(p *packet, name []byte) (Scheme, []byte) {
	for _, s := range []Scheme{Digest0, Digest1} {
		at := digestAt(p, s)
		digest := p[at : at+digestBytes]
		if hmac.Equal(digest, mac(name, p[:at], p[at+digestBytes:])) {
			return s, digest
		}
	}
	return Simple, nil
}

func digestAt(p *packet, s Scheme) int {
	block := headBytes
	if s == Digest0 {
		block += blockBytes
	}
	sum := int(p[block]) + int(p[block+1]) + int(p[block+2]) + int(p[block+3])
	return block + 4 + sum%digestOffsets
}

// signature signs the first signedBytes of an answer to the packet that had digest.
func signature(answer *packet, key, digest []byte) []byte {
	return mac(mac(key, digest), answer[:signedBytes])
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
