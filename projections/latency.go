package projections

import (
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Latency is how long each part of a freeze took: loss, report, request,
// acknowledgement, hold. A time that nobody knows is zero.
type Latency struct {
	Case         domain.CaseID
	Freeze       domain.FreezeID
	Mechanism    string
	Loss         domain.When // the money left the victim
	Reported     domain.When // it was recorded that he reports it
	Requested    domain.When // the request went out
	Acknowledged domain.When
	Held         domain.When // first
	// Left is what left the account between the request and the hold: the
	// gap. Asset is what it is of.
	Left  domain.Units
	Asset domain.Asset
}

// Latencies gives the chain of every request that went out.
func (v *Views) Latencies(ctx context.Context, a Ask) ([]Latency, error) {
	upto, err := v.resolve(ctx, a)
	if err != nil {
		return nil, err
	}
	a.Upto, a.KnownAt = upto, time.Time{}
	files, err := v.Freezes(ctx, a)
	if err != nil {
		return nil, err
	}
	var list []Latency
	for _, f := range files {
		if f.SubmittedAt.IsZero() {
			continue
		}
		l, err := v.latency(ctx, a, f)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

func (v *Views) latency(ctx context.Context, a Ask, f *FreezeFile) (Latency, error) {
	assembly, err := v.Assemble(ctx, f.Case, a.Upto)
	if err != nil {
		return Latency{}, err
	}
	l := Latency{Case: f.Case, Freeze: f.ID, Mechanism: f.Request.Mechanism, Asset: f.Asset(),
		Loss: lossTime(assembly, f.Request), Requested: f.SubmittedAt, Acknowledged: f.AckedAt, Held: f.FirstHeldAt}
	if row := lossOf(assembly, f.Request); row != nil && row.Victim != "" {
		if l.Reported, err = v.reportedAt(ctx, row, a.Upto); err != nil {
			return l, err
		}
	}
	if !l.Held.IsZero() {
		key := poolKey{f.Account, f.Asset()}
		list := passages(assembly, a.At, func(k poolKey) bool { return k == key })[key]
		l.Left, err = leftBetween(list, f.SubmittedAt.Time, f.FirstHeldAt.Time)
	}
	return l, err
}

// reportedAt is when it was recorded that a payment is reported: with the row
// itself, or by an event of its own.
func (v *Views) reportedAt(ctx context.Context, row *tracing.Row, upto uint64) (domain.When, error) {
	first := row.Position
	err := v.queryAt(ctx, upto, func(c *conn) error {
		return c.each(ctx, func(found []driver.Value) error {
			first = max(first, uint64(asInt(found[0])))
			return nil
		}, `SELECT min(r.position) FROM movements_report r JOIN movements_name n ON n.id = r.victim WHERE r.movement = ? AND n.name = ? AND r.position <= ?`,
			position(row.Position), string(row.Victim), position(upto))
	}, Movements.Name)
	if err != nil {
		return domain.When{}, err
	}
	log, err := v.stretches(ctx)
	if err != nil {
		return domain.When{}, err
	}
	return domain.Instant(log.at(first).RecordedAt), nil
}

// medianWait is how long a mechanism usually takes from submitted to first
// held, as far as the log tells.
func medianWait(chains []Latency, mechanism string) (time.Duration, bool) {
	row := TotalsRow{}
	for _, l := range chains {
		if wait := between(l.Requested, l.Held); l.Mechanism == mechanism && !l.Held.IsZero() && wait >= 0 {
			row.Waits = append(row.Waits, wait)
		}
	}
	slices.Sort(row.Waits)
	return row.MedianToHold()
}
