package pages

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/tracing"
	"clew/web/gate"
)

// The larger picture: what is counted over all cases, or over one. Each page
// says what its numbers rest on before it shows them.

// statistic is one page of it.
type statistic struct {
	Of, Title, Says string
	per             bool // by periods
	in              bool // worth in one asset too
	rule            bool // it follows the money, by a rule
	count           func(context.Context, *projections.Views, projections.StatsAsk) (*counted, error)
}

// counted is what a page shows: tables, and what they rest on.
type counted struct {
	Tables []table
	About  projections.Surveyed
	Rests  []projections.Share
	Notes  []string
}

// statistics are the pages, in the order in which they are asked for.
func statistics() []statistic {
	return []statistic{
		{"losses", "Losses", "What victims report to have paid: those who lose money, and those forced to run scams.", true, true, false, lossesOf("losses")},
		{"typologies", "Kinds of scam", "What victims report to have paid, by kind of scam.", true, true, false, lossesOf("typologies")},
		{"lures", "Lures", "What victims report to have paid, by what they were reached.", true, true, false, lossesOf("lures")},
		{"countries", "Countries", "What victims report to have paid, by where they were and by where the scam is run from.", true, true, false, lossesOf("countries")},
		{"trafficked", "Trafficked persons", "What trafficked persons and theirs paid, beside the victims of scams: two kinds of victims, never added.", true, true, false, lossesOf("trafficked")},
		{"ledgers", "Ledgers", "The ledgers of all victims summed up: what of the reported sum was their own, and what has become of it.", false, false, true, ledgersOf},
		{"corridors", "Corridors", "Which way the money went: the victim's country, the first account's, and where it lies or was taken out.", true, false, true, corridorsOf},
		{"operations", "Operations", "What the cases of each operation come to. What was published of others stands apart and is in none of the sums.", false, false, true, operationsOf},
		{"centres", "Scam centres", "Where they are said to be, who is tied to them, and what their victims paid.", false, false, false, centresOf},
		{"notices", "Notices", "Notices and diffusions by colour, and whom they concern.", true, false, false, noticesOf},
		{"crimes", "Other crimes", "Links to other crimes, as flagged, with what of it is an assessment. They prove nothing.", false, false, false, crimesOf},
	}
}

// statsBody is one page of the larger picture.
type statsBody struct {
	statistic
	*counted
	Pages []link // the others
	Pick  []field
	CSV   string // "": the reader's tables of every case come from nobody
	Case  domain.CaseID
}

// statsList is where the larger picture begins.
func (s *screens) statsList(r *http.Request) (page, error) {
	t := table{ID: "stats", Caption: "What can be counted", Says: "Over every case that is recorded, or over one. Amounts of different assets are never added.", Columns: columns("Page", "What it counts")}
	for _, one := range statistics() {
		t.add(linked(one.Title, "/stats/"+one.Of), cell{Text: one.Says, Wide: true})
	}
	return page{Name: "statslist", Title: "The larger picture", Tab: "stats", Body: t}, nil
}

// stats draws one page of the larger picture.
func (s *screens) stats(r *http.Request) (page, error) {
	list, of := statistics(), r.PathValue("of")
	at := slices.IndexFunc(list, func(one statistic) bool { return one.Of == of })
	if at < 0 {
		return page{}, domain.NotFound("nothing is counted under %q: the larger picture lists what is", of)
	}
	a, err := s.askedOf(r)
	if err != nil {
		return page{}, err
	}
	form := typed(r.URL.Query())
	body := statsBody{statistic: list[at], Pick: list[at].pick(a, form)}
	if err := s.countable(r, &a, form.get("case")); err != nil {
		return page{}, err
	}
	body.Case = a.query.Case
	ask := projections.StatsAsk{Ask: a.query, Per: form.get("by"), In: form.get("in")}
	if body.counted, err = body.count(r.Context(), s.views(r), ask); err != nil {
		return page{}, err
	}
	if !body.rule {
		body.About.Rule = "" // what is reported does not hang on it
	}
	kept := []string{"by", form.get("by"), "in", form.get("in"), "case", form.get("case")}
	for _, one := range list {
		body.Pages = append(body.Pages, link{one.Title, a.To("stats/"+one.Of, kept...)})
	}
	if who := whoIs(r); body.Case != "" || casework.May(who.Role, "Reading") == casework.Everywhere || who.Purpose("") != "" {
		body.CSV = "/api/v1" + strings.Replace(body.Pages[at].To, "/stats/"+of, "/stats/"+of+".csv", 1)
	}
	return page{Name: "stats", Title: list[at].Title, Tab: "stats", Asked: a, Body: body}, nil
}

// pick is what may be asked of a page, with what was asked.
func (one statistic) pick(a asked, form typed) []field {
	list := []field{}
	add := func(f field, asks bool) {
		if asks {
			f.ID, f.Value = "pick-"+f.Name, form.get(f.Name)
			list = append(list, f)
		}
	}
	add(field{Name: "by", Label: "One row for each", Kind: "select", Options: wordOptions("all time as one", projections.StatsPeriods()...)}, one.per)
	add(field{Name: "in", Label: "Also worth in", Hint: "An asset, by recorded rates."}, one.in)
	rules := []option{{"", "each case's own"}}
	for _, rule := range tracing.Rules() {
		if rule.Rule != tracing.Poison { // it has no lots to follow
			rules = append(rules, option{string(rule.Rule), string(rule.Rule)})
		}
	}
	add(field{Name: "rule", Label: "By the rule", Kind: "select", Options: rules}, one.rule)
	add(field{Name: "case", Label: "Of one case", Hint: "Left out: of all."}, true)
	add(field{Name: "at", Label: "What had happened by", Hint: "A date, or RFC 3339."}, true)
	add(field{Name: "known_at", Label: "What was recorded by", Hint: "The same."}, true)
	return list
}

// countable checks that somebody may see the cases that are counted, and sets
// the one that he asks of.
func (s *screens) countable(r *http.Request, a *asked, name string) error {
	who := gate.Who(r.Context())
	if name != "" {
		id, err := domain.ParseCase(name)
		if err != nil {
			return domain.Usage("case=%q in the address: %v", name, err)
		}
		a.query.Case = id
	}
	all, err := s.views(r).Cases(r.Context(), a.query.Upto)
	if err != nil {
		return err
	}
	hidden := slices.ContainsFunc(all, func(c projections.CaseRow) bool {
		return (a.query.Case == "" || c.Case == a.query.Case) && !who.May("Reading", c.Case)
	})
	if hidden {
		return &domain.Error{Class: domain.ClassDenied, Text: "the sums over all cases would tell you of cases that you may not read: choose one of your own cases, or give a purpose"}
	}
	return nil
}

// groupCells are the first cells of a row: its period, where there are any, and
// its group.
func groupCells(per, period string, group []string) (cells []cell) {
	if per != "" {
		cells = append(cells, text(period))
	}
	for _, value := range group {
		cells = append(cells, text(words(value)))
	}
	return cells
}

// groupHeads are the columns of these cells.
func groupHeads(per string, names ...string) []string {
	heads := map[string]string{"category": "Kind of victim", "typology": "Kind of scam", "lure": "Lure", "of": "Where", "country": "Country", "paid_as": "Paid as",
		"colour": "Colour", "form": "Form", "crime": "Crime"}
	var list []string
	if per != "" {
		list = append(list, strings.ToUpper(per[:1])+per[1:])
	}
	for _, name := range names {
		if heads[name] != "" {
			name = heads[name]
		}
		list = append(list, name)
	}
	return list
}

func lossesOf(of string) func(context.Context, *projections.Views, projections.StatsAsk) (*counted, error) {
	return func(ctx context.Context, v *projections.Views, ask projections.StatsAsk) (*counted, error) {
		found, err := v.LossStats(ctx, of, ask)
		if err != nil {
			return nil, err
		}
		c := &counted{Tables: []table{lossTable(found)}, About: found.Surveyed, Rests: found.RestsOn}
		if found.In.Code != "" {
			c.Tables = append(c.Tables, worthOfLosses(found))
		}
		if found.Overlap {
			c.Notes = append(c.Notes, "A payment may stand in several rows: do not add them.")
		}
		if of == "trafficked" {
			c.Notes = append(c.Notes, fmt.Sprintf("%s registered as trafficked; payments of %d are reported, %d are tied to a scam centre.",
				count(found.Held.Registered, "person"), found.Held.Paying, found.Held.AtCentre))
		}
		return c, nil
	}
}

func lossTable(found *projections.LossStats) table {
	heads := append(groupHeads(found.Per, found.Columns...), "Reported>", "Victims>", "Payments>", "Cases>")
	t := table{ID: "reported", Caption: "What victims report to have paid", Says: "As the ledgers have it, asset by asset.", Columns: columns(heads...), Empty: "No victim reports a payment."}
	for _, r := range found.Rows {
		t.add(append(groupCells(found.Per, r.Period, r.Group), units(r.Asset, r.Reported, ""), number(r.Victims), number(r.Payments), number(r.Cases))...)
	}
	return t
}

func worthOfLosses(found *projections.LossStats) table {
	heads := append(groupHeads(found.Per, found.Columns...), "Worth>", "Payments with a rate>", "Of>")
	t := table{ID: "worth", Caption: "What it was worth in " + string(found.In.Code), Says: "Each payment at the rate of its own day; what has no rate is in no sum.", Columns: columns(heads...), Empty: "No payment has a rate."}
	for _, r := range found.Worth {
		t.add(append(groupCells(found.Per, r.Period, r.Group), units(found.In, r.Worth, ""), number(r.Payments), number(r.Of))...)
	}
	return t
}

func ledgersOf(ctx context.Context, v *projections.Views, ask projections.StatsAsk) (*counted, error) {
	found, err := v.LedgerStats(ctx, ask)
	if err != nil {
		return nil, err
	}
	heads := []string{"Kind of victim", "Victims>"}
	for _, name := range projections.LedgerFigures() {
		heads = append(heads, sentenceCase(name)+">")
	}
	t := &table{ID: "ledgers", Caption: "The ledgers of all victims", Says: "Own is the sum of At large to Fees, to the unit.", Columns: columns(heads...), Empty: "No victim reports a payment.", Dense: true}
	for i := range found.Rows {
		r := &found.Rows[i]
		cells := []cell{text(words(r.Category)), number(r.Victims)}
		for _, figure := range r.Figures() {
			cells = append(cells, cell{Sum: &sum{figure, r.Asset.Code}})
		}
		t.add(cells...)
	}
	return &counted{Tables: []table{t.without("Paid back", "Seized", "Restored", "Returned", "At service", "Unaccounted", "Fees")}, About: found.Surveyed, Rests: found.RestsOn}, nil
}

// sentenceCase writes a name of the log as the head of a column.
func sentenceCase(name string) string {
	plain := words(name)
	return strings.ToUpper(plain[:1]) + plain[1:]
}

func corridorsOf(ctx context.Context, v *projections.Views, ask projections.StatsAsk) (*counted, error) {
	found, err := v.CorridorStats(ctx, ask)
	if err != nil {
		return nil, err
	}
	t := table{ID: "corridors", Caption: "Which way the victims' money went", Says: "All rows of an asset sum to what was the victims' own. Several countries joined by + are a victim's who paid into each.",
		Columns: columns(append(groupHeads(found.Per), "From the victim in", "Over the first account in", "To", "Where it is", "Of it>", "Victims>")...), Empty: "No victim's money can be followed."}
	for _, r := range found.Rows {
		end := text(r.End)
		if !r.Placed() {
			end = cell{Text: none}
		}
		t.add(append(groupCells(found.Per, r.Period, []string{r.From, r.First}), end, cell{Text: words(string(r.State))}, units(r.Asset, r.Claim, ""), number(r.Victims))...)
	}
	return &counted{Tables: []table{t}, About: found.Surveyed, Rests: found.RestsOn}, nil
}

func operationsOf(ctx context.Context, v *projections.Views, ask projections.StatsAsk) (*counted, error) {
	found, err := v.OperationStats(ctx, ask)
	if err != nil {
		return nil, err
	}
	who := table{ID: "operations", Caption: "Operations", Columns: columns("Operation", "Cases", "Closed>", "Victims>", "Of them trafficked>", "Suspects>", "Accounts held>", "Wallets held>", "Countries"),
		Empty: "No case is worked in an operation."}
	sums := &table{ID: "sums", Caption: "What they come to", Says: "Different ledgers, never added to one another. Held, traced, by rule " + found.Rule + ".", Dense: true,
		Columns: columns("Operation", "Requests>", "Reported>", "Requested>", "Held>", "Held, traced>", "Seized>", "Restored>", "Returned>"), Empty: "Nothing was reported or requested in any."}
	for i := range found.Rows {
		r := &found.Rows[i]
		who.add(operationCell(r), casesCell(r.Cases), number(r.Closed), number(r.Victims), number(r.Trafficked), number(r.Suspects), number(r.AccountsHeld), number(r.WalletsHeld), orNone(strings.Join(r.Countries, " ")))
		for n := range r.Sums {
			sum := &r.Sums[n]
			cells := []cell{{Text: string(r.Operation)}, number(sum.Requests)}
			for _, u := range []domain.Units{sum.Reported, sum.Requested, sum.Held, sum.HeldTraced, sum.Seized, sum.Restored, sum.Returned} {
				cells = append(cells, units(sum.Asset, u, ""))
			}
			sums.add(cells...)
		}
	}
	c := &counted{Tables: []table{who, sums.without("Seized", "Restored", "Returned"), published()}, About: found.Surveyed, Rests: found.RestsOn}
	if found.Overlap {
		c.Notes = append(c.Notes, "A case is worked in several operations and counts in each: do not add the rows.")
	}
	return c, nil
}

// operationCell names an operation, with what people have said of it.
func operationCell(r *projections.OperationRow) cell {
	c, when := cell{Text: string(r.Operation)}, ""
	if !r.Said.From.IsZero() {
		when = "from " + whenWords(r.Said.From)
	}
	if !r.Said.Until.IsZero() {
		when = join(" ", when, "until "+whenWords(r.Said.Until))
	}
	c.Sub = join(", ", r.Said.Title, r.Said.Lead, when)
	return c
}

// casesCell leads to each of several cases.
func casesCell(list []domain.CaseID) cell {
	c := cell{}
	for i, id := range list {
		if i == maxOwners {
			c.Parts = append(c.Parts, cell{Text: fmt.Sprintf("and %d more", len(list)-i)})
			break
		}
		c.Parts = append(c.Parts, linked(string(id), casePath(id, "")))
	}
	switch len(list) {
	case 0:
		return cell{Text: none}
	case 1:
		return c.Parts[0]
	}
	return c
}

func centresOf(ctx context.Context, v *projections.Views, ask projections.StatsAsk) (*counted, error) {
	found, err := v.CentreStats(ctx, ask)
	if err != nil {
		return nil, err
	}
	t := table{ID: "centres", Caption: "Scam centres, as said by their sources", Says: "A victim who is tied to two centres counts in both.",
		Columns: columns("Centre", "Place", "Country", "Cases>", "Victims>", "Trafficked>", "Persons>", "Accounts>", "Reported", "Fact or assessment", "Source"), Empty: "No scam centre is described."}
	for _, r := range found.Rows {
		paid, is := cell{Text: none}, "fact"
		for _, sum := range r.Sums {
			paid.Parts = append(paid.Parts, amount(sum, ""))
		}
		if r.Said.Assessment {
			is = "assessment"
		}
		t.add(cell{Text: string(r.Centre)}, text(r.Said.Place), text(r.Said.Country), number(r.Cases), number(r.Victims), number(r.Trafficked), number(r.Persons),
			number(r.Accounts), paid, cell{Text: is}, text(r.Said.Source))
	}
	return &counted{Tables: []table{t}, About: found.Surveyed, Rests: found.RestsOn}, nil
}

func noticesOf(ctx context.Context, v *projections.Views, ask projections.StatsAsk) (*counted, error) {
	found, err := v.NoticeStats(ctx, ask)
	if err != nil {
		return nil, err
	}
	return ties(found, "Notices and diffusions", "Each reference counts once.", "No notice is linked to a case."), nil
}

func crimesOf(ctx context.Context, v *projections.Views, ask projections.StatsAsk) (*counted, error) {
	found, err := v.CrimeStats(ctx, ask)
	if err != nil {
		return nil, err
	}
	return ties(found, "Links to other crimes", "Flags prove nothing: they are somebody's statement, with its source.", "Nothing is flagged."), nil
}

func ties(found *projections.TieStats, caption, says, empty string) *counted {
	heads := append(groupHeads(found.Per, found.Columns...), "Count>", "Cases>", "Whole cases>", "Victims>", "Persons>", "Accounts>", "Assessments>")
	t := table{ID: found.Of, Caption: caption, Says: says, Columns: columns(heads...), Empty: empty}
	for _, r := range found.Rows {
		cells := groupCells(found.Per, r.Period, r.Group)
		for _, n := range []int{r.Count, r.Cases, r.Whole, r.Victims, r.Persons, r.Accounts, r.Assessments} {
			cells = append(cells, number(n))
		}
		t.add(cells...)
	}
	return &counted{Tables: []table{t}, About: found.Surveyed, Notes: []string{fmt.Sprintf("Cases that have any: %d of %d.", found.Tied, found.Cases)}}
}
