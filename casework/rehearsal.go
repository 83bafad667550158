package casework

import (
	"crypto/sha256"

	"clew/domain"
	"clew/projections"
)

// rehearsal remembers what a dry run would have recorded so far, so that it
// counts repeated rows as the import itself would. It spills to disk, for
// memory must not grow with the file.
type rehearsal struct {
	names    *projections.Occurrences
	contents *projections.Occurrences
}

func newRehearsal() (*rehearsal, error) {
	names, err := projections.NewOccurrences()
	if err != nil {
		return nil, err
	}
	contents, err := projections.NewOccurrences()
	if err != nil {
		names.Close()
		return nil, err
	}
	return &rehearsal{names, contents}, nil
}

func (r *rehearsal) close() {
	r.names.Close()
	r.contents.Close()
}

// before says whether the name came before in this run, and with the same
// content.
func (r *rehearsal) before(id domain.MovementID, content [32]byte) (known, same bool, err error) {
	name, err := r.names.Next(sha256.Sum256([]byte(id)))
	if err != nil {
		return false, false, err
	}
	telling, err := r.contents.Next(sha256.Sum256(append([]byte(id), content[:]...)))
	return name > 1, telling > 1, err
}
