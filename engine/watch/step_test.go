package watch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/fanout"
	"mmids/engine/media"
	"mmids/engine/workflow"
)

// recorder is a fake endpoint: it writes down what each stream key is fed.
type recorder struct{ lines []string }

type recordedFeed struct {
	r   *recorder
	key string
}

func (r *recorder) note(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}
func (r *recorder) Patience() time.Duration { return workflow.Endless }
func (r *recorder) Feed(key string) Feed    { r.note("%s: feed", key); return recordedFeed{r, key} }
func (r *recorder) Close()                  { r.note("close") }

func (f recordedFeed) Publish() { f.r.note("%s: publish", f.key) }
func (f recordedFeed) Stats() Stats {
	return Stats{Stats: fanout.Stats{Viewers: 3, Skips: 1, FlushWait: 8 * time.Millisecond}, BusyShare: 0.25}
}
func (f recordedFeed) EndFeed() { f.r.note("%s: end", f.key) }
func (f recordedFeed) Append(n *media.Notification) {
	f.r.note("%s: %s", f.key, describeNotification(n))
}

func describeNotification(n *media.Notification) string {
	switch n.Event {
	case media.NewStream:
		return "new " + string(n.Stream)
	case media.Disconnected:
		return "gone " + string(n.Stream)
	case media.MetadataChanged:
		return "metadata " + n.Metadata.Fields[0].Value
	}
	return "packet " + string(n.Packet.Payload())
}

// script runs lines such as "a new cam1", "a header h1", "a frame f1", "a metadata m1" and "a gone", one execution for
// each line, or one for several separated by ";".
func script(t *testing.T, s workflow.Step, lines ...string) {
	t.Helper()
	for _, line := range lines {
		var in workflow.Input
		for command := range strings.SplitSeq(line, ";") {
			in.Media = append(in.Media, notification(t, strings.Fields(command)))
		}
		var out workflow.Output
		require.Equal(t, workflow.Active, s.Execute(in, &out).State)
		require.Equal(t, in.Media, out.Media(), "all media is passed on unchanged")
		for i := range in.Media {
			in.Media[i].Release()
		}
	}
}

func notification(t *testing.T, words []string) media.Notification {
	t.Helper()
	n := media.Notification{Stream: media.StreamID(words[0])}
	text := ""
	if len(words) > 2 {
		text = words[2]
	}
	switch words[1] {
	case "new":
		n.Event, n.Name = media.NewStream, text
	case "gone":
		n.Event = media.Disconnected
	case "metadata":
		n.Event, n.Metadata = media.MetadataChanged, &media.Metadata{Fields: []media.Field{{Name: "encoder", Value: text}}}
	case "header", "frame":
		n.Event = media.Coded
		n.Packet = media.Packet{Kind: media.Video, Required: words[1] == "header", Body: media.CopyBuffer([]byte(text))}
	default:
		t.Fatalf("unknown word %q", words[1])
	}
	return n
}

func TestWatch(t *testing.T) {
	before := media.InUse()
	check := func(name, key string, lines []string, want ...string) {
		t.Run(name, func(t *testing.T) {
			r := &recorder{}
			s := New(r, key, zerolog.Nop())
			script(t, s, lines...)
			require.Equal(t, want, r.lines)
			s.Close()
			require.Equal(t, before, media.InUse(), "everything retained was released")
		})
	}
	check("any key shows each stream under its name", access.AnyKey,
		[]string{"a new cam1;b new cam2", "a frame 1;b frame 2;a frame 3"},
		"cam1: feed", "cam1: new a", "cam1: publish", "cam2: feed", "cam2: new b", "cam2: publish",
		"cam1: packet 1", "cam2: packet 2", "cam1: packet 3", "cam1: publish", "cam2: publish")
	check("an exact key shows the stream under that key", "show",
		[]string{"a new cam1", "a metadata m;a header h;a frame 1", "a gone"},
		"show: feed", "show: new a", "show: publish",
		"show: metadata m", "show: packet h", "show: packet 1", "show: publish", "show: end")
	check("media of streams that were never announced is not shown", "show", []string{"a frame 1", "a gone"})
	check("the oldest of several streams has the key, the next takes over with what it needs", "show",
		[]string{
			"a new cam1", "b new cam2", "c new cam3",
			"b metadata m1;b header h1;b frame 1;b header h2;b metadata m2;c frame 1;a frame 1",
			"c gone", "a gone", "b frame 2",
		},
		"show: feed", "show: new a", "show: publish",
		"show: packet 1", "show: publish",
		"show: end", "show: feed", "show: new b", "show: metadata m2", "show: packet h2", "show: publish",
		"show: packet 2", "show: publish")
	check("a waiting stream that ends first leaves the shown one alone", "show",
		[]string{"a new cam1", "b new cam2", "b header h;b gone", "a frame 1"},
		"show: feed", "show: new a", "show: publish", "show: packet 1", "show: publish")
	check("two streams of one name are told apart", access.AnyKey,
		[]string{"a new cam1", "b new cam1", "b frame 1", "a gone", "b frame 2"},
		"cam1: feed", "cam1: new a", "cam1: publish", "cam1: end",
		"cam1: feed", "cam1: new b", "cam1: publish", "cam1: packet 2", "cam1: publish")
	check("a stream announced twice begins anew", access.AnyKey,
		[]string{"a new cam1", "a new cam1", "a frame 1"},
		"cam1: feed", "cam1: new a", "cam1: publish", "cam1: end",
		"cam1: feed", "cam1: new a", "cam1: publish", "cam1: packet 1", "cam1: publish")
	check("a stream that comes back is shown again", access.AnyKey,
		[]string{"a new cam1", "a gone", "b new cam1", "b frame 1"},
		"cam1: feed", "cam1: new a", "cam1: publish", "cam1: end",
		"cam1: feed", "cam1: new b", "cam1: publish", "cam1: packet 1", "cam1: publish")
}

func TestWatchCloses(t *testing.T) {
	r := &recorder{}
	s := New(r, "show", zerolog.Nop())
	script(t, s, "a new cam1")
	r.lines = nil
	s.Close()
	require.Equal(t, []string{"close", "show: end"}, r.lines)
}

func TestWatchReports(t *testing.T) {
	s := New(&recorder{}, access.AnyKey, zerolog.Nop())
	script(t, s, "b new cam2", "a new cam1", "c new cam1")
	report, err := json.Marshal(s.Report())
	require.NoError(t, err)
	one := `{"stream_id":"%s","stream_name":"%s","stream_key":"%[2]s","viewers":3,"packets":0,"bytes":0,"log_bytes":0,"skips":1,"skipped_bytes":0,"flush_interval_ms":8,"loop_busy_share":0.25}`
	require.Equal(t, `{"streams":[`+fmt.Sprintf(one, "a", "cam1")+","+fmt.Sprintf(one, "b", "cam2")+`]}`, string(report))
	s.Close()
}
