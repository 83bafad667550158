package projections

import (
	"bytes"
	"errors"
	"slices"
)

// Occurrences counts how often each row without an id of its own has come in
// one run of an import: two equal withdrawals stay two. Its memory stays flat:
// beyond a bound the counts go to a temporary SQLite file that SQLite removes.
type Occurrences struct {
	counts map[digestKey]int64
	most   int
	spill  *conn // nil until it is needed
}

// digestKey is half of a SHA-256: two different rows of one file that agree in
// 128 bits will not be met.
type digestKey [16]byte

// maxCounts is how many counts are kept in memory: about 50 MB.
const maxCounts = 1 << 20

// NewOccurrences begins a run.
func NewOccurrences() (*Occurrences, error) {
	return &Occurrences{counts: map[digestKey]int64{}, most: maxCounts}, nil
}

// Next says the how-many-eth row with this content it is: 1, 2, 3 …
func (o *Occurrences) Next(content [32]byte) (int, error) {
	key := digestKey(content[:16])
	n, ok := o.counts[key]
	if !ok && o.spill != nil {
		row, err := o.spill.row("SELECT n FROM occurrence WHERE key = ?", key[:])
		if err != nil {
			return 0, err
		}
		if row != nil {
			n = asInt(row[0])
		}
	}
	o.counts[key] = n + 1
	if len(o.counts) > o.most {
		return int(n + 1), o.unload()
	}
	return int(n + 1), nil
}

// unload moves all counts to the file, in the order of its keys, which is the
// order in which SQLite writes fastest.
func (o *Occurrences) unload() error {
	if err := o.open(); err != nil {
		return err
	}
	keys := make([]digestKey, 0, len(o.counts))
	for key := range o.counts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b digestKey) int { return bytes.Compare(a[:], b[:]) })
	err := o.spill.script("BEGIN")
	for _, key := range keys {
		if err != nil {
			break
		}
		err = o.spill.run("INSERT INTO occurrence VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET n = excluded.n", key[:], o.counts[key])
	}
	clear(o.counts)
	return errors.Join(err, o.spill.script("COMMIT"))
}

func (o *Occurrences) open() (err error) {
	if o.spill != nil {
		return nil
	}
	if o.spill, err = connectPrivate(); err != nil {
		return err
	}
	return o.spill.script("CREATE TABLE occurrence (key BLOB PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID")
}

// Close forgets the counts.
func (o *Occurrences) Close() error {
	o.counts = nil
	return o.spill.close()
}
