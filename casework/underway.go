package casework

import (
	"cmp"
	"context"
	"errors"

	"clew/eventstore"
	"clew/projections"
)

// underway is a batch that was decided and is on its way into the log.
type underway struct {
	batch   batch
	sifted  sifted
	unit    eventstore.Append // without events: there is nothing to record
	landing chan landing      // nil where nothing was sent
}

// landing is how an append ended.
type landing struct {
	receipt eventstore.Receipt
	err     error
}

// flush decides a batch while the one before it is written, as if that were in
// the log already, and sends it after that one. Where that one must be decided
// again, so must this one.
func (in *intake) flush(ctx context.Context, b batch) error {
	next, err := in.plan(ctx, b)
	again, lost := in.settle(ctx)
	if lost == nil && again {
		next, err = in.plan(ctx, b)
	}
	if err := cmp.Or(lost, err); err != nil {
		return err
	}
	in.send(ctx, next)
	return nil
}

// plan decides a batch on what is known and encodes what it records.
func (in *intake) plan(ctx context.Context, b batch) (*underway, error) {
	s, err := in.sift(ctx, b.entries)
	u := &underway{batch: b, sifted: s}
	if err != nil || in.file.DryRun || len(s.facts) == 0 && len(s.assets) == 0 {
		return u, err
	}
	plan := draft{vault: in.desk.Vault, file: in.sum.SHA256, expect: []eventstore.Expectation{{Stream: caseStream(in.file.Case), Version: in.known.version}}}
	if len(s.assets) > 0 {
		plan.expect = append(plan.expect, eventstore.Expectation{Stream: projections.AssetStream, Version: in.known.assetVersion})
	}
	if err := errors.Join(plan.add(projections.AssetStream, s.assets...), plan.addFacts(caseStream(in.file.Case), s.facts)); err != nil {
		return u, err
	}
	u.unit = eventstore.Append{Events: plan.events, Expect: plan.expect, Actor: in.by.Actor, Correlation: string(in.sum.SHA256)}
	return u, nil
}

// send has a batch written, and takes it as known from here on. None other may
// be on its way.
func (in *intake) send(ctx context.Context, u *underway) {
	in.sent = u
	if len(u.unit.Events) == 0 {
		return
	}
	u.unit.Now = in.desk.Clock()
	if in.key != "" {
		u.unit.Key, u.unit.Request = in.key, in.asked
	}
	in.note(u)
	u.landing = make(chan landing, 1)
	go func() {
		receipt, err := in.desk.Store.Append(ctx, u.unit)
		u.landing <- landing{receipt, err}
	}()
}

// settle waits for the batch that is on its way, if there is one. Where
// somebody else has recorded meanwhile, it is decided again on what is known
// then, and sent again; and so must be whatever was decided after it.
func (in *intake) settle(ctx context.Context) (again bool, err error) {
	for try := 1; in.sent != nil; try++ {
		u := in.sent
		in.sent = nil
		err := in.landed(u)
		if err == nil {
			break
		}
		var stale *eventstore.VersionConflict
		if !errors.As(err, &stale) || try == maxTries {
			return again, err
		}
		if again, err = true, cmp.Or(in.learn(ctx), in.fits()); err != nil {
			return again, err
		}
		if u, err = in.plan(ctx, u.batch); err != nil {
			return again, err
		}
		in.send(ctx, u)
	}
	return again, nil
}

// landed waits until a batch is in the log and counts what became of it.
func (in *intake) landed(u *underway) error {
	if u.landing != nil {
		end := <-u.landing
		if end.err != nil {
			return end.err
		}
		in.key, in.by.Version = "", 0
		in.trail.land(end.receipt.Last)
		in.follower.more()
	}
	in.count(u)
	return nil
}

// note keeps what the intake knows in step with what it records.
func (in *intake) note(u *underway) {
	s := &u.sifted
	in.known.version += uint64(len(s.facts))
	in.known.assetVersion += uint64(len(s.assets))
	in.known.assets = s.register
	for _, f := range s.facts {
		if f.event != nil {
			in.known.file.Evolve(f.event)
		}
	}
	if in.sieve != nil {
		for id := range s.fresh {
			in.sieve.add(string(id))
		}
		for ref := range s.freshRefs {
			in.sieve.add(ref)
		}
	}
	in.trail.batches = append(in.trail.batches, footprint{notLanded, u.batch.entries, s.fresh, s.freshRefs})
}

// count adds up what became of a batch.
func (in *intake) count(u *underway) {
	in.sum.Read += u.batch.read
	in.sum.Noise += u.batch.noise
	for _, w := range u.batch.warnings {
		in.warn(w)
	}
	in.sum.add(u.sifted.tally)
}
