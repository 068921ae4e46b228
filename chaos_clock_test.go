package main

import (
	"bytes"
	"debug/elf"
	littleendian "encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wallClock is the wall clock of this process. That of the machine is everybody's and cannot be moved for a test; but a process
// reads it with code that the kernel has mapped into its memory, the vDSO, and other code can be put there. The monotonic clock
// goes on as it does when somebody sets the machine's clock.
type wallClock struct {
	mu sync.Mutex
	at int64 // address of clockCode; 0 before it was moved for the first time
}

// move has the clock be so many seconds ahead of the machine's.
func (c *wallClock) move(seconds int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	memory, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer memory.Close()
	code := []byte(clockCode)
	if c.at == 0 {
		at, err := vdsoFunction(memory, "__vdso_clock_gettime")
		if err != nil {
			return err
		}
		if _, err := memory.WriteAt(append(code, make([]byte, 8)...), at); err != nil {
			return err
		}
		c.at = at
	}
	_, err = memory.WriteAt(littleendian.LittleEndian.AppendUint64(nil, uint64(seconds)), c.at+int64(len(code)))
	return err
}

// mayWriteCode reports whether the kernel lets a process change its memory where it must not be written to, which some kernels
// are told not to. It is tried with memory of no importance.
func mayWriteCode() bool {
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return false
	}
	defer func() { _ = unix.Munmap(page) }()
	memory, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer memory.Close()
	_, err = memory.WriteAt([]byte{1}, int64(uintptr(unsafe.Pointer(unsafe.SliceData(page)))))
	return err == nil && page[0] == 1
}

// vdsoFunction finds a function of the vDSO in the memory of this process.
func vdsoFunction(memory io.ReaderAt, name string) (address int64, err error) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if !strings.Contains(line, "[vdso]") {
			continue
		}
		var from, to int64
		if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err != nil {
			return 0, err
		}
		image := make([]byte, to-from)
		if _, err := memory.ReadAt(image, from); err != nil {
			return 0, err
		}
		file, err := elf.NewFile(bytes.NewReader(image))
		if err != nil {
			return 0, err
		}
		symbols, err := file.DynamicSymbols()
		if err != nil {
			return 0, err
		}
		for _, s := range symbols {
			if s.Name == name {
				return from + int64(s.Value), nil
			}
		}
	}
	return 0, fmt.Errorf("there is no %s", name)
}

// serve moves the server's clock by what the query says, and answers what it shows then.
func (c *wallClock) serve(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.ParseInt(r.URL.Query().Get("ahead"), 10, 64)
	if err == nil {
		err = c.move(seconds)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, time.Now().Unix())
}

const day = 24 * 60 * 60

// jumps are how far the clock is ahead, in seconds: corrections, another hour, and what machines begin with that have no clock.
var jumps = []int64{-1, 1, -61, 61, -3600, 3600, -day, day, 366 * day, -20 * 366 * day}

// jumpClock sets the server's clock again and again.
func jumpClock(a *attack, r *rand.Rand) {
	for a.pause(time.Duration(50+r.IntN(300)) * time.Millisecond) {
		a.faults.Add(1)
		a.setClock(jumps[r.IntN(len(jumps))])
	}
	a.setClock(0)
}

// setClock has the server's clock be so many seconds ahead.
func (a *attack) setClock(ahead int64) {
	answer, err := a.server.client.Get(fmt.Sprintf("%s/clock?ahead=%d", a.server.door, ahead))
	if err != nil {
		a.wrong("the server's door: %v", err)
		return
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	shows, err := strconv.ParseInt(string(text), 10, 64)
	const wrong = 5
	if off := shows - time.Now().Unix() - ahead; err != nil || off < -wrong || off > wrong {
		a.wrong("the clock is to be %d s ahead: %s", ahead, text)
	}
}

// atAnyTime is a session of some other family.
func atAnyTime(a *attack, r *rand.Rand) {
	sessions := []func(*attack, *rand.Rand){churn, churn, resets, slow, intoFFmpeg, intoReactor}
	sessions[r.IntN(len(sessions))](a, r)
}
