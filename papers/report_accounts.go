package papers

import (
	"fmt"
	"strings"

	"clew/domain"
)

// maxHoldings bounds the accounts that a report prints: nobody reads more. The
// last row of each asset sums up the rest, so that the columns still add up.
const maxHoldings = 200

// holdings is what every account holds.
func (r Report) holdings() chapter {
	g := newGrid("accounts", "What the accounts hold", "account", "balance>", "asset", "untraced>", "unexplained>", "held>", "traced>", "of whom", "frontier", "kept by")
	rest := map[domain.Asset]*folded{}
	var order []domain.Asset
	for i, h := range r.Holdings {
		if i < maxHoldings {
			g.add(h.cells()...)
			continue
		}
		if rest[h.Asset] == nil {
			rest[h.Asset], order = &folded{}, append(order, h.Asset)
		}
		rest[h.Asset].add(h)
	}
	for _, asset := range order {
		g.addSum(rest[asset].cells(asset)...)
	}
	c := chapter{ID: "accounts", Title: "Where the money is", Grids: filled(g.without(dull, "unexplained", "held"))}
	c.Text = []string{"Untraced is nobody's claim; unexplained is the part of it whose coming nobody has seen. A frontier account holds traced money, and nothing later is known of it. A share of an account follows the rule and is no evidence of title."}
	if len(r.Holdings) == 0 {
		c.Text = []string{"No account holds anything."}
	}
	return c
}

// tracedUnits is what of a pool traces to victims.
func (h Holding) tracedUnits() domain.Units { return h.Balance.Minus(h.Untraced) }

func (h Holding) cells() []string {
	show := h.Asset.Format
	var owners []string
	for _, owner := range h.Traced {
		owners = append(owners, string(owner.Victim)+" "+show(owner.Units))
	}
	frontier := ""
	if h.Frontier {
		frontier = "frontier"
	}
	return []string{string(h.Account), show(h.Balance), string(h.Asset.Code), show(h.Untraced), show(h.Unexplained), show(h.Held), show(h.tracedUnits()),
		strings.Join(owners, ", "), frontier, h.Keeper.named()}
}

// named is who keeps an account where somebody has said so.
func (k Keeper) named() string { return join(", ", k.Institution, k.Country) }

// folded sums up accounts that are not printed.
type folded struct {
	accounts                                     int
	balance, untraced, unexplained, held, traced domain.Units
}

func (f *folded) add(h Holding) {
	f.accounts++
	f.balance, f.untraced, f.unexplained = f.balance.Plus(h.Balance), f.untraced.Plus(h.Untraced), f.unexplained.Plus(h.Unexplained)
	f.held, f.traced = f.held.Plus(h.Held), f.traced.Plus(h.tracedUnits())
}

func (f *folded) cells(asset domain.Asset) []string {
	show := asset.Format
	return []string{count(f.accounts, "more account", "more accounts"), show(f.balance), string(asset.Code), show(f.untraced), show(f.unexplained), show(f.held), show(f.traced), "", "", ""}
}

// stops is who can still stop something.
func (r Report) stops() chapter {
	g := newGrid("targets", "Accounts where a hold would still do something, best first", "account", "traced>", "asset", "least>", "most>", "last seen", "who could")
	for _, t := range r.Targets {
		g.add(string(t.Account), t.Asset.Format(t.Traced), string(t.Asset.Code), t.Asset.Format(t.Least), t.Asset.Format(t.Most), domain.Instant(t.Seen).String(), t.Keeper.stopper(t.Account, t.Asset))
	}
	c := chapter{ID: "targets", Title: "Who can still stop it", Grids: filled(g)}
	c.Text = []string{"Traced is victims' money at large there by the rule of this report, and no more than the victims have not got back; least and most are what is expected to be there still, over all rules, as of the last movement that is known."}
	if len(r.Targets) == 0 {
		c.Text = []string{"No account holds victims' money that is at large."}
	}
	return c
}

// freezes are the requests to stop money, and how they stand.
func (r Report) freezes() chapter {
	g := newGrid("freezes", "Freezes and their states", "freeze", "state", "account", "asset", "asked>", "held now>", "seized>", "restored>", "returned>", "released>",
		"by way of", "sent", "first held", "held until", "waits for", "due")
	for _, f := range r.Freezes {
		g.add(f.cells()...)
	}
	c := chapter{ID: "freezes", Title: "Freezes", Grids: filled(g.without(dull, "seized", "restored", "returned", "released", "held until", "waits for", "due", "sent", "first held"))}
	if len(r.Freezes) == 0 {
		c.Text = []string{"No freeze has been asked for."}
	}
	return c
}

func (f FreezePart) cells() []string {
	show := f.Asset.Format
	asked, due := "all that is there", when(f.Due)
	if f.Asked != nil {
		asked = f.Asked.String()
	}
	if f.Overdue {
		due += " (overdue)"
	}
	return []string{string(f.ID), string(f.State), string(f.Account), string(f.Asset.Code), asked, show(f.Sums.HeldNow), show(f.Sums.Seized), show(f.Sums.Restored),
		show(f.Sums.Returned), show(f.Sums.Released), join(", ", f.Mechanism, f.Responding), when(f.SubmittedAt), when(f.FirstHeldAt), when(f.Until), f.Next, due}
}

// inquiries are the statements to ask for next.
func (r Report) inquiries() chapter {
	g := newGrid("inquiries", "What to ask next: of each asset the largest sums first", "account", "amount>", "asset", "ask for", "for the days", "from whom", "why")
	for _, q := range r.Inquiries {
		account := string(q.Account)
		if q.Movement != "" {
			account = "not named by any document"
		}
		g.add(account, q.Amount.String(), string(q.Amount.Asset.Code), q.wanted(), q.days(), q.Keeper.teller(q.Account), q.reason())
	}
	c := chapter{ID: "inquiries", Title: "What to ask next", Grids: filled(g)}
	if len(r.Inquiries) == 0 {
		c.Text = append(c.Text, "No statement is missing, as far as can be seen: every account with traced money has later records, and every payment was seen to come in.")
	}
	if len(r.Homes) > 0 {
		var parts []string
		for _, m := range r.Homes {
			parts = append(parts, fmt.Sprintf("%s at %s", spoken(m.Amount, m.Asset), m.Account))
		}
		c.Text = append(c.Text, "What the victims paid from was not seen to come in ("+strings.Join(parts, ", ")+"): their own statements are needed only if money of others passed there.")
	}
	return c
}
