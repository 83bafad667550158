package pages

import (
	"net/http"

	"clew/casework"
	"clew/domain"
	"clew/network"
	"clew/projections"
	"clew/web/gate"
)

// linksBody is what a case has in common with others, and where several
// victims' money has met.
type linksBody struct{ Hits, Hubs table }

// links draws both. Of another team's case it says that there is one and whom
// to ask, and nothing of what it holds; package casework logs each hit.
func (s *screens) links(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	by, why := gate.By(r), whoIs(r).Purpose(a.Case)
	found, err := s.Desk.Links(r.Context(), by, a.query, why)
	if err != nil {
		return page{}, err
	}
	body := linksBody{Hits: a.hits(found.Hits)}
	hubs, _, err := s.Desk.Hubs(r.Context(), by, a.query, why)
	switch {
	case domain.ClassOf(err) == domain.ClassUsage: // a rule that divides lots cannot tell where they met
		body.Hubs = table{ID: "hubs", Caption: "Where several victims' money has met", Empty: sentence(err.Error())}
	case err != nil:
		return page{}, err
	default:
		body.Hubs = a.hubs(hubs, r)
	}
	return page{Name: "links", Title: "Links", Tab: "links", Asked: a, File: file, Body: body}, nil
}

func (a asked) hits(hits []casework.Hit) table {
	t := &table{ID: "hits", Caption: "What this case has in common with others", Says: "A common account, person or payment is a reason to ask the other team; it does not make two cases one. Names are compared by keyed hashes: none is opened.",
		Columns: columns("What", "Match", "Since", "Other case", "There since", "There it is", "Team", "Contact", "Walked as one"),
		Empty:   "Nothing that is recorded. Names are compared as they are written, and what nobody wrote down is not found."}
	for i, h := range hits {
		if i == pageRows {
			break
		}
		what := cell{Text: h.Here.What}
		if h.Match == network.ByAccount {
			what = a.account(domain.AccountID(h.Here.What))
		}
		joined := cell{Text: "no"}
		if h.Joined {
			joined = cell{Text: "yes", Chip: "good"}
		}
		t.add(what, cell{Text: words(string(h.Match))}, at(instant(h.KnownHere)), linked(string(h.There.Case), casePath(h.There.Case, "")), at(instant(h.KnownThere)),
			orNone(h.There.What), text(h.Team), text(h.Contact), joined)
	}
	return t.without("There it is")
}

// hubs lists where several victims' money has met, a page at a time.
func (a asked) hubs(found *projections.Hubs, r *http.Request) table {
	t := table{ID: "hubs", Caption: "Where several victims' money has met", Says: "By the lots, under " + string(found.Rule) + ". Meets here: their money came there apart. Else it came there together, from another hub.",
		Columns: columns("Account", "Case", "Victim", "Arrived>", "From", "To", "Movements>", "Meets here"), Empty: "Nowhere that is recorded."}
	from, to := window(r, len(found.Hubs))
	for _, hub := range found.Hubs[from:to] {
		meets := cell{Text: "no"}
		if hub.Here {
			meets = cell{Text: "yes", Chip: "warn"}
		}
		for i, v := range hub.Victims {
			if i == maxOwners {
				t.add(a.account(hub.Account), cell{Text: "and " + count(len(hub.Victims)-i, "more victim")}, orNone(""), linked("its page has them", a.Account(hub.Account)), orNone(""), orNone(""), orNone(""), meets)
				break
			}
			t.add(a.account(hub.Account), cell{Text: string(v.Case)}, cell{Text: string(v.Victim), Kind: "victim"}, units(hub.Asset, v.Units, a.Reason(v.Victim, hub.Account)),
				at(whenWords(v.First)), at(whenWords(v.Last)), number(len(v.Movements)), meets)
		}
	}
	t.More = a.onward(r, "links", to, len(found.Hubs))
	return t
}
