package workflow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"mmids/engine/media"
	"mmids/engine/workflow"
)

// listen opens a tap that says what it hears until it ends.
func (h *house) listen(t *testing.T, ctx context.Context, name string) (over chan error) {
	t.Helper()
	tap, err := h.manager.Tap(ctx, "w", media.StreamID(name))
	require.NoError(t, err)
	over = make(chan error, 1)
	go func() {
		defer tap.Close()
		over <- tap.Listen(ctx, func(batch []media.Notification) error {
			for i := range batch {
				h.say("tap: %s", write(batch[i:i+1]))
			}
			return nil
		})
	}()
	synctest.Wait()
	return over
}

func TestTap(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "source name=in\npass name=a")
		synctest.Wait()
		emit := func(name, what string) {
			h.find(name).env.Futures.Deliver(read(what))
			synctest.Wait()
		}
		heard := func(lines ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for line := range strings.Lines(h.said()) {
				if what, ok := strings.CutPrefix(strings.TrimSpace(line), "tap: "); ok {
					got = append(got, what)
				}
			}
			require.Equal(t, lines, got)
		}
		_, err := h.manager.Tap(background, "w", "s")
		require.ErrorIs(t, err, workflow.ErrNoStream)
		_, err = h.manager.Tap(background, "x", "s")
		require.ErrorIs(t, err, workflow.ErrNotFound)

		emit("in", "new s,new t,vh s 1,key s 2")
		h.said()
		over := h.listen(t, background, "s")
		heard("new s", "vh s 1")
		emit("in", "key s 3,key t 9,audio s 4")
		heard("key s 3", "audio s 4")
		emit("a", "new s,key s 5,end s")
		heard() // another step's stream of the same id
		emit("in", "end s")
		heard("end s")
		require.NoError(t, <-over)

		over = h.listen(t, background, "t")
		heard("new t")
		h.upsert(t, "w", "source name=other\npass name=a")
		synctest.Wait()
		heard("end t")
		require.NoError(t, <-over, "the step that it came from is gone")

		h.find("other").env.Futures.Deliver(read("new u"))
		synctest.Wait()
		over = h.listen(t, background, "u")
		h.stop(t, "w")
		require.NoError(t, <-over)
	})
}

func TestTapEndsWithItsListener(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "source name=in")
		synctest.Wait()
		h.find("in").env.Futures.Deliver(read("new s,vh s 1"))
		synctest.Wait()

		ctx, cancel := context.WithCancel(background)
		over := h.listen(t, ctx, "s")
		cancel()
		require.ErrorIs(t, <-over, context.Canceled)

		tap, err := h.manager.Tap(background, "w", "s")
		require.NoError(t, err)
		enough := errors.New("enough")
		require.ErrorIs(t, tap.Listen(background, func([]media.Notification) error { return enough }), enough)
		tap.Close()
		h.find("in").env.Futures.Deliver(read("key s 2")) // nobody hears it, nobody keeps it
		synctest.Wait()
	})
}

func TestTapThatDoesNotKeepUpLosesMedia(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "source name=in\npass name=a")
		synctest.Wait()
		h.find("in").env.Futures.Deliver(read("new s"))
		synctest.Wait()
		tap, err := h.manager.Tap(background, "w", "s")
		require.NoError(t, err)
		defer tap.Close()
		for range 20_000 {
			h.find("in").env.Futures.Deliver(read("key s 2"))
			synctest.Wait()
		}
		require.NotZero(t, tap.Dropped())
		details, err := h.manager.Details(background, "w")
		require.NoError(t, err)
		require.Zero(t, details.Dropped, "the workflow itself loses nothing")
	})
}

func TestTooManyTaps(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upsert(t, "w", "source name=in")
		synctest.Wait()
		h.find("in").env.Futures.Deliver(read("new s"))
		synctest.Wait()
		for range 16 {
			tap, err := h.manager.Tap(background, "w", "s")
			require.NoError(t, err)
			defer tap.Close()
		}
		_, err := h.manager.Tap(background, "w", "s")
		require.ErrorIs(t, err, workflow.ErrTooManyTaps)
	})
}
