package casework

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
)

// Inspection is what a person wants verified, and against what.
type Inspection struct {
	From     seal.Head              // begin after this head, which was verified before; the zero value: from the first record
	Held     []Held                 // heads that somebody outside holds
	Trusted  *seal.PublicKey        // a key of the log that was told outside; nil: the log's own word
	Progress func(done, all uint64) // nil: nobody looks
}

// Inspected is what a verification found whole.
type Inspected struct {
	Head        seal.Head // of all that was read
	Read        uint64    // records
	Checkpoints int       // kept, signed and true
	Signed      *seal.Head
	Keys        int
}

// Refuted says that a log does not verify, and from which position on it
// cannot be believed: 0 where that is not known. *Rewritten may know only
// between which positions it lies.
type Refuted struct {
	Position uint64
	Why      error
}

func (r *Refuted) Error() string {
	var wide *Rewritten
	if r.Position == 0 || errors.As(r.Why, &wide) && wide.First != wide.Last {
		return r.Why.Error()
	}
	return fmt.Sprintf("first bad position: %d: %v", r.Position, r.Why)
}

// Unwrap gives what was found.
func (r *Refuted) Unwrap() error { return r.Why }

// Verify reads the log's records after Inspection.From: that their positions
// are dense, that each fits its leaf, that body and fast block say the same,
// that the leaves make the stored tree and its root, and that the tree is the
// one that every kept checkpoint and every held head speaks of. *Refuted
// names the first bad position.
func (d *Desk) Verify(ctx context.Context, in Inspection) (Inspected, error) {
	v := verification{desk: d, in: in, marks: map[uint64][]seal.Head{}}
	err := v.all(ctx)
	return v.found, refuted(err)
}

// refuted sorts what was found wrong from what the world did.
func refuted(err error) error {
	var fault *eventstore.Fault
	var already *Refuted
	switch {
	case errors.As(err, &already):
		return already
	case errors.As(err, &fault) && errors.Is(err, eventstore.ErrDamaged):
		return &Refuted{fault.Position, err}
	}
	return err
}

// verification is one reading of the log.
type verification struct {
	desk  *Desk
	in    Inspection
	tree  *seal.Tree
	marks map[uint64][]seal.Head // what the tree must be at some sizes
	found Inspected
}

func (v *verification) all(ctx context.Context) error {
	reader := eventstore.HashReader(ctx, v.desk.Store)
	end, err := v.desk.Store.Head(ctx)
	if err != nil {
		return err
	}
	if err := v.heldHeads(ctx, end); err != nil {
		return err
	}
	if v.tree, err = seal.TreeAt(v.in.From.Size, reader); err != nil {
		return err
	}
	if err := v.keptHeads(ctx); err != nil {
		return err
	}
	if err := v.records(ctx, end); err != nil {
		return err
	}
	root, err := eventstore.Root(ctx, v.desk.Store, v.tree.Size())
	if err != nil {
		return err
	}
	v.found.Head = seal.Head{Origin: v.desk.origin(), Size: v.tree.Size(), Root: v.tree.Root()}
	if root != v.found.Head.Root {
		return &Refuted{Why: fmt.Errorf("the leaves make the root %s and the stored tree says %s: the tree was changed", seal.Short(v.found.Head.Root), seal.Short(root))}
	}
	return nil
}

// heldHeads compares what others hold, and what was verified before, with the
// log: these are asked first, because they alone can show a rewriting.
func (v *verification) heldHeads(ctx context.Context, end uint64) error {
	all := v.in.Held
	if v.in.From.Size > 0 {
		all = append([]Held{{Head: v.in.From}}, all...)
	}
	for i := range all {
		h := &all[i]
		if h.Origin != v.desk.origin() {
			return &Refuted{Why: fmt.Errorf("ANOTHER LOG: the held head is of %s, and this log is %s", h.Origin, v.desk.origin())}
		}
		if end < h.Size {
			return &Refuted{end + 1, &Truncated{h.Head, end}}
		}
		root, err := eventstore.Root(ctx, v.desk.Store, h.Size)
		if err != nil {
			return err
		}
		if root != h.Root {
			return v.rewritten(ctx, h, root)
		}
		if h.Size > v.in.From.Size {
			v.marks[h.Size] = append(v.marks[h.Size], h.Head)
		}
	}
	return nil
}

// rewritten names the first position that differs, where the held tree tells.
func (v *verification) rewritten(ctx context.Context, h *Held, root seal.Hash) error {
	wrong := &Rewritten{h.Head, root, 1, h.Size}
	if h.Tree != nil {
		index, differs, err := seal.FirstDifference(h.Size, eventstore.HashReader(ctx, v.desk.Store), h.Tree)
		if err != nil {
			return err
		}
		if differs {
			wrong.First, wrong.Last = index+1, index+1
		}
	}
	return &Refuted{wrong.First, wrong}
}

// keptHeads notes which roots the log has signed itself.
func (v *verification) keptHeads(ctx context.Context) error {
	adopted, err := v.desk.Keys(ctx)
	if err != nil {
		return err
	}
	v.found.Keys = len(adopted)
	kept := 0
	if err := v.desk.eachKept(ctx, func(eventstore.Checkpoint) error { kept++; return nil }); err != nil {
		return err
	}
	switch {
	case len(adopted) == 0 && kept > 0:
		return &Refuted{Why: fmt.Errorf("%d checkpoints are kept, and the log has adopted no key that could have signed them: the record of the key is gone", kept)}
	case len(adopted) == 0:
		return nil
	}
	ring, err := v.desk.Keyring(ctx, v.in.Trusted)
	if err != nil {
		return err
	}
	return v.desk.eachKept(ctx, func(kept eventstore.Checkpoint) error {
		c, err := seal.Open(kept.Note, ring)
		if err != nil {
			return v.desk.damagedAt(kept.Size, err)
		}
		if c.Size != kept.Size || c.Origin != v.desk.origin() {
			return v.desk.damagedAt(kept.Size, fmt.Errorf("the checkpoint kept for size %d is of head %s of %s", kept.Size, c.Head, c.Origin))
		}
		v.found.Checkpoints++
		v.found.Signed = &c.Head
		if c.Size > v.in.From.Size {
			v.marks[c.Size] = append(v.marks[c.Size], c.Head)
		}
		return nil
	})
}

// verifyPage is how many records are read at once.
const verifyPage = 1000

func (v *verification) records(ctx context.Context, end uint64) error {
	for v.tree.Size() < end {
		page, err := v.desk.Store.Read(ctx, v.tree.Size(), int(min(verifyPage, end-v.tree.Size())))
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return &Refuted{v.tree.Size() + 1, fmt.Errorf("the log ends before position %d, which it had when this began", end)}
		}
		for i := range page {
			if err := v.record(&page[i]); err != nil {
				return err
			}
		}
		if v.in.Progress != nil {
			v.in.Progress(v.tree.Size(), end)
		}
	}
	return nil
}

// record takes one record. The store has checked it against its leaf.
func (v *verification) record(r *eventstore.Record) error {
	if r.Position != v.tree.Size()+1 {
		return &Refuted{v.tree.Size() + 1, fmt.Errorf("position %d follows position %d", r.Position, v.tree.Size())}
	}
	if err := sameFacts(r); err != nil {
		return &Refuted{r.Position, err}
	}
	v.tree.Add(eventstore.Leaf(eventstore.Encode(*r)))
	v.found.Read++
	return v.meets(r.Position)
}

// sameFacts says whether a record's two forms of its facts are one.
func sameFacts(r *eventstore.Record) error {
	event, err := domain.DecodeEvent(r.Kind, r.Body)
	if err != nil {
		return fmt.Errorf("its body cannot be read: %w", err)
	}
	if !bytes.Equal(domain.EncodeFast(event), r.Fast) {
		return errors.New("its body and its fast block do not say the same: one of them was changed before it was recorded, or by another clew")
	}
	return nil
}

// meets compares the tree with what was said of it at this size.
func (v *verification) meets(size uint64) error {
	for _, head := range v.marks[size] {
		if head.Root == v.tree.Root() {
			continue
		}
		wrong := &Rewritten{head, v.tree.Root(), v.lastGood(size) + 1, size}
		return &Refuted{wrong.First, wrong}
	}
	return nil
}

// lastGood is the largest size below one at which the tree was as signed.
func (v *verification) lastGood(below uint64) uint64 {
	good := v.in.From.Size
	for size := range v.marks {
		if size < below {
			good = max(good, size)
		}
	}
	return good
}
