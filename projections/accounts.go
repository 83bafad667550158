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
// evidence uses: it tells in which cases an account comes up.
var Accounts = Projection{
	Name:    "accounts",
	Version: 1,
	Schema: `
CREATE TABLE accounts_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE accounts (
	account  INTEGER NOT NULL, -- accounts_name
	"case"   INTEGER NOT NULL, -- accounts_name
	position INTEGER NOT NULL, -- of the event that first named it there
	PRIMARY KEY (account, "case")
) STRICT, WITHOUT ROWID`,
	Kinds: append([]string{domain.MovementCorrected{}.Kind(), domain.AccountDescribed{}.Kind(), domain.AccountIdentified{}.Kind(), domain.LabelAttached{}.Kind()}, observedKinds()...),
	Apply: applyAccounts,
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
		return errors.Join(nameAccount(tx, e, e.Movement.From), nameAccount(tx, e, e.Movement.To))
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
		return accountsOf(&event.Now.Movement)
	case domain.AccountDescribed:
		return []domain.AccountID{event.Account}
	case domain.AccountIdentified:
		return []domain.AccountID{event.Account, event.As}
	case domain.LabelAttached:
		return []domain.AccountID{event.Account}
	}
	return accountsOf(e.Movement)
}

func accountsOf(m *domain.Movement) []domain.AccountID {
	accounts := []domain.AccountID{m.From, m.To}
	for _, leg := range slices.Concat(m.Inputs, m.Outputs) {
		accounts = append(accounts, leg.Account)
	}
	return accounts
}

// namedBefore are the accounts that cases have named, as far as they are
// remembered.
type namedBefore struct {
	of    map[domain.CaseID]map[domain.AccountID]bool
	count int
}

func nameAccount(tx *Tx, e *Recorded, account domain.AccountID) error {
	known, ok := tx.recall["named"].(*namedBefore)
	if !ok || known.count > tx.names {
		known = &namedBefore{of: map[domain.CaseID]map[domain.AccountID]bool{}}
		tx.recall["named"] = known
	}
	here := known.of[e.Case]
	if account == "" || here[account] || e.Movement != nil && account == e.Movement.ID.Unknown() {
		return nil
	}
	if here == nil {
		here = map[domain.AccountID]bool{}
		known.of[e.Case] = here
	}
	number, err := tx.Name("accounts_name", string(account))
	if err != nil {
		return err
	}
	inCase, err := tx.Name("accounts_name", string(e.Case))
	if err != nil {
		return err
	}
	here[account] = true
	known.count++
	return tx.Exec("INSERT OR IGNORE INTO accounts VALUES (?, ?, ?)", number, inCase, position(e.Position))
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
	upto, err := v.resolve(ctx, a)
	if err != nil {
		return nil, err
	}
	s, err := v.Assemble(ctx, a.Case, upto)
	if err != nil {
		return nil, err
	}
	d := dealings{of: map[dealing]*AccountRow{}}
	for r := range s.Rows() {
		if happened(r, a.At) {
			d.row(r)
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	list := make([]AccountRow, 0, len(d.of))
	for key, row := range d.of {
		row.Kind, row.Said = key.account.Kind(), s.File.Accounts[key.account]
		if as := s.Accounts[key.account].As; as != "" {
			row.Kind = as
		}
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
	upto, err := v.resolve(ctx, a)
	if err != nil {
		return nil, err
	}
	s, err := v.Assemble(ctx, a.Case, upto)
	if err != nil {
		return nil, err
	}
	name := s.File.Resolve(account)
	var list []tracing.Row
	for r := range s.Rows() {
		if happened(r, a.At) && slices.Contains(accountsOf(&r.Movement), name) {
			list = append(list, *r)
		}
	}
	return list, nil
}
