package projections

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"clew/domain"
)

// Version is one version of a movement, as one event made it. Note, evidence
// and the source's own id are in the log only.
type Version struct {
	domain.Movement
	Position uint64 // of the event that made it
	First    uint64 // of the movement's first version: the tie among equal times
	inCase   int64  // the case's number
}

// versions reads sheets of movements on one connection.
type versions struct {
	c      *conn
	names  numberedNames
	assets []domain.Asset // by number
	err    error
}

func newVersions(c *conn) *versions { return &versions{c: c, names: numberedNames{c: c}} }

// read makes a version of a movement as it lies on a sheet.
func (r *versions) read(n *packed, v *Version) error {
	*v = Version{Position: n.position, First: n.first, inCase: int64(n.inCase)}
	if v.First == 0 {
		v.First = v.Position
	}
	m := &v.Movement
	m.ID, m.Kind = n.id.id(), r.kind(n)
	m.When = domain.When{Time: time.Unix(n.second, int64(n.nanos)).UTC(), Bare: n.bare}
	m.From, m.To = r.account(m.ID, n.from), r.account(m.ID, n.to)
	m.Amount, m.Received, m.Fee = r.amount(n.amount), r.amount(n.received), r.amount(n.fee)
	if n.of.given() {
		m.Of = n.of.id()
	}
	m.OfSource, m.Source, m.Ref = n.ofSource, r.name(n.source), n.ref
	m.Victim, m.Scam, m.Opens = domain.VictimID(r.name(n.victim)), domain.Scam(r.name(n.scam)), n.opens
	for i, leg := range n.legs {
		read := domain.Leg{Account: domain.AccountID(r.name(leg.account)), Address: r.name(leg.address), Amount: r.amount(leg.amount)}
		if i < n.inputs {
			m.Inputs = append(m.Inputs, read)
		} else {
			m.Outputs = append(m.Outputs, read)
		}
	}
	return r.err
}

func (r *versions) kind(n *packed) domain.MovementKind {
	if int(n.kind) < len(sheetKinds) {
		return sheetKinds[n.kind]
	}
	return domain.MovementKind(r.name(n.kindName))
}

func (r *versions) account(id domain.MovementID, number uint64) domain.AccountID {
	switch number {
	case 0:
		return ""
	case 1:
		return id.Unknown()
	}
	return domain.AccountID(r.name(number - 1))
}

// name looks a number up, each once; 0 is no name.
func (r *versions) name(number uint64) string {
	if number == 0 {
		return ""
	}
	name, err := r.names.get(number)
	if err != nil {
		r.err = err
	}
	return name
}

func (r *versions) amount(c counted128) domain.Amount {
	if c.asset == 0 {
		return domain.Amount{}
	}
	return domain.Amount{Units: c.units, Asset: r.asset(c.asset)}
}

func (r *versions) asset(number uint64) domain.Asset {
	if number < uint64(len(r.assets)) {
		return r.assets[number]
	}
	err := r.c.each(context.Background(), func(row []driver.Value) error {
		for len(r.assets) <= int(asInt(row[0])) {
			r.assets = append(r.assets, domain.Asset{})
		}
		r.assets[asInt(row[0])] = domain.Asset{Code: domain.AssetCode(asText(row[1])), Digits: uint8(asInt(row[2]))}
		return nil
	}, "SELECT id, code, digits FROM movements_asset ORDER BY id")
	if err == nil && number >= uint64(len(r.assets)) {
		err = fmt.Errorf("asset %d is missing: run 'clew rebuild movements'", number)
	}
	if err != nil {
		r.err = err
		return domain.Asset{}
	}
	return r.assets[number]
}

// at gives the versions at some positions, in order, to a function.
func (r *versions) at(positions []int64, do func(Version)) error {
	var on sheetReader
	var n packed
	var last int64 // position of the last movement on the sheet in hand
	for _, wanted := range positions {
		if wanted > last {
			row, err := r.c.row("SELECT position, last, sheet FROM movements WHERE position <= ? ORDER BY position DESC LIMIT 1", wanted)
			if err != nil {
				return err
			}
			if row == nil || asInt(row[1]) < wanted {
				continue
			}
			bytes, _ := row[2].([]byte)
			on, last = readSheet(uint64(asInt(row[0])), bytes), asInt(row[1])
		}
		for n.position != uint64(wanted) && on.next(&n) {
		}
		if n.position != uint64(wanted) || on.torn {
			return errSheet
		}
		var v Version
		if err := r.read(&n, &v); err != nil {
			return err
		}
		do(v)
	}
	return nil
}

// versionsAt gives the versions at some positions, in the order of these.
func versionsAt(c *conn, positions []int64) ([]Version, error) {
	found := map[int64]Version{}
	err := newVersions(c).at(slices.Compact(slices.Sorted(slices.Values(positions))), func(v Version) { found[int64(v.Position)] = v })
	list := make([]Version, 0, len(positions))
	for _, p := range positions {
		v, known := found[p]
		if !known && err == nil {
			err = fmt.Errorf("no movement stands at position %d: run 'clew rebuild movements'", p)
		}
		list = append(list, v)
	}
	return list, err
}

// endedBy gives the positions in some cases of what had ended by a position of
// the log: versions (movements_ended) or reports (movements_unreported).
func endedBy(ctx context.Context, c *conn, table string, cases []driver.Value, upto uint64) (map[uint64]bool, error) {
	ended := map[uint64]bool{}
	err := c.each(ctx, func(row []driver.Value) error {
		ended[uint64(asInt(row[0]))] = true
		return nil
	}, fmt.Sprintf(`SELECT position FROM %s WHERE until <= %d AND "case" IN %s`, table, upto, marks(len(cases))), cases...)
	return ended, err
}

// firstVersions gives movements of a case as they were first recorded, by
// their names, in the order of the log.
func firstVersions(c *conn, number int64, ids ...domain.MovementID) (found []Version, err error) {
	wanted, keys := map[domain.MovementID]bool{}, make([]int64, 0, len(ids))
	for _, id := range ids {
		wanted[id] = true
		keys = append(keys, idKey(id))
	}
	positions, err := c.find.ids.find(c, keys)
	if err != nil {
		return nil, err
	}
	err = newVersions(c).at(positions, func(v Version) {
		if wanted[v.ID] && v.inCase == number {
			found = append(found, v)
			delete(wanted, v.ID)
		}
	})
	return found, err
}

// Known is a movement as it was first recorded: what a row that comes again is
// compared with, whatever has been corrected since.
type Known struct {
	Content  [32]byte // domain.Movement.Content of the row as it was first recorded
	Position uint64   // of that first event
	Movement domain.Movement
}

// caseNumber is a case's number in movements_name; 0 if no movement of it was
// ever recorded.
func caseNumber(c *conn, id domain.CaseID) (int64, error) {
	row, err := c.row("SELECT id FROM movements_name WHERE name = ?", string(id))
	if err != nil || row == nil {
		return 0, err
	}
	return asInt(row[0]), nil
}

// Known tells which of these names are recorded in a case. It sees everything
// up to the head of the log.
func (v *Views) Known(ctx context.Context, id domain.CaseID, ids []domain.MovementID) (map[domain.MovementID]Known, error) {
	seen, err := v.See(ctx, id, Head, ids, nil)
	return seen.Known, err
}

// ByRef gives the movements of a case that stand and bear one of these
// references of payments, as they read now, in the order of the log. Note,
// evidence and the source's own id are not filled in.
func (v *Views) ByRef(ctx context.Context, id domain.CaseID, refs []string) (map[string][]domain.Movement, error) {
	seen, err := v.See(ctx, id, Head, nil, refs)
	return seen.ByRef, err
}

// bearing gives the versions that stand and bear one of some references.
func bearing(ctx context.Context, c *conn, number int64, refs []string) (standing []Version, err error) {
	wanted, keys := map[string]bool{}, make([]int64, 0, len(refs))
	for _, ref := range refs {
		if ref != "" {
			wanted[ref] = true
			keys = append(keys, textKey(ref))
		}
	}
	positions, err := c.find.refs.find(c, keys)
	if err != nil {
		return nil, err
	}
	var bearers []Version
	err = newVersions(c).at(positions, func(v Version) {
		if wanted[v.Ref] && v.inCase == number {
			bearers = append(bearers, v)
		}
	})
	if err != nil {
		return nil, err
	}
	ended := map[int64]bool{}
	err = inChunks(positions, func(chunk []driver.Value) error {
		return c.each(ctx, func(row []driver.Value) error {
			ended[asInt(row[0])] = true
			return nil
		}, "SELECT position FROM movements_ended WHERE position IN "+chunkMarks, chunk...)
	})
	for _, v := range bearers {
		if !ended[int64(v.Position)] {
			standing = append(standing, v)
		}
	}
	return standing, err
}
