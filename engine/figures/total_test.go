package figures

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTotalsSumWhatFindsNoRoomTogether(t *testing.T) {
	totals := NewTotals(NewLabels(2))
	a, b := Label{"w", "a"}, Label{"w", "b"}
	totals.Add(a, Counts{Bytes: 1})
	totals.Add(b, Counts{Bytes: 2})
	totals.Add(Label{"w", "c"}, Counts{Bytes: 4})
	totals.Add(Label{"w", "d"}, Counts{Bytes: 8})
	totals.Add(a, Counts{Bytes: 16})
	require.Equal(t, Sums{a: {Bytes: 17}, b: {Bytes: 2}, Others: {Bytes: 12}}, totals.All())
}

func TestSumsOfALabelWithoutAPlaceGoToTheOthers(t *testing.T) {
	totals := NewTotals(NewLabels(1))
	a := Label{"w", "a"}
	totals.Add(a, Counts{Streams: 1})
	all := totals.All()
	all.Add(a, Counts{Sent: 3})
	all.Add(Label{"w", "b"}, Counts{Sent: 5})
	require.Equal(t, Sums{a: {Streams: 1, Sent: 3}, Others: {Sent: 5}}, all)
	require.Equal(t, Sums{a: {Streams: 1}}, totals.All(), "All is a copy")
}

// TestTotalsShareLabels: together they have as many as there are places, so a label has the same name in all of them.
func TestTotalsShareLabels(t *testing.T) {
	labels := NewLabels(2)
	rtmp, http := NewTotals(labels), NewTotals(labels)
	a, b, c := Label{"w", "a"}, Label{"w", "b"}, Label{"w", "c"}
	rtmp.Add(a, Counts{Bytes: 1})
	http.Add(b, Counts{Sent: 2}) // the last place
	http.Add(c, Counts{Sent: 4}) // one above
	rtmp.Add(c, Counts{Bytes: 8})
	rtmp.Add(b, Counts{Bytes: 16})
	require.Equal(t, Sums{a: {Bytes: 1}, b: {Bytes: 16}, Others: {Bytes: 8}}, rtmp.All())
	require.Equal(t, Sums{b: {Sent: 2}, Others: {Sent: 4}}, http.All())
}

func TestLabelsUnlessTheOperatorSaysOtherwise(t *testing.T) {
	labels := NewLabels(0)
	label := func(i int) Label { return Label{"w", strconv.Itoa(i)} }
	for i := range labelsMax {
		require.Equal(t, label(i), labels.place(label(i)))
	}
	require.Equal(t, Others, labels.place(label(labelsMax)))
	require.Equal(t, label(0), labels.place(label(0)), "it keeps its place")
}
