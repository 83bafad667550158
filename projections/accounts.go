package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// Accounts keeps which accounts each case names, under the names that the
// evidence uses: it tells in which cases an account comes up. Those that
// several cases name stand in a table of their own, for few of a million do.
var Accounts = Projection{
	Name:    "accounts",
	Version: 3,
	Schema: `
CREATE TABLE accounts_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE accounts (
	account  INTEGER NOT NULL, -- accounts_name
	"case"   INTEGER NOT NULL, -- accounts_name
	position INTEGER NOT NULL, -- of the event that first named it there
	PRIMARY KEY (account, "case")
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts_shared (
	"case"   INTEGER NOT NULL, -- accounts_name
	position INTEGER NOT NULL, -- as in accounts
	account  INTEGER NOT NULL, -- accounts_name: more than one case names it
	met      INTEGER NOT NULL, -- position of the event by which that became so for this case
	PRIMARY KEY ("case", position, account)
) STRICT, WITHOUT ROWID`,
	Kinds: slices.Concat([]string{domain.MovementCorrected{}.Kind()}, wordKinds(), observedKinds()),
	Apply: applyAccounts,
}

// wordKinds are the kinds of event by which a person says something about an
// account.
func wordKinds() []string {
	return []string{domain.AccountDescribed{}.Kind(), domain.AccountIdentified{}.Kind(), domain.LabelAttached{}.Kind(),
		domain.NoticeLinked{}.Kind(), domain.CentreLinked{}.Kind(), domain.CrimeFlagged{}.Kind()}
}

// observedKinds are the kinds of event that observe a movement.
func observedKinds() []string {
	return []string{
		domain.OpeningObserved{}.Kind(), domain.BalanceObserved{}.Kind(), domain.TransferObserved{}.Kind(),
		domain.ConversionObserved{}.Kind(), domain.ReturnObserved{}.Kind(), domain.HopObserved{}.Kind(),
	}
}

func applyAccounts(_ context.Context, tx *Tx, e *Recorded) error {
	if e.Movement != nil && e.Movement.Kind != domain.Hop { // nearly all events; no list is made for them
		return errors.Join(nameParty(tx, e, e.Movement.From, e.from), nameParty(tx, e, e.Movement.To, e.to))
	}
	for _, account := range accountsNamed(e) {
		if err := nameAccount(tx, e, account); err != nil {
			return err
		}
	}
	return nil
}

func accountsNamed(e *Recorded) []domain.AccountID {
	switch event := e.Event.(type) {
	case domain.MovementCorrected:
		return append(accountsOf(&event.Now.Movement), addressesOf(&event.Now.Movement)...)
	case domain.AccountDescribed:
		return []domain.AccountID{event.Account}
	case domain.AccountIdentified:
		return []domain.AccountID{event.Account, event.As}
	case domain.LabelAttached:
		return []domain.AccountID{event.Account}
	case domain.NoticeLinked:
		return []domain.AccountID{event.Of.Account}
	case domain.CentreLinked:
		return []domain.AccountID{event.Of.Account}
	case domain.CrimeFlagged:
		return []domain.AccountID{event.Of.Account}
	}
	return append(accountsOf(e.Movement), addressesOf(e.Movement)...)
}

func accountsOf(m *domain.Movement) []domain.AccountID {
	accounts := []domain.AccountID{m.From, m.To}
	for _, leg := range slices.Concat(m.Inputs, m.Outputs) {
		accounts = append(accounts, leg.Account)
	}
	return accounts
}

// addressesOf are the addresses of a hop's outputs, where each output is an
// account of its own.
func addressesOf(m *domain.Movement) (addresses []domain.AccountID) {
	for _, leg := range slices.Concat(m.Inputs, m.Outputs) {
		if leg.Address != "" && leg.Address != string(leg.Account) {
			addresses = append(addresses, addressOf(leg.Address))
		}
	}
	return addresses
}

// addressOf is an address as it would be named as an account.
func addressOf(address string) domain.AccountID {
	if name, err := domain.ParseAccount(address); err == nil {
		return name
	}
	return domain.AccountID(address)
}

// namedBefore are the accounts that cases have named, as far as they are
// remembered.
type namedBefore struct {
	of     map[domain.CaseID]map[domain.AccountID]bool
	count  int
	cases  map[domain.CaseID]uint64 // from 1, as they came
	now    domain.CaseID            // whose number is nowIs
	nowIs  uint64
	lately noted // which of cases has named an account last
}

func namedSoFar(tx *Tx) *namedBefore {
	known, ok := tx.recall["named"].(*namedBefore)
	if !ok || known.count > tx.names {
		known = &namedBefore{of: map[domain.CaseID]map[domain.AccountID]bool{}, cases: map[domain.CaseID]uint64{}}
		tx.recall["named"] = known
	}
	return known
}

// number gives a case's number; events of one case come in long runs.
func (b *namedBefore) number(id domain.CaseID) uint64 {
	if b.nowIs == 0 || b.now != id {
		if b.cases[id] == 0 {
			b.cases[id] = uint64(len(b.cases)) + 1
		}
		b.now, b.nowIs = id, b.cases[id]
	}
	return b.nowIs
}

// nameParty is nameAccount for one that the decoder has numbered, whose name
// need not be looked up each time.
func nameParty(tx *Tx, e *Recorded, account domain.AccountID, n domain.NameNumber) error {
	if n == 0 {
		return nameAccount(tx, e, account)
	}
	known := namedSoFar(tx)
	here := known.number(e.Case)
	last := known.lately.of(n)
	if *last == here {
		return nil
	}
	*last = here
	return nameAccount(tx, e, account)
}

func nameAccount(tx *Tx, e *Recorded, account domain.AccountID) error {
	known := namedSoFar(tx)
	here := known.of[e.Case]
	if account == "" || here[account] || e.Movement != nil && account == e.Movement.ID.Unknown() {
		return nil
	}
	if here == nil {
		here = map[domain.AccountID]bool{}
		known.of[e.Case] = here
	}
	here[account] = true
	known.count++
	return nameFirst(tx, e, account)
}

// nameFirst notes that a case names an account, unless it did before. An
// account that nobody has named before is in no other case.
func nameFirst(tx *Tx, e *Recorded, account domain.AccountID) error {
	inCase, err := tx.Name("accounts_name", string(e.Case))
	if err != nil {
		return err
	}
	number, fresh, err := tx.Named("accounts_name", string(account))
	if err != nil {
		return err
	}
	if !fresh {
		row, err := tx.Row(`SELECT 1 FROM accounts WHERE account = ? AND "case" = ?`, number, inCase)
		if err != nil || row != nil {
			return err
		}
		if err := shareAccount(tx, e, number, inCase); err != nil {
			return err
		}
	}
	return tx.Insert("accounts", number, inCase, position(e.Position))
}

// shareAccount notes that a case names an account that others name. The second
// case brings the first one with it.
func shareAccount(tx *Tx, e *Recorded, account, inCase int64) error {
	var others [][2]int64
	err := tx.Each(context.Background(), func(row []driver.Value) error {
		others = append(others, [2]int64{asInt(row[0]), asInt(row[1])})
		return nil
	}, `SELECT "case", position FROM accounts WHERE account = ?`, account)
	if err != nil || len(others) == 0 {
		return err
	}
	if len(others) == 1 {
		if err := tx.Insert("accounts_shared", others[0][0], others[0][1], account, position(e.Position)); err != nil {
			return err
		}
	}
	return tx.Insert("accounts_shared", inCase, position(e.Position), account, position(e.Position))
}

// CasesOf lists the cases that name an account, by name.
func (v *Views) CasesOf(ctx context.Context, account domain.AccountID, upto uint64) (cases []domain.CaseID, err error) {
	upto, err = v.position(ctx, upto)
	if err != nil {
		return nil, err
	}
	err = v.queryAt(ctx, upto, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			cases = append(cases, domain.CaseID(asText(row[0])))
			return nil
		}, `SELECT c.name FROM accounts a JOIN accounts_name n ON n.id = a.account JOIN accounts_name c ON c.id = a."case"
			WHERE n.name = ? AND a.position <= ? ORDER BY c.name`, string(account), position(upto))
	}, Accounts.Name)
	return cases, err
}

// AccountRow is what a case knows of one account's dealings in one asset.
type AccountRow struct {
	Account     domain.AccountID
	Asset       domain.Asset
	Kind        domain.AccountKind // as described, else by its name
	In, Out     domain.Units       // arrived and left, fees too; openings and balances are neither
	CreditCount int
	DebitCount  int
	First, Last domain.When
	Said        domain.AccountDescribed // what people have said of it, under this name
}

// AccountRows gives the accounts of a case under the names they are walked by,
// by name, then asset.
func (v *Views) AccountRows(ctx context.Context, a Ask) ([]AccountRow, error) {
	s, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	d := dealings{of: map[dealing]*AccountRow{}}
	for r := range s.rowsBy(a.At) {
		d.row(r)
	}
	if d.err != nil {
		return nil, d.err
	}
	list := make([]AccountRow, 0, len(d.of))
	for key, row := range d.of {
		row.Kind, row.Said = s.Kind(key.account), s.File.Accounts[key.account]
		list = append(list, *row)
	}
	slices.SortFunc(list, func(a, b AccountRow) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset.Code, b.Asset.Code))
	})
	return list, nil
}

type dealing struct {
	account domain.AccountID
	asset   domain.Asset
}

// dealings sums up what accounts paid and got, and keeps the first error.
type dealings struct {
	of  map[dealing]*AccountRow
	err error
}

func (d *dealings) row(r *tracing.Row) {
	switch r.Kind {
	case domain.Opening, domain.Balance:
		d.seen(r, dealing{r.To, r.Amount.Asset})
		return
	case domain.Hop:
		for _, in := range r.Inputs {
			d.paid(r, in.Account, in.Amount)
		}
		for _, out := range r.Outputs {
			d.got(r, out.Account, out.Amount)
		}
		return
	}
	d.paid(r, r.From, r.Amount)
	d.got(r, r.To, r.Arrives())
	if r.Fee.Given() {
		d.paid(r, r.From, r.Fee)
	}
}

func (d *dealings) paid(r *tracing.Row, account domain.AccountID, amount domain.Amount) {
	row := d.seen(r, dealing{account, amount.Asset})
	sum, err := row.Out.Add(amount.Units)
	row.Out, d.err = sum, cmp.Or(d.err, err)
	row.DebitCount++
}

func (d *dealings) got(r *tracing.Row, account domain.AccountID, amount domain.Amount) {
	row := d.seen(r, dealing{account, amount.Asset})
	sum, err := row.In.Add(amount.Units)
	row.In, d.err = sum, cmp.Or(d.err, err)
	row.CreditCount++
}

func (d *dealings) seen(r *tracing.Row, key dealing) *AccountRow {
	row := d.of[key]
	if row == nil {
		row = &AccountRow{Account: key.account, Asset: key.asset, First: r.When, Last: r.When}
		d.of[key] = row
	}
	if r.When.Time.Before(row.First.Time) {
		row.First = r.When
	}
	if r.When.Time.After(row.Last.Time) {
		row.Last = r.When
	}
	return row
}

// AccountMovements gives the movements of one account, in the order of the
// log.
func (v *Views) AccountMovements(ctx context.Context, a Ask, account domain.AccountID) ([]tracing.Row, error) {
	s, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	name := s.File.Resolve(account)
	var list []tracing.Row
	for r := range s.rowsBy(a.At) {
		if slices.Contains(accountsOf(&r.Movement), name) {
			list = append(list, *r)
		}
	}
	return list, nil
}
