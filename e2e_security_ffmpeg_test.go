package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReactorCannotReachLocalFiles: not even where the operator allows it for the configuration.
func TestReactorCannotReachLocalFiles(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "ffmpeg_protocols concat", perPublisher(l)+`
workflow own {
    ffmpeg_pull location=`+must(t, longFile)+` stream_name=k
    rtmp_watch rtmp_app=own stream_key=* port={port}
}`)
	v := watch(t, s.url("own/k"))
	v.waitVideo(5)
	target := filepath.Join(t.TempDir(), "written")
	for i, step := range []string{
		"ffmpeg_pull stream_name=k location=" + must(t, longFile),
		"ffmpeg_pull stream_name=k location=concat:" + must(t, longFile),
		"ffmpeg_push target=" + target,
	} {
		name := fmt.Sprintf("out%d", i)
		l.says(name, 200, "workflow "+name+" routed_by_reactor {\n "+step+"\n}\n")
		feed(t, s.url("live/"+name)).send(5)
		eventually(t, step+" is refused", func() bool {
			a := s.request("GET", "/workflows/"+name, "")
			return a.status == 200 && strings.Contains(a.body, "allowed")
		})
	}
	require.NoFileExists(t, target)
	require.Len(t, s.ffmpegs(), 1)
}

// TestHostileStreamNames: whatever a publisher calls its stream, files are made in the folder for them only, and ffmpeg
// sees one argument.
func TestHostileStreamNames(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "hls")
	s := startServer(t, "", `
workflow hls {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_hls path="`+dir+`" duration=1
}`)
	names := []string{
		"..", "../up", "/etc/up", `..\up`, "a/../../up", "..%2fup", "%d", "nul\x00up", "line\nup", "\x1b[2Jup", "\u009b2Jup", "\xc0\xae\xc0\xae", strings.Repeat("long", 100),
		"-y", "--help", "concat:a|b", "file:up", "pipe:1", "data:x", "․․", "up\u2215up", "．．", "\u202egpj.up", ".hidden", "a b", "'$(touch up)'", "|touch up",
	}
	for i, name := range names {
		p := newRawPeer(t, s.address()).publish("live", name, "live")
		p.waitFor("NetStream.Publish.Start")
		eventually(t, fmt.Sprintf("%q is seen", name), func() bool {
			return len(s.logged("ffmpeg started"))+len(s.logged("ffmpeg cannot be given the stream")) == i+1
		})
		require.NoError(t, p.net.Close())
	}
	require.Len(t, s.logged("ffmpeg cannot be given the stream"), 13, "the first ones")
	s.waitChildren("no ffmpeg is left", 0)
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	files, err := filepath.Glob(filepath.Join(s.dir, "logs", "ffmpeg_stdout", "*"))
	require.NoError(t, err)
	require.Len(t, files, len(names)-13)
	for _, file := range files {
		require.Regexp(t, `/`+uuidPattern+`\.log$`, file)
	}
	for _, line := range s.logFiles() { // each of which is one line
		require.NotEmpty(t, line["level"])
	}
	for _, r := range "\x1b\u009b\u202e\x7f\x00" {
		require.False(t, strings.ContainsRune(s.output.String(), r), "%q is in the log", r)
	}
}

// TestInternalPortIsOutOfReach: the port for ffmpeg is on the loopback address only, its apps cannot be guessed, and on
// other ports they do not exist.
func TestInternalPortIsOutOfReach(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch rtmp_app=live stream_key=* port={port}
}`)
	publisher := feed(t, s.url("live/k"))
	publisher.send(5)
	var internal int
	var apps []string
	eventually(t, "ffmpeg has its port", func() bool {
		apps = nil
		for _, line := range s.logged("registered") {
			if line["internal"] == true {
				apps = append(apps, line["rtmp_app"].(string))
			}
		}
		for _, line := range s.logged("port opened") {
			if line["internal"] == true {
				internal = int(line["port"].(float64))
			}
		}
		return len(apps) == 2 && internal != 0
	})
	requireOnlyOnLoopback(t, fmt.Sprint(internal))
	for _, host := range otherAddresses(t) {
		c, err := net.DialTimeout("tcp", net.JoinHostPort(host, fmt.Sprint(internal)), patience)
		if err == nil {
			_ = c.Close()
		}
		require.Error(t, err, host)
	}

	internalAddress := net.JoinHostPort("127.0.0.1", fmt.Sprint(internal))
	refused := func(address, app string) {
		t.Helper()
		newRawPeer(t, address).shakeHands().connect(app).waitFor("NetConnection.Connect.Rejected").requireClosed()
	}
	for _, app := range apps {
		require.Regexp(t, `^ffmpeg-transcoder-(original|result)-\d+-`+uuidPattern+`$`, app)
		refused(s.address(), app)                                  // the right app at a public port
		refused(internalAddress, app[:len(app)-1]+"g")             // a guess that is nearly right
		refused(internalAddress, app[:strings.Index(app, "-1")+1]) // its beginning
		refused(internalAddress, "*")
	}
	refused(internalAddress, "live") // nor are the public apps there
	for _, app := range apps {       // and with the right app the key is still a stream's id
		p := newRawPeer(t, internalAddress).shakeHands().connect(app).waitFor("NetConnection.Connect.Success").
			command(0, "createStream", 2, nil).command(1, "play", 3, nil, "k")
		require.Contains(t, p.requireClosed(), "NetStream.Play.StreamNotFound")
		p = newRawPeer(t, internalAddress).publish(app, "k", "live")
		require.Contains(t, p.requireClosed(), "NetStream.Publish.BadName")
	}
	s.put("workflow thief {\n rtmp_watch rtmp_app=" + apps[0] + " stream_key=* port=" + fmt.Sprint(internal) + "\n}\n")
	eventually(t, "no workflow gets the port", func() bool {
		return strings.Contains(s.details("thief").Status, "in use by another program")
	})
}

// otherAddresses are addresses of this machine beside 127.0.0.1.
func otherAddresses(t testing.TB) []string {
	t.Helper()
	list := []string{"127.0.0.2", "::1"}
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, a := range addresses {
		if ip := a.(*net.IPNet).IP; !ip.IsLoopback() && !ip.IsLinkLocalUnicast() {
			list = append(list, ip.String())
		}
	}
	return list
}

// TestReactorsAnswerCannotReplaceAWorkflow: a service that names workflows after streams is asked about a stream that is
// called as one of the configuration.
func TestReactorsAnswerCannotReplaceAWorkflow(t *testing.T) {
	t.Parallel()
	l := startLookup(t)
	s := startServer(t, "", perPublisher(l))
	l.says("receiver", 200, "workflow receiver {\n}\n")
	publisher := feed(t, s.url("live/receiver"))
	publisher.send(5)
	eventually(t, "the answer is refused", func() bool {
		return len(s.logged("the workflow of a reactor could not be started or updated")) == 1
	})
	require.True(t, publisher.alive())
	publisher.stop()
	eventually(t, "the reactor is done with it", func() bool { return len(s.logged("no such workflow to stop")) == 1 })
	s.running("receiver", 2)
}

// TestFFmpegHasNothingOfTheServers: neither connections of clients, which would stay open with it, nor files.
func TestFFmpegHasNothingOfTheServers(t *testing.T) {
	t.Parallel()
	s := startServer(t, "", `
workflow live {
    rtmp_receive rtmp_app=live stream_key=* port={port}
    rtmp_watch   rtmp_app=live stream_key=* port={port}
    ffmpeg_transcode vcodec=copy acodec=copy
    rtmp_watch   rtmp_app=copy stream_key=* port={port}
}`)
	watch(t, s.url("live/first"))
	publishOn(t, s.url("live/first"))
	eventually(t, "the viewer is there", func() bool { return len(s.logged("viewer started")) > 0 })
	publishOn(t, s.url("live/second"))
	watch(t, s.url("copy/second")).waitVideo(5)
	children := s.ffmpegs()
	require.Len(t, children, 2)
	own := openFiles(t, s.cmd.Process.Pid)
	require.NotEmpty(t, own)
	for _, child := range children {
		files := openFiles(t, child.pid)
		require.NotEmpty(t, files, "it is connected to the server")
		for file := range files {
			require.False(t, own[file], "%s is the server's", file)
		}
	}
}

// openFiles are the sockets and files that a process has open, without pipes, of which each side has an end.
func openFiles(t testing.TB, pid int) map[string]bool {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	open := make(map[string]bool)
	for _, e := range entries {
		file, err := os.Readlink(filepath.Join(folder, e.Name()))
		if err == nil && (strings.HasPrefix(file, "socket:") || strings.HasPrefix(file, "/") && file != os.DevNull) {
			open[file] = true
		}
	}
	return open
}
