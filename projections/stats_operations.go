package projections

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"clew/domain"
)

// OperationStats is what the cases of each operation come to. What others have
// published stands beside it and in none of its numbers.
type OperationStats struct {
	Surveyed
	Overlap   bool // a case is worked in several operations, and counts in each
	Rows      []OperationRow
	RestsOn   []Share
	Published []domain.PublishedFigure
}

// OperationRow is one operation.
type OperationRow struct {
	Operation    domain.OperationID
	Said         domain.OperationDescribed // the zero value where nobody has described it
	Cases        []domain.CaseID
	Closed       int      // of Cases
	Victims      int      // registered, or reporting a payment
	Trafficked   int      // of Victims
	Suspects     int      // persons registered as suspect or convicted
	Countries    []string // of victims and of accounts that were held
	AccountsHeld int      // distinct accounts in which something was ever held
	WalletsHeld  int      // the same, of addresses on a chain
	Sums         []OperationSum
}

// OperationSum is what an operation comes to in one asset. The columns are
// different ledgers: no sum of two of them means anything.
type OperationSum struct {
	Asset    domain.Asset
	Reported domain.Units // by victims
	TotalsRow
}

// Operations joined, and what belongs to each.
type operationCount struct {
	views  *Views
	ask    StatsAsk
	rows   map[domain.OperationID]*operationTally
	of     map[domain.CaseID][]domain.OperationID // of every case that was counted
	shares []*shareCount
}

type operationTally struct {
	row       OperationRow
	victims   map[string]domain.VictimCategory
	countries map[string]bool
	sums      map[domain.Asset]*OperationSum
	files     []*FreezeFile
}

// OperationStats counts what the cases of each operation come to.
func (v *Views) OperationStats(ctx context.Context, a StatsAsk) (*OperationStats, error) {
	s, err := v.survey(ctx, a)
	if err != nil {
		return nil, err
	}
	known := lossTables()[slices.IndexFunc(lossTables(), func(t lossTable) bool { return t.name == "countries" })].rests[:1]
	count := operationCount{views: v, ask: s.ask, rows: map[domain.OperationID]*operationTally{}, of: map[domain.CaseID][]domain.OperationID{}, shares: newShares(known)}
	if err := count.describe(ctx); err != nil {
		return nil, err
	}
	if err := s.each(ctx, count.add); err != nil {
		return nil, err
	}
	if err := count.intercept(ctx); err != nil {
		return nil, err
	}
	return count.stats(s.about), nil
}

// tally is the row of an operation.
func (c *operationCount) tally(id domain.OperationID) *operationTally {
	if c.rows[id] == nil {
		c.rows[id] = &operationTally{row: OperationRow{Operation: id}, victims: map[string]domain.VictimCategory{},
			countries: map[string]bool{}, sums: map[domain.Asset]*OperationSum{}}
	}
	return c.rows[id]
}

// describe begins with the operations that somebody has described; about one
// case only those count that it is in.
func (c *operationCount) describe(ctx context.Context) error {
	said, err := c.views.Operations(ctx, c.ask.Upto)
	for id, one := range said {
		c.tally(id).row.Said = one
	}
	return err
}

// add counts the cases of one group, each in the operations it is worked in.
func (c *operationCount) add(g *caseGroup) error {
	for _, id := range slices.Sorted(maps.Keys(g.files)) {
		c.of[id] = nil
		for _, joined := range g.files[id].Operations {
			c.of[id] = append(c.of[id], joined.Operation)
			c.tally(joined.Operation).join(g, g.files[id])
		}
	}
	losses, err := g.losses()
	if err != nil {
		return err
	}
	for i := range losses {
		for _, operation := range c.of[losses[i].Case] {
			if err := c.tally(operation).lose(g, &losses[i]); err != nil {
				return err
			}
		}
	}
	within := slices.DeleteFunc(losses, func(l Reported) bool { return len(c.of[l.Case]) == 0 })
	for _, share := range c.shares {
		if err := share.add(within); err != nil {
			return err
		}
	}
	return nil
}

// join takes note of what a case says of people.
func (t *operationTally) join(g *caseGroup, file *domain.CaseFile) {
	t.row.Cases = append(t.row.Cases, file.ID)
	if file.Closed {
		t.row.Closed++
	}
	for victim, said := range file.Victims {
		t.victims[string(g.id)+" "+string(victim)] = said.Category
		t.from(said.Country)
	}
	for _, person := range file.Persons {
		if person.Category == domain.Suspect || person.Category == domain.Convicted {
			t.row.Suspects++
		}
	}
}

func (t *operationTally) from(country string) {
	if country != "" {
		t.countries[country] = true
	}
}

// lose takes note of a reported payment.
func (t *operationTally) lose(g *caseGroup, l *Reported) (err error) {
	key := string(g.id) + " " + string(l.Victim)
	t.victims[key] = cmp.Or(t.victims[key], l.Category)
	t.from(l.Said.Country)
	sum := t.sum(l.Amount.Asset)
	if sum.Reported, err = sum.Reported.Add(l.Amount.Units); err != nil {
		return fmt.Errorf("what was reported in operation %s: %w", t.row.Operation, err)
	}
	return nil
}

func (t *operationTally) sum(asset domain.Asset) *OperationSum {
	if t.sums[asset] == nil {
		t.sums[asset] = &OperationSum{Asset: asset, TotalsRow: TotalsRow{Asset: asset}}
	}
	return t.sums[asset]
}

// intercept counts the freezes of each operation: those whose request names
// it, and those of its cases whose request names none.
func (c *operationCount) intercept(ctx context.Context) error {
	ask := c.ask.Ask
	ask.Case = "" // those of the cases that are walked as one with the one asked about, too
	files, err := c.views.Freezes(ctx, ask)
	if err != nil {
		return err
	}
	for _, f := range files {
		operations, counted := c.of[f.Case]
		if !counted {
			continue
		}
		if named, err := domain.ParseOperation(f.Request.Operation); err == nil {
			operations = []domain.OperationID{named}
		}
		for _, operation := range operations {
			t := c.tally(operation)
			t.files = append(t.files, f)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.rows)) {
		if err := c.hold(ctx, c.rows[id]); err != nil {
			return err
		}
	}
	return nil
}

// hold counts the freezes of one operation, each unit once.
func (c *operationCount) hold(ctx context.Context, t *operationTally) error {
	list, err := c.views.intercept(ctx, c.ask.Ask, t.files)
	if err != nil {
		return err
	}
	held := map[domain.AccountID]bool{}
	for _, i := range list {
		if !i.isRequest() && i.nothing() {
			continue
		}
		sum := t.sum(i.Asset())
		if err := sum.add(i); err != nil {
			return err
		}
		if i.FirstHeldAt.IsZero() || held[i.Account] {
			continue
		}
		held[i.Account] = true
		if err := c.holds(ctx, t, i); err != nil {
			return err
		}
	}
	return nil
}

// holds takes note of an account in which something was held.
func (c *operationCount) holds(ctx context.Context, t *operationTally, i *interception) error {
	assembly, err := c.views.Assemble(ctx, i.Case, c.ask.Upto)
	if err != nil {
		return err
	}
	t.from(countryOf(assembly, i.FreezeFile))
	if onChain(cmp.Or(i.Account.Kind(), assembly.Accounts[i.Account].As)) {
		t.row.WalletsHeld++
	} else {
		t.row.AccountsHeld++
	}
	return nil
}

// onChain says whether an account of a kind is an address on a chain.
func onChain(kind domain.AccountKind) bool {
	return slices.Contains([]domain.AccountKind{domain.KindWallet, domain.KindEVM, domain.KindBitcoin, domain.KindTron}, kind)
}

func (c *operationCount) stats(about Surveyed) *OperationStats {
	stats := &OperationStats{Surveyed: about}
	for _, operations := range c.of {
		stats.Overlap = stats.Overlap || len(operations) > 1
	}
	for _, id := range slices.Sorted(maps.Keys(c.rows)) {
		t := c.rows[id]
		row := t.row
		row.Victims, row.Countries = len(t.victims), slices.Sorted(maps.Keys(t.countries))
		for _, category := range t.victims {
			if category == domain.TraffickedPerson {
				row.Trafficked++
			}
		}
		for _, sum := range t.sums {
			row.Sums = append(row.Sums, *sum)
		}
		slices.SortFunc(row.Sums, func(a, b OperationSum) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
		if c.ask.Case == "" || len(row.Cases)+len(t.files) > 0 {
			stats.Rows = append(stats.Rows, row)
		}
	}
	for _, share := range c.shares {
		stats.RestsOn = append(stats.RestsOn, share.share())
	}
	stats.Published = domain.PublishedOperations()
	return stats
}
