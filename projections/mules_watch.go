package projections

import (
	"context"
	"slices"

	"clew/domain"
	"clew/indicators"
	"clew/tracing"
)

// MuleWatch follows the signs of mule accounts in a case as its movements are
// recorded: one movement more is looked at where it happened, and nowhere else.
// What rests on lots is not in it, for that needs a walk of the whole case. It
// is for one goroutine at a time.
type MuleWatch struct {
	v        *Views
	ask      MulesAsk
	limits   indicators.Thresholds // that are in force, or that were asked for
	position uint64
	cases    []domain.CaseID // that are walked as one
	names    bool            // accounts go by several names: each movement is read with the case
	book     *indicators.Book
	decoder  decoder
	page     page
}

// Sighting is what a watch has to tell.
type Sighting struct {
	Position uint64 // of the log, up to which it has looked
	Findings []indicators.Finding
	// Afresh says that something else than a movement was recorded: a
	// correction, a description, a threshold. Then all findings are told.
	Afresh bool
}

// WatchMules begins to follow a case from where the log stands now. Its Upto
// and At are not looked at.
func (v *Views) WatchMules(ctx context.Context, a MulesAsk) (*MuleWatch, error) {
	w := &MuleWatch{v: v, ask: a}
	if err := v.CatchUp(ctx); err != nil {
		return nil, err
	}
	head, err := v.store.Head(ctx)
	if err != nil {
		return nil, err
	}
	return w, w.begin(ctx, head)
}

// begin fills the book with all that is known at a position.
func (w *MuleWatch) begin(ctx context.Context, upto uint64) (err error) {
	if w.limits = w.ask.Limits; len(w.limits) == 0 {
		if w.limits, err = w.v.Thresholds(ctx, upto); err != nil {
			return err
		}
	}
	s, err := w.v.Assemble(ctx, w.ask.Case, upto)
	if err != nil {
		return err
	}
	w.position, w.cases, w.names = upto, s.Cases, len(s.File.SameAs) > 0
	w.book = indicators.NewBook(saidOf(s))
	for row := range s.Rows() {
		w.book.Add(row)
	}
	return nil
}

// Now tells all that fires, as far as the watch has looked.
func (w *MuleWatch) Now() (Sighting, error) {
	found, err := w.book.Findings(w.question())
	return Sighting{w.position, found, true}, err
}

// watched bounds how many records one question reads at once.
const watched = 512

// Next tells what fires now at the accounts of the movements that have been
// recorded since it was last asked. Nothing new is no finding.
func (w *MuleWatch) Next(ctx context.Context) (Sighting, error) {
	told := Sighting{Position: w.position}
	for {
		records, err := w.v.store.Read(ctx, w.position, watched)
		if err != nil || len(records) == 0 {
			return told, err
		}
		w.page = page{movements: make([]domain.Movement, len(records))}
		for i := range records {
			w.decoder.add(&w.page, &records[i])
			if told.Afresh = w.changes(&w.page.events[i]); told.Afresh {
				return w.afresh(ctx)
			}
			found, err := w.follow(&w.page.events[i])
			if err != nil {
				return told, err
			}
			told.Findings = append(told.Findings, found...)
			w.position, told.Position = records[i].Position, records[i].Position
		}
	}
}

// changes says whether an event may change what was found before: everything
// but a movement of the case under plain names, and what other cases record.
func (w *MuleWatch) changes(e *Recorded) bool {
	switch {
	case e.Kind == (domain.IndicatorSet{}).Kind():
		return true
	case !slices.Contains(w.cases, e.Case):
		return e.Kind == (domain.CaseLinked{}).Kind()
	}
	return e.Movement == nil || w.names
}

// afresh fills the book anew and tells everything.
func (w *MuleWatch) afresh(ctx context.Context) (Sighting, error) {
	if err := w.v.CatchUp(ctx); err != nil {
		return Sighting{}, err
	}
	head, err := w.v.store.Head(ctx)
	if err != nil {
		return Sighting{}, err
	}
	if err := w.begin(ctx, head); err != nil {
		return Sighting{}, err
	}
	return w.Now()
}

func (w *MuleWatch) question() indicators.Ask {
	return indicators.Ask{Thresholds: w.limits, Indicator: w.ask.Indicator, Account: w.ask.Account}
}

// follow takes a movement of the case.
func (w *MuleWatch) follow(e *Recorded) ([]indicators.Finding, error) {
	if e.Movement == nil || !slices.Contains(w.cases, e.Case) {
		return nil, nil
	}
	row := tracing.Row{Movement: *e.Movement, Position: e.Position, Victim: e.Movement.Victim, Scam: e.Movement.Scam}
	return w.book.Follow(&row, w.question())
}
