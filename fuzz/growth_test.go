package fuzz

import (
	"bytes"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mmids/fuzz/budget"
	"mmids/rtmp/message"
)

// growthBytes are the lengths from which inputs grow: what costs too much may show only before a limit is reached, or only
// where the fixed costs are small beside it.
var growthBytes = []int{1 << 10, 32 << 10}

const (
	growthFactor = 8
	// growthMax is what an input that is growthFactor times as long may cost. With costs that grow as the square of the
	// length it would be 64 times as much; twice of what is right leaves room for caches.
	growthMax = 2 * growthFactor
	// growthAttempts: a machine that is busy with something else makes an attempt look dear, never cheap.
	growthAttempts = 20
)

// growing is a shape of input that can be made as long as one likes.
type growing struct {
	name string
	of   []bare
	head []byte
	unit []byte
}

// input is the head and n bytes of units behind it.
func (g growing) input(n int) []byte {
	return append(slices.Clone(g.head), bytes.Repeat(g.unit, n/len(g.unit))...)
}

func growingInputs() []growing {
	hands := bytes.Repeat([]byte{3}, handshakeServer)
	command := func(body []byte) []byte {
		return said(message.TypeCommandAMF0, 0, body...)
	}
	server := slices.Concat(hands, command(sessionCommands[0]))
	publishing := slices.Concat(server, command(sessionCommands[5]))
	wires := []bare{bareServer, bareClient}
	texts := []bare{bareConfig, bareAddress}
	values := []bare{bareAMF0, bareAMF3, bareCommand}
	return []growing{
		{"zeros", append(slices.Concat(wires, texts, values), bareChunks, bareFLV, bareVideo, bareAudio, bareDescribe, bareHandshake), nil, []byte{0}},
		{"ones", append(slices.Concat(wires, texts, values), bareChunks, bareFLV, bareVideo, bareAudio, bareDescribe, bareHandshake), nil, []byte{255}},
		{"short commands", wires, server, command(sessionBody("seek"))},
		{"play and stop", wires, server, slices.Concat(command(sessionCommands[9]), command(sessionCommands[12]))},
		{"publish and stop", wires, server, slices.Concat(command(sessionCommands[5]), command(sessionCommands[12]))},
		{"tiny media", wires, publishing, said(8, 0, 1)},
		{"empty media", wires, publishing, said(9, 0)},
		{"metadata", wires, publishing, said(18, 0, sessionBody("onMetaData", sessionObject("a", 1.0))...)},
		{"pings", wires, server, said(4, 0, 0, 6, 0, 0, 0, 1)},
		{"answers", wires, server, command(sessionBody("onBWDone", 0.0, nil))},
		{"messages given up", []bare{bareChunks}, said(1, 0, 0, 0, 0, 1), []byte{6, 0, 0, 0, 0, 255, 255, 9, 1, 0, 0, 0, 1}},
		{"chunks of one byte", []bare{bareChunks}, said(1, 0, 0, 0, 0, 1),
			slices.Concat([]byte{6, 0, 0, 0, 0, 0, 64, 9, 1, 0, 0, 0, 0}, bytes.Repeat([]byte{0xC6, 0}, 63))},
		{"objects", values, sessionBody("connect", 1.0), unhex("03 0001 61 05 0000 09")},
		{"open objects", values, sessionBody("connect", 1.0), unhex("03 0001 61")},
		{"open arrays", values, sessionBody("connect", 1.0), unhex("0a 00000002 05")},
		{"one object with many names", values, append(sessionBody("connect", 1.0), 3), unhex("0001 61 05")},
		{"references", values, append(sessionBody("connect", 1.0), unhex("0300000009")...), unhex("07 0000")},
		{"AMF3 objects", []bare{bareAMF3}, nil, unhex("0a0b0103610101")},
		{"AMF3 references to text", []bare{bareAMF3}, unhex("0603 61"), unhex("0600")},
		{"tracks", []bare{bareVideo}, []byte("\x96\x11hvc1"), []byte{0, 0, 0, 3, 0, 0, 0}},
		{"prefixes", []bare{bareVideo, bareAudio}, []byte{0x97}, []byte{0, 0xaa, 0x17}},
		{"parameter sets", []bare{bareDescribe}, []byte("\x17\x00\x00\x00\x00\x01\x64\x00\x1f\xff\xff"), []byte{0, 1, 0x67}},
		{"arrays of parameter sets", []bare{bareDescribe}, append([]byte("\x90hvc1\x01"), make([]byte, 21)...), []byte{0x20, 0, 1, 0, 1, 0x40}},
		{"OBUs", []bare{bareDescribe}, []byte("\x90av01\x81\x05\x0c\x00"), []byte{0x12, 0}},
		{"blocks of FLAC", []bare{bareDescribe}, []byte("\x90fLaCfLaC"), []byte{4, 0, 0, 0}},
		{"tags", []bare{bareFLV}, []byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"), []byte("\x09\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x17\x00\x00\x00\x0c")},
		{"open blocks", texts, nil, []byte("workflow a {\n")},
		{"blocks", texts, nil, []byte("workflow a {\n s k=v\n}\n")},
		{"arguments", texts, []byte("workflow a {\n s"), []byte(" a")},
		{"equal signs", texts, []byte("workflow a {\n s "), []byte("=")},
		{"quotation marks", texts, []byte("workflow a {\n s "), []byte("\"")},
		{"pairs", []bare{bareAddress}, []byte("rtmp://h/a/k?"), []byte("a=1&")},
		{"different pairs", []bare{bareAddress}, []byte("rtmp://h/a/k?"), []byte("a&b&c=&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y&z&")},
		{"slashes", []bare{bareAddress}, []byte("rtmp://h"), []byte("/a")},
	}
}

// TestTimeGrowsWithInput lets inputs grow and compares what they cost. What is measured is the processor time of the thread,
// so that other programs do not count.
func TestTimeGrowsWithInput(t *testing.T) {
	for _, g := range growingInputs() {
		for _, b := range g.of {
			t.Run(b.name+"/"+g.name, func(t *testing.T) {
				for _, n := range growthBytes {
					short, long := g.input(n), g.input(growthFactor*n)
					b.require(t, short)
					b.require(t, long)
					if ratio := growth(b, short, long); ratio > growthMax {
						t.Fatalf("%d bytes cost %.0f times as much as %d", len(long), ratio, len(short))
					}
				}
			})
		}
	}
}

// TestGrowthIsSeen makes sure of the measure itself.
func TestGrowthIsSeen(t *testing.T) {
	square := bare{"square", budget.Budget{}, func(input []byte) {
		for range input {
			_ = bytes.Count(input, []byte{1})
		}
	}}
	short, long := make([]byte, 4<<10), make([]byte, growthFactor*4<<10)
	if ratio := growth(square, short, long); ratio <= growthMax {
		t.Fatalf("the square of %d is %.0f", growthFactor, ratio)
	}
}

// growth is how many times as much as the short input the long one costs, as the best of some attempts says.
func growth(b bare, short, long []byte) (ratio float64) {
	for range growthAttempts {
		if ratio = cost(b, long) / cost(b, short); ratio <= growthMax {
			break
		}
	}
	return ratio
}

// costMin is how long a measurement takes at least; less would be about the clock.
const costMin = 2 * time.Millisecond

// cost is the processor time in seconds that an input takes.
func cost(b bare, input []byte) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin, rounds := threadTime(), 0
	for ; threadTime()-begin < costMin; rounds++ {
		b.take(input)
	}
	return (threadTime() - begin).Seconds() / float64(rounds)
}

// threadTime is the processor time that the thread has used, to the nanosecond.
func threadTime() time.Duration {
	var used unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Nano())
}
