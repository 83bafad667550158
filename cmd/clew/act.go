package main

import (
	"context"
	"errors"
	"fmt"

	"clew/casework"
	"clew/domain"
)

// act is what a command recorded, in words.
type act struct {
	what    string         // "case C1 is open": a statement that holds now
	fields  map[string]any // what its JSON says beside the positions
	next    string         // what a person would do next
	outcome casework.Outcome
}

// act opens the store for a person who records something, and says what came
// of it.
func (p *program) act(ctx context.Context, how making, do func(*office, casework.By) (act, error)) error {
	by, err := p.by()
	if err != nil {
		return err
	}
	return p.with(ctx, how, func(o *office) error {
		done, err := do(o, by)
		if err != nil {
			return err
		}
		met, err := o.met(ctx, by, done)
		return errors.Join(p.sayAct(done, met), err)
	})
}

// do carries out a command on a case. The act says in words what holds then.
func (p *program) do(ctx context.Context, id domain.CaseID, command domain.Command, said act) error {
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		outcome, err := o.desk.Do(ctx, by, id, command)
		said.outcome = outcome
		return said, err
	})
}

// sayAct says what a command recorded, and what its case has in common with
// others since.
func (p *program) sayAct(a act, met []casework.Hit) error {
	object := map[string]any{"first": nil, "last": nil, "repeated": a.outcome.Nothing}
	if a.outcome.Last > 0 {
		object["first"], object["last"] = a.outcome.First, a.outcome.Last
	}
	for name, value := range a.fields {
		object[name] = value
	}
	if len(met) > 0 {
		object["also"] = hitShapes(met)
	}
	err := p.say(reply{object: object, table: actTable(a), text: func(w *page) {
		w.line("%s (%s)", a.what, recordedAt(a.outcome))
		hitsText(w, hitShapes(met))
	}})
	if err == nil && a.next != "" {
		p.next("%s", a.next)
	}
	return err
}

func actTable(a act) *table {
	t := newTable("what", "first>", "last>", "repeated")
	t.add(a.what, number(a.outcome.First), number(a.outcome.Last), fmt.Sprint(a.outcome.Nothing))
	return t
}

// recordedAt says where in the log an act stands.
func recordedAt(o casework.Outcome) string {
	switch {
	case o.Last == 0:
		return "recorded before: nothing new"
	case o.Nothing && o.First == o.Last:
		return fmt.Sprintf("recorded before, at position %d", o.First)
	case o.Nothing:
		return fmt.Sprintf("recorded before, at positions %d to %d", o.First, o.Last)
	case o.First == o.Last:
		return fmt.Sprintf("recorded at position %d", o.First)
	}
	return fmt.Sprintf("recorded at positions %d to %d", o.First, o.Last)
}

// actShape is what a command that records something answers, beside what it
// repeats of the request. Null positions: nothing was recorded.
type actShape struct {
	First    *uint64 `json:"first"`
	Last     *uint64 `json:"last"`
	Repeated bool    `json:"repeated"`
}
