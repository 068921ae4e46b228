// Package workflow runs workflows: ordered lists of steps that media passes through.
//
// A [Manager] keeps the set of workflows. Each one is run by a goroutine of its own, the runner, which owns the steps,
// what they are primed with, and everything else about the workflow. All that comes from elsewhere (media, results of
// slow work, updates, questions) passes through the workflow's inbox and is handled one after the other, so steps need
// no locks.
//
// # The life of a step
//
// An update makes the steps that are new in it while the old list goes on working. When all steps of the new list are
// ready, the lists are swapped: steps that are not in the new list are closed, from last to first; new steps are primed
// with the stream notices and sequence headers that they missed; steps in both lists are inherited and their clients
// notice nothing.
//
// A new step that fails before the swap takes its update with it: the other new steps are closed and the old list works
// on. Any other step that fails puts the whole workflow in error: all of its steps are closed. The next update tries
// again, and so does the runner by itself if the cause can pass (see [Temporary]).
//
// # Who owns a payload
//
// The runner owns one count of each payload that is delivered and releases it when the whole chain of steps has run.
// Steps borrow it. Caches hold counts of their own.
package workflow
