package workflow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
	"mmids/engine/media"
)

// steps returns the steps that the lines of a workflow make.
func steps(t testing.TB, lines string) []config.Step {
	t.Helper()
	doc, err := config.Parse("test", []byte("workflow w {\n"+lines+"\n}"))
	require.NoError(t, err)
	return doc.Workflows[0].Steps
}

// passStep hands everything on.
type passStep struct{}

func (passStep) Execute(in Input, out *Output) Status {
	out.Pass(in.Media...)
	return Status{State: Active}
}

func (passStep) Close() {}

func passKind() Kind {
	return Kind{New: func(config.Step, Env) (Step, Status, error) {
		return passStep{}, Status{State: Active}, nil
	}}
}

func packet(id media.StreamID, kind media.Kind, size int) media.Notification {
	return media.Notification{
		Event:  media.Coded,
		Stream: id,
		Packet: media.Packet{Kind: kind, Body: media.NewBuffer(media.Alloc(size))},
	}
}

func keyFrame(id media.StreamID, size int) media.Notification {
	n := packet(id, media.Video, size)
	n.Packet.KeyFrame = true
	return n
}

// noLeaks fails the test if payload memory is in use afterwards that was not before.
func noLeaks(t testing.TB) {
	before := media.InUse()
	t.Cleanup(func() { require.Equal(t, before, media.InUse(), "payloads that nobody released") })
}
