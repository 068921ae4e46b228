package message_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/amf"
	"mmids/rtmp/message"
)

var description = &amf.ECMAArray{Properties: []amf.Property{{Name: "width", Value: 1280.0}}}

func parseData(t *testing.T, typ uint8, payload []byte) (*message.Data, error) {
	t.Helper()
	var p message.Parser
	m, err := p.Parse(wire(typ, payload))
	if err != nil {
		return nil, err
	}
	return m.(*message.Data), nil
}

func TestDataFindsItsName(t *testing.T) {
	plain := body(t, "onMetaData", description)
	for name, payload := range map[string][]byte{
		"bare":                          plain,
		"@setDataFrame":                 append(body(t, "@setDataFrame"), plain...),
		"two numbers and @setDataFrame": append(body(t, 0.0, 1234.5, "@setDataFrame"), plain...),
		"two numbers":                   append(body(t, 0.0, 0.0), plain...),
	} {
		for _, typ := range []uint8{message.TypeDataAMF0, message.TypeDataAMF3} {
			d, err := parseData(t, typ, payload)
			require.NoError(t, err, name)
			require.Equal(t, "onMetaData", d.Name, name)
			require.Equal(t, plain, d.Body, name)
			require.Equal(t, typ, d.Type(), name)
			values, err := d.Values(amf.Limits{})
			require.NoError(t, err, name)
			require.Equal(t, []any{description}, values, name)
		}
		d, err := parseData(t, message.TypeDataAMF3, append([]byte{0}, payload...))
		require.NoError(t, err, name)
		require.Equal(t, plain, d.Body, name)
		require.True(t, d.AMF3, name)
	}
}

func TestClearDataFrame(t *testing.T) {
	d, err := parseData(t, message.TypeDataAMF0, body(t, "@clearDataFrame", "onMetaData"))
	require.NoError(t, err)
	require.Equal(t, message.NameClearDataFrame, d.Name)
	values, err := d.Values(amf.Limits{})
	require.NoError(t, err)
	require.Equal(t, []any{"onMetaData"}, values)
}

func TestDataWithoutAName(t *testing.T) {
	for name, payload := range map[string][]byte{
		"empty":                     nil,
		"four bytes of time code":   {0, 0, 1, 2},
		"a number":                  body(t, 1.0),
		"an object":                 body(t, description),
		"nothing to keep":           body(t, "@setDataFrame"),
		"no name to keep":           body(t, "@setDataFrame", description),
		"name longer than the body": {2, 0, 10, 'o', 'n'},
		"format byte alone":         {0},
	} {
		for _, typ := range []uint8{message.TypeDataAMF0, message.TypeDataAMF3} {
			_, err := parseData(t, typ, payload)
			var parseErr *message.ParseError
			require.ErrorAs(t, err, &parseErr, name)
		}
	}
}

func TestBrokenValuesAreFoundWhenAskedFor(t *testing.T) {
	d, err := parseData(t, message.TypeDataAMF0, append(body(t, "onCuePoint", "first"), 0x02, 0xff, 0xff))
	require.NoError(t, err)
	values, err := d.Values(amf.Limits{})
	require.Error(t, err)
	require.Equal(t, []any{"first"}, values)

	broken := message.Data{Body: []byte{0x02}}
	_, err = broken.Values(amf.Limits{})
	require.Error(t, err)
}
