package casework

import (
	"context"
	"errors"
	"fmt"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
)

// SignHead makes a checkpoint of all that is recorded, and keeps it. Where
// the last kept one is of this very head it is given again. It refuses to
// sign a log that has not kept what the last checkpoint signed.
func (d *Desk) SignHead(ctx context.Context, key seal.Key) (c seal.Checkpoint, made bool, err error) {
	ring, err := d.Keyring(ctx, nil)
	if err != nil {
		return c, false, err
	}
	if ring.Current() != key.Public() {
		return c, false, &domain.Error{Class: domain.ClassConflict, Text: fmt.Sprintf("the log signs with the key %s, and the key file holds %s: give the right file with --seal-key", ring.Current(), key.Public())}
	}
	size, err := d.Store.Head(ctx)
	if err != nil {
		return c, false, err
	}
	root, err := eventstore.Root(ctx, d.Store, size)
	if err != nil {
		return c, false, err
	}
	head := seal.Head{Origin: d.origin(), Size: size, Root: root}
	last, err := d.LastSigned(ctx, ring)
	if err != nil {
		return c, false, err
	}
	if last != nil && last.Head == head {
		return *last, false, nil
	}
	c, err = d.sign(ctx, ring, head, key)
	return c, err == nil, err
}

func (d *Desk) sign(ctx context.Context, ring seal.Keyring, head seal.Head, key seal.Key) (seal.Checkpoint, error) {
	note, err := head.Sign(key)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	c, err := seal.Open(note, ring)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	_, err = d.Store.PutCheckpoint(ctx, eventstore.Checkpoint{Size: c.Size, Note: note, RecordedAt: d.Clock()})
	return c, err
}

// LastSigned is the last kept checkpoint, checked against the log: its
// signature, and the root over as many records. nil where none is kept.
func (d *Desk) LastSigned(ctx context.Context, ring seal.Keyring, witnesses ...seal.PublicKey) (*seal.Checkpoint, error) {
	kept, err := d.Store.LastCheckpoint(ctx)
	if err != nil || kept.Number == 0 {
		return nil, err
	}
	c, err := d.opened(ctx, kept, ring, witnesses...)
	return &c, err
}

// opened checks a kept checkpoint's signature and its root.
func (d *Desk) opened(ctx context.Context, kept eventstore.Checkpoint, ring seal.Keyring, witnesses ...seal.PublicKey) (seal.Checkpoint, error) {
	c, err := seal.Open(kept.Note, ring, witnesses...)
	switch {
	case err != nil:
		return c, d.damagedAt(kept.Size, err)
	case c.Size != kept.Size || c.Origin != d.origin():
		return c, d.damagedAt(kept.Size, fmt.Errorf("the checkpoint kept for size %d is of head %s of %s", kept.Size, c.Head, c.Origin))
	}
	return c, d.holds(ctx, c.Head)
}

// holds says whether the log begins with all that a head covers.
func (d *Desk) holds(ctx context.Context, h seal.Head) error {
	size, err := d.Store.Head(ctx)
	if err != nil {
		return err
	}
	if size < h.Size {
		return d.damagedAt(size+1, &Truncated{h, size})
	}
	root, err := eventstore.Root(ctx, d.Store, h.Size)
	if err != nil {
		return err
	}
	if root != h.Root {
		return d.damagedAt(h.Size, &Rewritten{h, root, 1, h.Size})
	}
	return nil
}

// Truncated says that a log is shorter than a head of it that is known.
type Truncated struct {
	Head seal.Head
	Ends uint64
}

func (t *Truncated) Error() string {
	return fmt.Sprintf("TRUNCATED: the log ends at position %d, and the head %s has %d records: %d are missing from its end, or this is an old copy", t.Ends, t.Head, t.Head.Size, t.Head.Size-t.Ends)
}

// Rewritten says that a log does not begin with what a head covers.
type Rewritten struct {
	Head        seal.Head
	Root        seal.Hash // that so many records have now
	First, Last uint64    // the first change is at one of these positions
}

func (r *Rewritten) Error() string {
	where := fmt.Sprintf("first at one of positions %d to %d", r.First, r.Last)
	if r.First == r.Last {
		where = fmt.Sprintf("first at position %d", r.First)
	}
	return fmt.Sprintf("REWRITTEN: the first %d records have the root %s, and had %s when head %s was signed: something was changed, removed or put in, %s", r.Head.Size, seal.Short(r.Root), seal.Short(r.Head.Root), r.Head, where)
}

// Signed lists the kept checkpoints, oldest first, each checked against the
// log; of several notes of one head the last, which has all signatures.
func (d *Desk) Signed(ctx context.Context, ring seal.Keyring, witnesses ...seal.PublicKey) ([]seal.Checkpoint, error) {
	var list []seal.Checkpoint
	err := d.eachKept(ctx, func(kept eventstore.Checkpoint) error {
		c, err := d.opened(ctx, kept, ring, witnesses...)
		if n := len(list); n > 0 && list[n-1].Head == c.Head {
			list = list[:n-1]
		}
		list = append(list, c)
		return err
	})
	return list, err
}

// keptPage is how many checkpoints are read at once.
const keptPage = 1000

func (d *Desk) eachKept(ctx context.Context, do func(eventstore.Checkpoint) error) error {
	var last eventstore.Checkpoint
	for {
		page, err := d.Store.Checkpoints(ctx, last, keptPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, kept := range page {
			if err := do(kept); err != nil {
				return err
			}
		}
		last = page[len(page)-1]
	}
}

// AddSignatures keeps a checkpoint of this log that others have signed as
// well. It must be of a head that the log has had, and bear at least one of
// the witnesses' signatures: one that nobody here can check is no gain.
func (d *Desk) AddSignatures(ctx context.Context, note []byte, witnesses []seal.PublicKey) (seal.Checkpoint, error) {
	ring, err := d.Keyring(ctx, nil)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	c, err := seal.Open(note, ring, witnesses...)
	if err != nil {
		return c, domain.Usage("%v", err)
	}
	if len(c.Witness) == 0 {
		return c, domain.Usage("none of the witnesses given with --witness has signed this checkpoint: give the public key of the one who did")
	}
	if err := d.holds(ctx, c.Head); err != nil {
		return c, err
	}
	all, err := d.mergedWith(ctx, c, ring)
	if err != nil {
		return c, err
	}
	if _, err := d.Store.PutCheckpoint(ctx, eventstore.Checkpoint{Size: c.Size, Note: all, RecordedAt: d.Clock()}); err != nil {
		return c, err
	}
	return seal.Open(all, ring, witnesses...)
}

// mergedWith puts the signatures that are kept for a head beside new ones.
func (d *Desk) mergedWith(ctx context.Context, c seal.Checkpoint, ring seal.Keyring) ([]byte, error) {
	page, err := d.Store.Checkpoints(ctx, eventstore.Checkpoint{Size: c.Size}, keptPage)
	if err != nil {
		return nil, err
	}
	all := c.Note
	for _, kept := range page {
		if kept.Size != c.Size {
			break
		}
		have, err := seal.Open(kept.Note, ring)
		if err != nil {
			return nil, d.damagedAt(kept.Size, err)
		}
		now, err := seal.Open(all, ring)
		if err != nil {
			return nil, err
		}
		if all, err = seal.Merge(have, now); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Proved is a record with the proof that it is in the log.
type Proved struct {
	eventstore.Record
	Proof      seal.Proof
	Checkpoint seal.Checkpoint
}

// Prove proves a record by a checkpoint that covers it.
func (d *Desk) Prove(ctx context.Context, c seal.Checkpoint, position uint64) (Proved, error) {
	if position == 0 || position > c.Size {
		return Proved{}, domain.NotFound("the checkpoint %s covers positions 1 to %d: there is no %d in it; 'clew checkpoint' makes a new one", c.Head, c.Size, position)
	}
	page, err := d.Store.Read(ctx, position-1, 1)
	if err != nil {
		return Proved{}, err
	}
	if len(page) == 0 {
		return Proved{}, errors.New("the log ended while it was read")
	}
	p := Proved{Record: page[0], Checkpoint: c}
	p.Proof = seal.Proof{Index: position - 1, Record: eventstore.Encode(page[0]), Signed: c.Note}
	if p.Proof.Path, err = seal.Prove(c.Size, position-1, eventstore.HashReader(ctx, d.Store)); err != nil {
		return Proved{}, err
	}
	if err := seal.CheckPath(c.Head, p.Proof.Index, p.Proof.Record, p.Proof.Path); err != nil {
		return Proved{}, d.damagedAt(position, err)
	}
	return p, nil
}
