package watch

import (
	"mmids/engine/access"
	"mmids/engine/reactor"
)

// Reactors is who is asked about clients where a step names a reactor.
type Reactors interface {
	Ask(name string, q reactor.Query, f func(reactor.Answer)) *reactor.Interest
}

// Approver lets a reactor decide about clients. Each client that is let in holds an interest in the answer for as long
// as it stays, and is ended when the answer is no longer valid. Without a name there is none: everybody may come.
func Approver(reactors Reactors, name string) access.Approver {
	if name == "" {
		return nil
	}
	return func(a access.Applicant, update func(valid bool, reason string)) (release func()) {
		q := reactor.Query{StreamName: a.Key, Query: a.Query, ClientIP: a.ClientIP, App: a.App, Kind: reactor.Play}
		if a.Publishes {
			q.Kind = reactor.Publish
		}
		return reactors.Ask(name, q, func(answer reactor.Answer) { update(answer.Valid, answer.Reason) }).Close
	}
}
