package pages

import (
	"net/http"
	"strings"

	"clew/domain"
)

// earlierBody is what a hold would have kept, had it landed earlier.
type earlierBody struct {
	Freeze domain.FreezeID
	HeldAt string
	Curve  table
	Back   string
}

func (s *screens) earlier(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	id := domain.FreezeID(r.PathValue("freeze"))
	told, err := s.views(r).Replay(r.Context(), a.query, id)
	if err != nil {
		return page{}, err
	}
	t := table{ID: "curve", Caption: "Had the hold landed earlier", Says: "The case walked again by the same rule, with nothing changed but the hold's time.",
		Columns: columns("Earlier by>", "Held>", "More than in truth>", "Of it victims'>", "Where victims' money lay then"), Empty: "Nothing was held."}
	for _, e := range told.Curve {
		var hops []string
		for _, h := range e.Hops {
			if !h.Traced.IsZero() {
				hops = append(hops, "hop "+hop(h.Hop).Text+": "+told.Asset.Format(h.Traced))
			}
		}
		t.add(cell{Text: shortDuration(e.Minus)}, units(told.Asset, e.Held, ""), units(told.Asset, e.Held.Minus(told.Curve[0].Held), ""), units(told.Asset, e.Traced, ""),
			cell{Text: orNone(strings.Join(hops, ", ")).Text, Wide: true})
	}
	body := earlierBody{Freeze: id, HeldAt: whenWords(told.HeldAt), Curve: t, Back: a.To("freezes/" + string(id))}
	return page{Name: "earlier", Title: "Earlier", Tab: "freezes", Asked: a, File: file, Answer: told.Traced, Body: body}, nil
}
