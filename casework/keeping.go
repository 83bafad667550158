package casework

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"clew/domain"
	"clew/projections"
)

// Erase records that personal data is erased and destroys the keys that it was
// sealed under. A file that several cases have filed is erased in all of them,
// or, where one of them must keep it, in none. Should the program end between
// the record and the keys, the next command destroys them: LearnErasures.
func (d *Desk) Erase(ctx context.Context, by By, c domain.CaseID, erase domain.Erase) (Outcome, error) {
	if d.Vault == nil || d.Vault.Absence() != nil {
		return Outcome{}, domain.Conflict("nothing can be erased without the keys: name the keys file with --vault or CLEW_VAULT")
	}
	if err := errors.Join(d.Views.CatchUp(ctx), d.LearnErasures(ctx)); err != nil {
		return Outcome{}, err
	}
	cases, err := d.casesOf(ctx, c, erase.Of)
	if err != nil {
		return Outcome{}, err
	}
	act, err := newAct(by, c, erase, func(plan *draft) error {
		for _, one := range cases {
			if err := d.planErasure(ctx, one, erase, plan); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Outcome{}, err
	}
	outcome, err := d.record(ctx, act)
	if err != nil {
		return outcome, err
	}
	return outcome, d.LearnErasures(ctx)
}

func (d *Desk) planErasure(ctx context.Context, c domain.CaseID, erase domain.Erase, plan *draft) error {
	file, err := d.open(ctx, c, plan)
	if err != nil {
		return err
	}
	if erase.Keys, err = d.keysOf(ctx, file, erase.Of); err != nil {
		return err
	}
	events, err := erase.Decide(file)
	if err != nil {
		return err
	}
	return plan.add(caseStream(c), events...)
}

// casesOf are the cases in which an erasure is recorded.
func (d *Desk) casesOf(ctx context.Context, c domain.CaseID, of domain.Whose) ([]domain.CaseID, error) {
	if of.File == "" {
		return []domain.CaseID{c}, nil
	}
	filed, err := d.Views.FiledIn(ctx, of.File, projections.Head)
	if err != nil {
		return nil, err
	}
	cases := map[domain.CaseID]bool{}
	for _, f := range filed {
		cases[f.Case] = true
	}
	if !cases[c] {
		return nil, domain.NotFound("no file %s is filed in case %s: 'clew evidence list %s' shows them", of.File, c, c)
	}
	return slices.Sorted(maps.Keys(cases)), nil
}

// keysOf finds the keys that stand for somebody's data: of a victim, those of
// his accounts' holder too.
func (d *Desk) keysOf(ctx context.Context, file *domain.CaseFile, of domain.Whose) ([]string, error) {
	if of.Event > 0 {
		return d.keysOfEvent(ctx, file.ID, of.Event)
	}
	subjects := []string{subjectOf(file.ID, of)}
	if of.Victim != "" {
		for account, said := range file.Accounts {
			if said.Victim == of.Victim {
				subjects = append(subjects, subjectOf(file.ID, domain.Whose{Account: account}))
			}
		}
		for person, said := range file.Persons {
			if said.Victim == of.Victim {
				subjects = append(subjects, subjectOf(file.ID, domain.Whose{Person: person}))
			}
		}
	}
	var keys []string
	for _, subject := range subjects {
		keys = append(keys, d.Vault.All(subject)...)
	}
	slices.Sort(keys)
	return keys, nil
}

// keysOfEvent are the keys of an event's own free text. What belongs to
// somebody is erased as his, so that nothing of it stays behind elsewhere.
func (d *Desk) keysOfEvent(ctx context.Context, c domain.CaseID, at uint64) ([]string, error) {
	owner, sealed, err := d.Views.Sealed(ctx, at)
	if err != nil {
		return nil, err
	}
	if owner != c {
		return nil, domain.NotFound("the event at position %d is not of case %s", at, c)
	}
	var keys, others []string
	for _, key := range sealed {
		subject, gone, known := d.Vault.Standing(key)
		switch {
		case !known || gone != nil:
		case strings.HasPrefix(subject, "text/"):
			keys = append(keys, key)
		default:
			others = append(others, subject)
		}
	}
	if len(keys) == 0 && len(others) > 0 {
		return nil, domain.Usage("the text of the event at position %d belongs to %s: erase what is theirs", at, strings.Join(others, ", "))
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}
