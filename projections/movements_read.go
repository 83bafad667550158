package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"clew/domain"
)

// Version is one version of a movement, as one event made it. Note, evidence
// and the source's own id are in the log only.
type Version struct {
	domain.Movement
	Position   uint64 // of the event that made it
	First      uint64 // of the movement's first version: the tie among equal times
	Until      uint64 // position of the event that ended it; 0: it stands
	Unreported uint64 // position of the event that ended the row's own report; 0: it stands
	inCase     int64  // the case's number
}

// versionColumns are the columns of movements in the order that versions.read
// reads them.
const versionColumns = `position, first, until, id, kind, time, bare, "from", "to", units, high, asset,
	received, received_high, received_asset, fee, fee_high, fee_asset,
	"of", of_source, source, ref, victim, scam, unreported, opens, legs, "case"`

// versions reads rows of movements on one connection.
type versions struct {
	c      *conn
	names  map[int64]string
	assets map[int64]domain.Asset
	err    error
}

func newVersions(c *conn) *versions {
	return &versions{c: c, names: map[int64]string{}, assets: map[int64]domain.Asset{}}
}

// read makes a version of a row with versionColumns.
func (r *versions) read(row []driver.Value, v *Version) error {
	*v = Version{Position: uint64(asInt(row[0])), Until: uint64(asInt(row[2])), Unreported: uint64(asInt(row[24])), inCase: asInt(row[27])}
	if v.First = uint64(asInt(row[1])); v.First == 0 {
		v.First = v.Position
	}
	m := &v.Movement
	m.ID, m.Kind = movementID(row[3]), domain.MovementKind(r.name(row[4]))
	m.When = domain.When{Time: time.Unix(0, asInt(row[5])).UTC(), Bare: asInt(row[6]) == 1}
	m.From, m.To = r.account(m.ID, row[7]), r.account(m.ID, row[8])
	m.Amount, m.Received, m.Fee = r.amount(row[9:12]), r.amount(row[12:15]), r.amount(row[15:18])
	m.Of, m.OfSource, m.Source, m.Ref = movementID(row[18]), asText(row[19]), r.name(row[20]), asText(row[21])
	m.Victim, m.Scam = domain.VictimID(r.name(row[22])), domain.Scam(r.name(row[23]))
	m.Opens = asInt(row[25]) == 1
	if row[26] != nil {
		var legs legsJSON
		if err := json.Unmarshal([]byte(asText(row[26])), &legs); err != nil && r.err == nil {
			r.err = fmt.Errorf("legs of movement %s: %w", m.ID, err)
		}
		m.Inputs, m.Outputs = legs.Inputs, legs.Outputs
	}
	return r.err
}

func (r *versions) account(id domain.MovementID, column driver.Value) domain.AccountID {
	if n, ok := column.(int64); ok && n == 0 {
		return id.Unknown()
	}
	return domain.AccountID(r.name(column))
}

// name looks a number up, each once.
func (r *versions) name(column driver.Value) string {
	n, ok := column.(int64)
	if !ok {
		return ""
	}
	if name, ok := r.names[n]; ok {
		return name
	}
	row, err := r.c.row("SELECT name FROM movements_name WHERE id = ?", n)
	if err == nil && row == nil {
		err = fmt.Errorf("name %d is missing: run 'clew rebuild movements'", n)
	}
	if err != nil {
		r.err = err
		return ""
	}
	r.names[n] = asText(row[0])
	return r.names[n]
}

func (r *versions) amount(columns []driver.Value) domain.Amount {
	if columns[2] == nil {
		return domain.Amount{}
	}
	units := domain.NewUnits(asInt(columns[0]))
	if columns[1] != nil {
		units = domain.UnitsFromWords(asInt(columns[1]), uint64(asInt(columns[0])))
	}
	return domain.Amount{Units: units, Asset: r.asset(asInt(columns[2]))}
}

func (r *versions) asset(n int64) domain.Asset {
	if asset, ok := r.assets[n]; ok {
		return asset
	}
	row, err := r.c.row("SELECT code, digits FROM movements_asset WHERE id = ?", n)
	if err == nil && row == nil {
		err = fmt.Errorf("asset %d is missing: run 'clew rebuild movements'", n)
	}
	if err != nil {
		r.err = err
		return domain.Asset{}
	}
	r.assets[n] = domain.Asset{Code: domain.AssetCode(asText(row[0])), Digits: uint8(asInt(row[1]))}
	return r.assets[n]
}

// at gives the versions at some positions, in order, to a function.
func (r *versions) at(ctx context.Context, positions []int64, do func(Version)) error {
	return inChunks(positions, func(chunk []driver.Value) error {
		return r.c.each(ctx, func(row []driver.Value) error {
			var v Version
			if err := r.read(row, &v); err != nil {
				return err
			}
			do(v)
			return nil
		}, "SELECT "+versionColumns+" FROM movements WHERE position IN "+chunkMarks+" ORDER BY position", chunk...)
	})
}

// firstVersions gives movements of a case as they were first recorded, by
// their names, in the order of the log.
func firstVersions(ctx context.Context, c *conn, number int64, ids ...domain.MovementID) (found []Version, err error) {
	wanted, keys := map[domain.MovementID]bool{}, make([]int64, 0, len(ids))
	for _, id := range ids {
		wanted[id] = true
		keys = append(keys, idKey(id))
	}
	positions, err := movementIDs.find(ctx, c, keys)
	if err != nil {
		return nil, err
	}
	err = newVersions(c).at(ctx, positions, func(v Version) {
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
	known := map[domain.MovementID]Known{}
	err := v.query(ctx, func(c *conn) error {
		number, err := caseNumber(c, id)
		if err != nil || number == 0 {
			return err
		}
		found, err := firstVersions(ctx, c, number, ids...)
		for _, m := range found {
			known[m.ID] = Known{m.Movement.Content(), m.Position, m.Movement}
		}
		return err
	}, Movements.Name)
	return known, err
}

// ByRef gives the movements of a case that stand and bear one of these
// references of payments, as they read now, in the order of the log. Note,
// evidence and the source's own id are not filled in.
func (v *Views) ByRef(ctx context.Context, id domain.CaseID, refs []string) (map[string][]domain.Movement, error) {
	var standing []Version
	err := v.query(ctx, func(c *conn) error {
		number, err := caseNumber(c, id)
		if err != nil || number == 0 {
			return err
		}
		standing, err = bearing(ctx, c, number, refs)
		return err
	}, Movements.Name)
	slices.SortFunc(standing, func(a, b Version) int { return cmp.Compare(a.First, b.First) })
	found := map[string][]domain.Movement{}
	for _, m := range standing {
		found[m.Ref] = append(found[m.Ref], m.Movement)
	}
	return found, err
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
	positions, err := movementRefs.find(ctx, c, keys)
	if err != nil {
		return nil, err
	}
	err = newVersions(c).at(ctx, positions, func(v Version) {
		if wanted[v.Ref] && v.inCase == number && v.Until == 0 {
			standing = append(standing, v)
		}
	})
	return standing, err
}
