package ffmpeg

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func content(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}

func TestLogRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "a.log")
	l, err := openLogFile(path, 10, 3)
	require.NoError(t, err)
	for i := range 9 {
		l.write(fmt.Appendf(nil, "%d234\n", i)) // two of them are the bound
	}
	l.close()
	require.Equal(t, "8234\n", content(t, path))
	require.Equal(t, "6234\n7234\n", content(t, path+".1"))
	require.Equal(t, "4234\n5234\n", content(t, path+".2"))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 3)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o007, "others may read it")
}

func TestLogIsContinued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	for i := range 3 {
		l, err := openLogFile(path, 10, 2)
		require.NoError(t, err)
		l.write(fmt.Appendf(nil, "%d234\n", i))
		l.close()
	}
	require.Equal(t, "2234\n", content(t, path))
	require.Equal(t, "0234\n1234\n", content(t, path+".1"))
}

func TestLogKeepsItsBoundWhenItCannotRotate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	require.NoError(t, os.MkdirAll(filepath.Join(path+".1", "in the way"), 0o750))
	l, err := openLogFile(path, 10, 2)
	require.NoError(t, err)
	for range 100 {
		l.write([]byte("1234\n"))
	}
	l.close()
	require.LessOrEqual(t, len(content(t, path)), 10)
}

func TestLogThatCannotBeOpenedAgainLosesLines(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	l, err := openLogFile(filepath.Join(dir, "a.log"), 10, 2)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	for range 10 {
		l.write([]byte("123456\n"))
	}
	l.close()
	require.NoDirExists(t, dir)
}

func TestOneFileOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	l, err := openLogFile(path, 10, 1)
	require.NoError(t, err)
	for i := range 5 {
		l.write(fmt.Appendf(nil, "%d234\n", i))
	}
	l.close()
	require.Equal(t, "4234\n", content(t, path))
	require.NoFileExists(t, path+".1")
}

func TestLogNames(t *testing.T) {
	f := func(id, want string) {
		t.Helper()
		require.Equal(t, want, logName(id))
	}
	f("0b5cf3d6-1f0e-4c55-8d7a-0d6f6a1f6a60", "0b5cf3d6-1f0e-4c55-8d7a-0d6f6a1f6a60.log")
	f("Hls_1.a", "Hls_1.a.log")
	f("", ".log")
	f("..", "%2E..log")
	f("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.log")
	f("a%2Fb", "a%252Fb.log")
	f("a\x00\nä", "a%00%0A%C3%A4.log")

	long, other := strings.Repeat("/", 1000)+"a", strings.Repeat("/", 1000)+"b"
	require.Len(t, logName(long), 64+1+32+4)
	require.NotEqual(t, logName(long), logName(other))
	require.Len(t, logName(strings.Repeat("a", logNameBytesMax)), logNameBytesMax+4)
	require.Len(t, logName(strings.Repeat("a", logNameBytesMax+1)), 64+1+32+4)
}

func TestErrorOutput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	file, err := openLogFile(path, 1<<20, 3)
	require.NoError(t, err)
	o := newErrorOutput(file, Job{})
	o.separate(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	_, _ = o.Write([]byte("first\nrtmp://host/app/k"))
	_, _ = o.Write([]byte("ey: refused\n" + strings.Repeat("x", 2*logLineBytesMax) + "\nlast rtmp://host/app/key"))
	require.Equal(t, "last rtmp://host/app/…", o.finish())
	require.Equal(t, "\n===== 2026-01-02T03:04:05Z: ffmpeg starts =====\n\n"+
		"first\nrtmp://host/app/…: refused\n"+strings.Repeat("x", logLineBytesMax)+"…\nlast rtmp://host/app/…\n",
		content(t, path))
}
