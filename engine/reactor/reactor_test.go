package reactor

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

func TestCachedAnswerComesWithoutAQuestion(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.answers(t, `workflow a routed_by_reactor {;}`)
		first := w.ask("cam")
		first.want(t, "valid a")
		w.executor.want(t, "0s publish cam")
		second := w.ask("cam")
		second.want(t, "valid a")
		w.executor.want(t)
		first.want(t)
		other := w.ask("other")
		other.want(t, "valid a")
		w.executor.want(t, "0s publish other")
	})
}

func TestOneQuestionUnderWayAndOneTimerForAName(t *testing.T) {
	withWorld(t, 30, func(t *testing.T, w *world) {
		w.executor.delay = 8 * time.Second
		var askers []*asker
		for range 3 {
			askers = append(askers, w.ask("cam"))
			after(time.Second)
		}
		for _, a := range askers {
			a.want(t)
		}
		after(10 * time.Second)
		for _, a := range askers {
			a.want(t, "valid")
		}
		after(90 * time.Second) // 8 s; 38 s to 46 s; 76 s to 84 s
		w.executor.want(t, "0s publish cam", "38s publish cam", "1m16s publish cam")
	})
}

func TestSlowQuestionDelaysOnlyItsOwnName(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.executor.become(func(q Query) (Result, error) {
			if q.StreamName == "slow" {
				after(8 * time.Second)
			}
			return Result{Valid: true}, nil
		})
		slow, fast := w.ask("slow"), w.ask("fast")
		fast.want(t, "valid")
		slow.want(t)
		after(8 * time.Second)
		slow.want(t, "valid")
	})
}

func TestWorkflowsAreStartedBeforeOthersAreStopped(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow a routed_by_reactor {;};workflow b {;};workflow d {;}`)
		a := w.ask("cam")
		a.want(t, "valid a")
		w.workflows.want(t,
			"upsert a: reactor_ask_stream_cam_update",
			"upsert b: reactor_ask_stream_cam_update",
			"upsert d: reactor_ask_stream_cam_update",
		)
		w.answers(t, `workflow a {;step;};workflow c routed_by_reactor {;}`)
		after(5 * time.Second)
		a.want(t, "valid c")
		w.workflows.want(t,
			"upsert a step: reactor_ask_stream_cam_update",
			"upsert c: reactor_ask_stream_cam_update",
			"stop b: reactor_ask_stream_cam_partially_ended",
			"stop d: reactor_ask_stream_cam_partially_ended",
		)
	})
}

func TestUnchangedAnswerIsNotToldAgainButUpserted(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow a routed_by_reactor {;}`)
		a := w.ask("cam")
		a.want(t, "valid a")
		another := w.ask("cam")
		after(11 * time.Second)
		a.want(t)
		another.want(t, "valid a")
		upsert := "upsert a: reactor_ask_stream_cam_update"
		w.workflows.want(t, upsert, upsert, upsert)
	})
}

func TestNothingRoutableIsAWarningOnce(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		a := w.ask("cam")
		after(11 * time.Second)
		a.want(t, "valid")
		lines := w.log.lines(t, zerolog.WarnLevel)
		require.Len(t, lines, 1)
		require.Equal(t, "ask", lines[0]["reactor_name"])
		require.Equal(t, "cam", lines[0]["stream_name"])
	})
}

func TestNotValidEndsTheStreamAndTheRefreshing(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow b {;};workflow a routed_by_reactor {;}`)
		a := w.ask("cam")
		a.want(t, "valid a")
		w.workflows.take()
		w.answers(t, "invalid banned")
		after(time.Minute)
		a.want(t, "not valid: banned")
		w.workflows.want(t, "stop a: reactor_ask_stream_cam_ended", "stop b: reactor_ask_stream_cam_ended")
		w.executor.want(t, "0s publish cam", "5s publish cam")

		a.Close()
		w.workflows.want(t)
	})
}

func TestNewAskerAsksAgainAfterNotValid(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, "invalid")
		first := w.askQuery("ask", Query{StreamName: "cam", Query: "token=bad", Kind: Stream})
		first.want(t, "not valid: the stream is not allowed")
		second := w.ask("cam")
		second.want(t, "not valid: the stream is not allowed")
		first.want(t)
		w.answers(t, "")
		var asked Query
		w.executor.become(func(q Query) (Result, error) { asked = q; return Result{Valid: true}, nil })
		third := w.askQuery("ask", Query{StreamName: "cam", Query: "token=good", Kind: Publish})
		for _, a := range []*asker{first, second, third} {
			a.want(t, "valid")
		}
		require.Equal(t, "token=good", asked.Query)
	})
}

func TestQuestionThatNobodyWaitsForIsCancelled(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow a {;}`)
		w.executor.delay = 10 * time.Second
		first, second := w.ask("cam"), w.ask("cam")
		after(2 * time.Second)
		first.Close()
		after(2 * time.Second)
		w.executor.want(t, "0s publish cam")
		second.Close()
		w.executor.want(t, "4s cancelled cam")
		after(time.Minute)
		w.executor.want(t)
		w.workflows.want(t)
		first.want(t)
		second.want(t)
	})
}

// An executor that does not care for its context answers a question of the past.
func TestLateResultIsDropped(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		late, _ := parseResult(t, `workflow late {;}`)
		soon, _ := parseResult(t, `workflow soon {;}`)
		first := true
		w.executor.become(func(Query) (Result, error) {
			if first {
				first = false
				after(10 * time.Second)
				return late, nil
			}
			return soon, nil
		})
		gone := w.ask("cam")
		synctest.Wait()
		gone.Close()
		back := w.ask("cam")
		after(time.Minute)
		gone.want(t)
		back.want(t, "valid")
		w.workflows.want(t, "upsert soon: reactor_ask_stream_cam_update")
	})
}

func TestWithoutAnIntervalNothingIsRefreshed(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.ask("cam")
		after(1000 * time.Hour)
		w.executor.want(t, "0s publish cam")
	})
}

func TestWorkflowsEndWithTheLastInterest(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow a {;}`)
		first, second := w.ask("cam"), w.ask("cam")
		w.workflows.want(t, "upsert a: reactor_ask_stream_cam_update")
		first.Close()
		first.Close()
		w.workflows.want(t)
		second.Close()
		w.workflows.want(t, "stop a: reactor_ask_stream_cam_closed")
		w.executor.take()
		after(time.Minute)
		w.executor.want(t)
		require.Zero(t, w.manager.Stats()[0].Streams)
	})
}

func TestClosingAnOldInterestDoesNotEndANewOne(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.answers(t, `workflow a {;}`)
		old := w.ask("cam")
		old.want(t, "valid")
		w.workflows.take()
		next := w.ask("cam")
		old.Close()
		old.Close()
		w.workflows.want(t)
		next.Close()
		w.workflows.want(t, "stop a: reactor_ask_stream_cam_closed")
	})
}

func TestQueryOfTheFirstAskerIsRepeated(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		var asked []Query
		w.executor.become(func(q Query) (Result, error) { asked = append(asked, q); return Result{Valid: true}, nil })
		q := Query{StreamName: "cam", Query: "token=1", ClientIP: "192.0.2.7", App: "live", Kind: Publish}
		first := w.askQuery("ask", q)
		first.want(t, "valid")
		w.askQuery("ask", Query{StreamName: "cam", Query: "token=2", Kind: Play})
		first.Close()
		after(6 * time.Second)
		synctest.Wait()
		require.Equal(t, []Query{q, q}, asked)
	})
}

// Lookups fail safe.
func TestFailedRefreshChangesNothing(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow a routed_by_reactor {;}`)
		a := w.ask("cam")
		a.want(t, "valid a")
		w.workflows.take()
		w.answers(t, "error")
		after(12 * time.Second)
		a.want(t)
		w.workflows.want(t)
		require.Equal(t, Stats{Reactor: "ask", Executor: "fake", Streams: 1, Questions: 3, FailedRefreshes: 2}, w.stats(t))
		lines := w.log.lines(t, zerolog.WarnLevel)
		require.Len(t, lines, 2)
		require.Equal(t, "cam", lines[0]["stream_name"])
		require.Equal(t, "out of reach", lines[0]["error"])
		another := w.ask("cam")
		another.want(t, "valid a")

		w.answers(t, "invalid")
		after(5 * time.Second)
		a.want(t, "not valid: the stream is not allowed")
		w.workflows.want(t, "stop a: reactor_ask_stream_cam_ended")
	})
}

func TestFirstQuestionThatFailsIsNotValidAndRepeatedIfSomebodyStays(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, "error")
		leaving, staying := w.ask("gone"), w.ask("cam")
		leaving.want(t, "not valid: it could not be found out whether the stream is allowed")
		staying.want(t, "not valid: it could not be found out whether the stream is allowed")
		leaving.Close()
		after(6 * time.Second)
		staying.want(t)
		w.answers(t, "")
		after(5 * time.Second)
		staying.want(t, "valid")
		leaving.want(t)
		require.Equal(t, Stats{Reactor: "ask", Executor: "fake", Streams: 1, Questions: 4, FailedQuestions: 3}, w.stats(t))
	})
}

// An asker that comes while the reactor waits to ask again asks at once, and that is then the only question.
func TestAskerReplacesTheTimerOfAFailedQuestion(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, "error")
		w.ask("cam")
		after(3 * time.Second)
		w.answers(t, "")
		w.ask("cam")
		after(4 * time.Second)
		w.executor.want(t, "0s publish cam", "3s publish cam")
		after(2 * time.Second)
		w.executor.want(t, "8s publish cam")
	})
}

// Nor does the replaced timer ask while the new question is under way.
func TestReplacedTimerDoesNotAskBesideASlowQuestion(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, "error")
		w.ask("cam")
		after(3 * time.Second)
		w.executor.become(func(Query) (Result, error) {
			after(4 * time.Second)
			return Result{Valid: true}, nil
		})
		w.ask("cam")
		after(8 * time.Second)
		w.executor.want(t, "0s publish cam", "3s publish cam")
	})
}

func TestPanickingExecutorIsAFailedQuestion(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.executor.become(func(Query) (Result, error) { panic("oops") })
		a := w.ask("cam")
		a.want(t, "not valid: it could not be found out whether the stream is allowed")
		lines := w.log.lines(t, zerolog.WarnLevel)
		require.Contains(t, lines[0]["error"], "oops")
		require.Contains(t, lines[0]["error"], "reactor_test.go")
	})
}

func TestPanickingAskerHearsNoMoreAndHoldsNothing(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, `workflow a {;}`)
		calls := 0
		w.manager.Ask("ask", Query{StreamName: "cam"}, func(Answer) { calls++; panic("oops") })
		after(time.Minute)
		w.nothingLeft(t)
		require.Equal(t, 1, calls)
		other := w.ask("other")
		other.want(t, "valid")
		require.Equal(t, "oops", w.log.lines(t, zerolog.ErrorLevel)[0]["panic"])
	})
}

func TestCloseFromTheCallIsItsLast(t *testing.T) {
	withWorld(t, 5, func(t *testing.T, w *world) {
		w.answers(t, "invalid")
		interest := make(chan *Interest, 1)
		calls := 0
		interest <- w.manager.Ask("ask", Query{StreamName: "cam"}, func(Answer) { calls++; (<-interest).Close() })
		synctest.Wait()
		other := w.ask("cam")
		other.want(t, "not valid: the stream is not allowed")
		require.Equal(t, 1, calls)
	})
}

// Two askers close each other's interest, so only one of them hears the answer.
func TestClosedInterestHearsNothing(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		w.executor.delay = time.Second
		var calls trace
		both := make(chan [2]*Interest, 1)
		closeOther := func(k int) func(Answer) {
			return func(Answer) {
				calls.add("call")
				interests := <-both
				both <- interests
				interests[1-k].Close()
			}
		}
		q := Query{StreamName: "cam"}
		both <- [2]*Interest{w.manager.Ask("ask", q, closeOther(0)), w.manager.Ask("ask", q, closeOther(1))}
		after(2 * time.Second)
		calls.want(t, "call")
	})
}

func TestClosedBeforeTheReactorKnewIt(t *testing.T) {
	withWorld(t, 0, func(t *testing.T, w *world) {
		block := make(chan struct{})
		w.manager.Ask("ask", Query{StreamName: "x"}, func(Answer) { <-block })
		synctest.Wait()
		a := w.ask("cam")
		a.Close()
		close(block)
		a.want(t)
		w.executor.want(t, "0s  x")
	})
}

// Many clients come and go at the same time; in the end nothing is left.
func TestStressLeavesNothingBehind(t *testing.T) {
	withWorld(t, 1, func(t *testing.T, w *world) {
		w.executor.become(func(q Query) (Result, error) {
			return parseResult(t, fmt.Sprintf(`workflow w_%s routed_by_reactor {;};workflow shared {;}`, q.StreamName))
		})
		var clients sync.WaitGroup
		for c := range 20 {
			clients.Go(func() {
				for k := range 30 {
					a := w.ask(fmt.Sprint((c + k) % 7))
					after(time.Duration(c*k%13) * 100 * time.Millisecond)
					a.Close()
				}
			})
		}
		clients.Wait()
		synctest.Wait()
		w.nothingLeft(t)
	})
}
