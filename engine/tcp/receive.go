package tcp

import (
	"io"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readBuffers are for reads that gnet's buffer is not there for.
var readBuffers = sync.Pool{New: func() any { return new([BulkBytesMax]byte) }}

// readWaiting reads bytes that the loop has not been told of, and reports whether there was anything to be heard.
func (c *Conn) readWaiting() bool {
	buffer := readBuffers.Get().(*[BulkBytesMax]byte)
	defer readBuffers.Put(buffer)
	n, err := c.read(buffer[:])
	if err != nil {
		c.Close(err)
		return true
	}
	if n > 0 {
		c.received(buffer[:n])
	}
	return n > 0
}

// read reads from the socket itself what is there, as send writes to it. An error means that nothing more will be; it says
// what gnet's would say.
func (c *Conn) read(p []byte) (int, error) {
	n, _, err := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	switch {
	case err == unix.EAGAIN, err == unix.EINTR:
		return 0, nil
	case err != 0:
		return 0, os.NewSyscallError("read", err)
	case n == 0:
		return 0, os.NewSyscallError("read", io.EOF)
	}
	return int(n), nil
}
