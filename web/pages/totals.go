package pages

import (
	"net/http"
	"slices"

	"clew/domain"
	"clew/projections"
)

// totalsBody is what was requested, held, seized and restored.
type totalsBody struct {
	Totals    table
	By        string
	Ways      []string
	Case      string
	At        string
	Overlap   bool
	Rule      string
	Published table
}

// totals draws the sums of one case, or of all. Sums over all cases are for
// those who may read every case.
func (s *screens) totals(r *http.Request) (page, error) {
	a, err := s.askedOf(r)
	if err != nil {
		return page{}, err
	}
	form := r.URL.Query()
	body := totalsBody{By: form.Get("by"), Ways: projections.TotalsBy(), Case: form.Get("case"), At: a.At}
	if err := s.countable(r, &a, body.Case); err != nil {
		return page{}, err
	}
	t, err := s.views(r).Totals(r.Context(), projections.TotalsAsk{Ask: a.query, By: body.By})
	if err != nil {
		return page{}, err
	}
	body.Totals, body.Overlap, body.Rule, body.Published = totalsTable(t), t.Overlap, t.Rule, published()
	return page{Name: "totals", Title: "Intercepted", Tab: "totals", Asked: a, Body: body}, nil
}

func totalsTable(t *projections.Totals) table {
	groups := groupsOf(t)
	names := append(slices.Clone(groups), "Asset", "Requests>", "Requested>", "Held>", "Held, traced>", "Over-held>", "Under-held>", "Seized>", "Restored>", "Released>", "Returned>", "Held ÷ requested>", "Median to hold>")
	list := &table{ID: "totals", Caption: "What was requested, held, seized and restored", Says: "Different ledgers, never added to one another. Held is ever held, each unit once; it may exceed the known loss. Held, traced, is what of it traces to known victims, by rule " + t.Rule + ".",
		Columns: columns(names...), Empty: "No request has gone out and no hold is recorded."}
	for _, r := range t.Rows {
		var cells []cell
		for _, name := range groups {
			cells = append(cells, text(r.Group[name]))
		}
		rate, _ := r.SuccessRate()
		median := cell{Text: notKnown}
		if d, ok := r.MedianToHold(); ok {
			median = cell{Text: projections.Minutes(d).String() + " min"}
		}
		cells = append(cells, cell{Text: shortAsset(r.Asset.Code)}, number(r.Requests))
		for _, u := range []domain.Units{r.Requested, r.Held, r.HeldTraced, r.OverHeld, r.UnderHeld, r.Seized, r.Restored, r.Released, r.Returned} {
			cells = append(cells, units(r.Asset, u, ""))
		}
		list.add(append(cells, text(rate), median)...)
	}
	return list.without("Over-held", "Under-held", "Released", "Returned")
}

// groupsOf are the names of what the rows are grouped by.
func groupsOf(t *projections.Totals) []string {
	var names []string
	for _, name := range append([]string{"from"}, projections.TotalsBy()...) {
		if slices.ContainsFunc(t.Rows, func(r projections.TotalsRow) bool { _, ok := r.Group[name]; return ok }) {
			names = append(names, name)
		}
	}
	return names
}

// published is what others have counted: beside our own, in none of the sums.
func published() table {
	t := table{ID: "published", Caption: "Published by others, not ours, and in none of the sums above", Columns: columns("Publisher", "Of", "Period", "Measure", "Value>", "Source"), Dense: true}
	for _, f := range domain.Published() {
		t.add(text(f.Publisher), text(f.Of), text(f.Period), text(f.Measure), cell{Sum: &sum{f.Value, domain.AssetCode(f.Unit)}}, text(f.Source))
	}
	return t
}
