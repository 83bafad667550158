package projections

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/tracing"
)

// StatsAsk asks about many cases at once. Ask.Case may be empty: all cases.
type StatsAsk struct {
	Ask
	Per string // one of StatsPeriods, or "" for all time as one
	In  string // an asset in which everything is also worth so much; "": none
}

// StatsPeriods lists by what span of time statistics can be grouped.
func StatsPeriods() []string { return []string{"month", "quarter", "year"} }

// Surveyed is what every table of the larger picture says of itself: what it
// was counted on. Nothing of it is kept: it is counted when asked.
type Surveyed struct {
	Position uint64
	At       time.Time
	Per      string
	Rule     string // of what was walked; "each case's own" where they differ
	Cases    int    // that were counted
	LeftOut  []LeftOut
}

// LeftOut is a case that could not be walked, and is in no number.
type LeftOut struct {
	Case domain.CaseID `json:"case"`
	Why  string        `json:"why"`
}

// survey goes through the cases, those that are walked as one together, one
// after the other, so that only one lies in memory.
type survey struct {
	views *Views
	ask   StatsAsk
	about Surveyed
	seen  map[domain.CaseID]bool

	unwalked bool // what is counted needs no walk: no case is left out
}

// survey makes ready to go through the cases.
func (v *Views) survey(ctx context.Context, a StatsAsk) (*survey, error) {
	if a.Per != "" && !slices.Contains(StatsPeriods(), a.Per) {
		return nil, domain.Usage("statistics cannot be grouped by %q: take one of %s", a.Per, strings.Join(StatsPeriods(), ", "))
	}
	upto, err := v.resolve(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	a.Upto, a.KnownAt = upto, time.Time{}
	return &survey{views: v, ask: a, about: Surveyed{Position: upto, At: a.At, Per: a.Per}, seen: map[domain.CaseID]bool{}}, nil
}

// each gives every group of cases that are walked as one to a function.
func (s *survey) each(ctx context.Context, do func(*caseGroup) error) error {
	cases := []domain.CaseID{s.ask.Case}
	if s.ask.Case == "" {
		list, err := s.views.caseNames(ctx, s.ask.Upto)
		if err != nil {
			return err
		}
		cases = list
	}
	for _, id := range cases {
		if s.seen[id] {
			continue
		}
		g, err := s.group(ctx, id)
		if err == nil && g != nil {
			s.about.Cases += len(g.files)
			err = do(g)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// caseGroup is the cases that are walked as one, with the walk's answer.
type caseGroup struct {
	id     domain.CaseID
	files  map[domain.CaseID]*domain.CaseFile // each case's own
	merged *domain.CaseFile                   // all of them read as one
	traced *Traced
	inCase map[uint64]domain.CaseID // by a row's position, where there are several cases
}

// group walks a case with those that are walked as one with it; nil where it
// cannot be walked, which is noted.
func (s *survey) group(ctx context.Context, id domain.CaseID) (*caseGroup, error) {
	ask := s.ask.Ask
	ask.Case = id
	assembly, err := s.views.Assemble(ctx, id, ask.Upto)
	if err != nil {
		return nil, err
	}
	g := &caseGroup{id: id, files: map[domain.CaseID]*domain.CaseFile{}, merged: assembly.File}
	for _, c := range assembly.Cases {
		s.seen[c] = true
		file := assembly.File
		if len(assembly.Cases) > 1 {
			if file, err = s.views.CaseFile(ctx, c, ask.Upto); err != nil {
				return nil, err
			}
		}
		g.files[c] = file
	}
	if s.unwalked {
		return g, nil
	}
	if g.traced, err = s.views.Trace(ctx, ask); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		s.about.LeftOut = append(s.about.LeftOut, leftOut(assembly.Cases, err.Error())...)
		return nil, nil
	}
	s.about.byRule(string(g.traced.Rule))
	return g, s.place(ctx, g)
}

func leftOut(cases []domain.CaseID, why string) (list []LeftOut) {
	for _, c := range cases {
		list = append(list, LeftOut{c, why})
	}
	return list
}

// eachFollowed is each for what follows the money. Where poison was chosen for a
// case there are no lots to follow: it is left out, and named.
func (s *survey) eachFollowed(ctx context.Context, do func(*caseGroup) error) error {
	return s.each(ctx, func(g *caseGroup) error {
		if g.traced.Rule == tracing.Poison {
			s.leaveOut(g, "its rule is poison, which follows nobody's money: ask with --rule")
			return nil
		}
		return do(g)
	})
}

// leaveOut takes a group that was counted among the cases out again.
func (s *survey) leaveOut(g *caseGroup, why string) {
	s.about.Cases -= len(g.files)
	s.about.LeftOut = append(s.about.LeftOut, leftOut(slices.Sorted(maps.Keys(g.files)), why)...)
}

// byRule notes by which rule a group was walked.
func (s *Surveyed) byRule(rule string) {
	if s.Rule != "" && s.Rule != rule {
		rule = "each case's own"
	}
	s.Rule = rule
}

// place finds out, where several cases are walked as one, which of them told
// each payment that a victim reports.
func (s *survey) place(ctx context.Context, g *caseGroup) error {
	if len(g.files) == 1 {
		return nil
	}
	var positions []int64
	for r := range g.traced.Assembly.Rows() {
		if r.Victim != "" {
			positions = append(positions, int64(r.Position))
		}
	}
	g.inCase = map[uint64]domain.CaseID{}
	return s.views.queryAt(ctx, s.ask.Upto, func(c *conn) error {
		names := map[int64]domain.CaseID{}
		for id := range g.files {
			number, err := caseNumber(c, id)
			if err != nil {
				return err
			}
			names[number] = id
		}
		return newVersions(c).at(positions, func(v Version) { g.inCase[v.First] = names[v.inCase] })
	}, Movements.Name)
}

// caseOf is the case that told a row.
func (g *caseGroup) caseOf(r *tracing.Row) domain.CaseID {
	if id, ok := g.inCase[r.Position]; ok {
		return id
	}
	return g.id
}

// caseNames lists the cases that had been opened by a position of the log.
func (v *Views) caseNames(ctx context.Context, upto uint64) (list []domain.CaseID, err error) {
	err = v.queryAt(ctx, upto, func(c *conn) error {
		names, err := textsOf(ctx, c, `SELECT DISTINCT "case" FROM casefile WHERE kind = ? AND position <= ?`, domain.CaseOpened{}.Kind(), position(upto))
		for _, name := range names {
			list = append(list, domain.CaseID(name))
		}
		return err
	}, CaseFiles.Name)
	slices.Sort(list)
	return list, err
}

// periodOf is the span of time in which something happened (UTC): 2024-03,
// 2024-Q1, 2024; "" where all time is one.
func periodOf(per string, when domain.When) string {
	at := when.Time.UTC()
	switch per {
	case "month":
		return at.Format("2006-01")
	case "quarter":
		return fmt.Sprintf("%d-Q%d", at.Year(), (int(at.Month())+2)/3)
	case "year":
		return at.Format("2006")
	}
	return ""
}

// Reported is one payment to a scam that a victim reports, with what is known
// about it. Where a chain's transaction paid several it is all of them.
type Reported struct {
	Case     domain.CaseID
	Victim   domain.VictimID
	Category domain.VictimCategory // "": not known
	Movement domain.MovementID
	When     domain.When
	To       domain.AccountID // the first account; "" where there are several
	Amount   domain.Amount
	Payments int
	Said     domain.ScamDescribed // as it stands for this payment

	worth domain.Amount // in the asset that was asked for; not Given without a rate
}

// losses lists the payments that count as reported. Their sums are those of
// the ledger, to the unit.
func (g *caseGroup) losses() ([]Reported, error) {
	payments := reportedPayments(g.traced)
	var list []Reported
	for _, line := range g.traced.Answer.Victims {
		rows := payments[reporter{line.Victim, line.Asset}]
		losses, err := g.lossesOf(line, rows)
		if err != nil {
			return nil, err
		}
		list = append(list, losses...)
	}
	return list, nil
}

// lossesOf are the payments of one victim in one asset. What a hop paid to the
// scam the walk alone knows: it is what the other payments leave.
func (g *caseGroup) lossesOf(line tracing.Victim, rows []tracing.Row) (list []Reported, err error) {
	rest, hops := line.Reported, -1
	for i := range rows {
		r := &rows[i]
		if r.Kind == domain.Hop && hops >= 0 {
			list[hops].Payments, list[hops].To = list[hops].Payments+1, ""
			continue
		}
		loss := g.loss(line.Victim, r)
		if r.Kind == domain.Hop {
			hops, loss.To = len(list), paidBy(r)
		} else if rest, err = rest.Sub(r.Amount.Units); err != nil {
			return nil, err
		}
		list = append(list, loss)
	}
	if hops >= 0 {
		list[hops].Amount, rest = domain.Amount{Units: rest, Asset: line.Asset}, domain.Units{}
	}
	if !rest.IsZero() {
		return nil, fmt.Errorf("the payments of %s in case %s do not add up to what he reported: %s %s are left: this is a fault of clew; please report it",
			line.Victim, g.id, line.Asset.Format(rest), line.Asset.Code)
	}
	return list, nil
}

// paidBy is the one account that a hop paid beside those that paid in it.
func paidBy(r *tracing.Row) (to domain.AccountID) {
	for _, out := range r.Outputs {
		own := slices.ContainsFunc(r.Inputs, func(in domain.Leg) bool {
			return in.Account == out.Account || in.Address != "" && in.Address == out.Address
		})
		if own || out.Account == to {
			continue
		}
		if to != "" {
			return ""
		}
		to = out.Account
	}
	return to
}

func (g *caseGroup) loss(victim domain.VictimID, r *tracing.Row) Reported {
	said := g.said(victim, r)
	return Reported{Case: g.caseOf(r), Victim: victim, Category: categoryOf(said.Typology, g.merged.Victims[victim].Category), Movement: r.ID,
		When: r.When, To: r.To, Amount: r.Amount, Payments: 1, Said: said}
}

// said is what is described of a payment: what was said of it itself goes
// before the report's typology, that before what was said of the victim, then
// comes how he is registered, then what was said of the case.
func (g *caseGroup) said(victim domain.VictimID, r *tracing.Row) domain.ScamDescribed {
	m := g.merged
	list := []domain.ScamDescribed{g.files[g.caseOf(r)].Described("", ""), {Country: m.Victims[victim].Country},
		m.Described(victim, ""), {Typology: r.Scam}}
	for _, telling := range g.traced.Assembly.Tellings[r.ID] {
		list = append(list, m.Described("", telling))
	}
	return domain.OverlayScams(append(list, m.Described("", r.ID))...)
}

// categoryOf says in which of the two ways somebody is a victim: as the scam
// tells that it was paid in, else as he is registered.
func categoryOf(typology domain.Scam, registered domain.VictimCategory) domain.VictimCategory {
	if typology.Category() == domain.TraffickedPerson || registered == "" && typology != domain.ScamUnstated {
		return typology.Category()
	}
	return registered
}

// countryOf says in which country an account is held: as people have
// described it, else as its IBAN begins.
func (g *caseGroup) countryOf(account domain.AccountID) string {
	country := g.merged.Accounts[account].Country
	if country == "" {
		country = g.countryByOtherName(account)
	}
	return cmp.Or(country, ibanCountry(account))
}

// countryByOtherName is the country that was said of an account under another
// of its names; "" where two of them say different things.
func (g *caseGroup) countryByOtherName(account domain.AccountID) (country string) {
	for name := range g.merged.SameAs {
		said := g.merged.Accounts[name].Country
		if said == "" || said == country || g.merged.Resolve(name) != account {
			continue
		}
		if country != "" {
			return ""
		}
		country = said
	}
	return country
}
