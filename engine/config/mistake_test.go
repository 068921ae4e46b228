package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMessages holds what people read, one of each kind.
func TestMessages(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		mistakes := mistakesOf(t, text)
		require.Equal(t, want, mistakes[0].Error())
		for _, m := range mistakes {
			require.NotEmpty(t, m.Hint)
		}
	}
	const file = "mmids.config:"

	// the grammar
	f("\n\n\n\n\nsettings {\n  port=9000\n}", file+`7:3: settings: "port=9000" is one word here; write "port 9000"`)
	f("settings {\n port=\n}", file+`2:2: settings: "port=" is one word here; write "port VALUE"`)
	f("workflow a {\n rtmp_app=live\n}", file+`2:2: workflow "a": a step cannot be NAME=VALUE, as "rtmp_app=" is; `+
		`write the step and all its parameters in one line, for example: rtmp_receive rtmp_app=live stream_key=*`)
	f("workflow a {\n s allow_ips=\n}", file+`2:4: workflow "a": "allow_ips=" has nothing behind the "="; `+
		`write a value, or "" for an empty one, or only "allow_ips"`)
	f("settings { }", file+`1:12: settings: something stands behind "{"; let the line end there and go on in the next one`)
	f("settings", file+`1:9: settings: the "{" is missing; end the block's first line with "{"`)
	f("workflow a }", file+`1:12: workflow "a": "}" stands in the block's first line; `+
		`write "{" at the end of the line and "}" in a line of its own`)
	f("port 9000", file+`1:1: "port" stands outside of any block; put it between the braces of a settings, reactor or workflow block`)
	f("}", file+`1:1: "}" closes nothing, no block is open here; remove it, or look for another one above it that is too early`)
	f(`"settings" {`, file+`1:1: a block begins with its kind; write settings, reactor NAME or workflow NAME`)
	f("workflow a {\n \"s\"\n}", file+`2:2: workflow "a": a line begins with a name; write one without quotation marks and without any of ? = & {`)
	f("workflow a {\n s k=v }", file+`2:8: workflow "a": "}" stands at the end of a line; write it in a line of its own`)
	f("workflow a {\n s k {v}\n}", file+`2:6: workflow "a": "{" stands within a line; put quotation marks around a value that holds it`)
	f("workflow a {\n s {\n }\n}", file+`2:4: workflow "a": a block begins within a block; close the outer one first, blocks do not nest`)
	f("\nworkflow a {", file+`2:13: workflow "a": the text ends, but "}" is missing (the block begins in line 2); write "}" in a line of its own`)
	f("workflow a {\nworkflow b {\n}", file+`2:1: workflow "a": the next block begins, but "}" is missing (the block begins in line 1); `+
		`write "}" in a line of its own`)
	f("settings {\n a \"b\n}", file+`2:4: this quotation mark has no partner in its line; close the quoted text with "`)
	f("settings {\n a\x00b\n}", file+`2:3: the character U+0000 cannot stand here; separate words by spaces, or put it in quotation marks`)
	f("settings {\n a \xFC\n}", file+`2:4: the byte 0xFC is not UTF-8; save the text as UTF-8`)
	f("\xFF\xFE", file+`1:1: the text is in UTF-16; save it as UTF-8`)

	// blocks
	f("stage one {\n}", file+`1:1: "stage" is no kind of block; write settings, reactor NAME or workflow NAME`)
	f("settings now {\n}", file+`1:10: settings: "now" stands before the "{"; write settings in lines of their own between the braces`)
	f("settings {\n a b c\n}", file+`2:6: settings: "a" has more than one value; put quotation marks around a value with blanks`)
	f("settings {\n a = c\n}", file+`2:6: settings: "a" has more than one value; no "=" stands between a setting and its value`)
	f("settings {\n a b=c\n}", file+`2:4: settings: the value of "a" is NAME=VALUE; put quotation marks around a value with "="`)
	f("workflow {\n}", file+`1:1: the workflow has no name; write workflow NAME {`)
	f("workflow n=a {\n}", file+`1:10: workflow: "n=a" stands where the name belongs; write workflow NAME {`)
	f("workflow a routed_by_reactor=1 {\n}", file+`1:12: workflow "a": routed_by_reactor takes no value; write only routed_by_reactor`)
	f("workflow a {\n}\nworkflow a {\n}", file+`3:10: workflow "a" is defined again (first in line 1); give one of them another name`)
	f("reactor {\n}", file+`1:1: the reactor has no name; write reactor NAME executor=EXECUTOR {`)
	f("reactor executor=e {\n}", file+`1:9: reactor: "executor" stands where the name belongs; write reactor NAME executor=EXECUTOR {`)
	f("reactor a {\n}", file+`1:1: reactor "a": it has no executor; write executor=EXECUTOR behind the name`)
	f("reactor a executor=e {\n}\nreactor a executor=e {\n}", file+`3:9: reactor "a" is defined again (first in line 1); give one of them another name`)
	const interval = `; write for example update_interval=30, or leave it out to ask only once`
	f("reactor a executor=e update_interval=-1 {\n}", file+`1:38: reactor "a": update_interval "-1" is no whole number of seconds`+interval)
	f("reactor a executor=e update_interval {\n}", file+`1:22: reactor "a": update_interval has no value`+interval)
	f("reactor a executor=e update_interval=99999999999999999999 {\n}", file+`1:38: reactor "a": update_interval "99999999999999999999" is too large`+interval)
	f("reactor a executor=e {\n url b c\n}", file+`2:8: reactor "a": "url" has more than one value; put quotation marks around a value with blanks`)
	f("reactor a executor=e {\n url b=c\n}", file+`2:6: reactor "a": the value of "url" is NAME=VALUE; put quotation marks around a value with "="`)
}

func TestWarningMessages(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		document, err := Parse("mmids.config", []byte(text))
		require.NoError(t, err)
		require.Len(t, document.Warnings, 1)
		require.Equal(t, "mmids.config:"+want, document.Warnings[0].Error())
	}
	f("settings {\n}\nsettings {\n}", `3:1: another settings block (the first is in line 1); they are merged and the later value wins; better write one`)
	f("settings {\n a 1\n a 2\n}", `3:2: settings: "a" is set again to another value; this one counts; remove the one in line 2`)
	f("workflow a speedy {\n}", `1:12: workflow "a": "speedy" is unknown and ignored; behind its name, a workflow takes only routed_by_reactor; steps go between the braces`)
	f("reactor a executor=e x=1 {\n}", `1:22: reactor "a": "x" is unknown and ignored; `+
		`behind its name, a reactor takes executor=EXECUTOR and update_interval=SECONDS; parameters go between the braces`)
	f("reactor a executor=e {\n url: b\n}", `2:2: reactor "a": the name "url:" ends in a colon, which is part of it; write "url"`)
	f("workflow a {\n s: b\n}", `2:2: workflow "a": the name "s:" ends in a colon, which is part of it; write "s"`)
	f("workflow a {\n s k =b\n}", `2:6: workflow "a": a word begins with "="; if that is meant, put quotation marks around it; otherwise leave out the "=", or the blank before it`)
}

// TestAllMistakesAtOnce has a mistake in nearly every line, found in two passes, and wants them in the order of the text.
func TestAllMistakesAtOnce(t *testing.T) {
	text := `settings now {
    http_api_port=9000
    tls_cert_path a b
    ffmpeg_path x=y
    "quoted" name
}
stage {
    anything goes=here
    but not "this
}
reactor executor=e {
    url a b
    url c=d
}
reactor r update_interval=soon {
}
workflow a {
    s k= l=1
    s k="v w
workflow a routed_by_reactor=1 {
    s { t }
    s k=v }
}
workflow
    s
}
workflow "" {
    café` + "\x00" + `
`
	require.Equal(t, strings.Join([]string{
		"E-SET-ARGS 1:10", "E-SYNTAX 2:5", "E-SET-MANY 3:21", "E-SET-PAIR 4:17", "E-SYNTAX 5:5",
		"E-NODE 7:1", "E-SYNTAX 9:13",
		"E-RE-NAME 11:9", "E-RE-MANY 12:11", "E-RE-PAIR 13:9",
		"E-RE-NOEXEC 15:1", "E-RE-INTERVAL 15:27",
		"E-SYNTAX 18:7", "E-SYNTAX 19:9",
		"E-SYNTAX 20:1", "E-WF-DUP 20:10", "E-WF-ROUTED 20:12",
		"E-SYNTAX 21:7", "E-SYNTAX 22:11", "E-SYNTAX 23:1",
		"E-WF-NONAME 24:1", "E-SYNTAX 24:9",
		"E-WF-NONAME 27:10", "E-SYNTAX 28:9", "E-SYNTAX 29:1",
	}, ", "), outline(t, text))
}

func TestMistakesAreErrors(t *testing.T) {
	_, err := Parse("f", []byte("}\n}"))
	require.EqualError(t, err, strings.Join([]string{
		`f:1:1: "}" closes nothing, no block is open here; remove it, or look for another one above it that is too early`,
		`f:2:1: "}" closes nothing, no block is open here; remove it, or look for another one above it that is too early`,
	}, "\n"))
	var mistake Mistake
	require.True(t, errors.As(err, &mistake))
	require.Equal(t, Pos{"f", 1, 1}, mistake.Pos)

	own := Mistake{ID: "E-STEP", Message: "no such step"}
	require.EqualError(t, own, "no such step")
	own.Pos = Pos{Line: 3, Column: 4}
	require.EqualError(t, own, "3:4: no such step")
	own.Pos = Pos{File: "f"}
	require.EqualError(t, own, "f: no such step")
	require.EqualError(t, fmt.Errorf("start: %w", Errors{own, own}), "start: f: no such step\nf: no such step")
}

func TestMessagesAreSafeToLog(t *testing.T) {
	for _, text := range []string{
		"settings {\n tls_cert_password=hunter2\n}",
		"settings {\n Password=hunter2\n}",
		"settings {\n tls_cert_password a hunter2\n}",
		"settings {\n tls_cert_password a=hunter2\n}",
		"settings {\n push=rtmp://h/app/hunter2\n}",
		"workflow target=rtmp://h/app/hunter2 {\n}",
		"workflow a {\n target=rtmp://h/app/hunter2\n}",
		"workflow a {\n s key=\"hunter2\n}",
		"reactor password=hunter2 executor=e {\n}",
	} {
		require.NotContains(t, mistakesOf(t, text).Error(), "hunter2", text)
	}
	require.Equal(t, `mmids.config:1:1: "st\u{1B}[31m`+"\uFFFD"+`" is no kind of block; write settings, reactor NAME or workflow NAME`,
		mistakesOf(t, "st\x1B[31m\xFF {\n}")[0].Error())
	require.Contains(t, mistakesOf(t, strings.Repeat("é", 61)+" {\n}").Error(), strings.Repeat("é", 60)+`…"`)
	require.Contains(t, mistakesOf(t, strings.Repeat("é", 60)+" {\n}").Error(), strings.Repeat("é", 60)+`"`)
}
