package pages

import (
	"net/http"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// rulesBody is a case under every rule, side by side.
type rulesBody struct {
	Locked   *domain.RuleLocked
	Victims  table
	Rules    table
	Lock     *form
	Accounts table
}

func (s *screens) rules(r *http.Request) (page, error) { return s.rulesPage(r, nil, "") }

func (s *screens) rulesPage(r *http.Request, typed typed, wrong string) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	c, err := s.views(r).Compare(r.Context(), a.query)
	if err != nil {
		return page{}, err
	}
	body := rulesBody{Locked: c.Lock, Victims: a.spreads(c, r), Rules: a.described(), Accounts: a.accountSpreads(c)}
	if !file.Closed && !a.Past() {
		body.Lock = lockForm(a, typed, wrong)
	}
	return page{Name: "rules", Title: "Rules side by side", Tab: "rules", Asked: a, File: file, Body: body}, nil
}

// spreads has a row for each victim and a column for each rule. poison has no
// numbers: it is an exposure, and no ledger.
func (a asked) spreads(c *projections.Comparison, r *http.Request) table {
	names := []string{"Victim", "Reported>"}
	for _, l := range c.Ledgers {
		names = append(names, string(l.Rule)+">")
	}
	t := table{ID: "spreads", Dense: true, Caption: "What of each victim's money can still be stopped, or has been", Says: "At large, held or seized, under each rule that has numbers. The case is traced under one rule; the others show what depends on that choice.",
		Columns: columns(append(names, "Least>", "Most>")...), Empty: "No payment is reported yet, so there is nothing to compare."}
	from, to := windowOf(r, len(c.Spreads), wideRows)
	t.More = a.onward(r, "rules", to, len(c.Spreads))
	for _, s := range c.Spreads[from:to] {
		cells := []cell{{Text: string(s.Victim), Kind: "victim"}, units(s.Asset, s.Reported, "")}
		for _, reach := range s.ByRule {
			cells = append(cells, units(s.Asset, reach.Recoverable, a.To("ledger", "rule", string(reach.Rule))))
		}
		least, most := units(s.Asset, s.Least.Recoverable, ""), units(s.Asset, s.Most.Recoverable, "")
		least.Sub, most.Sub = string(s.Least.Rule), string(s.Most.Rule)
		t.add(append(cells, least, most)...)
	}
	return t
}

// accountSpreads is what each account may hold of the victims' money.
func (a asked) accountSpreads(c *projections.Comparison) table {
	t := table{ID: "accounts", Caption: "What each account may hold of the victims' money", Columns: columns("Account", "Least>", "Most>"), Empty: "No account holds any."}
	for i, s := range c.Accounts {
		if i == wideRows {
			t.More = &link{"Every account that holds any", a.To("where")}
			break
		}
		t.add(a.account(s.Account), units(s.Asset, s.Least, a.Account(s.Account)), units(s.Asset, s.Most, a.Account(s.Account)))
	}
	return t
}

func (a asked) described() table {
	t := table{ID: "rules", Caption: "The rules", Columns: columns("Rule", "A draw takes", "Authority", "See the case by it")}
	for _, rule := range tracing.Rules() {
		t.add(cell{Text: string(rule.Rule), Sub: rule.Also}, cell{Text: rule.Takes, Wide: true}, cell{Text: orNone(rule.Authority).Text, Wide: true},
			linked("by "+string(rule.Rule), a.To("where", "rule", string(rule.Rule))))
	}
	return t
}

func lockForm(a asked, typed typed, wrong string) *form {
	var options []option
	for _, rule := range tracing.Rules() {
		if rule.Rule != tracing.Poison { // it keeps no claims
			options = append(options, option{string(rule.Rule), string(rule.Rule) + ": " + rule.Takes})
		}
	}
	return &form{Action: a.To("rules"), Submit: "Record the choice", Wrong: wrong, Fields: []field{
		typed.field(field{Name: "rule", Label: "Rule", Kind: "select", Options: options}),
		typed.field(field{Name: "authority", Label: "Who decided it", Needed: true}),
		typed.field(field{Name: "reason", Label: "Why", Needed: true}),
	}}
}

func (s *screens) lock(r *http.Request, typed typed) (to, notice string, err error) {
	a, _, err := s.caseOf(r)
	if err != nil {
		return "", "", err
	}
	rule := typed.get("rule")
	known := false
	for _, d := range tracing.Rules() {
		known = known || string(d.Rule) == rule && d.Rule != tracing.Poison
	}
	if !known {
		return "", "", domain.Usage("Rule: %q is none that a case can be traced by; choose one of the list", rule)
	}
	_, err = s.Desk.Do(r.Context(), typed.by(r), a.Case, domain.LockRule{Rule: rule, Authority: typed.get("authority"), Reason: typed.get("reason")})
	return a.To("rules", "rule", ""), "The case is traced by " + rule + " from now on.", err
}
