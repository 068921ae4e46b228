package message_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/message"
)

func parseCommand(t *testing.T, typ uint8, payload []byte) (*message.Command, error) {
	t.Helper()
	var p message.Parser
	m, err := p.Parse(wire(typ, payload))
	if err != nil {
		return nil, err
	}
	return m.(*message.Command), nil
}

func TestCommandTakesFewValues(t *testing.T) {
	c, err := parseCommand(t, message.TypeCommandAMF0, body(t, "close"))
	require.NoError(t, err)
	require.Equal(t, &message.Command{Name: "close"}, c)

	c, err = parseCommand(t, message.TypeCommandAMF0, body(t, "createStream", 2.0))
	require.NoError(t, err)
	require.Equal(t, &message.Command{Name: "createStream", Transaction: 2}, c)
}

func TestCommandTakesValuesOfWrongTypes(t *testing.T) {
	c, err := parseCommand(t, message.TypeCommandAMF0, body(t, "publish", "four", true, false, 7.0, nil, amf.Undefined{}))
	require.NoError(t, err)
	require.Zero(t, c.Transaction)
	require.Equal(t, true, c.Object)

	_, ok := c.String(0)
	require.False(t, ok)
	value, ok := c.Bool(0)
	require.True(t, ok)
	require.False(t, value)
	n, ok := c.Number(1)
	require.True(t, ok)
	require.Equal(t, 7.0, n)
	_, ok = c.Bool(1)
	require.False(t, ok)
	_, ok = c.Number(2)
	require.False(t, ok)

	for _, past := range []int{4, 5, 100} {
		_, ok = c.String(past)
		require.False(t, ok)
		_, ok = c.Number(past)
		require.False(t, ok)
		_, ok = c.Bool(past)
		require.False(t, ok)
	}
}

func TestCommandWithoutAName(t *testing.T) {
	for _, first := range []any{nil, 1.0, true, &amf.Object{}} {
		_, err := parseCommand(t, message.TypeCommandAMF0, body(t, first, 1.0, nil))
		require.ErrorIs(t, err, message.ErrName)
	}
	_, err := parseCommand(t, message.TypeCommandAMF0, nil)
	require.ErrorIs(t, err, message.ErrShort)
}

func TestAMF3CommandMayLeaveOutTheFormatByte(t *testing.T) {
	plain := body(t, "connect", 1.0, &amf.Object{Properties: []amf.Property{{Name: "app", Value: "live"}}})
	for _, payload := range [][]byte{plain, append([]byte{0}, plain...)} {
		c, err := parseCommand(t, message.TypeCommandAMF3, payload)
		require.NoError(t, err)
		require.Equal(t, "connect", c.Name)
		require.Equal(t, "live", c.Object.(*amf.Object).String("app"))
		require.True(t, c.AMF3)
	}
}

func TestCommandHonoursTheSwitchToAMF3(t *testing.T) {
	// 0x11 switches to AMF3: 0x06 0x07 "cam" is a string, 0x04 0x05 the integer 5.
	payload := append([]byte{0}, body(t, "publish", 5.0, nil)...)
	payload = append(payload, 0x11, 0x06, 0x07, 'c', 'a', 'm', 0x11, 0x04, 0x05)
	c, err := parseCommand(t, message.TypeCommandAMF3, payload)
	require.NoError(t, err)
	key, ok := c.String(0)
	require.True(t, ok)
	require.Equal(t, "cam", key)
	n, ok := c.Number(1)
	require.True(t, ok)
	require.Equal(t, 5.0, n)
}

func TestCommandKeepsTheLimitsOfAMF(t *testing.T) {
	nested := any("deepest")
	for range 5 {
		nested = &amf.StrictArray{Values: []any{nested}}
	}
	payload := body(t, "a", 1.0, nested)

	p := message.Parser{Limits: amf.Limits{Depth: 5}}
	_, err := p.Parse(wire(message.TypeCommandAMF0, payload))
	require.NoError(t, err)
	p.Limits.Depth = 4
	_, err = p.Parse(wire(message.TypeCommandAMF0, payload))
	require.ErrorIs(t, err, amf.ErrTooDeep)
}

func TestCommandWithAnUnencodableValue(t *testing.T) {
	for _, c := range []*message.Command{
		{Name: "a", Object: struct{}{}},
		{Name: "a", Arguments: []any{struct{}{}, "after"}},
	} {
		_, err := c.AppendBody(nil)
		require.ErrorIs(t, err, amf.ErrUnsupportedType)
	}
}

func TestStatusKeepsItsOrder(t *testing.T) {
	s := message.Status{Level: message.LevelError, Code: "NetStream.Publish.BadName", Description: "taken"}
	o := s.Object(amf.Property{Name: "tcUrl", Value: "rtmp://other/live"})
	var names []string
	for _, p := range o.Properties {
		names = append(names, p.Name)
	}
	require.Equal(t, []string{"level", "code", "description", "tcUrl"}, names)

	back, ok := message.StatusOf(o)
	require.True(t, ok)
	require.Equal(t, s, back)
	back, ok = message.StatusOf(&amf.ECMAArray{Properties: o.Properties})
	require.True(t, ok)
	require.Equal(t, s, back)
	for _, no := range []any{nil, "text", 1.0, &amf.Object{}, &amf.Object{Properties: []amf.Property{{Name: "code", Value: 1.0}}}} {
		_, ok = message.StatusOf(no)
		require.False(t, ok)
	}
}
