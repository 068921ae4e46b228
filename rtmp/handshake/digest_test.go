package handshake

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

// counting is a packet whose byte i is 7i+3.
func counting() *packet {
	p := new(packet)
	for i := range p {
		p[i] = byte(i*7 + 3)
	}
	return p
}

// The expected values come from another implementation of HMAC-SHA256 (Python's hmac and hashlib), fed by hand
// with the packet around the digest. For Digest1 the four bytes at 8 are 59, 66, 73 and 80, their sum is 278, so
// the digest stands at 8+4+278; for Digest0 those at 772 are 31, 38, 45 and 52, so it stands at 772+4+166.
func TestDigestVectors(t *testing.T) {
	f := func(s Scheme, name []byte, at int, want string) {
		t.Helper()
		p := counting()
		imprint(p, s, name)
		require.Equal(t, want, hex.EncodeToString(p[at:at+digestBytes]))
		plain := counting()
		require.Equal(t, plain[:at], p[:at])
		require.Equal(t, plain[at+digestBytes:], p[at+digestBytes:])
	}
	f(Digest0, clientName, 942, "492c04ebd265e6343c4c12f5580a46399bec2724821f27f321b95ca75b63b318")
	f(Digest0, serverName, 942, "01d1722f262d0920a2fd6c2cff614d034585bbacbc28b5c77a88ca2fc0c3b984")
	f(Digest1, clientName, 290, "36d27b365b84e5e55f376e2f24f3a7dd6b8b5e9b002f035f99366c07e43b8d41")
	f(Digest1, serverName, 290, "2e691a99791972c8b772eb258df6475daab3454c59f81df497d3012cce3ec8bc")
}

func TestSignatureVectors(t *testing.T) {
	digest := make([]byte, digestBytes)
	for i := range digest {
		digest[i] = byte(i)
	}
	f := func(key []byte, want string) {
		t.Helper()
		require.Equal(t, want, hex.EncodeToString(signature(counting(), key, digest)))
	}
	f(serverKey, "7fce027fd61c568e1d886d89070214fd2a2391e2c75bf93581cd361dab63b9fa")
	f(clientKey, "284c96e80458de5bca470ddda3f8a553d89856199073a49d480ad6b6805f425f")
}

// The four bytes that place the digest can say anything, and the digest stays inside its block.
func TestDigestStaysInItsBlock(t *testing.T) {
	for sum := range 4*255 + 1 {
		p := new(packet)
		for _, block := range []int{8, 772} {
			for i, left := 0, sum; i < 4; i++ {
				p[block+i] = byte(min(left, 255))
				left -= min(left, 255)
			}
		}
		require.Equal(t, 8+4+sum%728, digestAt(p, Digest1))
		require.Equal(t, 772+4+sum%728, digestAt(p, Digest0))
		require.LessOrEqual(t, digestAt(p, Digest1)+digestBytes, 772)
		require.LessOrEqual(t, digestAt(p, Digest0)+digestBytes, packetBytes)
	}
}
