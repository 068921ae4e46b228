package message_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
)

// split reads all messages out of an aggregate.
func split(t *testing.T, m *chunk.Message) ([]chunk.Message, error) {
	t.Helper()
	var p message.Parser
	parsed, err := p.Parse(m)
	require.NoError(t, err)
	var (
		got []chunk.Message
		sub chunk.Message
	)
	r := parsed.(*message.Aggregate).Messages()
	for r.Next(&sub) {
		got = append(got, sub)
	}
	require.False(t, r.Next(&sub), "Next after the end")
	return got, r.Err()
}

func threeInside() []byte {
	var b []byte
	b = message.AppendAggregated(b, &chunk.Message{Type: 9, StreamID: 7, Timestamp: 0x01fffff0, Payload: []byte{0x17, 1}})
	b = message.AppendAggregated(b, &chunk.Message{Type: 8, StreamID: 7, Timestamp: 0x01ffffff, Payload: []byte{0xaf}})
	return message.AppendAggregated(b, &chunk.Message{Type: 18, Timestamp: 0x02000010})
}

func TestAggregateIsSplitAtItsOwnTime(t *testing.T) {
	got, err := split(t, wire(message.TypeAggregate, threeInside()))
	require.NoError(t, err)
	require.Equal(t, []chunk.Message{
		{Type: 9, StreamID: 1, Timestamp: 1000, Payload: []byte{0x17, 1}},
		{Type: 8, StreamID: 1, Timestamp: 1015, Payload: []byte{0xaf}},
		{Type: 18, StreamID: 1, Timestamp: 1032, Payload: []byte{}},
	}, got)
}

func TestAggregateTimesWrapAndGoBack(t *testing.T) {
	var b []byte
	b = message.AppendAggregated(b, &chunk.Message{Type: 8, Timestamp: 100, Payload: []byte{1}})
	b = message.AppendAggregated(b, &chunk.Message{Type: 8, Timestamp: 90, Payload: []byte{2}})
	b = message.AppendAggregated(b, &chunk.Message{Type: 8, Timestamp: 120, Payload: []byte{3}})
	m := wire(message.TypeAggregate, b)
	m.Timestamp = 0xfffffffa
	got, err := split(t, m)
	require.NoError(t, err)
	require.Equal(t, uint32(0xfffffffa), got[0].Timestamp)
	require.Equal(t, uint32(0xfffffff0), got[1].Timestamp)
	require.Equal(t, uint32(14), got[2].Timestamp)
}

func TestAggregateCutAnywhereEndsCleanly(t *testing.T) {
	whole := threeInside()
	for cut := range len(whole) + 1 {
		got, err := split(t, wire(message.TypeAggregate, whole[:cut]))
		// The boundaries behind each message, without and with its back pointer: 11+2, 11+1 and 11 bytes, 4 each.
		switch {
		case cut == 0:
			require.Empty(t, got)
			require.NoError(t, err)
		case cut < 13:
			require.Empty(t, got)
			require.Error(t, err, cut)
		case cut <= 17:
			require.Len(t, got, 1)
			require.NoError(t, err, cut)
		case cut < 29:
			require.Len(t, got, 1)
			require.Error(t, err, cut)
		case cut <= 33:
			require.Len(t, got, 2)
			require.NoError(t, err, cut)
		case cut < 44:
			require.Len(t, got, 2)
			require.Error(t, err, cut)
		default:
			require.Len(t, got, 3)
			require.NoError(t, err, cut)
		}
	}
}

func TestAggregateThatLiesAboutALength(t *testing.T) {
	b := threeInside()
	b[17+1] = 0xff // the second message claims 16 MB
	got, err := split(t, wire(message.TypeAggregate, b))
	require.Len(t, got, 1)
	require.ErrorIs(t, err, message.ErrAggregateSize)
	var parseErr *message.ParseError
	require.ErrorAs(t, err, &parseErr)
	require.Equal(t, 17, parseErr.Offset)
}

func TestAggregateCountIsBounded(t *testing.T) {
	var b []byte
	for range message.AggregateMessagesMax {
		b = message.AppendAggregated(b, &chunk.Message{Type: 8})
	}
	got, err := split(t, wire(message.TypeAggregate, b))
	require.NoError(t, err)
	require.Len(t, got, message.AggregateMessagesMax)

	got, err = split(t, wire(message.TypeAggregate, message.AppendAggregated(b, &chunk.Message{Type: 8})))
	require.ErrorIs(t, err, message.ErrAggregateCount)
	require.Len(t, got, message.AggregateMessagesMax)
}

func TestPayloadInsideAnAggregateCannotGrowIntoTheNext(t *testing.T) {
	got, err := split(t, wire(message.TypeAggregate, threeInside()))
	require.NoError(t, err)
	require.Equal(t, len(got[0].Payload), cap(got[0].Payload))
}
