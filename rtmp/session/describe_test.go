package session_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/chunk"
	"mmids/rtmp/message"
	"mmids/rtmp/session"
)

// describe writes a message as one line, for scripts to compare.
func describe(t testing.TB, m *chunk.Message) string {
	t.Helper()
	var p message.Parser
	parsed, err := p.Parse(m)
	require.NoError(t, err)
	switch parsed := parsed.(type) {
	case *message.SetChunkSize:
		return fmt.Sprintf("set chunk size %d", parsed.Size)
	case *message.Acknowledgement:
		return fmt.Sprintf("acknowledgement %d", parsed.SequenceNumber)
	case *message.WindowAckSize:
		return fmt.Sprintf("window ack size %d", parsed.Size)
	case *message.SetPeerBandwidth:
		return fmt.Sprintf("set peer bandwidth %d limit %d", parsed.Size, parsed.Limit)
	case *message.UserControl:
		return describeEvent(parsed)
	case *message.Audio:
		return fmt.Sprintf("%d audio at %d, %d bytes", m.StreamID, m.Timestamp, len(parsed.Payload))
	case *message.Video:
		return fmt.Sprintf("%d video at %d, %d bytes", m.StreamID, m.Timestamp, len(parsed.Payload))
	case *message.Data:
		values, err := parsed.Values(amf.Limits{})
		require.NoError(t, err)
		name := parsed.Name
		if parsed.SetDataFrame {
			name = "@setDataFrame " + name
		}
		return fmt.Sprintf("%d data %s%s", m.StreamID, name, describeValues(values))
	case *message.Command:
		return fmt.Sprintf("%d %s %v %s%s", m.StreamID, parsed.Name, parsed.Transaction,
			describeValue(parsed.Object), describeValues(parsed.Arguments))
	}
	return fmt.Sprintf("%d type %d, %d bytes", m.StreamID, m.Type, len(m.Payload))
}

func describeEvent(m *message.UserControl) string {
	switch m.Event {
	case message.EventStreamBegin:
		return fmt.Sprintf("stream begin %d", m.StreamID)
	case message.EventStreamEOF:
		return fmt.Sprintf("stream eof %d", m.StreamID)
	case message.EventSetBufferLength:
		return fmt.Sprintf("set buffer length %d of %d", m.BufferLength, m.StreamID)
	case message.EventPingRequest:
		return fmt.Sprintf("ping %d", m.Timestamp)
	case message.EventPingResponse:
		return fmt.Sprintf("pong %d", m.Timestamp)
	}
	return fmt.Sprintf("event %d", m.Event)
}

func describeValues(values []any) string {
	var b strings.Builder
	for _, v := range values {
		b.WriteByte(' ')
		b.WriteString(describeValue(v))
	}
	return b.String()
}

func describeValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", v)
	case *amf.Object:
		return "{" + describeProperties(v.Properties) + "}"
	case *amf.ECMAArray:
		return "[" + describeProperties(v.Properties) + "]"
	case *amf.StrictArray:
		return "[" + strings.TrimSpace(describeValues(v.Values)) + "]"
	}
	return fmt.Sprint(v)
}

func describeProperties(properties []amf.Property) string {
	var parts []string
	for _, p := range properties {
		parts = append(parts, p.Name+": "+describeValue(p.Value))
	}
	return strings.Join(parts, ", ")
}

func describeCapabilities(c session.Capabilities) string {
	if !c.Enhanced() {
		return ""
	}
	return fmt.Sprintf(" enhanced list=%v video=%v audio=%v caps=%d", c.FourCCList, c.Video, c.Audio, c.CapsEx)
}

func status(level, code, description string) string {
	return fmt.Sprintf(`{level: %q, code: %q, description: %q}`, level, code, description)
}
