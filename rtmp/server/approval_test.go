package server_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mmids/engine/access"
	"mmids/engine/limits"
	"mmids/engine/workflow"
	"mmids/rtmp/server"
)

// approver is a fake that lets the test answer.
type approver struct {
	asked    chan access.Applicant
	updates  chan func(valid bool, reason string)
	released chan struct{}
}

func newApprover() *approver {
	return &approver{make(chan access.Applicant, 10), make(chan func(bool, string), 10), make(chan struct{}, 10)}
}

func (a *approver) approve(who access.Applicant, update func(bool, string)) func() {
	a.asked <- who
	a.updates <- update
	return func() { a.released <- struct{}{} }
}

func wait[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("did not happen")
	}
	return v
}

// approving returns a port on which publishers and viewers of the app live need approval.
func approving(t *testing.T) (port int, publishers, viewers *approver, r *registrant) {
	return approvingWith(t, server.Config{})
}

func approvingWith(t *testing.T, c server.Config) (port int, publishers, viewers *approver, r *registrant) {
	h := newHarness(t, c)
	port, publishers, viewers, r = freePort(t), newApprover(), newApprover(), newRegistrant()
	receive := request(port, "live", "*", workflow.NewOwner("w"))
	receive.Approve = publishers.approve
	a, err := h.server.ListenPublishers(receive, r)
	require.NoError(t, err)
	watch := request(port, "live", "*", workflow.NewOwner("w"))
	watch.Approve = viewers.approve
	b, err := h.server.ListenWatchers(watch, newRegistrant())
	require.NoError(t, err)
	t.Cleanup(func() { a.Close(); b.Close() })
	return port, publishers, viewers, r
}

func TestApprovedPublisher(t *testing.T) {
	port, publishers, _, r := approving(t)
	p := dial(t, port, "live").publish("cam?token=x")
	who := wait(t, publishers.asked)
	require.NotEmpty(t, who.ConnectionID)
	who.ConnectionID = ""
	require.Equal(t, access.Applicant{App: "live", Key: "cam", Query: "token=x", ClientIP: "127.0.0.1", Publishes: true}, who)
	update := wait(t, publishers.updates)
	update(true, "")
	p.want("publish start")
	require.Equal(t, "cam", r.next(t).Name)
	update(true, "") // a refresh that changes nothing
	update(false, "The stream is over.")
	p.want("refused: rtmp server refused publish: NetStream.Publish.Failed: The stream is over.", "closed")
	wait(t, publishers.released)
}

func TestRefusedApplicants(t *testing.T) {
	port, publishers, viewers, _ := approving(t)
	p := dial(t, port, "live").publish("cam")
	wait(t, publishers.updates)(false, "Unknown stream.")
	p.want("refused: rtmp server refused publish: NetStream.Publish.Denied: Unknown stream.", "closed")
	wait(t, publishers.released)

	v := dial(t, port, "live").play("cam")
	require.False(t, wait(t, viewers.asked).Publishes)
	wait(t, viewers.updates)(false, "Unknown stream.")
	v.want("refused: rtmp server refused play: NetStream.Play.Failed: Unknown stream.", "closed")
	wait(t, viewers.released)
}

func TestApprovedViewerIsEndedLater(t *testing.T) {
	port, _, viewers, _ := approving(t)
	v := dial(t, port, "live").play("cam")
	update := wait(t, viewers.updates)
	update(true, "")
	v.want("play start")
	update(false, "The show is over.")
	v.want("status Play.Stop", "closed")
	wait(t, viewers.released)
}

func TestApplicantLeaves(t *testing.T) {
	port, publishers, _, _ := approving(t)
	p := dial(t, port, "live").publish("cam")
	update := wait(t, publishers.updates)
	p.close()
	wait(t, publishers.released)
	update(true, "") // too late for anything
	dial(t, port, "live").want("connected")
}

func TestTheFirstApprovedPublisherHasTheKey(t *testing.T) {
	port, publishers, _, _ := approving(t)
	first := dial(t, port, "live").publish("cam")
	updateFirst := wait(t, publishers.updates)
	second := dial(t, port, "live").publish("cam")
	updateSecond := wait(t, publishers.updates)
	updateSecond(true, "")
	second.want("publish start")
	updateFirst(true, "")
	first.want("refused: "+busy("cam"), "closed")
	wait(t, publishers.released)
}

func TestAnApprovalHoldsForOneRequest(t *testing.T) {
	port, publishers, _, _ := approving(t)
	p := dial(t, port, "live").publish("cam")
	wait(t, publishers.updates)(true, "")
	p.want("publish start")
	p.do(func(c client) error { c.Stop(); return nil })
	p.want("status Unpublish.Success")
	wait(t, publishers.released)
	p.do(func(c client) error { return c.Publish("other") })
	wait(t, publishers.updates)(false, "No.")
	p.want("refused: rtmp server refused publish: NetStream.Publish.Denied: No.", "closed")
}

// Whoever waits for a reactor that says nothing is refused, and its late answer changes nothing.
func TestApproverThatDoesNotAnswer(t *testing.T) {
	var counters limits.Counters
	port, publishers, viewers, _ := approvingWith(t, server.Config{ApprovalTimeout: time.Millisecond, Limits: &counters})
	p := dial(t, port, "live").publish("cam")
	p.want("refused: rtmp server refused publish: NetStream.Publish.Denied: "+access.ReasonLate, "closed")
	wait(t, publishers.released)
	require.EqualValues(t, 1, counters.Count(limits.ApprovalTimeout))
	wait(t, publishers.updates)(true, "")

	v := dial(t, port, "live").play("cam")
	v.want("refused: rtmp server refused play: NetStream.Play.Failed: "+access.ReasonLate, "closed")
	wait(t, viewers.released)
	require.EqualValues(t, 2, counters.Count(limits.ApprovalTimeout))
}
