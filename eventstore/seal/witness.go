package seal

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Rollback says that a log shows a head that is shorter than one it has shown
// before: events are missing from its end, or an old copy was put in place.
// Both checkpoints bear the log's own signature, and are the proof.
type Rollback struct{ Held, Shown Checkpoint }

func (r *Rollback) Error() string {
	return fmt.Sprintf("ROLLBACK of %s: it has shown head %s before, and shows %s now: %d events are missing from its end", r.Held.Origin, r.Held.Head, r.Shown.Head, r.Held.Size-r.Shown.Size)
}

// Fork says that a log shows a head that does not contain what an earlier one
// held: history was rewritten. Both checkpoints bear the log's own signature;
// There and Path show that the shown tree has another root where the held one
// ended (a consistency proof of RFC 6962 from There to the shown root).
type Fork struct {
	Held, Shown Checkpoint
	There       Hash
	Path        []Hash
}

func (f *Fork) Error() string {
	return fmt.Sprintf("FORK of %s: its first %d events had the root %s before, and have %s now: what was recorded has been changed", f.Held.Origin, f.Held.Size, Short(f.Held.Root), Short(f.There))
}

// Evidence is the proof of it in text, to be kept and shown: no party needs
// to be believed for it, because the log has signed both.
func (f *Fork) Evidence() string {
	return refusal(f, f.Held, f.Shown) + fmt.Sprintf("\nRoot over the first %d leaves of the second tree, and the consistency proof (RFC 6962, 2.1.2) to its root:\n%s\n%s",
		f.Held.Size, f.There, lines(f.Path))
}

// Evidence is the proof of it in text.
func (r *Rollback) Evidence() string { return refusal(r, r.Held, r.Shown) }

func refusal(why error, held, shown Checkpoint) string {
	return fmt.Sprintf("%s\n\nSigned by the log before:\n\n%s\nSigned by the log now:\n\n%s", why, held.Note, shown.Note)
}

func lines(path []Hash) string {
	var b strings.Builder
	for _, h := range path {
		fmt.Fprintf(&b, "%s\n", h)
	}
	return b.String()
}

// Follows says whether a log that shows a checkpoint has kept all that an
// earlier one held. It reads the shown tree, which may come from the log
// itself: what is read is checked against the shown root, so that a lying
// tree is an error and no lie. *Rollback and *Fork bear their proof.
func Follows(held, shown Checkpoint, tree Reader) error {
	switch {
	case held.Origin != shown.Origin:
		return fmt.Errorf("the held checkpoint is of %s, the shown one of %s: they are two logs", held.Origin, shown.Origin)
	case shown.Size < held.Size:
		return &Rollback{held, shown}
	case shown.Size == held.Size && shown.Root != held.Root:
		return &Fork{Held: held, Shown: shown, There: shown.Root}
	case shown.Size == held.Size || held.Size == 0:
		return nil
	}
	there, path, err := Consistent(shown.Head, held.Size, tree)
	if err != nil {
		return err
	}
	if there != held.Root {
		return &Fork{held, shown, there, path}
	}
	return nil
}

// Consistent gives the root over the first size leaves of a tree with a known
// head, and the proof that the head contains them.
func Consistent(h Head, size uint64, tree Reader) (Hash, []Hash, error) {
	there, err := RootOf(size, tree)
	if err != nil {
		return Hash{}, nil, fmt.Errorf("read the tree of %s: %w", h, err)
	}
	if size == 0 || size == h.Size && there == h.Root {
		return there, nil, nil
	}
	if size >= h.Size {
		return Hash{}, nil, fmt.Errorf("the tree that was read does not have the root of head %s", h)
	}
	path, err := tlog.ProveTree(int64(h.Size), int64(size), tree)
	if err != nil {
		return Hash{}, nil, fmt.Errorf("read the tree of %s: %w", h, err)
	}
	return there, path, CheckConsistent(h, Head{h.Origin, size, there}, path)
}

// CheckConsistent says whether a proof shows that a head contains all that an
// earlier one held.
func CheckConsistent(h, earlier Head, path []Hash) error {
	if earlier.Size == 0 || earlier.Size > h.Size || h.Size > maxSize || len(path) > 2*maxPath {
		return fmt.Errorf("no proof leads from head %s to head %s", earlier, h)
	}
	if err := tlog.CheckTree(path, int64(h.Size), h.Root, int64(earlier.Size), earlier.Root); err != nil {
		return fmt.Errorf("the proof does not show that head %s contains head %s", h, earlier)
	}
	return nil
}
