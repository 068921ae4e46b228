package figures

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTotalsSumWhatFindsNoRoomTogether(t *testing.T) {
	totals := NewTotals(2)
	a, b := Label{"w", "a"}, Label{"w", "b"}
	totals.Add(a, Counts{Bytes: 1})
	totals.Add(b, Counts{Bytes: 2})
	totals.Add(Label{"w", "c"}, Counts{Bytes: 4})
	totals.Add(Label{"w", "d"}, Counts{Bytes: 8})
	totals.Add(a, Counts{Bytes: 16})
	require.Equal(t, Sums{a: {Bytes: 17}, b: {Bytes: 2}, Others: {Bytes: 12}}, totals.All())
}

func TestSumsOfALabelWithoutAPlaceGoToTheOthers(t *testing.T) {
	totals := NewTotals(1)
	a := Label{"w", "a"}
	totals.Add(a, Counts{Streams: 1})
	all := totals.All()
	all.Add(a, Counts{Sent: 3})
	all.Add(Label{"w", "b"}, Counts{Sent: 5})
	require.Equal(t, Sums{a: {Streams: 1, Sent: 3}, Others: {Sent: 5}}, all)
	require.Equal(t, Sums{a: {Streams: 1}}, totals.All(), "All is a copy")
}
