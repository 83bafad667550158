package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// FreezeFile is one freeze of one case with its steps, as it stood at a
// position of the log and at a moment.
type FreezeFile struct {
	Case domain.CaseID
	ID   domain.FreezeID
	*domain.Freeze
	// Account is the one it acts on, under the name that the case walks it by.
	Account domain.AccountID
	steps   []freezeStep
}

// freezeStep is a step as it was recorded.
type freezeStep struct {
	file     *FreezeFile
	position uint64
	step     domain.FreezeStep
	news     domain.News
	sum      *domain.Amount
	event    domain.Event
}

// Asset is what the freeze is of.
func (f *FreezeFile) Asset() domain.Asset {
	return domain.Asset{Code: f.Request.Asset, Digits: f.Request.Digits}
}

// Name is the freeze's name over all cases: the one that its holds bear in a
// walk.
func (f *FreezeFile) Name() string { return string(f.Case) + "/" + string(f.ID) }

// before is the order in which steps happened; of two at the same time, the
// one learnt first.
func (s freezeStep) before(other freezeStep) int {
	return cmp.Or(s.news.At.Time.Compare(other.news.At.Time), cmp.Compare(s.position, other.position))
}

// Freezes lists the freezes of a case, or of all cases where the question
// names none, case by case, in the order of the log. Steps that had not happened by At, or
// were not recorded by KnownAt or Upto, are not in them.
func (v *Views) Freezes(ctx context.Context, a Ask) ([]*FreezeFile, error) {
	upto, err := v.resolve(ctx, a)
	if err != nil {
		return nil, err
	}
	var list []*FreezeFile
	err = v.queryAt(ctx, upto, func(c *conn) error {
		list, err = readFreezes(ctx, c, a, upto)
		return err
	}, CaseFiles.Name)
	if err != nil {
		return nil, err
	}
	return list, v.nameAccounts(ctx, list, upto)
}

func readFreezes(ctx context.Context, c *conn, a Ask, upto uint64) (list []*FreezeFile, err error) {
	cases := map[domain.CaseID]*domain.CaseFile{}
	files := map[string]*FreezeFile{}
	err = c.each(ctx, func(row []driver.Value) error {
		event, err := domain.DecodeEvent(asText(row[2]), []byte(asText(row[3])))
		if err != nil {
			return fmt.Errorf("position %d: %w", asInt(row[0]), err)
		}
		if c.opens != nil {
			event = c.opens(domain.CaseID(asText(row[1])), event)
		}
		step, news, sum, is := domain.FreezeStepOf(event)
		id := domain.CaseID(asText(row[1]))
		if !is || a.Case != "" && id != a.Case || !a.At.IsZero() && news.At.Time.After(a.At) {
			return nil
		}
		if cases[id] == nil {
			cases[id] = domain.NewCaseFile(id)
		}
		cases[id].Evolve(event)
		f := &FreezeFile{Case: id, ID: news.Freeze, Freeze: cases[id].Freezes[news.Freeze]}
		if known := files[f.Name()]; known != nil {
			f = known
		} else {
			files[f.Name()], list = f, append(list, f)
		}
		f.steps = append(f.steps, freezeStep{f, uint64(asInt(row[0])), step, news, sum, event})
		return nil
	}, `SELECT position, "case", kind, body FROM casefile WHERE kind LIKE 'freeze.%' AND position <= ? ORDER BY position`, position(upto))
	list = slices.DeleteFunc(list, func(f *FreezeFile) bool { return f.Request.Account == "" })
	slices.SortStableFunc(list, func(a, b *FreezeFile) int { return cmp.Compare(a.Case, b.Case) }) // so that each case is assembled once
	return list, err
}

// nameAccounts gives every freeze the name that its account is walked by.
func (v *Views) nameAccounts(ctx context.Context, list []*FreezeFile, upto uint64) error {
	for _, f := range list {
		assembly, err := v.Assemble(ctx, f.Case, upto)
		if err != nil {
			return err
		}
		f.Account = assembly.File.Resolve(f.Request.Account)
	}
	return nil
}

// poolAt is what a walk finds in a pool at a moment; the zero Pool where there
// is nothing.
func poolAt(t *Traced, account domain.AccountID, asset domain.Asset) tracing.Pool {
	for _, pool := range t.Answer.Accounts {
		if pool.Account == account && pool.Asset == asset {
			return pool
		}
	}
	return tracing.Pool{Account: account, Asset: asset}
}

// tracedOf is what of a pool traces to victims, held money too.
func tracedOf(pool tracing.Pool) domain.Units { return pool.Balance.Minus(pool.Untraced) }

// lossOf is the payment by which the money left the victim that a request
// speaks of: the one it names, else the last one that its victims had reported
// and paid when it was drafted. nil where none is known.
func lossOf(s *Assembly, r domain.FreezeRequested) *tracing.Row {
	var last *tracing.Row
	for row := range s.Rows() {
		switch {
		case r.Payment != "" && row.ID == r.Payment, r.Payment != "" && slices.Contains(s.Tellings[row.ID], r.Payment):
			return row // its own: the walk over them ends here
		case r.Payment != "" || !slices.Contains(r.Victims, row.Victim) || row.When.Time.After(r.At.End()):
		case last == nil || last.When.Time.Before(row.When.Time):
			last = new(tracing.Row)
			*last = *row
		}
	}
	return last
}

// lossTime is when the money left the victim; zero where nobody knows.
func lossTime(s *Assembly, r domain.FreezeRequested) domain.When {
	if row := lossOf(s, r); row != nil {
		return row.When
	}
	if r.Wire != nil {
		return r.Wire.SettledOn
	}
	return domain.When{}
}

// between is how long it took; negative where the second came first.
func between(from, to domain.When) time.Duration { return to.Time.Sub(from.Time) }
