package casework

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"clew/domain"
	"clew/eventstore"
)

// accessStream is the stream of who may come in. It belongs to the
// installation, and to no case: no bundle takes it along.
const accessStream = "access"

// roster is who may come in, as far as the stream was read.
type roster struct {
	mu      sync.Mutex
	access  *domain.Access
	version uint64
}

// Access shows who may come in to a function, as the log has it now. It is
// read from the log and from no read model: what was revoked a moment ago, by
// whichever process, is not good any more. The function must not keep it.
func (d *Desk) Access(ctx context.Context, look func(*domain.Access)) error {
	d.roster.mu.Lock()
	defer d.roster.mu.Unlock()
	if err := d.readAccess(ctx); err != nil {
		return err
	}
	look(d.roster.access)
	return nil
}

// readAccess reads what is new in the stream.
func (d *Desk) readAccess(ctx context.Context) error {
	r := &d.roster
	version, err := d.Store.Version(ctx, accessStream)
	if err != nil {
		return err
	}
	if r.access == nil || version < r.version {
		r.access, r.version = domain.NewAccess(), 0
	}
	for r.version < version {
		facts, err := d.accessFacts(ctx, r.version)
		if err != nil {
			return err
		}
		for _, fact := range facts {
			r.access.Evolve(fact.Event, fact.At)
			r.version = fact.Version
		}
	}
	return nil
}

// AccessFact is one thing that was recorded about who may come in.
type AccessFact struct {
	Position uint64
	Version  uint64 // within the stream
	At       time.Time
	Actor    string
	Event    domain.Event
}

// accessFacts reads a page of the stream.
func (d *Desk) accessFacts(ctx context.Context, after uint64) ([]AccessFact, error) {
	records, err := d.Store.ReadStream(ctx, accessStream, after, eventstore.MaxRead)
	if err != nil {
		return nil, err
	}
	facts := make([]AccessFact, 0, len(records))
	for _, r := range records {
		event, err := domain.DecodeEvent(r.Kind, r.Body)
		if err != nil {
			return nil, d.damagedAt(r.Position, err)
		}
		facts = append(facts, AccessFact{r.Position, r.Version, r.RecordedAt, r.Actor, event})
	}
	return facts, nil
}

// AccessHistory gives everything that was recorded about who may come in, in
// order.
func (d *Desk) AccessHistory(ctx context.Context, do func(AccessFact) error) error {
	for after := uint64(0); ; {
		facts, err := d.accessFacts(ctx, after)
		if err != nil || len(facts) == 0 {
			return err
		}
		for _, fact := range facts {
			if err := do(fact); err != nil {
				return err
			}
			after = fact.Version
		}
	}
}

// AccessAt is who could come in at a time.
func (d *Desk) AccessAt(ctx context.Context, at time.Time) (*domain.Access, error) {
	access := domain.NewAccess()
	return access, d.AccessHistory(ctx, func(fact AccessFact) error {
		if !fact.At.After(at) {
			access.Evolve(fact.Event, fact.At)
		}
		return nil
	})
}

// Grant records what is decided about who may come in.
func (d *Desk) Grant(ctx context.Context, by By, command domain.AccessCommand) (Outcome, error) {
	if err := d.checkGrant(ctx, command); err != nil {
		return Outcome{}, err
	}
	act, err := newAct(by, "", command, func(plan *draft) error { return d.planGrant(ctx, plan, command) })
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}

func (d *Desk) planGrant(ctx context.Context, plan *draft, command domain.AccessCommand) error {
	d.roster.mu.Lock()
	defer d.roster.mu.Unlock()
	if err := d.readAccess(ctx); err != nil {
		return err
	}
	plan.expect = append(plan.expect, eventstore.Expectation{Stream: accessStream, Version: d.roster.version})
	events, err := command.Decide(d.roster.access)
	if err != nil {
		return err
	}
	return plan.add(accessStream, events...)
}

// checkGrant checks what a decider cannot know: which roles and cases there
// are.
func (d *Desk) checkGrant(ctx context.Context, command domain.AccessCommand) error {
	switch c := command.(type) {
	case domain.AdmitUser:
		if _, err := domain.ParseUser(string(c.User)); err != nil {
			return usageOf(err)
		}
		return checkRole(c.Role)
	case domain.GiveRole:
		return checkRole(c.Role)
	case domain.JoinCase:
		return d.checkCase(ctx, c.Case)
	case domain.IssueToken:
		for _, id := range c.Cases {
			if err := d.checkCase(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func usageOf(err error) error { return domain.Usage("%v", err) }

func checkRole(role string) error {
	if slices.Contains(Roles(), Role(role)) {
		return nil
	}
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return domain.Usage("there is no role %q: the roles are %s", role, strings.Join(names, ", "))
}

func (d *Desk) checkCase(ctx context.Context, id domain.CaseID) error {
	version, err := d.Store.Version(ctx, caseStream(id))
	if err == nil && version == 0 {
		err = domain.NotFound("there is no case %s: 'clew case list' shows the cases", id)
	}
	return err
}

// OpenCase opens a case for somebody and puts him on it, in one append, where
// he is one of those who come in by the server: whoever opens a case works on
// it. Whoever opens a case that is open already is put on nothing.
func (d *Desk) OpenCase(ctx context.Context, by By, open domain.OpenCase) (Outcome, error) {
	act, err := newAct(by, open.Case, open, func(plan *draft) error {
		file, err := d.open(ctx, open.Case, plan)
		if err != nil {
			return err
		}
		events, err := open.Decide(file)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := plan.add(caseStream(open.Case), events...); err != nil {
			return err
		}
		err = d.planGrant(ctx, plan, domain.JoinCase{User: domain.UserID(by.Actor), Case: open.Case})
		if domain.ClassOf(err) == domain.ClassNotFound { // of the command line
			return nil
		}
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}
