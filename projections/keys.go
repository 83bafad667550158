package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sort"
	"sync"
)

// keys finds movements by something that comes in random order, such as a
// hash, of which it keeps 63 bits: what it finds is looked at again. One large
// index would have to write a page for nearly every new movement. So the keys
// of the newest stand nowhere but on their sheets; when the log has passed a
// span of positions, those in it are written once, sorted, as a run; and when
// it has passed a larger span, the runs in that become one. What lies where
// depends on the log alone.
type keys struct {
	table string   // of the runs
	spans []uint64 // of positions, each a multiple of the one before

	// newer gives the keys of what was recorded after a position, in the order
	// of the log, and says how far it has looked.
	newer func(c *conn, after uint64, do func(key int64, at uint64)) (upto uint64, err error)
}

// keySpans: the first bounds what must be read from sheets to find one
// movement (16,384 take about a millisecond); the last, what is sorted in
// memory at once (16 MB). In between, the number of runs to look in is held
// against how often a key is written anew.
func keySpans() []uint64 { return []uint64{1 << 14, 1 << 17, 1 << 20} }

func movementIDs() *keys {
	return &keys{"movements_id", keySpans(), func(c *conn, after uint64, do func(int64, uint64)) (uint64, error) {
		return eachSince(c, after, func(n *packed) {
			if n.first == 0 {
				do(n.id.key(), n.position)
			}
		})
	}}
}

func movementRefs() *keys {
	return &keys{"movements_ref", keySpans(), func(c *conn, after uint64, do func(int64, uint64)) (uint64, error) {
		return eachSince(c, after, func(n *packed) {
			if n.ref != "" {
				do(textKey(n.ref), n.position)
			}
		})
	}}
}

// eachSince gives what lies on the sheets after a position, and says where the
// last of it lies.
func eachSince(c *conn, after uint64, do func(*packed)) (upto uint64, err error) {
	n := packed{position: after}
	err = c.each(context.Background(), func(row []driver.Value) error {
		bytes, _ := row[1].([]byte)
		r := readSheet(uint64(asInt(row[0])), bytes)
		for r.next(&n) {
			if n.position > after {
				do(&n)
			}
		}
		if r.torn {
			return errSheet
		}
		return nil
	}, "SELECT position, sheet FROM movements WHERE position >= coalesce((SELECT max(position) FROM movements WHERE position <= ?1), 0) AND last > ?1 ORDER BY position", position(after))
	return max(after, n.position), err
}

// schema makes the table. Entries are pairs of a key and a position, sorted,
// eight bytes each; a block has up to blockEntries.
func (k *keys) schema() string {
	return fmt.Sprintf(`
CREATE TABLE %[1]s (
	block   INTEGER PRIMARY KEY,
	run     INTEGER NOT NULL, -- position up to which the run holds the keys
	key     INTEGER NOT NULL, -- the first in the block
	entries BLOB NOT NULL
) STRICT;
CREATE INDEX %[1]s_run ON %[1]s (run, key);
`, k.table)
}

// blockEntries is how many keys a block holds: one page of SQLite.
const blockEntries = 240

// keyed is a key and the position of what bears it.
type keyed struct {
	key int64
	at  uint64
}

func (a keyed) compare(b keyed) int {
	switch {
	case a.key < b.key || a.key == b.key && a.at < b.at:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// finder finds keys, and remembers those that stand in no run yet: they are of
// one span. One serves all who read; another the transactions that write.
type finder struct {
	*keys
	writes bool // it learns of keys by add, and not from the table
	mu     sync.Mutex
	runs   uint64  // up to this position keys stand in runs
	upto   uint64  // and up to this one in recent
	recent []keyed // in the order of the log
	byKey  map[int64]int32
	before []int32           // by place in recent: the place, and one, of the last before it with the same key
	sieves map[uint64]*sieve // of the keys in each run, once it is worth while
}

// finders are those of movements.
type finders struct{ ids, refs *finder }

func newFinders() *finders { return &finders{newFinder(movementIDs()), newFinder(movementRefs())} }

// resume makes a finder go on adding keys where the table ends.
func (f *finder) resume(c *conn) error {
	f.writes = true
	return f.refresh(c)
}

func newFinder(k *keys) *finder {
	return &finder{keys: k, byKey: map[int64]int32{}, sieves: map[uint64]*sieve{}}
}

// add notes a key, and closes the span before it where it is the first beyond.
func (f *finder) add(c *conn, key int64, at uint64) error {
	if len(f.recent) > 0 && (at-1)/f.spans[0] != (f.recent[0].at-1)/f.spans[0] {
		if err := f.close(c); err != nil {
			return err
		}
	}
	f.recent = append(f.recent, keyed{key, at})
	return nil
}

// close writes a run of what is recent, and of the runs of a larger span that
// has ended with it.
func (f *finder) close(c *conn) error {
	before, end := f.runs, ((f.recent[0].at-1)/f.spans[0]+1)*f.spans[0]
	sorted := slices.Clone(f.recent)
	f.forget()
	f.runs = end
	since := end
	for _, span := range f.spans[1:] {
		if before/span != end/span {
			since = before / span * span
		}
	}
	runs, err := f.runList(c)
	for _, run := range runs {
		if err == nil && run > since {
			err = f.eachEntry(c, run, func(e keyed) error { sorted = append(sorted, e); return nil })
		}
	}
	if err == nil {
		err = c.run("DELETE FROM "+f.table+" WHERE run > ?", position(since))
	}
	if err != nil {
		return err
	}
	slices.SortFunc(sorted, keyed.compare)
	return f.writeRun(c, end, sorted)
}

func (f *finder) forget() {
	f.recent, f.before = f.recent[:0], f.before[:0]
	clear(f.byKey)
}

// runWriter cuts a run into blocks.
type runWriter struct {
	f     *finder
	c     *conn
	run   uint64
	first int64
	block []byte
}

func (w *runWriter) add(e keyed) error {
	if len(w.block) == 0 {
		w.first = e.key
	}
	w.block = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(w.block, uint64(e.key)), e.at)
	if len(w.block) < 16*blockEntries {
		return nil
	}
	return w.flush()
}

func (w *runWriter) flush() error {
	if len(w.block) == 0 {
		return nil
	}
	err := w.c.run("INSERT INTO "+w.f.table+" (run, key, entries) VALUES (?, ?, ?)", position(w.run), w.first, w.block)
	w.block = w.block[:0]
	return err
}

func (f *finder) writeRun(c *conn, run uint64, sorted []keyed) error {
	w := runWriter{f: f, c: c, run: run}
	for _, e := range sorted {
		if err := w.add(e); err != nil {
			return err
		}
	}
	return w.flush()
}

// runList names the runs, the newest first, and forgets what was remembered of
// others.
func (f *finder) runList(c *conn) (runs []uint64, err error) {
	for below := int64(1<<63 - 1); ; {
		row, err := c.row("SELECT max(run) FROM "+f.table+" WHERE run < ?", below)
		if err != nil || row[0] == nil {
			maps.DeleteFunc(f.sieves, func(run uint64, _ *sieve) bool { return !slices.Contains(runs, run) })
			return runs, err
		}
		below = asInt(row[0])
		runs = append(runs, uint64(below))
	}
}

func (f *finder) eachEntry(c *conn, run uint64, do func(keyed) error) error {
	return c.each(context.Background(), func(row []driver.Value) error {
		return entriesOf(row[0], do)
	}, "SELECT entries FROM "+f.table+" WHERE run = ? ORDER BY key, block", position(run))
}

func entriesOf(column driver.Value, do func(keyed) error) error {
	entries, _ := column.([]byte)
	for ; len(entries) >= 16; entries = entries[16:] {
		if err := do(keyed{int64(binary.BigEndian.Uint64(entries)), binary.BigEndian.Uint64(entries[8:])}); err != nil {
			return err
		}
	}
	return nil
}

// refresh takes note of what has been written since the last look.
func (f *finder) refresh(c *conn) error {
	row, err := c.row("SELECT max(run) FROM " + f.table)
	if err != nil {
		return err
	}
	if runs := uint64(asInt(row[0])); runs != f.runs {
		f.moved(runs)
	}
	f.upto, err = f.newer(c, f.upto, func(key int64, at uint64) { f.recent = append(f.recent, keyed{key, at}) })
	return err
}

// ready is refresh, for whoever does not know already.
func (f *finder) ready(c *conn) error {
	if f.writes {
		return nil
	}
	return f.refresh(c)
}

// moved says that keys up to a position stand in runs now.
func (f *finder) moved(runs uint64) {
	var kept []keyed
	if f.runs < runs && runs <= f.upto {
		n, _ := slices.BinarySearchFunc(f.recent, runs+1, func(e keyed, at uint64) int { return cmp.Compare(e.at, at) })
		kept = slices.Clone(f.recent[n:])
	} else {
		f.upto = runs
	}
	f.forget()
	f.runs, f.recent = runs, append(f.recent, kept...)
}

// find gives the positions of what bears one of some keys, in order.
func (f *finder) find(c *conn, wanted []int64) (positions []int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(c); err != nil {
		return nil, err
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	for _, key := range wanted {
		positions = f.recently(positions, key)
	}
	runs, err := f.runList(c)
	for _, run := range runs {
		var left []int64
		if left, err = f.sifted(c, run, wanted); err == nil {
			positions, err = f.inRun(c, run, positions, left)
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(positions)
	return positions, err
}

// recently adds the positions of what bears a key and stands in no run yet.
func (f *finder) recently(positions []int64, key int64) []int64 {
	for i := len(f.before); i < len(f.recent); i++ {
		k := f.recent[i].key
		f.before = append(f.before, f.byKey[k])
		f.byKey[k] = int32(i) + 1
	}
	for i := f.byKey[key]; i != 0; i = f.before[i-1] {
		positions = append(positions, int64(f.recent[i-1].at))
	}
	return positions
}

// inRun adds what bears one of some keys in a run. Each lies in the last block
// that begins before it, and in those that begin with it; so do those after
// it, up to the last in these blocks.
func (f *finder) inRun(c *conn, run uint64, positions []int64, wanted []int64) ([]int64, error) {
	sql := "SELECT entries FROM " + f.table + " WHERE run = ?1 AND key <= ?2 AND key >= coalesce((SELECT max(key) FROM " + f.table + " WHERE run = ?1 AND key < ?2), ?2) ORDER BY key, block"
	var entries []byte // of these blocks
	for _, key := range wanted {
		if n := len(entries); n == 0 || int64(binary.BigEndian.Uint64(entries[n-16:])) <= key {
			entries = entries[:0]
			err := c.each(context.Background(), func(row []driver.Value) error {
				block, _ := row[0].([]byte)
				entries = append(entries, block...)
				return nil
			}, sql, position(run), key)
			if err != nil {
				return nil, err
			}
		}
		n := sort.Search(len(entries)/16, func(i int) bool { return int64(binary.BigEndian.Uint64(entries[16*i:])) >= key })
		for ; n < len(entries)/16 && int64(binary.BigEndian.Uint64(entries[16*n:])) == key; n++ {
			positions = append(positions, int64(binary.BigEndian.Uint64(entries[16*n+8:])))
		}
	}
	return positions, nil
}

// everywhere gives every entry there is to a function.
func (f *finder) everywhere(c *conn, do func(keyed)) error {
	if err := f.ready(c); err != nil {
		return err
	}
	for _, e := range f.recent {
		do(e)
	}
	return c.each(context.Background(), func(row []driver.Value) error {
		return entriesOf(row[0], func(e keyed) error { do(e); return nil })
	}, "SELECT entries FROM "+f.table)
}

// repeated gives the positions of what bears a key that something else bears
// as well, in order.
func (f *finder) repeated(c *conn) (positions []int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []keyed
	if err := f.everywhere(c, func(e keyed) { all = append(all, e) }); err != nil {
		return nil, err
	}
	slices.SortFunc(all, keyed.compare)
	for i, e := range all {
		if i > 0 && all[i-1].key == e.key || i+1 < len(all) && all[i+1].key == e.key {
			positions = append(positions, int64(e.at))
		}
	}
	slices.Sort(positions)
	return positions, nil
}

// fewKeys is how many keys are looked up one by one; beyond it, going once
// through all that there is costs less.
const fewKeys = 1 << 10

// among gives the positions of what bears one of many keys, in order.
func (f *finder) among(c *conn, keys map[int64]bool) (positions []int64, err error) {
	if len(keys) <= fewKeys {
		return f.find(c, slices.Collect(maps.Keys(keys)))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	err = f.everywhere(c, func(e keyed) {
		if keys[e.key] {
			positions = append(positions, int64(e.at))
		}
	})
	slices.Sort(positions)
	return positions, err
}

// maxBetween bounds what is looked at for one beginning of a name: a store
// with a million movements has one for every four letters.
const maxBetween = 1000

// between gives up to maxBetween positions of what bears a key in a range.
func (f *finder) between(c *conn, low, high int64) (positions []int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready(c); err != nil {
		return nil, err
	}
	within := func(e keyed) error {
		if e.key >= low && e.key <= high && len(positions) < maxBetween {
			positions = append(positions, int64(e.at))
		}
		return nil
	}
	for _, e := range f.recent {
		within(e)
	}
	runs, err := f.runList(c)
	for _, run := range runs {
		if err != nil {
			break
		}
		err = c.each(context.Background(), func(row []driver.Value) error { return entriesOf(row[0], within) },
			"SELECT entries FROM "+f.table+" WHERE run = ?1 AND key <= ?3 AND key >= coalesce((SELECT max(key) FROM "+f.table+" WHERE run = ?1 AND key < ?2), ?2) ORDER BY key, block",
			position(run), low, high)
	}
	slices.Sort(positions)
	return positions, err
}

// chunkRows is how many rows are asked for in one statement: enough that the
// statement itself costs little.
const chunkRows = 64

var chunkMarks = marks(chunkRows)

// inChunks gives values in chunks of chunkRows; the last is filled up with
// NULL, which equals nothing.
func inChunks(values []int64, do func(chunk []driver.Value) error) error {
	for chunk := range slices.Chunk(values, chunkRows) {
		args := make([]driver.Value, chunkRows)
		for i, v := range chunk {
			args[i] = v
		}
		if err := do(args); err != nil {
			return err
		}
	}
	return nil
}
