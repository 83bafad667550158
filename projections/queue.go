package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// QueueAsk asks which freezes wait for something. Ask.Case may be empty: all.
type QueueAsk struct {
	Ask
	Now        time.Time         // due, overdue and lapsed are computed from it; nothing that is stored is
	Mechanisms domain.Mechanisms // whose clocks run; nil: those that clew ships with
}

// QueueRow is one freeze that is not over.
type QueueRow struct {
	Case        domain.CaseID
	Freeze      domain.FreezeID
	State       domain.FreezeState
	Since       domain.When // when it came to that state, or was last heard of
	Source      string      // who told so
	Account     domain.AccountID
	Asset       domain.Asset
	Institution string
	Country     string
	Local       *LocalTime // nil: the country or its time is not known
	Contact     string
	Mechanism   string
	Owner       string // who drafted it
	Rule        tracing.Rule

	Loss     domain.When    // the money left the victim; zero: not known
	SinceNow *time.Duration // from Loss to now
	Asked    *domain.Units  // nil: all that is there
	Held     domain.Units   // there now, by whomever
	Traced   domain.Units   // victims' money there, held or free
	Expected domain.Units   // of Traced, expected to be there now
	PerHour  domain.Units   // of it, expected to be lost within the next hour
	Basis    Basis          // from what the stay was learned

	Next     string      // the next act
	Deadline *domain.Due // of it; nil: no clock runs
	Overdue  bool
	Lapses   domain.When // when the hold ends by itself; zero: no date is known
	Lapsed   bool
	OrderDue domain.When // when a legal-assistance request or order must be there
	Late     bool        // that moment is past

	Others []string // other freezes on the account: "C2/F1 i-grip by FIU (held)"
	Hop    int      // movements since a victim's payment; 0: not known
	Care   bool     // the holder acts under force: ask for care before contact
}

// FreezeQueue lists the freezes that are not over, where most is expected to
// be lost within the next hour first (FREEZES, ledgers, 3).
func (v *Views) FreezeQueue(ctx context.Context, a QueueAsk) ([]QueueRow, error) {
	if a.Now.IsZero() {
		return nil, domain.Usage("the queue needs the moment at which it is asked")
	}
	if a.Mechanisms == nil {
		a.Mechanisms = domain.StandardMechanisms()
	}
	upto, err := v.resolve(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	a.Upto, a.KnownAt = upto, time.Time{}
	everywhere := a.Ask
	everywhere.Case = ""
	all, err := v.Freezes(ctx, everywhere)
	if err != nil {
		return nil, err
	}
	limits, err := v.FreezeLimits(ctx, upto)
	if err != nil {
		return nil, err
	}
	var list []QueueRow
	var ranks []worth
	for id, files := range openFreezes(all, a.Case) {
		rows, by, err := v.queueOf(ctx, a, queueCase{id, files, all, limits})
		if err != nil {
			return nil, err
		}
		list, ranks = append(list, rows...), append(ranks, by)
	}
	sortQueue(list, ranks)
	return list, nil
}

// queueCase is one case's part of the queue.
type queueCase struct {
	id     domain.CaseID
	files  []*FreezeFile
	all    []*FreezeFile
	limits map[domain.AssetCode]domain.Amount
}

// openFreezes are those that wait for something, by case.
func openFreezes(all []*FreezeFile, only domain.CaseID) map[domain.CaseID][]*FreezeFile {
	over := []domain.FreezeState{domain.StateReleased, domain.StateExpired, domain.StateReturned, domain.StateRestored,
		domain.StateTransferred, domain.StateRejected, domain.StateWithdrawn}
	open := map[domain.CaseID][]*FreezeFile{}
	for _, f := range all {
		if (only == "" || f.Case == only) && (!slices.Contains(over, f.State) || f.Sums.HeldNow.Sign() > 0) {
			open[f.Case] = append(open[f.Case], f)
		}
	}
	return open
}

func (v *Views) queueOf(ctx context.Context, a QueueAsk, c queueCase) ([]QueueRow, worth, error) {
	ask := a.Ask
	ask.Case = c.id
	t, err := v.Trace(ctx, ask)
	if err != nil {
		return nil, worth{}, err
	}
	look, err := v.outlooks(ctx, t.Assembly, ask)
	if err != nil {
		return nil, worth{}, err
	}
	hops := hopsOf(t.Assembly, a.At)
	var rows []QueueRow
	for _, f := range c.files {
		row := queueRow(t, f)
		row.money(t, f, look(poolKey{f.Account, f.Asset()}), a.Now)
		row.next(f, a, c.limits)
		row.Hop, row.Others = hops[f.Account], othersOn(f, c.all)
		row.Local = localTime(row.Country, a.Now)
		rows = append(rows, row)
	}
	by, err := v.worthIn(ctx, t.Assembly, a.Now)
	return rows, by, err
}

func queueRow(t *Traced, f *FreezeFile) QueueRow {
	s := t.Assembly
	last := slices.MaxFunc(f.steps, freezeStep.before)
	row := QueueRow{Case: f.Case, Freeze: f.ID, State: f.State, Since: last.news.At, Source: cmp.Or(last.news.Told, last.news.By),
		Account: f.Account, Asset: f.Asset(), Institution: institutionOf(s, f), Country: countryOf(s, f), Contact: f.Request.Contact,
		Mechanism: f.Request.Mechanism, Owner: f.Request.By, Rule: t.Rule, Loss: lossTime(s, f.Request), Care: s.Accounts[f.Account].Coerced}
	if f.Request.Amount != nil {
		asked := f.Request.Amount.Units
		row.Asked = &asked
	}
	return row
}

// money looks at what is there, and what of it will be. What is held stays;
// the free part of what victims own goes as money there usually goes.
func (r *QueueRow) money(t *Traced, f *FreezeFile, o outlook, now time.Time) {
	pool := poolAt(t, f.Account, f.Asset())
	r.Held, r.Traced, r.Basis = pool.Held, tracedOf(pool), o.basis
	free := less(r.Traced, r.Held) // a hold reserves claims first
	there, soon := o.expected(free, now), o.expected(free, now.Add(time.Hour))
	r.Expected = there.Plus(r.Traced.Minus(free))
	r.PerHour = less(there, soon)
	if !r.Loss.IsZero() {
		since := now.Sub(r.Loss.Time)
		r.SinceNow = &since
	}
}

// fraud is the reason that recalls after a scam state (EPC: FRAD), where the
// request states none. The clocks
// of the other reasons, DUPL and TECH, are for payments made by mistake.
const fraud = "FRAD"

// next says what to do, until when, and what lapses.
func (r *QueueRow) next(f *FreezeFile, a QueueAsk, limits map[domain.AssetCode]domain.Amount) {
	r.Next, r.OrderDue, r.Lapses = nextAct(f, limits), f.Request.OrderDue, f.Until
	mechanism, err := a.Mechanisms.Find(f.Request.Mechanism)
	if err != nil {
		mechanism = domain.Mechanism{Name: f.Request.Mechanism} // its clocks are not known; those of the request are
	}
	held := f.State == domain.StateHeld || f.State == domain.StateContested || f.State == domain.StateDecided
	for _, due := range mechanism.Deadlines(f.Freeze, cmp.Or(f.Freeze.Request.Reason, fraud)) {
		if due.Lapses && held && (r.Lapses.IsZero() || due.At.End().Before(r.Lapses.End())) {
			r.Lapses = due.At
		}
		if r.Deadline == nil && runs(due, f, held) {
			r.Deadline = &due
		}
	}
	r.Overdue = r.Deadline != nil && a.Now.After(r.Deadline.At.End())
	r.Lapsed = held && !r.Lapses.IsZero() && a.Now.After(r.Lapses.End())
	r.Late = !r.OrderDue.IsZero() && a.Now.After(r.OrderDue.End())
}

// runs says whether a clock concerns the state: before a request goes out what
// it must be sent by, while it is out what it must be answered by, and then
// what ends the hold.
func runs(due domain.Due, f *FreezeFile, held bool) bool {
	if held || due.Lapses {
		return held && (due.Lapses || due.At == f.Request.OrderDue)
	}
	sent := !f.SubmittedAt.IsZero() && due.At.End().Before(f.SubmittedAt.Time)
	answered := f.State == domain.StateAnswered || f.State == domain.StateSeized
	return !sent && !answered
}

// nextAct is what the freeze waits for.
func nextAct(f *FreezeFile, limits map[domain.AssetCode]domain.Amount) string {
	if f.Approver == "" && !f.Request.Unasked && aboveLimit(f, limits) && (f.State == domain.StateDraft || f.Urgent) {
		return "approve"
	}
	switch f.State {
	case domain.StateDraft:
		return "submit"
	case domain.StateSubmitted:
		return "chase the acknowledgement"
	case domain.StateAcknowledged:
		return map[domain.Acknowledgement]string{domain.AckIndemnity: "give the indemnity", domain.AckConsent: "wait for the holder's consent",
			domain.AckPassedOn: "ask the institution it was passed on to", domain.AckPlain: "chase the answer"}[f.As]
	case domain.StateAnswered:
		return map[domain.FreezeAnswerCode]string{domain.AnswerMatched: "chase the hold", domain.AnswerNoAccount: "correct the account and ask again",
			domain.AnswerAlreadyEmpty: "ask where it went: request the onward hops", domain.AnswerOutOfScope: "ask by another mechanism"}[f.Answer]
	case domain.StateContested:
		return "answer the grievance"
	case domain.StateSeized:
		return "restore to the victims"
	}
	if !f.Request.OrderDue.IsZero() {
		return "send the order before it is due"
	}
	return "extend, seize, or have it returned"
}

func aboveLimit(f *FreezeFile, limits map[domain.AssetCode]domain.Amount) bool {
	limit, set := limits[f.Request.Asset]
	return !set || f.Request.Amount == nil || limit.Asset != f.Request.Amount.Asset || limit.Units.Less(f.Request.Amount.Units)
}

// othersOn lists the other freezes on an account, of any case, by name.
func othersOn(f *FreezeFile, all []*FreezeFile) (names []string) {
	for _, other := range all {
		if other != f && other.Name() != f.Name() && other.Account == f.Account && other.Asset() == f.Asset() {
			names = append(names, fmt.Sprintf("%s %s by %s (%s)", other.Name(), other.Request.Mechanism, cmp.Or(other.Request.Requesting, other.Request.By, "nobody named"), other.State))
		}
	}
	slices.Sort(names)
	return names
}

// sortQueue puts first where most is lost within the next hour; then where
// most is expected to be; then the older loss; then by name.
func sortQueue(list []QueueRow, ranks []worth) {
	w := worth{}
	for _, by := range ranks {
		if by.currency.Code > w.currency.Code { // one currency for all; which one changes no order where rates are known
			w = by
		}
	}
	slices.SortFunc(list, func(a, b QueueRow) int {
		in := func(r QueueRow, units domain.Units) domain.Amount { return domain.Amount{Units: units, Asset: r.Asset} }
		return cmp.Or(w.compare(in(a, a.PerHour), in(b, b.PerHour)), w.compare(in(a, a.Expected), in(b, b.Expected)),
			a.Loss.Time.Compare(b.Loss.Time), cmp.Compare(a.Case, b.Case), cmp.Compare(a.Freeze, b.Freeze))
	})
}
