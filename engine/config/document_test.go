package config

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func readStudio(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/studio.config")
	require.NoError(t, err)
	return text
}

func TestDocumentWithPositions(t *testing.T) {
	at := func(line, column int) Pos { return Pos{"live.config", line, column} }
	text := "settings {\n  a 1\n  b\n}\n" +
		"reactor é executor=e update_interval=5 {\n\turl \"x y\"\n\tforce\n}\n" +
		"workflow w routed_by_reactor {\n  é k=ü l=\"m\" n\n}"
	document, err := Parse("live.config", []byte(text))
	require.NoError(t, err)
	require.Equal(t, &Document{
		Settings: Settings{
			{Name: "a", Value: "1", HasValue: true, Pos: at(2, 3), ValuePos: at(2, 5)},
			{Name: "b", Pos: at(3, 3)},
		},
		Reactors: []Reactor{{
			Name: "é", Executor: "e", UpdateInterval: 5 * time.Second, Pos: at(5, 1),
			Params: Params{
				{Name: "url", Value: "x y", HasValue: true, Pos: at(6, 2), ValuePos: at(6, 6)},
				{Name: "force", Pos: at(7, 2)},
			},
		}},
		Workflows: []Workflow{{
			Name: "w", RoutedByReactor: true, Pos: at(9, 1),
			Steps: []Step{{
				Type: "é", Pos: at(10, 3),
				Params: Params{
					{Name: "k", Value: "ü", HasValue: true, Pos: at(10, 5), ValuePos: at(10, 7)},
					{Name: "l", Value: "m", HasValue: true, Pos: at(10, 9), ValuePos: at(10, 11)},
					{Name: "n", Pos: at(10, 15)},
				},
			}},
		}},
	}, document)
}

func TestRepeatedNameKeepsItsFirstPlaceAndLastValue(t *testing.T) {
	document, err := Parse("", []byte("workflow w {\n s k=1 l k=2\n}"))
	require.NoError(t, err)
	require.Equal(t, Params{
		{Name: "k", Value: "2", HasValue: true, Pos: Pos{"", 2, 10}, ValuePos: Pos{"", 2, 12}},
		{Name: "l", Pos: Pos{"", 2, 8}},
	}, document.Workflows[0].Steps[0].Params)
}

func TestGet(t *testing.T) {
	document, err := Parse("", []byte("settings {\n a 1\n}\nworkflow w {\n s k=1 f\n}"))
	require.NoError(t, err)

	setting, ok := document.Settings.Get("a")
	require.True(t, ok)
	require.Equal(t, "1", setting.Value)
	_, ok = document.Settings.Get("A")
	require.False(t, ok, "names are case-sensitive")

	params := document.Workflows[0].Steps[0].Params
	param, ok := params.Get("f")
	require.True(t, ok)
	require.False(t, param.HasValue)
	_, ok = params.Get("1")
	require.False(t, ok)
}

func TestStudio(t *testing.T) {
	require.Equal(t, strings.Join([]string{
		`settings http_api_port→9000 ffmpeg_path→"C:\\my tools\\ffmpeg.exe" tls_cert_path log_note→"50 % of {what} you = #1 ü"`,
		`reactor ask simple_http 30s url→http://127.0.0.1:8080/lookup?kind=live&x=1 verbose`,
		`reactor "other one" "x y" 0s`,
		`workflow "late show" routed: rtmp_receive port→1935 rtmp_app→live stream_key→*, ` +
			`ffmpeg_transcode vcodec→h264 acodec→copy size→1280x720 bitrate→3000, ` +
			`ffmpeg_push target→rtmp://user:p@example.org/app/key?a=b&c=d, ` +
			`ffmpeg_push target→"rtmp://example.org/app/a b", ` +
			`rtmp_watch rtmp_app→play stream_key→* "a flag" gop_cache allow_ips→""`,
		`workflow café:`,
		`workflow empty:`,
		`! W-ARGUMENT 13:36`,
	}, "; "), outline(t, string(readStudio(t))))
}

// TestEveryCut parses every beginning of a text: it is a document or a list of mistakes within the text.
func TestEveryCut(t *testing.T) {
	text := readStudio(t)
	valid := 0
	for cut := range len(text) + 1 {
		document, err := Parse("live.config", text[:cut])
		if err != nil {
			require.Nil(t, document)
			for _, m := range err.(Errors) {
				_, isInside := lineOf(string(text[:cut]), m.Pos.Line)
				require.True(t, isInside, "cut at %d: %v", cut, m)
			}
			require.LessOrEqual(t, len(err.(Errors)), 2, "cut at %d: one slip became many: %v", cut, err)
			continue
		}
		valid++
		requireSameAfterFormat(t, document)
	}
	require.Greater(t, valid, 40, "cuts between blocks and in remarks are valid")
	require.Less(t, valid, 200, "cuts within blocks are not")
}

func TestFormat(t *testing.T) {
	document, err := Parse("", readStudio(t))
	require.NoError(t, err)
	require.Equal(t, `settings {
    http_api_port 9000
    ffmpeg_path "C:\my tools\ffmpeg.exe"
    tls_cert_path
    log_note "50 % of {what} you = #1 ü"
}

reactor ask executor=simple_http update_interval=30 {
    url "http://127.0.0.1:8080/lookup?kind=live&x=1"
    verbose
}

reactor "other one" executor="x y" {
}

workflow "late show" routed_by_reactor {
    rtmp_receive port=1935 rtmp_app=live stream_key=*
    ffmpeg_transcode vcodec=h264 acodec=copy size=1280x720 bitrate=3000
    ffmpeg_push target="rtmp://user:p@example.org/app/key?a=b&c=d"
    ffmpeg_push target="rtmp://example.org/app/a b"
    rtmp_watch rtmp_app=play stream_key=* "a flag" gop_cache allow_ips=""
}

workflow "café" {
}

workflow empty {
}
`, document.Format())
	requireSameAfterFormat(t, document)
	require.Empty(t, (&Document{}).Format())
}

func requireSameAfterFormat(t testing.TB, document *Document) {
	t.Helper()
	again, err := Parse("", []byte(document.Format()))
	require.NoError(t, err)
	require.Equal(t, outlineDocument(document), outlineDocument(again))
}
