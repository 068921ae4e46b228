package config

const (
	// TextBytesMax bounds a text. A workflow takes some 300 bytes, so this is room for 3,000 of them; and the worst
	// text of this size (a one-letter argument in every second byte) costs a few dozen MB while it is read.
	TextBytesMax = 1 << 20

	// mistakesMax bounds the mistakes, and the warnings, of one text: 1,000 × about 300 bytes each is 300 KB. A text
	// with more is something else than a configuration, and its sender shall not make us list half a million of them.
	mistakesMax = 1000

	// quotedRunesMax bounds what a message repeats of the text: a word may be as long as the text, a message not.
	quotedRunesMax = 60

	// explainedRunesMax bounds what Explain shows of a line, so that the caret stays near the left edge of a terminal.
	explainedRunesMax = 100
)
