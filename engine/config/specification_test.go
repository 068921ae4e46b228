package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSpecificationExamples holds the numbered examples of the language's specification.
func TestSpecificationExamples(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"1", "", ""},
		{"2", "\n  \n", ""},
		{"3", "# note", ""},
		{"4", "# ready?\n", ""},
		{"5", "# costs 5 & more\n", ""},
		{"6", "# it's <a> `b` (c), {d} \"e\" f=g #h\n", ""},
		{"7", "settings {\n alpha 1\n flag\n}", "settings alpha→1 flag"},
		{"8", "SeTTings {\n}\n", ""},
		{"9", "settings{\n}\n", ""},
		{"10", "settings { }\n", "E-SYNTAX 1:12"},
		{"11", "settings\n{\n}\n", "E-SYNTAX 1:9"},
		{"12", " settings {\n }\n", ""},
		{"13", "settings {\n}  ", ""},
		{"14", "settings {\n}  \n", ""},
		{"15", "settings {\n} # end", ""},
		{"16", "settings now {\n}\n", "E-SET-ARGS 1:10"},
		{"17", "settings {\n port=9000\n}\n", "E-SYNTAX 2:2"},
		{"18", "settings {\n port a=9000\n}\n", "E-SET-PAIR 2:7"},
		{"19", "settings {\n port 1 2\n}\n", "E-SET-MANY 2:9"},
		{"20", "settings {\n port 1 1\n}\n", "settings port→1"},
		{"21", "settings {\n a 1\n a 2\n}\nsettings {\n a 3\n}\n",
			"settings a→3; ! W-SET-TWICE 3:2, W-SET-BLOCKS 5:1, W-SET-TWICE 6:2"},
		{"22", "settings {\n p \"D:\\my tools\\ff.exe\"\n}\n", `settings p→"D:\\my tools\\ff.exe"`},
		{"23", "settings {\n p \"x=y\"\n}\n", "settings p→x=y"},
		{"24", "settings {\n p\"v\"\n}\n", "settings p→v"},
		{"25", "settings {\n u http://h/q?a=b&c=d\n}\n", "settings u→http://h/q?a=b&c=d"},
		{"26", "settings {\n u http://h/q=1\n}\n", "E-SET-PAIR 2:4"},
		{"27", "stage one {\n}\n", "E-NODE 1:1"},
		{"28", "workflow {\n s\n}\n", "E-WF-NONAME 1:1"},
		{"29", "workflow n=a {\n}\n", "E-WF-NAME 1:10"},
		{"30", "workflow a {\n}\n", "workflow a:"},
		{"31", "workflow \"late show\" {\n}\n", `workflow "late show":`},
		{"32", "workflow \"\" {\n}\n", "E-WF-NONAME 1:10"},
		{"33", "workflow a routed_by_reactor {\n}\n", "workflow a routed:"},
		{"34", "workflow routed_by_reactor {\n}\n", "workflow routed_by_reactor:"},
		{"35", "workflow a routed_by_reactor=yes {\n}\n", "E-WF-ROUTED 1:12"},
		{"36", "workflow a speedy x=1 {\n}\n", "workflow a:; ! W-ARGUMENT 1:12, W-ARGUMENT 1:19"},
		{"37", "workflow a {\n}\nworkflow a {\n}\n", "E-WF-DUP 3:10"},
		{"38", "workflow a {\n}\nWorkflow A {\n}\n", "workflow a:; workflow A:"},
		{"39", "workflow a {\n}workflow b {\n}\n", "workflow a:; workflow b:"},
		{"40", "workflow a {\n s k=v }\n", "E-SYNTAX 2:8"},
		{"41", "workflow a {\n s {\n }\n}\n", "E-SYNTAX 2:4"},
		{"42", "workflow a {\n s\n", "E-SYNTAX 3:1"},
		{"43", "workflow a {\n s k=\"v w\" \"f g\" h\n}\n", `workflow a: s k→"v w" "f g" h`},
		{"44", "workflow a {\n s k= j=1\n}\n", "E-SYNTAX 2:4"},
		{"45", "workflow a {\n s k=\"\"\n}\n", `workflow a: s k→""`},
		{"46", "workflow a {\n s t=rtmp://h/app/key?a=b&c=d\n}\n", "workflow a: s t→rtmp://h/app/key?a=b&c=d"},
		{"47", "workflow a {\n s t=http://h/a%20b\n}\n", "workflow a: s t→http://h/a%20b"},
		{"48", "workflow a {\n s t=rtmp://u:p@h/a\n}\n", "workflow a: s t→rtmp://u:p@h/a"},
		{"49", "workflow a {\n s t=http://h/a#x\n}\n", "workflow a: s t→http://h/a"},
		{"50", "workflow a {\n s k=1 k=2\n}\n", "workflow a: s k→2"},
		{"51", "workflow a {\n s k==v\n}\n", "workflow a: s k→=v"},
		{"52", "workflow a {\n s a?b=c\n}\n", "workflow a: s a?b=c"},
		{"53", "workflow a {\n \"s\" b\n}\n", "E-SYNTAX 2:2"},
		{"54", "workflow a {\n\ts\tk=v\t# r\n}\n", "workflow a: s k→v"},
		{"55, CR LF", "workflow a {\r\n s k=v\r\n}\r\nsettings {\r\n}\r\n", "workflow a: s k→v"},
		{"55, CR", "workflow a {\r s k=v\r}\rsettings {\r}\r", "workflow a: s k→v"},
		{"56", "workflow café {\n}\n", "workflow café:"},
		{"56, byte-order mark", "\uFEFFworkflow a {\n}\n", "workflow a:"},
		{"57", "reactor r executor=simple_http update_interval=30 {\n url http://h/q?a=b\n}\n",
			"reactor r simple_http 30s url→http://h/q?a=b"},
		{"58", "reactor r update_interval=30 executor=e {\n}\n", "reactor r e 30s"},
		{"59, no name", "reactor {\n}\n", "E-RE-NONAME 1:1"},
		{"59, a pair", "reactor executor=e {\n}\n", "E-RE-NAME 1:9"},
		{"60, no executor", "reactor r {\n}\n", "E-RE-NOEXEC 1:1"},
		{"60, no value", "reactor r executor {\n}\n", "E-RE-NOEXEC 1:1"},
		{"61, negative", "reactor r executor=e update_interval=-1 {\n}\n", "E-RE-INTERVAL 1:38"},
		{"61, fraction", "reactor r executor=e update_interval=1.5 {\n}\n", "E-RE-INTERVAL 1:38"},
		{"61, word", "reactor r executor=e update_interval=abc {\n}\n", "E-RE-INTERVAL 1:38"},
		{"61, no value", "reactor r executor=e update_interval {\n}\n", "E-RE-INTERVAL 1:22"},
		{"62", "reactor r executor=e {\n url: http://h\n}\n", "reactor r e 0s url:→http://h; ! W-COLON 2:2"},
		{"63, many", "reactor r executor=e {\n url a b\n}\n", "E-RE-MANY 2:8"},
		{"63, pair", "reactor r executor=e {\n url a=b\n}\n", "E-RE-PAIR 2:6"},
		{"64", "reactor r executor=e {\n}\nreactor r executor=e {\n}\n", "E-RE-DUP 3:9"},
		{"65", "reactor a executor=e {\n}\nworkflow a {\n}\n", "reactor a e 0s; workflow a:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, outline(t, row.text))
			for _, newline := range []string{"\r\n", "\r"} {
				require.Equal(t, row.want, outline(t, strings.ReplaceAll(row.text, "\n", newline)), "%q as newline", newline)
			}
		})
	}
}
