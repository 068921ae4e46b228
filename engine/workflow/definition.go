package workflow

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"mmids/engine/config"
)

// StepID is the identity of a step within its workflow: steps with equal ids are the same step, which an update leaves
// alone. It depends on the type, the parameters in any order, and on how many equal steps stand before it in the
// workflow. It is the same in every process.
type StepID uint64

// String returns the id as an unsigned decimal number.
func (id StepID) String() string { return strconv.FormatUint(uint64(id), 10) }

// definition is a step of a workflow and its identity.
type definition struct {
	id   StepID
	step config.Step
}

// identify returns the definitions of steps, each with an id of its own.
func identify(steps []config.Step) []definition {
	defs := make([]definition, len(steps))
	seen := make(map[StepID]uint64, len(steps))
	for i, s := range steps {
		first := stepID(s, 0)
		defs[i] = definition{stepID(s, seen[first]), s}
		seen[first]++
	}
	return defs
}

// stepID hashes a step. Every text goes in with its length, so that no two definitions give the same bytes; and it is a
// cryptographic hash, so that nobody who may define workflows can find two steps that are taken for one.
func stepID(s config.Step, occurrence uint64) StepID {
	text := func(b []byte, s string) []byte {
		return append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	b := text(binary.AppendUvarint(nil, occurrence), s.Type)
	for _, p := range sortedParams(s.Params) {
		b = text(b, p.Name)
		if p.HasValue {
			b = text(append(b, 1), p.Value)
		} else {
			b = append(b, 0)
		}
	}
	sum := sha256.Sum256(b)
	return StepID(binary.BigEndian.Uint64(sum[:]))
}

// sortedParams returns a copy of params in the order of their names.
func sortedParams(params config.Params) config.Params {
	sorted := slices.Clone(params)
	slices.SortStableFunc(sorted, func(a, b config.Param) int { return strings.Compare(a.Name, b.Name) })
	return sorted
}

// cloneDefinition returns a copy of w that shares no slice with it.
func cloneDefinition(w config.Workflow) config.Workflow {
	w.Steps = slices.Clone(w.Steps)
	for i := range w.Steps {
		w.Steps[i].Params = slices.Clone(w.Steps[i].Params)
	}
	return w
}
