// Package reactor asks outside services which streams may be, and which workflows they need.
//
// A [Manager] holds the reactors of the configuration. Whoever needs to know about a stream name asks one of them with
// [Manager.Ask], hears its answer, and goes on hearing when the answer changes, until [Interest.Close]. How the outside
// service is asked is the matter of the reactor's [Executor], which a distribution registers with [Executors]; the one of
// this package is [SimpleHTTP].
//
// # The life of a stream name
//
// The first interest in a name makes the reactor ask. All others share the question and its answer, so there is one
// question under way and one timer for each name, however many are interested. With a valid answer come workflows,
// which are started before the ones that an older answer had and this one has not are stopped. With an update interval the
// question is repeated that long after each answer. When the last interest ends, a question under way is cancelled and
// the workflows are stopped.
//
// # Whose question it is
//
// An answer belongs to the stream name, not to the client: the service is told who asked first (query, address, app
// and kind), a repeated question says the same, and a later asker is given the answer that is known already. A
// service that must judge each client, or publishers otherwise than viewers, cannot be asked through one reactor: give
// publishers and viewers reactors of their own.
//
// # Failing safe
//
// A service that cannot be reached is not one that says no. If a repeated question fails, everything stays as it was
// and the next one is asked at its time; only an answer that says "not valid" ends a stream. A first question that
// fails, after whatever the executor does to try again, counts as not valid, for nothing is known that could stay. It is
// repeated after the update interval, if somebody is still interested by then.
//
// # Workflows that two streams name
//
// Answers should give each stream's workflows names of their own. If the answers for two stream names, of one reactor
// or of two, have a workflow of the same name, an error is logged that names both. The definition of the one that came
// first runs, so that nobody disturbs what is running already, and the workflow is stopped when nobody needs it any
// more. Workflows of the configuration file are not known here, so their names must not occur in answers.
package reactor
