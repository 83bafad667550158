package casework

import (
	"context"
	"fmt"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
)

// keyStream is the stream of the keys by which the log signs.
const keyStream = "keys"

// Adopted is one key of the log as its event tells it.
type Adopted struct {
	seal.Adoption
	Position uint64
	Actor    string
	Reason   string
}

// Keys lists the keys that the log has adopted, oldest first. None have been
// followed yet: Keyring does.
func (d *Desk) Keys(ctx context.Context) ([]Adopted, error) {
	records, err := d.Store.ReadStream(ctx, keyStream, 0, eventstore.MaxRead)
	if err != nil {
		return nil, err
	}
	var list []Adopted
	for _, r := range records {
		event, err := domain.DecodeEvent(r.Kind, r.Body)
		if err != nil {
			return nil, err
		}
		said, ok := event.(domain.KeyAdopted)
		if !ok {
			continue
		}
		adoption, err := seal.ParseAdoption([]byte(said.Note))
		if err != nil {
			return nil, d.damagedAt(r.Position, err)
		}
		list = append(list, Adopted{adoption, r.Position, r.Actor, said.Reason})
	}
	return list, nil
}

// damagedAt says that the log cannot be believed at a position.
func (d *Desk) damagedAt(position uint64, why error) error {
	return &eventstore.Fault{Kind: eventstore.ErrDamaged, Where: fmt.Sprintf("log %s, position %d", d.origin(), position), Position: position,
		Why: why.Error(), Next: "look at docs/trust/verify.md for what this means"}
}

func (d *Desk) origin() string { return seal.Origin(d.Store.Identity()) }

// Keyring is the log's keys from a trusted one on; from its first, where the
// trusted one is nil. Then it rests on the log's own word.
func (d *Desk) Keyring(ctx context.Context, trusted *seal.PublicKey) (seal.Keyring, error) {
	adopted, err := d.Keys(ctx)
	if err != nil {
		return nil, err
	}
	if len(adopted) == 0 {
		return nil, domain.NotFound("the log has no key yet, so it has signed nothing: 'clew key create' makes one")
	}
	var all []seal.Adoption
	for _, a := range adopted {
		all = append(all, a.Adoption)
	}
	first := all[0].Key
	if trusted == nil {
		trusted = &first
	}
	ring, err := seal.NewKeyring(*trusted, all)
	if err != nil {
		return nil, d.damagedAt(adopted[len(adopted)-1].Position, err)
	}
	if first.Name() != d.origin() {
		return nil, d.damagedAt(adopted[0].Position, fmt.Errorf("the key is of log %s, and this is %s", first.Name(), d.origin()))
	}
	return ring, nil
}

// Adoption is what a person says when a log takes a key.
type Adoption struct {
	Key    seal.Key
	Before *seal.Key // the key that is replaced; nil for the first
	Reason string
}

// AdoptKey records that the log signs with a key from now on. The first needs
// nobody's consent; every other is signed with the one before.
func (d *Desk) AdoptKey(ctx context.Context, by By, a Adoption) (Outcome, error) {
	act, err := newAct(by, "", domain.KeyAdopted{Key: a.Key.Public().String(), Reason: a.Reason}, func(plan *draft) error {
		version, err := d.Store.Version(ctx, keyStream)
		if err != nil {
			return err
		}
		head, err := d.Store.Head(ctx)
		if err != nil {
			return err
		}
		if err := d.mayAdopt(ctx, a); err != nil {
			return err
		}
		note, err := seal.Adopt(a.Key, head, a.Before)
		if err != nil {
			return domain.Usage("%v", err)
		}
		plan.expect = []eventstore.Expectation{{Stream: keyStream, Version: version}}
		return plan.add(keyStream, domain.KeyAdopted{Key: a.Key.Public().String(), Note: string(note), Reason: a.Reason})
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}

func (d *Desk) mayAdopt(ctx context.Context, a Adoption) error {
	adopted, err := d.Keys(ctx)
	switch {
	case err != nil:
		return err
	case a.Key.Name() != d.origin():
		return domain.Usage("the key is named %s, and the log is %s", a.Key.Name(), d.origin())
	case len(adopted) == 0 && a.Before == nil:
		return nil
	case len(adopted) == 0:
		return domain.Usage("the log has no key yet that could be replaced: 'clew key create' makes the first")
	case a.Before == nil:
		return &domain.Error{Class: domain.ClassConflict, Text: fmt.Sprintf("the log has a key already (%s): 'clew key rotate' replaces it", adopted[len(adopted)-1].Key)}
	case adopted[len(adopted)-1].Key != a.Before.Public():
		return &domain.Error{Class: domain.ClassConflict, Text: fmt.Sprintf("the log's key is %s, and the key file holds another: give the right one with --seal-key", adopted[len(adopted)-1].Key)}
	}
	return nil
}
