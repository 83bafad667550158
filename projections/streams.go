package projections

import (
	"context"
	"time"

	"clew/tracing"
)

// Streamed is the way of all victims' money with what it speaks of. It is
// shared by all who ask the same: nobody may change it.
type Streamed struct {
	Rule     tracing.Rule
	Chosen   bool   // the rule is the one locked on record by then
	Position uint64 // of the log: what was recorded up to it
	Course   *tracing.Course
	Assembly *Assembly
}

// Streams tells the way of all victims' money through a case. Of Ask.At it
// takes no heed: a course has its own times, and can be read as of any moment.
func (v *Views) Streams(ctx context.Context, a Ask) (*Streamed, error) {
	a.At = time.Time{}
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	rule, chosen := chosenRule(a.Rule, assembly.File)
	course, err := v.courses.get(ctx, traceKey{a.Case, rule, assembly.Position, a.At}, func() (*tracing.Course, error) {
		course, err := tracing.Streams(assembly.input(rule, a))
		return &course, err
	})
	return &Streamed{rule, chosen, assembly.Position, course, assembly}, err
}
