package pages

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"clew/domain"
	"clew/indicators"
	"clew/projections"
	"clew/tracing"
)

// accountsBody is the accounts of a case with their dealings.
type accountsBody struct {
	Accounts table
	Find     string
}

func (s *screens) accounts(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	rows, err := s.views(r).AccountRows(r.Context(), a.query)
	if err != nil {
		return page{}, err
	}
	find := strings.TrimSpace(r.URL.Query().Get("name"))
	rows = slices.DeleteFunc(rows, func(row projections.AccountRow) bool {
		return find != "" && !strings.Contains(strings.ToLower(string(row.Account)), strings.ToLower(find))
	})
	t := table{ID: "accounts", Caption: "Accounts", Says: "What came in and went out, fees too; openings and stated balances are neither.",
		Columns: columns("Account", "Kind", "In>", "Out>", "Credits>", "Debits>", "First", "Last", "What people have said"), Empty: "No account has this in its name."}
	from, to := window(r, len(rows))
	for _, row := range rows[from:to] {
		t.add(a.account(row.Account), cell{Text: kindWord(row.Kind)}, units(row.Asset, row.In, ""), units(row.Asset, row.Out, ""), number(row.CreditCount), number(row.DebitCount),
			at(whenWords(row.First)), at(whenWords(row.Last)), orNone(saidWords(row.Said)))
	}
	t.More = a.onward(r, "accounts", to, len(rows))
	return page{Name: "accounts", Title: "Accounts", Tab: "accounts", Asked: a, File: file, Body: accountsBody{t, find}}, nil
}

// saidWords says in a few words what people have said of an account.
func saidWords(d domain.AccountDescribed) string {
	holder := ""
	if d.Holder != nil && d.Holder.Clear != "" {
		holder = "held by " + d.Holder.Clear
	}
	text := join(", ", holder, d.Institution, d.Country)
	if d.Victim != "" {
		text = join("; ", text, "a home of "+string(d.Victim))
	}
	if d.NotVictim != "" {
		text = join("; ", text, "not "+string(d.NotVictim)+"'s")
	}
	for _, is := range []struct {
		said  *bool
		words string
	}{{d.Shared, "held by several"}, {d.Innocent, "an innocent third party's"}, {d.Coerced, "the holder acts under force"}} {
		if is.said != nil && *is.said {
			text = join("; ", text, is.words)
		}
	}
	return text
}

// profile is all that a case knows of one account.
type profile struct {
	Name      domain.AccountID // as the case walks it
	Kind      string
	End       bool
	Names     []domain.AccountID
	Facts     []fact
	Pools     table
	Movements table
	Findings  []finding
	Labels    table
	Freezes   []openFreeze
	Request   string // address of the form, where its money may be frozen
	Coerced   bool
	Other     domain.AccountID // only what passed between the two
	Page      string
	Describe  *form
	Label     *form
	Unlabel   *form // nil: it has no label
	Same      *form
	Cases     []link // other cases that name it, of those that the reader may see
}

// finding is one sign of a mule account, with what may be innocent about it.
type finding struct {
	indicators.Finding
	Shown []link
	More  int
}

func (s *screens) account(r *http.Request) (page, error) { return s.accountPage(r, nil, "") }

func (s *screens) accountPage(r *http.Request, typed typed, wrong string) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	p, err := s.profile(r, a, file, r.URL.Query().Get("name"))
	if err != nil {
		return page{}, err
	}
	p.forms(a, file, typed, wrong)
	traced, err := s.views(r).Trace(r.Context(), a.query)
	return page{Name: "account", Title: "Account", Tab: "accounts", Asked: a, File: file, Answer: traced, Body: p}, err
}

// profile gathers what is known of an account, under any of its names.
func (s *screens) profile(r *http.Request, a asked, file *domain.CaseFile, name string) (*profile, error) {
	account, err := domain.ParseAccount(name)
	if err != nil {
		return nil, domain.Usage("the address does not name an account: %v", err)
	}
	traced, err := s.views(r).Trace(r.Context(), a.query)
	if err != nil {
		return nil, err
	}
	walked := file.Resolve(account)
	p := &profile{Name: walked, Names: namesOf(file, walked), Kind: kindWord(kindOf(file, walked)), End: kindOf(file, walked).End(), Page: a.Account(walked)}
	p.Facts, p.Labels, p.Freezes = accountFacts(file, walked), a.labels(file, p.Names), a.freezesOn(file, walked)
	p.Coerced = isYes(file.Accounts[walked].Coerced)
	p.Pools = a.poolsOf(&traced.Answer, walked)
	p.Request = a.requestOn(&traced.Answer, walked)
	if other := r.URL.Query().Get("other"); other != "" {
		if p.Other, err = domain.ParseAccount(other); err != nil {
			return nil, domain.Usage("other=%q in the address: %v", other, err)
		}
	}
	rows, err := s.views(r).AccountMovements(r.Context(), a.query, walked)
	if err != nil {
		return nil, err
	}
	p.Movements = a.through(r, rows, walked, p.Other)
	if len(rows) == 0 && len(p.Facts) == 0 && len(p.Labels.Rows) == 0 && len(p.Pools.Rows) == 0 {
		return nil, domain.NotFound("case %s knows nothing of an account %s: look for it among all accounts of the case", a.Case, account)
	}
	if p.Cases, err = s.otherCases(r, a, p.Names); err != nil {
		return nil, err
	}
	return p, s.findings(r, a, p)
}

// otherCases lists the cases that name an account under any of its names, of
// those that somebody may see.
func (s *screens) otherCases(r *http.Request, a asked, names []domain.AccountID) ([]link, error) {
	var list []link
	for _, name := range names {
		cases, err := s.views(r).CasesOf(r.Context(), name, a.query.Upto)
		if err != nil {
			return nil, err
		}
		for _, id := range cases {
			one := link{string(id), asked{Case: id}.Account(name)}
			if id != a.Case && whoIs(r).May("Reading", id) && !listed(list, one) {
				list = append(list, one)
			}
		}
	}
	return list, nil
}

func isYes(b *bool) bool { return b != nil && *b }

// kindOf is an account's kind, by its name and as people have described it.
func kindOf(file *domain.CaseFile, name domain.AccountID) domain.AccountKind {
	return name.DescribedKind(file.Accounts[name].As)
}

// namesOf lists all names that are walked as one, with the one they go by.
func namesOf(file *domain.CaseFile, walked domain.AccountID) []domain.AccountID {
	names := []domain.AccountID{walked}
	for name := range maps.Keys(file.SameAs) {
		if name != walked && file.Resolve(name) == walked {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func accountFacts(file *domain.CaseFile, name domain.AccountID) []fact {
	d, known := file.Accounts[name]
	if !known {
		return nil
	}
	holder := notKnown
	if d.Holder != nil && d.Holder.Clear != "" {
		holder = d.Holder.Clear
	}
	list := []fact{{"Holder", cell{Text: holder}}, {"Institution", text(d.Institution)}, {"Country", text(d.Country)}, {"Said on the basis of", text(d.Basis)}}
	d.Holder, d.Institution, d.Country = nil, "", ""
	if more := saidWords(d); more != "" {
		list = append(list, fact{"Also", cell{Text: more}})
	}
	return list
}

func (a asked) labels(file *domain.CaseFile, names []domain.AccountID) table {
	t := table{ID: "labels", Caption: "What it is known as", Columns: columns("Label", "Who says so", "How sure", "Fact or assessment"), Empty: "Nobody has attached a label to it."}
	for _, name := range names {
		for _, l := range file.Labels[name] {
			kind := "fact"
			if l.Assessment {
				kind = "assessment"
			}
			t.add(cell{Text: l.Label}, cell{Text: l.Source}, text(l.Confidence), cell{Text: kind})
		}
	}
	return t
}

func (a asked) poolsOf(answer *tracing.Answer, account domain.AccountID) table {
	t := &table{ID: "holds", Caption: "What it holds, by rule " + string(answer.Rule), Columns: columns("Asset", "Holds>", "Victims'", "Untraced>", "Unexplained>", "Held by freezes>", "Frontier"),
		Empty: "Nothing, as far as the records go."}
	for _, pool := range answer.Accounts {
		if pool.Account != account || pool.Balance.IsZero() {
			continue
		}
		edge := cell{Text: "no"}
		if pool.Frontier {
			edge = cell{Text: "frontier", Chip: "warn"}
		}
		t.add(cell{Text: shortAsset(pool.Asset.Code)}, units(pool.Asset, pool.Balance, ""), a.allOwners(pool), units(pool.Asset, pool.Untraced, ""),
			units(pool.Asset, pool.Unexplained, ""), units(pool.Asset, pool.Held, a.To("freezes")), edge)
	}
	return t.without("Held by freezes")
}

// allOwners says whose money it is, without leaving anybody out.
func (a asked) allOwners(pool tracing.Pool) cell {
	if len(pool.Traced) == 0 {
		return cell{Text: none}
	}
	parts := cell{}
	for _, owner := range pool.Traced {
		parts.Parts = append(parts.Parts, cell{Text: string(owner.Victim) + " ", Sum: &sum{pool.Asset.Format(owner.Units), pool.Asset.Code}, Link: a.Reason(owner.Victim, pool.Account)})
	}
	return parts
}

// requestOn is the address of a freeze request for the largest traced holding;
// "" where none can be frozen.
func (a asked) requestOn(answer *tracing.Answer, account domain.AccountID) string {
	for _, pool := range answer.Accounts {
		if pool.Account == account && !pool.Balance.IsZero() && len(pool.Traced) > 0 && !account.Kind().End() {
			return a.To("freezes/new", "account", string(account), "asset", string(pool.Asset.Code))
		}
	}
	return ""
}

// through lists what moved through an account, a page at a time.
func (a asked) through(r *http.Request, rows []tracing.Row, account, other domain.AccountID) table {
	t := &table{ID: "moved", Caption: "What moved through it", Columns: columns("When", "In>", "Out>", "Stated balance>", "Other account", "Kind", "Reported by", "Movement"), Empty: "Nothing is recorded.", Dense: true}
	rows = slices.DeleteFunc(rows, func(row tracing.Row) bool {
		return !a.query.At.IsZero() && row.When.Time.After(a.query.At) || other != "" && row.From != other && row.To != other
	})
	slices.SortStableFunc(rows, func(x, y tracing.Row) int { return x.When.Time.Compare(y.When.Time) })
	from, to := window(r, len(rows))
	for _, row := range rows[from:to] {
		for _, moved := range throughOne(row, account) {
			t.add(a.movedCells(row, moved)...)
		}
	}
	short := t.without("Stated balance", "Reported by")
	short.More = a.onward(r, "account", to, len(rows))
	return short
}

// moved is what a movement does at an account.
type moved struct {
	in, out, states domain.Amount
	other           domain.AccountID
	kind            string
}

// throughOne says what a movement does at an account: one line, or several
// where the account pays itself, a fee, or has several legs.
func throughOne(row tracing.Row, account domain.AccountID) (list []moved) {
	kind := string(row.Kind)
	if row.From == account && row.Amount.Given() {
		list = append(list, moved{out: row.Amount, other: row.To, kind: kind})
	}
	switch {
	case row.To == account && row.Kind == domain.Balance:
		list = append(list, moved{states: row.Amount, kind: kind})
	case row.To == account:
		list = append(list, moved{in: row.Arrives(), other: row.From, kind: kind})
	}
	if row.Fee.Given() && !row.Fee.IsZero() && row.From == account {
		list = append(list, moved{out: row.Fee, other: domain.SinkFees, kind: "fee"})
	}
	if row.Fee.Given() && !row.Fee.IsZero() && account == domain.SinkFees {
		list = append(list, moved{in: row.Fee, other: row.From, kind: "fee"})
	}
	for _, leg := range row.Inputs {
		if leg.Account == account {
			list = append(list, moved{out: leg.Amount, kind: kind})
		}
	}
	for _, leg := range row.Outputs {
		if leg.Account == account {
			list = append(list, moved{in: leg.Amount, kind: kind})
		}
	}
	return list
}

func (a asked) movedCells(row tracing.Row, m moved) []cell {
	sumOf := func(x domain.Amount) cell {
		if !x.Given() {
			return cell{Text: "–"}
		}
		return amount(x, a.Movement(row.ID))
	}
	reported := cell{Text: none}
	if row.Victim != "" {
		reported = linked(string(row.Victim), a.Reason(row.Victim, ""))
	}
	states := sumOf(m.states)
	if !m.states.Given() {
		states = cell{Text: none}
	}
	return []cell{{Text: whenWords(row.When)}, sumOf(m.in), sumOf(m.out), states, a.account(m.other), {Text: m.kind}, reported, linked(shortName(string(row.ID)), a.Movement(row.ID))}
}

// shortName is the beginning of a long name: enough to find it by.
func shortName(name string) string {
	if len(name) <= 10 {
		return name
	}
	return name[:8] + "…"
}

// findings are the signs of a mule account that were found at it.
func (s *screens) findings(r *http.Request, a asked, p *profile) error {
	found, err := s.views(r).Mules(r.Context(), projections.MulesAsk{Ask: a.query, Account: p.Name})
	if err != nil {
		return err
	}
	p.Findings = a.shownFindings(found.Findings)
	return nil
}

// maxShown is how many movements of a finding are linked.
const maxShown = 12

func (a asked) shownFindings(found []indicators.Finding) []finding {
	var list []finding
	for _, f := range found {
		one := finding{Finding: f, More: max(0, len(f.Movements)-maxShown)}
		for _, id := range f.Movements[:min(len(f.Movements), maxShown)] {
			one.Shown = append(one.Shown, link{shortName(string(id)), a.Movement(id)})
		}
		list = append(list, one)
	}
	return list
}

// mulesBody is the findings of a case, account by account.
type mulesBody struct {
	Findings table
	Told     []toldAccount
}

type toldAccount struct {
	Account    cell
	Recognised string
	Findings   []finding
}

func (s *screens) mules(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	found, err := s.views(r).Mules(r.Context(), projections.MulesAsk{Ask: a.query})
	if err != nil {
		return page{}, err
	}
	t := &table{ID: "findings", Caption: "Signs of mule accounts", Says: "A finding is a reason to look, never a verdict, and blocks nothing. There is no sum of findings and no score.",
		Columns: columns("Account", "Indicator", "Strength>", "From", "To", "Movements>", "Speaks for the holder"),
		Empty:   "No indicator fires. That shows nothing: not every sign is looked for, and not every movement is known."}
	from, to := window(r, len(found.Findings))
	for _, f := range found.Findings[from:to] {
		t.add(a.account(f.Account), cell{Text: fmt.Sprintf("%s@%d", f.Indicator, f.Version)}, number(f.Strength), at(instant(f.From)), at(instant(f.To)),
			number(len(f.Movements)), orNone(string(f.Recognised)))
	}
	t.More = a.onward(r, "mules", to, len(found.Findings))
	body := mulesBody{Findings: *t}
	for _, one := range a.shownFindings(found.Findings[from:min(to, from+toldFindings)]) {
		if n := len(body.Told); n == 0 || body.Told[n-1].Account.Text != string(one.Account) {
			body.Told = append(body.Told, toldAccount{Account: a.account(one.Account), Recognised: string(one.Recognised)})
		}
		last := &body.Told[len(body.Told)-1]
		last.Findings = append(last.Findings, one)
	}
	return page{Name: "mules", Title: "Mules", Tab: "mules", Asked: a, File: file, Body: body}, nil
}

// toldFindings is how many findings of a page are told in words as well; the
// account's own page tells each.
const toldFindings = 40
