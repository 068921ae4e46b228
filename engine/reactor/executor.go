package reactor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"mmids/engine/config"
)

// Executor asks an outside service. It belongs to one reactor.
type Executor interface {
	// Execute asks one question and waits for the answer. It is called from several goroutines at a time, for one
	// stream name only once at a time. An error means that the service could not be asked: what can be tried again has
	// been by then, for the reactor does not. When ctx ends, nobody needs the answer any more.
	Execute(ctx context.Context, q Query) (Result, error)

	// Close releases what the executor holds. It is called once, when no Execute is under way and none will follow.
	Close()
}

// Result is the answer of an outside service.
type Result struct {
	// Valid says that the stream may be.
	Valid bool
	// Workflows are to run as long as the answer stands. Of several with one name only the first one counts. They
	// mean nothing if the answer is not valid.
	Workflows []config.Workflow
	// Reason tells the client why the answer is not valid. Empty means that no particular reason is known.
	Reason string
}

// routable returns the names of the workflows that take the streams which a reactor sends them.
func (r Result) routable() (names []string) {
	seen := make(map[string]bool, len(r.Workflows))
	for _, w := range r.Workflows {
		isFirst := !seen[w.Name]
		seen[w.Name] = true
		if w.RoutedByReactor && isFirst {
			names = append(names, w.Name)
		}
	}
	return names
}

// Generator makes the executors of one kind.
type Generator struct {
	// Check returns every mistake in the parameters of a definition, without making anything. Nil means that any
	// parameters will do.
	Check func(config.Reactor) []config.Mistake
	// New makes an executor from a definition that passed Check. The log carries the reactor's name.
	New func(config.Reactor, zerolog.Logger) (Executor, error)
}

// What config.Mistake.ID says about a reactor.
const (
	IDUnknownExecutor = "E-RE-EXECUTOR" // nobody has registered the executor
	IDParameter       = "E-RE-PARAM"    // a parameter is missing or wrong
)

// Executors knows the kinds of executors of a distribution. It is filled at the start, before the first reactor; after
// that it may be read from any goroutine. The zero value is empty.
type Executors struct{ generators map[string]Generator }

// Add registers a kind of executor. It fails if the name is empty or taken, or if the generator cannot make any.
func (e *Executors) Add(name string, g Generator) error {
	if name == "" || g.New == nil {
		return fmt.Errorf("executor %q: a name and a function that makes executors are needed", name)
	}
	if _, taken := e.generators[name]; taken {
		return fmt.Errorf("executor %q is registered twice", name)
	}
	if e.generators == nil {
		e.generators = make(map[string]Generator)
	}
	e.generators[name] = g
	return nil
}

// Check returns every mistake in the definition of a reactor that can be found without making it.
func (e *Executors) Check(d config.Reactor) []config.Mistake {
	g, known := e.generators[d.Executor]
	switch {
	case !known:
		return []config.Mistake{e.unknown(d)}
	case g.Check == nil:
		return nil
	}
	return g.Check(d)
}

func (e *Executors) unknown(d config.Reactor) config.Mistake {
	hint := "no executors are known here"
	if len(e.generators) > 0 {
		hint = "known executors: " + strings.Join(slices.Sorted(maps.Keys(e.generators)), ", ")
	}
	message := fmt.Sprintf("reactor %s: unknown executor %s", shown(d.Name), shown(d.Executor))
	return config.Mistake{ID: IDUnknownExecutor, Pos: d.Pos, Message: message, Hint: hint}
}

// create makes the executor of a definition.
func (e *Executors) create(d config.Reactor, log zerolog.Logger) (Executor, error) {
	if mistakes := e.Check(d); len(mistakes) > 0 {
		return nil, config.Errors(mistakes)
	}
	executor, err := e.generators[d.Executor].New(d, log)
	if err != nil {
		message := fmt.Sprintf("reactor %s: executor %s: %v", shown(d.Name), shown(d.Executor), err)
		return nil, config.Errors{{ID: IDParameter, Pos: d.Pos, Message: message}}
	}
	return executor, nil
}

// shownBytesMax bounds what a message repeats of a configuration. A word may have a million letters.
const shownBytesMax = 60

// shown returns a word in quotation marks for a message.
func shown(s string) string {
	if len(s) > shownBytesMax {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:shownBytesMax], ""))
	}
	return fmt.Sprintf("%q", s)
}
