package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"clew/domain"
	"clew/papers"
	"clew/projections"
	"clew/tracing"
)

// inquiries are what to ask next: where traced money lies of which nothing
// later is known, what was paid that nobody saw come in, and the statements
// that do not add up; of each asset the largest sums first.
func (r *report) inquiries(context.Context) error {
	seen := r.lastSeen()
	for _, pool := range r.t.Answer.Accounts {
		if pool.Frontier {
			r.inquire(papers.AskFrontier, pool.Account, domain.Amount{Units: pool.Balance.Minus(pool.Untraced), Asset: pool.Asset}, days{from: seen[pool.Account]})
		}
	}
	homes := r.t.Assembly.Homes()
	for _, m := range r.t.Answer.Missing {
		if len(homes[m.Account]) > 0 {
			m.Account = r.name(m.Account)
			r.out.Homes = append(r.out.Homes, m)
			continue
		}
		r.inquire(papers.AskMissing, m.Account, domain.Amount{Units: m.Amount, Asset: m.Asset}, days{m.First, m.Last})
	}
	for _, gap := range r.gaps() {
		r.inquire(papers.AskGap, gap.account, gap.amount, gap.days)
	}
	slices.SortStableFunc(r.out.Inquiries, func(a, b papers.Inquiry) int {
		return cmp.Or(cmp.Compare(a.Amount.Asset.Code, b.Amount.Asset.Code), b.Amount.Units.Cmp(a.Amount.Units), cmp.Compare(a.Account, b.Account))
	})
	return nil
}

// days are the first and the last for which something is asked.
type days struct{ from, to domain.When }

func (r *report) inquire(why string, account domain.AccountID, amount domain.Amount, when days) {
	q := papers.Inquiry{Why: why, Account: r.name(account), Keeper: r.keeper(account), From: when.from, To: when.to, Amount: amount}
	if movement, unnamed := account.Unnamed(); unnamed {
		q.Movement = movement
	}
	r.out.Inquiries = append(r.out.Inquiries, q)
}

// touches gives the accounts that a movement touches.
func touches(row *tracing.Row) []domain.AccountID {
	accounts := []domain.AccountID{row.From, row.To}
	for _, leg := range slices.Concat(row.Inputs, row.Outputs) {
		accounts = append(accounts, leg.Account)
	}
	return accounts
}

// lastSeen is when each account was last seen.
func (r *report) lastSeen() map[domain.AccountID]domain.When {
	seen := map[domain.AccountID]domain.When{}
	for row := range r.t.Assembly.Rows() {
		if r.later(row.When) {
			continue
		}
		for _, account := range touches(row) {
			if seen[account].Time.Before(row.When.Time) {
				seen[account] = row.When
			}
		}
	}
	return seen
}

// later says whether something had not happened yet at the moment asked about.
func (r *report) later(when domain.When) bool { return !r.ask.At.IsZero() && when.Time.After(r.ask.At) }

// gap is a statement that does not add up, and the days since its account was
// last seen before.
type gap struct {
	account domain.AccountID
	amount  domain.Amount
	days    days
}

// gaps are the statements that do not add up.
func (r *report) gaps() (list []gap) {
	at := map[domain.MovementID]int{}
	for _, w := range r.t.Answer.Warnings {
		if w.Code == tracing.WarnGap {
			at[w.Movement] = len(list)
			list = append(list, gap{account: w.Account, amount: w.Amount})
		}
	}
	if len(list) == 0 {
		return nil
	}
	for row := range r.t.Assembly.Rows() {
		if i, is := at[row.ID]; is {
			list[i].account, list[i].days.to = cmp.Or(list[i].account, row.To), row.When
		}
	}
	for row := range r.t.Assembly.Rows() {
		for _, account := range touches(row) {
			for i := range list {
				if g := &list[i]; g.account == account && row.When.Time.Before(g.days.to.Time) && g.days.from.Time.Before(row.When.Time) {
					g.days.from = row.When
				}
			}
		}
	}
	return list
}

// told are the kinds of event that the timeline tells, beside the payments
// that victims reported. What people said of accounts is not among them: it
// may say that somebody acts under force.
func told() []string {
	return []string{domain.CaseOpened{}.Kind(), domain.CaseLinked{}.Kind(), domain.CaseClosed{}.Kind(), domain.EvidenceFiled{}.Kind(), domain.RuleLocked{}.Kind(),
		domain.AccountIdentified{}.Kind(), domain.MovementCorrected{}.Kind(), domain.MovementWithdrawn{}.Kind(), domain.MovementSeparated{}.Kind(),
		domain.PaymentReported{}.Kind(), domain.ReportWithdrawn{}.Kind(), domain.ReimbursementRecorded{}.Kind(), domain.ReimbursementWithdrawn{}.Kind()}
}

// timeline tells what happened and what was decided, by the dates.
func (r *report) timeline(ctx context.Context) error {
	reported := map[domain.MovementID]domain.VictimID{}
	for row := range r.t.Assembly.Rows() {
		if row.Victim != "" {
			reported[row.ID] = row.Victim
		}
	}
	kinds := told()
	err := r.desk.Views.Timeline(ctx, r.ask, projections.AsItBecameKnown, func(e projections.Entry) error {
		observed := strings.HasSuffix(e.Kind, ".observed.v1") && reported[e.Movement] != ""
		if !observed && !slices.Contains(kinds, e.Kind) && !strings.HasPrefix(e.Kind, "freeze.") || r.book.hidden[e.Movement] || r.namesWithheld(e.Text) {
			return nil
		}
		when := e.When
		if when.IsZero() {
			when = domain.Instant(e.RecordedAt.UTC().Truncate(1e9))
		}
		if observed && !strings.Contains(e.Text, "reported by") { // the statement tells the payment, somebody else who reported it
			e.Text += fmt.Sprintf(" It is reported by %s.", reported[e.Movement])
		}
		r.out.Timeline = append(r.out.Timeline, papers.Happening{When: when, RecordedAt: e.RecordedAt, Actor: e.Actor, Position: e.Position, Text: r.words(e.Text)})
		return nil
	})
	slices.SortStableFunc(r.out.Timeline, func(a, b papers.Happening) int {
		return cmp.Or(a.When.Time.Compare(b.When.Time), cmp.Compare(a.Position, b.Position))
	})
	if all := len(r.out.Timeline); all > maxReportDates {
		r.out.Timeline, r.out.Untold = r.out.Timeline[all-maxReportDates:], all-maxReportDates
	}
	return err
}

// namesWithheld says whether a sentence names a file that must not leave: the
// timeline names files by the beginning of their SHA-256.
func (r *report) namesWithheld(text string) bool {
	for sum := range r.book.withheld {
		if strings.Contains(text, string(sum[:min(shortSum, len(sum))])) {
			return true
		}
	}
	return false
}

// shortSum is how much of a SHA-256 stands in a sentence.
const shortSum = 12
