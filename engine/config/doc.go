// Package config reads the configuration language: the server's file, the body of a request that defines workflows, and
// the answer of a lookup service are all written in it.
//
//	# everything behind a number sign is a remark
//	settings {
//	    http_api_port 9000
//	    ffmpeg_path   "C:\my tools\ffmpeg.exe"
//	}
//
//	reactor ask executor=simple_http update_interval=30 {
//	    url http://127.0.0.1/lookup?kind=live
//	}
//
//	workflow "late show" routed_by_reactor {
//	    rtmp_receive rtmp_app=live stream_key=*
//	    rtmp_watch   rtmp_app=play stream_key=* gop_cache
//	}
//
// # Grammar
//
// A text is UTF-8, with or without a byte-order mark. A line ends with LF, CR LF, a lone CR or the end of the text.
// Space and tab are the only blanks; they separate words and may stand before and behind everything.
//
//	text     = { block | line-end } .
//	block    = name { argument } "{" line-end { child | line-end } "}" .
//	child    = name { argument } line-end .
//	argument = pair | flag .
//	pair     = name "=" ( quoted | word ) .
//	flag     = quoted | word .
//	quoted   = `"` { any character but `"` and the ends of a line } `"` .
//	word     = run of characters that are no blank, no control character and none of { } " # , and of variables .
//	variable = "${" { any character of a word } "}" .
//	name     = word without "?", "=" and "&" .
//	line-end = [ "#" anything ] ( LF | CR LF | CR | end of the text ) .
//
// The longest word wins, and a pair wins over a flag. So a word is a pair if what stands before its first "=" is a name
// and something stands behind it: "k==v" is k with "=v", "http://h/x?a=b" is a flag, "t=rtmp://h/x?a=b" is a pair.
// There are no escapes, so a backslash means itself. Blocks do not nest.
//
// # Variables
//
// In words and quoted texts, behind the first word of a line, ${NAME} means the value of that variable of the environment, and
// ${NAME:-DEFAULT} means DEFAULT if there is no such variable or it is empty. $${ means ${ itself; any other "$" is a
// character as all others. What a value holds is never read as more than text: blanks do not separate, "=" makes no pair,
// and a variable in it is none. Only [ParseFile] knows variables.
//
// # Meaning
//
// The name of a block is settings, reactor or workflow, whatever its case; everything else is case-sensitive. Which
// settings, steps, parameters and executors exist is not known here: their owners check them and report mistakes of
// their own at the positions that this package hands out.
//
// # Mistakes
//
// Parse reports all mistakes of a text at once, each with its position, what is wrong and what would be right. It
// recovers so that one slip is one mistake: a forgotten brace does not make every following line wrong. What is legal but
// hardly meant becomes a warning in Document.Warnings.
package config
