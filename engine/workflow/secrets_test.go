package workflow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmids/engine/config"
)

// lines are the steps as a text, with positions gone.
func lines(w config.Workflow) string {
	text := (&config.Document{Workflows: []config.Workflow{w}}).Format()
	return text
}

func TestIllegibleAndRestore(t *testing.T) {
	running := config.Workflow{Name: "w", Steps: steps(t, `
		rtmp_receive rtmp_app=live stream_key=cam?auth=1
		push target=rtmp://host/app/key-a password=pa
		push target=rtmp://host/app/key-b password=pb
		push target=rtmp://other/app/key-c
		plain a b=1 c=…`)}
	shown := Illegible(running)
	for _, secret := range []string{"auth=1", "key-a", "key-b", "key-c", "pa ", "pb"} {
		require.NotContains(t, lines(shown), secret)
	}
	require.True(t, IsIllegible(shown))
	require.False(t, IsIllegible(running))
	require.Contains(t, lines(running), "key-a", "the definition itself is as it was")

	restored, mistakes := Restore(shown, running)
	require.Empty(t, mistakes)
	require.Equal(t, lines(running), lines(restored))

	f := func(text, want string, messages ...string) {
		t.Helper()
		asked := config.Workflow{Name: "w", Steps: steps(t, text)}
		restored, mistakes := Restore(asked, running)
		var got []string
		for _, m := range mistakes {
			require.Equal(t, IDIllegible, m.ID)
			require.Positive(t, m.Pos.Column)
			got = append(got, m.Message)
		}
		require.Equal(t, messages, got)
		if len(messages) == 0 {
			require.Equal(t, lines(config.Workflow{Name: "w", Steps: steps(t, want)}), lines(restored))
		}
	}
	// Another parameter of the step changes, another step goes, the order changes.
	f("push target=rtmp://other/app/… retries=3", "push target=rtmp://other/app/key-c retries=3")
	f("push target=rtmp://other/app/…\nrtmp_receive stream_key=\"cam?…\" rtmp_app=live", "push target=rtmp://other/app/key-c\nrtmp_receive stream_key=\"cam?auth=1\" rtmp_app=live")
	f("push target=rtmp://host/app/… password=…\npush target=rtmp://host/app/… password=…",
		"push target=rtmp://host/app/key-a password=pa\npush target=rtmp://host/app/key-b password=pb")
	f("push target=rtmp://host/app/written-anew", "push target=rtmp://host/app/written-anew")
	f("plain c=… x=a…b", "plain c=… x=a…b")
	// One of two that look alike: which one it is cannot be known.
	f("push target=rtmp://host/app/… password=…", "",
		"push: … in target may stand for several secrets", "push: … in password may stand for several secrets")
	// A secret goes nowhere else: to no other host, type or parameter.
	f("push target=rtmp://evil/app/…", "", "push: … in target stands for no secret of the running workflow")
	f("pull target=rtmp://host/app/…", "", "pull: … in target stands for no secret of the running workflow")
	f("push location=rtmp://other/app/…", "", "push: … in location stands for no secret of the running workflow")

	_, mistakes = Restore(shown, config.Workflow{})
	require.Len(t, mistakes, 6)
}
