//go:build !race

package message_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/message"
)

func TestMediaControlAndMetadataParseWithoutAllocating(t *testing.T) {
	for _, c := range bodies {
		switch c.typ {
		case message.TypeCommandAMF0, message.TypeCommandAMF3:
			continue
		case message.TypeDataAMF0, message.TypeDataAMF3:
			if c.want.(*message.Data).Name != message.NameOnMetaData {
				continue
			}
		}
		var p message.Parser
		m := wire(c.typ, unhex(c.hex))
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = p.Parse(m) }), c.name)
	}
}

func TestAggregateIsSplitWithoutAllocating(t *testing.T) {
	var p message.Parser
	m := wire(message.TypeAggregate, threeInside())
	sub := wire(0, nil)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		parsed, _ := p.Parse(m)
		r := parsed.(*message.Aggregate).Messages()
		for r.Next(sub) {
		}
	}))
}
