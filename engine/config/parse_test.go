package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLines(t *testing.T) {
	f := func(text, want string) { t.Helper(); require.Equal(t, want, outline(t, text)) }

	// blanks, remarks and ends of lines
	f("\t \tsettings\t {\t# a \"remark\n\t}\t", "")
	f("settings {#\n#}\n}#", "")
	f("workflow a {\r s\r\n t\n\r u\n}", "workflow a: s, t, u")
	f("workflow a {\n}\tworkflow b {\n}", "workflow a:; workflow b:")
	f("workflow a {\n}}", "E-SYNTAX 2:2")
	f("}", "E-SYNTAX 1:1")
	f("# \xFF\x00 anything at all é", "")
	f(" \t", "")

	// a byte-order mark is no column
	f("\uFEFF}", "E-SYNTAX 1:1")
	f("\uFEFF", "")
	f("\uFEFF\uFEFF# x", "E-SYNTAX 1:1, E-SYNTAX 1:1")
}

func TestArguments(t *testing.T) {
	f := func(args, want string) {
		t.Helper()
		require.Equal(t, "workflow a: s "+want, outline(t, "workflow a {\n s "+args+"\n}"))
	}
	f(`k=v`, `k→v`)
	f(`k="v"f`, `k→v f`)
	f(`k=v"f"`, `k→v f`)
	f(`f"g"h`, `f g h`)
	f(`""`, `""`)
	f(`k=="v"`, `k→= v`)
	f(`http://h/x=1`, `http://h/x→1`)
	f(`http://h/x?a=b&c=d`, `http://h/x?a=b&c=d`)
	f(`t=rtmp://h/a?x=1&y=2`, `t→rtmp://h/a?x=1&y=2`)
	f(`a?b=`, `a?b=`)
	f(`a&b=c`, `a&b=c`)
	f(`a?b="c"`, `a?b= c`)
	f(`"k="`, `k=`)
	f(`"k=v"`, `k=v`)
	f(`k="{ } # = ? % ü"`, `k→"{ } # = ? % ü"`)
	f(`k="\"`, `k→\`)
	f(`@é%+~;!'()[]^|$=<>`, `@é%+~;!'()[]^|$→<>`)
	f("k=\uFFFD", "k→\uFFFD")
	f("k=\"\x01\u00A0\" l", "k→\x01\u00A0 l")
	f(`a b b`, `a b`)
	f(`k=1 x k`, `k x`)
	f(`k x k=1`, `k→1 x`)
	f(`*`, `*`)
}

func TestNameEndsAtEquals(t *testing.T) {
	f := func(text, want string) { t.Helper(); require.Equal(t, want, outline(t, text)) }

	// where it is a trap
	f("settings {\n port=\n}", "E-SYNTAX 2:2")
	f("settings {\n port=\"1\"\n}", "E-SYNTAX 2:2")
	f("settings {\n port==1\n}", "E-SYNTAX 2:2")
	f("settings {\n é=1\n}", "E-SYNTAX 2:2")
	f("reactor r executor=e {\n url=http://h\n}", "E-SYNTAX 2:2")
	f("workflow a {\n app=live key=*\n}", "E-SYNTAX 2:2")
	f("settings {\n port = 1\n}", "E-SET-MANY 2:9")
	f("workflow k= {\n}", "E-SYNTAX 1:10")
	f("reactor k= {\n}", "E-SYNTAX 1:9")
	f("reactor r executor= {\n}", "E-SYNTAX 1:11")
	f("reactor r executor=e update_interval= {\n}", "E-SYNTAX 1:22")

	// where it is only strange
	f("settings {\n port =1\n}", "settings port→=1; ! W-EQUALS 2:7")
	f("settings {\n port \"=1\"\n}", "settings port→=1")
	f("settings {\n secret YWI=\n}", "settings secret→YWI=")
	f("settings {\n u?x\n}", "settings u→?x")
	f("workflow a {\n s k =v\n}", "workflow a: s k =v; ! W-EQUALS 2:6")
	f("workflow=a {\n}", "workflow =a:; ! W-EQUALS 1:9")
	f("reactor=a executor=e {\n}", "reactor =a e 0s; ! W-EQUALS 1:8")
}

func TestBlocks(t *testing.T) {
	f := func(text, want string) { t.Helper(); require.Equal(t, want, outline(t, text)) }

	f("REACTOR r executor=e {\n}\nWORKFLOW w {\n}", "reactor r e 0s; workflow w:")
	f("Settingſ {\n}", "E-NODE 1:1") // only ASCII letters have two cases here
	f("settings a b=1 {\n}", "E-SET-ARGS 1:10")
	f("settings {\n a \"\"\n b\n}", `settings a→"" b`)
	f("settings {\n a 1\n a 1\n}", "settings a→1")
	f("settings {\n a 1\n a\n}", "settings a; ! W-SET-TWICE 3:2")
	f("settings {\n a 1\n b 2\n a 3\n}", "settings a→3 b→2; ! W-SET-TWICE 4:2")
	f("settings {\n a b=1 b=2\n}", "E-SET-PAIR 2:8")
	f("settings {\n a b=1 c=2\n}", "E-SET-PAIR 2:4, E-SET-MANY 2:8")
	f("settings {\n a: 1\n}", "settings a:→1; ! W-COLON 2:2")
	f("settings {\n : 1\n}", "settings :→1")

	f("workflow a routed_by_reactor routed_by_reactor {\n}", "workflow a routed:")
	f("workflow n=a b {\n}", "E-WF-NAME 1:10")
	f("workflow \"a=b\" {\n}", "workflow a=b:")
	f("workflow a\"routed_by_reactor\"{\n}", "workflow a routed:")
	f("workflow a {\n s\n s\n}", "workflow a: s, s")

	f("reactor r executor=e speedy {\n}", "reactor r e 0s; ! W-ARGUMENT 1:22")
	f("reactor x=1 executor=e {\n}", "E-RE-NAME 1:9")
	f("reactor x=1 {\n}", "E-RE-NOEXEC 1:1, E-RE-NAME 1:9")
	f("reactor r executor=a executor=b {\n}", "reactor r b 0s")
	f("reactor r executor=a executor {\n}", "E-RE-NOEXEC 1:1")
	f("reactor r executor=e {\n a 1\n b\n a 2\n}", "reactor r e 0s a→2 b")
	f("reactor r executor=e update_interval=0 {\n}", "reactor r e 0s")
	f("reactor r executor=e update_interval=\"\" {\n}", "E-RE-INTERVAL 1:38")
	f("reactor r executor=e update_interval=+1 {\n}", "E-RE-INTERVAL 1:38")
	f("reactor r executor=e update_interval=18446744073709551616 {\n}", "E-RE-INTERVAL 1:38")
}

func TestUpdateIntervalOfCenturies(t *testing.T) {
	for _, seconds := range []string{"9223372036", "9223372037", "18446744073709551615"} {
		document, err := Parse("", []byte("reactor r executor=e update_interval="+seconds+" {\n}"))
		require.NoError(t, err)
		require.Equal(t, 9223372036*time.Second, document.Reactors[0].UpdateInterval)
	}
}

func TestForeignCharacters(t *testing.T) {
	f := func(text, want string) { t.Helper(); require.Equal(t, want, outline(t, text)) }

	f("workflow a\xFFb {\n}", "E-SYNTAX 1:11")
	f("workflow \"éa\xC3\" {\n}", "E-SYNTAX 1:13")
	f("workflow a {\n s k=\"x\xFF\"\n}", "E-SYNTAX 2:8")
	f("workflow a {\n s é\xFF\xFE k=\xFF\n}", "E-SYNTAX 2:5, E-SYNTAX 2:10")
	f("workflow a {\n s\x00 k\n}", "E-SYNTAX 2:3")
	f("workflow a {\n s k=\x1B[1m\n}", "E-SYNTAX 2:6")
	f("workflow\u00A0a {\n}", "E-NODE 1:1, E-SYNTAX 1:9")
	f("settings {\n a\u200B\u2028\uFEFF\n}", "E-SYNTAX 2:4")
	f("\xFF\xFEw\x00", "E-SYNTAX 1:1")
	f("\xFE\xFF\x00w", "E-SYNTAX 1:1")
}

// TestRecovery holds that one slip is one mistake, and that it hides none that follows.
func TestRecovery(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		require.Equal(t, want, outline(t, text))
		require.Equal(t, want+", E-NODE 100:1", outline(t, text+strings.Repeat("\n", 99-strings.Count(text, "\n"))+"stage {\n}"))
	}
	f("workflow a\n s\n t\n}", "E-SYNTAX 1:11")
	f("workflow a # {\n s\n}", "E-SYNTAX 1:12")
	f("workflow a\n\n{\n s\n}", "E-SYNTAX 1:11")
	f("workflow a {\n s\nworkflow b {\n t\n}", "E-SYNTAX 3:1")
	f("workflow a {\n s {\n  t\n }\n u=v\n}", "E-SYNTAX 2:4, E-SYNTAX 5:2")
	f("workflow a {\n s {\n  t {\n  }\n }\n u=v\n}", "E-SYNTAX 2:4, E-SYNTAX 3:5, E-SYNTAX 6:2")
	f("workflow a {\n s {\n  t }\n u=v\n}", "E-SYNTAX 2:4, E-SYNTAX 3:5, E-SYNTAX 4:2")
	f("workflow a {\n {\n s\n }\n u=v\n}", "E-SYNTAX 2:2, E-SYNTAX 5:2")
	f("workflow a {\n s {x} y=\n u=v\n}", "E-SYNTAX 2:4, E-SYNTAX 3:2")
	f("workflow a {\n s x}y\n u=v\n}", "E-SYNTAX 2:5, E-SYNTAX 3:2")
	f("workflow a {\n s k=\"x y\n u=v\n}", "E-SYNTAX 2:6, E-SYNTAX 3:2")
	f("workflow a {\n \"s\" {\n x\n }\n u=v\n}", "E-SYNTAX 2:2, E-SYNTAX 5:2")
	f("workflow a {\n =x\n ?x\n &x\n}", "E-SYNTAX 2:2, E-SYNTAX 3:2, E-SYNTAX 4:2")
	f("workflow \"a {\n u=v\n}", "E-SYNTAX 1:10, E-SYNTAX 2:2")
	f("workflow \"a\" \"b\n u=v\n}", "E-SYNTAX 1:14, E-SYNTAX 2:2")
	f("workflow \"a\n{\n u=v\n}", "E-SYNTAX 1:10, E-SYNTAX 3:2")
	f("reactor r \"x {\n}", "E-SYNTAX 1:11")
	f("workflow a { s k=v }\nsettings { x=1\n y=1\n}", "E-SYNTAX 1:14, E-SYNTAX 2:12, E-SYNTAX 3:2")
	f("workflow a }\nworkflow b = {\n}", "E-SYNTAX 1:12")
	f("\"workflow\" a {\n u=v\n}", "E-SYNTAX 1:1")
	f("=x", "E-SYNTAX 1:1")
	f("{\n u=v\n}", "E-SYNTAX 1:1")
	f("stray one\nstray \"two\nstray {\n u=v\n}", "E-SYNTAX 1:1, E-SYNTAX 2:7, E-NODE 3:1")
	f("stray \"two {\n u=v\n}", "E-NODE 1:1, E-SYNTAX 1:7")
	f("}\n}\nsettings {\n u=v\n}\n}", "E-SYNTAX 1:1, E-SYNTAX 2:1, E-SYNTAX 4:2, E-SYNTAX 6:1")
}
