package pages

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// overviewBody is what a case shows first: what was lost, where to act now,
// the flow, where the money is, and the way back in time.
type overviewBody struct {
	Figures  []figure
	Next     *nextFreeze // nil: nothing is at large that could be held
	None     string      // why there is no next one
	Targets  table
	Flow     flowBody
	Flows    table
	Places   table
	Missing  table
	Replay   *replay
	Warnings []tracing.Warning
	Selected *profile // of the account that the address selects
	Reported bool     // a payment is reported: there is something to trace
}

// figure is one number on top, with what it is made of.
type figure struct {
	Name  string
	Sums  []sum
	Word  string // in place of sums
	Clock *clock // the same
	Says  string
	Link  string
}

// nextFreeze is the account where a hold would do most.
type nextFreeze struct {
	projections.Target
	Traced, Expected sum
	Because          string
	Asked            []openFreeze
	Now              time.Time
	Ago              string // how long the last known movement lies back
	Request          string // address of the form
	Page             string
}

// openFreeze is what has been asked of an account before.
type openFreeze struct {
	ID    domain.FreezeID
	State domain.FreezeState
	Link  string
}

// overview draws a case's first page.
func (s *screens) overview(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	ledger, err := s.views(r).Ledger(r.Context(), a.query)
	if err != nil {
		return page{}, err
	}
	body := overviewBody{Warnings: ledger.Answer.Warnings, Reported: len(ledger.Rows) > 0}
	if body.Figures, err = s.figures(r, a, file, ledger); err != nil {
		return page{}, err
	}
	if err := s.nextTo(r, a, file, &body); err != nil {
		return page{}, err
	}
	if !body.Reported {
		body.Flow.Why = "Nothing is traced yet."
	} else if body.Flow, err = s.flow(r, a); err != nil {
		return page{}, err
	}
	if body.Flows, err = s.flows(r, a); err != nil {
		return page{}, err
	}
	body.Places = a.largest(&ledger.Answer)
	body.Missing = a.missing(ledger.Traced, overviewRows)
	body.Replay = a.replay(ledger.Assembly)
	if name := r.URL.Query().Get("account"); name != "" {
		if body.Selected, err = s.profile(r, a, file, name); err != nil {
			return page{}, err
		}
	}
	return page{Name: "case", Title: "Overview", Tab: "", Asked: a, File: file, Answer: ledger.Traced, Body: body}, nil
}

// figures are the numbers of a case: of each asset the sum over its victims of
// one column of the ledger. Own money alone is summed, so that nobody's loss
// counts twice.
func (s *screens) figures(r *http.Request, a asked, file *domain.CaseFile, l *projections.Ledger) ([]figure, error) {
	columns := []struct {
		name, says, to string
		of             func(*projections.LedgerRow) domain.Units
	}{
		{"Lost by victims", count(victimsOf(l), "victim"), "ledger", func(r *projections.LedgerRow) domain.Units { return r.Own }},
		{"Still at large", "in accounts that nobody has frozen", "where", func(r *projections.LedgerRow) domain.Units { return r.AtLarge }},
		{"Held", "where it lies, by freezes", "freezes", func(r *projections.LedgerRow) domain.Units { return r.Held }},
		{"Cashed out", "reached cash, a shop, a mixer, gambling", "ledger", func(r *projections.LedgerRow) domain.Units { return r.CashedOut }},
	}
	var list []figure
	for _, c := range columns {
		sums, err := summed(l.Rows, c.of)
		if err != nil {
			return nil, err
		}
		f := figure{Name: c.name, Sums: sums, Says: c.says, Link: a.To(c.to)}
		if len(sums) == 0 {
			f.Word = "none" // no payment is reported, so there is no asset to count in
		}
		list = append(list, f)
	}
	clock, err := s.nextClock(r, a)
	return append(list, clock, figure{Name: "Log", Word: number(l.Position).Text, Says: "events up to here: verify them", Link: "/verify"}), err
}

func victimsOf(l *projections.Ledger) int {
	seen := map[domain.VictimID]bool{}
	for _, row := range l.Rows {
		seen[row.Victim] = true
	}
	return len(seen)
}

// summed adds one column of the ledger, asset by asset.
func summed(rows []projections.LedgerRow, of func(*projections.LedgerRow) domain.Units) ([]sum, error) {
	var order []domain.Asset
	totals := map[domain.Asset]domain.Units{}
	for i := range rows {
		asset := rows[i].Asset
		if _, known := totals[asset]; !known {
			order = append(order, asset)
		}
		total, err := totals[asset].Add(of(&rows[i]))
		if err != nil {
			return nil, err
		}
		totals[asset] = total
	}
	var list []sum
	for _, asset := range order {
		list = append(list, sum{asset.Format(totals[asset]), asset.Code})
	}
	return list, nil
}

// nextClock is the next deadline of a freeze of the case.
func (s *screens) nextClock(r *http.Request, a asked) (figure, error) {
	f := figure{Name: "Next deadline", Word: none, Says: "no clock runs", Link: a.To("freezes")}
	rows, err := s.views(r).FreezeQueue(r.Context(), projections.QueueAsk{Ask: a.query, Now: s.Now(), Mechanisms: s.Desk.Mechanisms})
	if err != nil {
		return f, err
	}
	var first *projections.QueueRow
	for i := range rows {
		if d := rows[i].Deadline; d != nil && (first == nil || d.At.Time.Before(first.Deadline.At.Time)) {
			first = &rows[i]
		}
	}
	if first != nil {
		due := dueClock(first.Deadline, s.Now(), "")
		f.Word, f.Clock = "", &due
		f.Says = string(first.Freeze) + ": " + first.Deadline.What
		f.Link = a.To("freezes/" + string(first.Freeze))
	}
	return f, nil
}

// overviewRows is how many rows the tables of the overview have: what one
// glance takes in.
const overviewRows = 8

// nextTo finds where a hold would do most.
func (s *screens) nextTo(r *http.Request, a asked, file *domain.CaseFile, body *overviewBody) error {
	if !body.Reported {
		body.None = "No payment is reported yet, so no money can be traced. A file with complaints reports payments; so does the page of a movement."
		return nil
	}
	now, err := when("now", r.URL.Query().Get("now"))
	if err != nil {
		return err
	}
	list, err := s.views(r).Targets(r.Context(), projections.TargetsAsk{Ask: a.query, Now: lastMoment(now)})
	if err != nil {
		return err
	}
	body.Targets = a.targets(list, file)
	body.None = "No account holds victims' money that is at large and could be held."
	if len(list.Rows) == 0 {
		return nil
	}
	t := list.Rows[0]
	body.Next = &nextFreeze{Target: t, Traced: sum{t.Asset.Format(t.Traced), t.Asset.Code}, Expected: sum{t.Asset.Format(t.Expected), t.Asset.Code},
		Because: whyWords(t), Asked: a.freezesOn(file, t.Account), Now: list.Now, Ago: agoWords(s.Now().Sub(list.Now)), Request: a.request(t), Page: a.Account(t.Account)}
	return nil
}

// request is the address of the form that asks for a target to be frozen, with
// what is known filled in.
func (a asked) request(t projections.Target) string {
	return a.To("freezes/new", "account", string(t.Account), "asset", string(t.Asset.Code), "amount", t.Asset.Format(t.Traced))
}

// freezesOn are the freezes that were ever asked of an account.
func (a asked) freezesOn(file *domain.CaseFile, account domain.AccountID) []openFreeze {
	var list []openFreeze
	for id, f := range file.Freezes {
		if file.Resolve(f.Request.Account) == account {
			list = append(list, openFreeze{id, f.State, a.To("freezes/" + string(id))})
		}
	}
	slices.SortFunc(list, func(one, other openFreeze) int { return cmp.Compare(one.ID, other.ID) })
	return list
}

// targets lists where a hold would do most, best first.
func (a asked) targets(list *projections.Targets, file *domain.CaseFile) table {
	t := table{ID: "targets", Caption: "What to freeze next", Says: "Victims' money that is there, and how much of it is expected to be there when a hold lands; least and most over the rules. " +
		"Never more than the victims have not got back.",
		Columns: columns("Account", "Traced here>", "Expected>", "Least>", "Most>", "Hop>", "Last seen", "Freeze"), Empty: "No account holds victims' money that is at large."}
	for i, row := range list.Rows {
		if i == overviewRows {
			t.More = &link{"All " + number(len(list.Rows)).Text, a.To("targets")}
			break
		}
		t.add(a.targetCells(row, file)...)
	}
	return t
}

func (a asked) targetCells(t projections.Target, file *domain.CaseFile) []cell {
	name := a.account(t.Account)
	name.Sub = targetRemark(t)
	act := linked("Request", a.request(t))
	if known := a.freezesOn(file, t.Account); len(known) > 0 {
		last := known[len(known)-1]
		act = cell{Text: string(last.ID) + " is " + string(last.State), Link: last.Link}
	}
	return []cell{name, units(t.Asset, t.Traced, a.Account(t.Account)), units(t.Asset, t.Expected, ""), units(t.Asset, t.Least, a.To("rules")),
		units(t.Asset, t.Most, a.To("rules")), hop(t.Hop), {Text: instant(t.Seen)}, act}
}

// targetRemark is what has to be known before anybody is called.
func targetRemark(t projections.Target) string {
	text := join(", ", t.Institution, t.Country)
	if t.OneRule != "" {
		text = join("; ", text, "only under "+string(t.OneRule))
	}
	if t.Innocent {
		text = join("; ", text, "an innocent third party's")
	}
	if t.Coerced {
		text = join("; ", text, "the holder may act under force: care before contact")
	}
	return text
}

func hop(n int) cell {
	if n == 0 {
		return cell{Text: notKnown}
	}
	return number(n)
}

// join puts what is given together.
func join(between string, parts ...string) string {
	text := ""
	for _, part := range parts {
		switch {
		case part == "":
		case text == "":
			text = part
		default:
			text += between + part
		}
	}
	return text
}

// largest lists where most of the victims' money lies, asset by asset.
func (a asked) largest(answer *tracing.Answer) table {
	t := table{ID: "places", Caption: "Where is the money now?", Columns: columns("Account", "Holds>", "Of it victims'"), Empty: "No account holds victims' money.", Dense: true,
		More: &link{"Every account, with what nobody can explain", a.To("where")}}
	var pools []tracing.Pool
	for _, pool := range answer.Accounts {
		if len(pool.Traced) > 0 && !pool.Balance.IsZero() {
			pools = append(pools, pool)
		}
	}
	slices.SortStableFunc(pools, func(x, y tracing.Pool) int {
		return cmp.Or(cmp.Compare(x.Asset.Code, y.Asset.Code), y.Balance.Cmp(x.Balance))
	})
	for i, pool := range pools {
		if i == overviewRows {
			break
		}
		t.add(a.account(pool.Account), units(pool.Asset, pool.Balance, a.Account(pool.Account)), a.owners(pool.Asset, pool.Account, pool.Traced))
	}
	return t
}

// flows are the largest payments between accounts: the flow picture in rows,
// for who cannot see it and for who wants the number.
func (s *screens) flows(r *http.Request, a asked) (table, error) {
	t := table{ID: "flows", Caption: "Who paid whom", Says: "All movements between two accounts, in one asset, together; largest first within each asset.",
		Columns: columns("From", "To", "Paid>", "Movements>", "When"), Empty: "No payment is recorded yet: bring in a file.", Dense: true}
	list, err := s.views(r).Flows(r.Context(), a.query)
	if err != nil {
		return t, err
	}
	slices.SortStableFunc(list, func(x, y projections.Flow) int {
		return cmp.Or(cmp.Compare(x.Asset.Code, y.Asset.Code), y.Amount.Cmp(x.Amount))
	})
	for i, f := range list {
		if i == flowRows {
			t.More = &link{count(len(list)-i, "more flow") + ": all accounts", a.To("accounts")}
			break
		}
		t.add(a.account(f.From), a.account(f.To), units(f.Asset, f.Amount, a.To("account", "name", string(f.From), "other", string(f.To))),
			number(f.Movements), days(f.First, f.Last))
	}
	return t, nil
}

// flowRows is how many flows the overview has in rows.
const flowRows = 12

func whenWords(w domain.When) string {
	switch {
	case w.IsZero():
		return notKnown
	case w.Bare:
		return w.String()
	}
	return instant(w.Time)
}

// days says on which days something happened; the account's page has the
// times.
func days(first, last domain.When) cell {
	c, to := at(first.Day().Format(time.DateOnly)), last.Day().Format(time.DateOnly)
	if to != c.Text {
		c.Sub = "to " + to
	}
	return c
}

// agoWords says roughly how long ago something was.
func agoWords(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return count(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return count(int(d.Hours()), "hour") + " ago"
	}
	return count(int(d.Hours()/24), "day") + " ago"
}
