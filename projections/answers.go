package projections

import (
	"context"
	"errors"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Traced is the walk's answer with what it speaks of. It is shared by all who
// ask the same: nobody may change it.
type Traced struct {
	Case     domain.CaseID
	Rule     tracing.Rule
	Chosen   bool               // the rule is the one locked on record by then
	Lock     *domain.RuleLocked // the last one locked by then, or nil
	Position uint64             // of the log: what was recorded up to it
	At       time.Time          // what had happened by then; zero: all
	Answer   tracing.Answer     // possible doubles stand among its warnings
	Assembly *Assembly          // what was walked
}

type traceKey struct {
	id   domain.CaseID
	rule tracing.Rule
	upto uint64
	at   time.Time
}

// Trace walks a case. Answers are kept: the same question about the same
// position of the log is walked once.
func (v *Views) Trace(ctx context.Context, a Ask) (*Traced, error) {
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	rule, _ := chosenRule(a.Rule, assembly.File)
	answer, err := v.answers.get(ctx, traceKey{a.Case, rule, assembly.Position, a.At.UTC()}, func() (*tracing.Answer, error) {
		answer, err := tracing.Trace(assembly.input(rule, a))
		return &answer, err
	})
	if err != nil {
		return nil, err
	}
	return traced(assembly, a, *answer), nil
}

// index keeps a walk of a case, whatever moment is asked for, so that one
// account is answered as of many moments from it; nil where each moment must
// be walked (tracing.ErrNoIndex).
func (v *Views) index(ctx context.Context, a Ask) (*tracing.Index, error) {
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	rule, _ := chosenRule(a.Rule, assembly.File)
	return v.indexes.get(ctx, traceKey{id: a.Case, rule: rule, upto: assembly.Position}, func() (*tracing.Index, error) {
		index, err := tracing.NewIndex(assembly.input(rule, a))
		if errors.Is(err, tracing.ErrNoIndex) {
			return nil, nil
		}
		return index, err
	})
}

// traced says of an answer what it speaks of, and warns of possible doubles.
func traced(s *Assembly, a Ask, answer tracing.Answer) *Traced {
	answer.Warnings = slices.Concat(answer.Warnings, s.Warnings)
	_, chosen := chosenRule(answer.Rule, s.File)
	return &Traced{a.Case, answer.Rule, chosen, s.File.Lock, s.Position, a.At, answer, s}
}
