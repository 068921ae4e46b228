package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/figures"
)

// receiver is an endpoint that one stream comes in by.
type receiver struct{ figures.Endpoint }

func (receiver) Streams(dst []figures.Stream) []figures.Stream {
	return append(dst, figures.Stream{ID: "s", Workflow: "w"})
}

func (receiver) Outputs(dst []figures.Output) []figures.Output {
	return append(dst, figures.Output{StreamID: "s", Workflow: "another"})
}

// TestWorkflowOfAStream is the one that receives it. Workflows are not asked: one may hang, and there are none here.
func TestWorkflowOfAStream(t *testing.T) {
	s := &running{view: figures.View{receiver{}}}
	name, known := s.workflowOf("s")
	require.True(t, known)
	require.Equal(t, "w", name)
	_, known = s.workflowOf("t")
	require.False(t, known)
}
