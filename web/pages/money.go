package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// ledgerBody is each victim's loss.
type ledgerBody struct {
	Ledger   table
	Worth    table // what the reported payments were worth, where the case has a currency
	Presumed string
	Warnings []tracing.Warning
}

func (s *screens) ledger(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	l, err := s.views(r).Ledger(r.Context(), a.query)
	if err != nil {
		return page{}, err
	}
	body := ledgerBody{Ledger: a.ledgerTable(l, r), Warnings: l.Answer.Warnings, Presumed: presumed(&l.Answer)}
	if l.Currency != "" {
		body.Worth = a.worthTable(l, r)
	}
	return page{Name: "ledger", Title: "Ledger", Tab: "ledger", Asked: a, File: file, Answer: l.Traced, Body: body}, nil
}

// ledgerTable has a row for each victim and asset. Own is what the columns
// after Net are the sum of, to the unit.
func (a asked) ledgerTable(l *projections.Ledger, r *http.Request) table {
	t := &table{ID: "ledger", Dense: true, Caption: "What each victim lost, and what has become of it",
		Says: "Reported is what he paid to the scam; Own is what of it was his, and is the sum of At large to Fees, to the unit. " +
			"Net is reported less paid back. Rows are never added up: money can pass through several victims' hands.",
		Columns: columns("Victim", "Asset", "Reported>", "Own>", "Paid back>", "Net>", "At large>", "Held>", "Seized>", "Restored>", "Returned>", "Cashed out>",
			"At service>", "Unaccounted>", "Fees>", "Scam"),
		Empty: "No payment is reported yet: a file with complaints reports payments, and so does the page of a movement."}
	from, to := windowOf(r, len(l.Rows), wideRows)
	for i := from; i < to; i++ {
		row := &l.Rows[i]
		why := a.Reason(row.Victim, "")
		victim := linked(string(row.Victim), a.To("explain", "victim", string(row.Victim)))
		victim.Kind = "victim"
		cells := []cell{victim, {Text: shortAsset(row.Asset.Code)}}
		for _, u := range []domain.Units{row.Reported, row.Own, row.PaidBack, row.Net, row.AtLarge, row.Held, row.Seized, row.Restored, row.Returned,
			row.CashedOut, row.AtService, row.Unaccounted, row.Fees} {
			cells = append(cells, units(row.Asset, u, why))
		}
		t.add(append(cells, orNone(scamWords(row.Scams)))...)
	}
	t.More = a.onward(r, "ledger", to, len(l.Rows))
	return t.without("Paid back", "Held", "Seized", "Restored", "Returned", "Cashed out", "At service", "Unaccounted", "Fees")
}

func (a asked) worthTable(l *projections.Ledger, r *http.Request) table {
	t := table{ID: "worth", Caption: "What the reported payments were worth in " + string(l.Currency), Says: "Each payment at its own day's rate. It stands beside the ledger; nothing rests on it.",
		Columns: columns("Victim", "Reported>", "Worth then>"), Empty: "No payment is reported."}
	from, to := windowOf(r, len(l.Rows), wideRows)
	for i := from; i < to; i++ {
		row := &l.Rows[i]
		worth := amount(row.InCurrency, "")
		if row.Unrated != "" {
			worth = cell{Text: "not known", Sub: row.Unrated}
		}
		t.add(cell{Text: string(row.Victim), Kind: "victim"}, units(row.Asset, row.Reported, ""), worth)
	}
	return t
}

func scamWords(list []domain.Scam) string {
	var words []string
	for _, s := range list {
		if s != "" {
			words = append(words, strings.ReplaceAll(string(s), "_", " "))
		}
	}
	return strings.Join(words, ", ")
}

// presumed says how much rests on Hallett's presumption alone; "" under rules
// that presume nothing.
func presumed(answer *tracing.Answer) string {
	if answer.Rule != tracing.LIBR && answer.Rule != tracing.OwnFirst {
		return ""
	}
	var sums []string
	for _, a := range answer.Presumed {
		sums = append(sums, a.String()+" "+string(a.Asset.Code))
	}
	if len(sums) == 0 {
		return "Nothing was taken for the holder's own money only because nobody has said whose it is."
	}
	return "Of the money that was drawn before the claims, " + strings.Join(sums, ", ") + " came from payers nobody has described and was taken for the holder's own. Describe those accounts if that is wrong."
}

// whereBody is what each account holds and whose it is.
type whereBody struct {
	Frontier []string // whom to ask next
	Places   table
	Missing  table
	Homes    string
	Presumed string
	Warnings []tracing.Warning
}

// pageRows is how many rows a long table has before it goes on another page:
// what a desktop of a bank draws without a wait.
const pageRows = 100

func (s *screens) where(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	t, err := s.views(r).Trace(r.Context(), a.query)
	if err != nil {
		return page{}, err
	}
	body := whereBody{Places: a.pools(t, r), Missing: a.missing(t, pageRows), Frontier: frontier(t), Presumed: presumed(&t.Answer), Warnings: t.Answer.Warnings}
	body.Homes = homesWords(t)
	return page{Name: "where", Title: "Where is the money", Tab: "where", Asked: a, File: file, Answer: t, Body: body}, nil
}

// pools lists every account that holds something, a page at a time.
func (a asked) pools(t *projections.Traced, r *http.Request) table {
	list := &table{ID: "pools", Caption: "What each account holds, and whose it is",
		Says:    "Untraced is nobody's claim; unexplained is the part of it whose coming nobody has seen. Frontier: it holds victims' money, and nothing later is known of it.",
		Columns: columns("Account", "Holds>", "Victims'", "Untraced>", "Unexplained>", "Held>", "Frontier"),
		Empty:   "No account holds anything."}
	var pools []tracing.Pool
	for _, pool := range t.Answer.Accounts {
		if !pool.Balance.IsZero() {
			pools = append(pools, pool)
		}
	}
	from, to := window(r, len(pools))
	for _, pool := range pools[from:to] {
		edge := cell{Text: "no"}
		if pool.Frontier {
			edge = cell{Text: "frontier", Chip: "warn"}
		}
		list.add(a.account(pool.Account), units(pool.Asset, pool.Balance, a.Account(pool.Account)), a.owners(pool.Asset, pool.Account, pool.Traced),
			units(pool.Asset, pool.Untraced, ""), units(pool.Asset, pool.Unexplained, ""), units(pool.Asset, pool.Held, a.To("freezes")), edge)
	}
	short := list.without("Held")
	short.More = a.onward(r, "where", to, len(pools))
	return short
}

// wideRows is how many rows a table has in which each bears a dozen amounts
// with their links: such a page weighs under 50 kB.
const wideRows = 25

// window is which rows of a long table the address asks for.
func window(r *http.Request, all int) (from, to int) { return windowOf(r, all, pageRows) }

func windowOf(r *http.Request, all, rows int) (from, to int) {
	if _, err := fmt.Sscan(r.URL.Query().Get("from"), &from); err != nil || from < 0 || from > all {
		from = 0
	}
	return from, min(all, from+rows)
}

// onward leads to the rows after those shown; nil where there are none.
func (a asked) onward(r *http.Request, screen string, to, all int) *link {
	if to >= all {
		return nil
	}
	more := []string{"from", fmt.Sprint(to)}
	for _, name := range []string{"order", "name"} {
		more = append(more, name, r.URL.Query().Get(name))
	}
	return &link{fmt.Sprintf("The next of %d in all, from row %d", all, to+1), a.To(screen, more...)}
}

// frontier says where to ask and where to freeze next, in sentences.
func frontier(t *projections.Traced) []string {
	var list []string
	for _, pool := range t.Answer.Accounts {
		if !pool.Frontier {
			continue
		}
		holds := pool.Asset.Format(pool.Balance) + " " + string(pool.Asset.Code) + ", of it " + ownersWords(pool)
		if movement, unnamed := pool.Account.Unnamed(); unnamed {
			list = append(list, fmt.Sprintf("No document names the account that %s went to: ask the payer's institution whom movement %s paid, and whether the money is still there.", holds, movement))
			continue
		}
		list = append(list, fmt.Sprintf("Account %s holds %s, and nothing later is known of it: ask for its statement, and whether the money is still there.", pool.Account, holds))
	}
	return list
}

func ownersWords(pool tracing.Pool) string {
	var words []string
	for i, owner := range pool.Traced {
		if i == maxOwners {
			words = append(words, fmt.Sprintf("and of %d more", len(pool.Traced)-i))
			break
		}
		words = append(words, string(owner.Victim)+" "+pool.Asset.Format(owner.Units))
	}
	return strings.Join(words, ", ")
}

// missing lists which statements to ask for, the largest sums first.
func (a asked) missing(t *projections.Traced, most int) table {
	list := table{ID: "missing", Caption: "Records are missing", Says: "These accounts paid more than was ever seen to come in: ask for their statements.",
		Columns: columns("Account", "Missing>", "Ask for its statement"), Empty: "No account paid more than was seen to come in."}
	homes, rows := t.Assembly.Homes(), slices.Clone(t.Answer.Missing)
	slices.SortStableFunc(rows, func(x, y tracing.Missing) int {
		return cmp.Or(cmp.Compare(x.Asset.Code, y.Asset.Code), y.Amount.Cmp(x.Amount))
	})
	rows = slices.DeleteFunc(rows, func(m tracing.Missing) bool { return len(homes[m.Account]) > 0 })
	for i, m := range rows {
		if i == most {
			list.More = &link{fmt.Sprintf("All %d", len(rows)), a.To("where")}
			break
		}
		list.add(a.account(m.Account), units(m.Asset, m.Amount, a.Account(m.Account)), cell{Text: between(m.First, m.Last)})
	}
	return list
}

func between(first, last domain.When) string {
	if first == last {
		return "of " + whenWords(first)
	}
	return "from " + whenWords(first) + " to " + whenWords(last)
}

// homesWords says what of the missing money was the victims' own.
func homesWords(t *projections.Traced) string {
	homes, n := t.Assembly.Homes(), 0
	for _, m := range t.Answer.Missing {
		if len(homes[m.Account]) > 0 {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("What the victims paid from was not seen to come in at %s of theirs: their own statements are needed only if money of others passed there.", count(n, "account"))
}

// whyWords says in a sentence why an account is worth a hold. Of many victims
// it says how many they are; the account's page names each.
func whyWords(t projections.Target) string {
	if len(t.Victims) <= maxOwners {
		return t.Why
	}
	code := " " + string(t.Asset.Code)
	return fmt.Sprintf("It is money of %s, last seen there %s. Judged by the stays of %s; least %s, most %s over the rules.", count(len(t.Victims), "victim"),
		instant(t.Seen), t.Basis, t.Asset.Format(t.Least)+code, t.Asset.Format(t.Most)+code)
}

// targetsBody is every account that is worth a hold.
type targetsBody struct {
	Targets table
	Why     []string
	Now     string
	Latency string
}

func (s *screens) targets(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	now, err := when("now", r.URL.Query().Get("now"))
	if err != nil {
		return page{}, err
	}
	list, err := s.views(r).Targets(r.Context(), projections.TargetsAsk{Ask: a.query, Now: lastMoment(now)})
	if err != nil {
		return page{}, err
	}
	t := a.targets(list, file)
	t.Rows, t.More = nil, nil
	body := targetsBody{Now: instant(list.Now), Latency: fmt.Sprintf("%s minutes (%s)", projections.Minutes(list.Latency), cmp.Or(list.LatencyBasis, "not known: as if the hold landed at once"))}
	for i, row := range list.Rows {
		if i == pageRows {
			break
		}
		t.add(a.targetCells(row, file)...)
		body.Why = append(body.Why, string(row.Account)+": "+whyWords(row))
	}
	body.Targets = t
	return page{Name: "targets", Title: "What to freeze next", Tab: "freezes", Asked: a, File: file, Answer: list.Traced, Body: body}, nil
}
