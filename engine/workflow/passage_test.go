package workflow_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"mmids/engine/workflow"
)

func TestPassages(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		type passage = workflow.Passage
		want := func(passages ...[2]passage) {
			t.Helper()
			synctest.Wait()
			d, err := h.manager.Details(background, "w")
			require.NoError(t, err)
			var got [][2]passage
			for _, s := range d.Active {
				got = append(got, [2]passage{s.In, s.Out})
			}
			require.Equal(t, passages, got)
		}
		h.upsert(t, "w", "pass name=in; pass name=a; source name=end")
		want([2]passage{}, [2]passage{}, [2]passage{})

		in := h.find("in").env.Futures
		in.Deliver(read("new s,new t,vh s 12,key s 345,meta s")) // what it puts out by itself
		two := passage{Streams: 2, Packets: 2, Bytes: 5}
		want([2]passage{{}, two}, [2]passage{two, two}, [2]passage{two, {}})

		in.Post(result{"put audio t 6789", h.stage}) // what it puts out when it is executed
		more := passage{Streams: 2, Packets: 3, Bytes: 9}
		want([2]passage{{}, more}, [2]passage{more, more}, [2]passage{more, {}})

		h.inboxes["w"].Deliver(read("audio u 0")) // what comes from outside
		all := passage{Streams: 2, Packets: 4, Bytes: 10}
		want([2]passage{{Packets: 1, Bytes: 1}, all}, [2]passage{all, all}, [2]passage{all, {}})

		in.Deliver(read("end s"))
		all.Streams = 1
		want([2]passage{{Packets: 1, Bytes: 1}, all}, [2]passage{all, all}, [2]passage{all, {}})

		in.Post(result{"fail tired", h.stage})
		all.Streams = 0
		want([2]passage{{Packets: 1, Bytes: 1}, all}, [2]passage{all, all}, [2]passage{all, {}})
	})
}
