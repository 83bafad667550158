package sqlite

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"clew/eventstore"
)

// maxKnown bounds the streams whose last version is remembered.
const maxKnown = 50_000

// ledger records appends within one open transaction. Everything that a
// decision rests on is read inside it. What it remembers from earlier
// transactions holds only as long as SQLite's data_version says that no other
// connection has committed since.
type ledger struct {
	c       *conn
	records inserter
	rows    []row // of the append that is being added
	runs    *run
	grown   []node // what their leaves complete
	appends inserter
	nodes   inserter
	hasher  eventstore.Hasher
	random  *bufio.Reader
	recent  *recent // shared with replays

	patience time.Duration // how long begin waits for another process

	failed  error // the transaction cannot be committed: a statement of it failed
	fresh   bool  // the fields below are those of the file
	version int64 // data_version when they were read
	tail    tail
	tree    forest // over the records up to tail
	streams map[string]*head
	kinds   map[string]int64
	keys    map[string]kept // of this transaction: its rows may not be in the tables yet
}

// tail is where the log ends.
type tail struct {
	position   uint64
	recordedAt int64
	id         eventstore.ID
	stream     int64 // last stream.id
	kind       int64 // last kind.id
}

// head is where a stream ends.
type head struct {
	id      int64
	version uint64
}

// kept is what an idempotency key stands for.
type kept struct {
	request     []byte
	first, last uint64
}

func newLedger(c *conn, patience time.Duration) ledger {
	return ledger{
		c: c, patience: patience,
		records: inserter{c: c, table: "record", columns: 9},
		runs:    newRun(),
		appends: inserter{c: c, table: "append", columns: 8},
		nodes:   inserter{c: c, table: "node", columns: 3},
		random:  bufio.NewReaderSize(rand.Reader, 4096),
		recent:  &recent{},
		keys:    map[string]kept{},
	}
}

// shortWait is how long one attempt at the lock may take. SQLite waits longer
// and longer between its looks and lets a busy process starve a second one;
// attempts that begin anew look often.
const shortWait = 50 * time.Millisecond

// begin takes the lock first: only then is what it reads the truth.
func (l *ledger) begin() error {
	l.failed = nil
	err := l.c.run("BEGIN IMMEDIATE")
	for start := time.Now(); errors.Is(err, eventstore.ErrBusy) && time.Since(start) < l.patience; {
		err = l.c.run("BEGIN IMMEDIATE")
	}
	if err != nil {
		return err
	}
	if err := l.refresh(); err != nil {
		return errors.Join(err, l.abandon())
	}
	return nil
}

func (l *ledger) refresh() error {
	version, err := l.c.number("PRAGMA data_version")
	if err != nil {
		return err
	}
	if l.fresh && version == l.version && len(l.streams) < maxKnown {
		return nil
	}
	if version != l.version {
		l.recent.drop()
	}
	l.streams, l.kinds = map[string]*head{}, map[string]int64{}
	if l.tail, err = readTail(l.c); err != nil {
		return err
	}
	if err := l.regrow(); err != nil {
		return err
	}
	l.fresh, l.version = true, version
	return nil
}

// regrow brings the tree to where the log ends now. What others have appended
// since is checked leaf by leaf if it is little, else at the end of the log:
// nothing is ever appended to a tree that does not fit its leaves.
func (l *ledger) regrow() (err error) {
	head := l.tail.position
	switch {
	case l.fresh && head < l.tree.size:
		return damagedAt(l.c.path, head+1, fmt.Sprintf("the log had %d records when this process last saw it, and now ends at %d", l.tree.size, head))
	case l.fresh && head-l.tree.size <= 1<<tileHeight:
		return l.tree.follow(l.c, head)
	}
	if err := checkTree(l.c, head); err != nil {
		return err
	}
	l.tree, err = plant(l.c, head)
	return err
}

func readTail(c *conn) (t tail, err error) {
	row, err := c.row(`SELECT r.position, r.id, a.recorded_at FROM record r JOIN append a ON a.first = r.append ORDER BY r.position DESC LIMIT 1`)
	if err != nil {
		return t, err
	}
	if row != nil {
		t.position, t.recordedAt = uint64(row[0].(int64)), row[2].(int64)
		copy(t.id[:], row[1].([]byte))
	}
	if t.stream, err = c.number(`SELECT max(id) FROM stream`); err != nil {
		return t, err
	}
	t.kind, err = c.number(`SELECT max(id) FROM kind`)
	return t, err
}

// append decides on one append and, if it holds, adds its rows. All that can
// refuse it is asked before the first row is made. Any other error fails the
// transaction: SQLite may have taken it back, and whatever was run after that
// would be a transaction of its own.
func (l *ledger) append(a *eventstore.Append) (eventstore.Receipt, error) {
	receipt, err := l.decide(a)
	if err == nil && receipt.First == 0 {
		receipt, err = l.add(a)
	}
	var stale *eventstore.VersionConflict
	var taken *eventstore.KeyConflict
	if err != nil && !errors.As(err, &stale) && !errors.As(err, &taken) {
		l.failed = err
	}
	return receipt, err
}

// run is for evidence: anything that goes wrong there fails the transaction.
func (l *ledger) run(work func(*conn) error) error {
	l.failed = work(l.c)
	return l.failed
}

// decide gives the first answer to an append that was recorded before, no
// receipt to one that holds, and an error to one that does not.
func (l *ledger) decide(a *eventstore.Append) (eventstore.Receipt, error) {
	receipt, err := l.known(a)
	if err != nil || receipt.First > 0 {
		return receipt, err
	}
	for _, e := range a.Expect {
		if err := l.expect(e); err != nil {
			return eventstore.Receipt{}, err
		}
	}
	return eventstore.Receipt{}, nil
}

// known answers an append whose key was used before.
func (l *ledger) known(a *eventstore.Append) (eventstore.Receipt, error) {
	if a.Key == "" {
		return eventstore.Receipt{}, nil
	}
	k, ok := l.keys[a.Key]
	if !ok {
		var err error
		if k, err = lookUp(l.c, a.Key); err != nil {
			return eventstore.Receipt{}, err
		}
	}
	return k.answer(a.Key, a.Request)
}

// lookUp gives what a key stands for; the zero kept if it is new.
func lookUp(c *conn, key string) (k kept, err error) {
	row, err := c.row(`SELECT first, last, request FROM append WHERE key = ? AND key <> ''`, key)
	if err != nil || row == nil {
		return k, err
	}
	first, _ := row[0].(int64)
	last, _ := row[1].(int64)
	k.request, _ = row[2].([]byte)
	k.first, k.last = uint64(first), uint64(last)
	return k, nil
}

// answer is the first answer again, if the request is the same. For a new key
// it is the zero receipt.
func (k kept) answer(key string, request []byte) (eventstore.Receipt, error) {
	switch {
	case k.first == 0:
		return eventstore.Receipt{}, nil
	case !bytes.Equal(k.request, request):
		return eventstore.Receipt{}, &eventstore.KeyConflict{Key: key, First: k.first, Difference: eventstore.Difference(k.request, request)}
	}
	return eventstore.Receipt{First: k.first, Last: k.last, Repeated: true}, nil
}

func (l *ledger) expect(e eventstore.Expectation) error {
	if e.Version == eventstore.Any {
		return nil
	}
	h, err := l.stream(e.Stream)
	if err == nil && h.version != e.Version {
		err = &eventstore.VersionConflict{Stream: e.Stream, Expected: e.Version, Actual: h.version}
	}
	return err
}

// stream is where a stream ends; the zero head if there is none such.
func (l *ledger) stream(name string) (*head, error) {
	if h, ok := l.streams[name]; ok {
		return h, nil
	}
	id, err := l.c.number(`SELECT id FROM stream WHERE name = ?`, name)
	if err != nil || id == 0 {
		return &head{}, err
	}
	version, err := l.c.number(`SELECT max(version) FROM record WHERE stream = ?`, id)
	if err != nil {
		return nil, err
	}
	h := &head{id: id, version: uint64(version)}
	l.streams[name] = h
	return h, nil
}

func (l *ledger) add(a *eventstore.Append) (eventstore.Receipt, error) {
	receipt := eventstore.Receipt{First: l.tail.position + 1, Last: l.tail.position + uint64(len(a.Events))}
	l.tail.recordedAt = max(l.tail.recordedAt, a.Now.UnixMicro())
	r := eventstore.Record{ // what its events share
		RecordedAt: time.UnixMicro(l.tail.recordedAt), Actor: a.Actor, Key: a.Key,
		Correlation: a.Correlation, Causation: a.Causation,
	}
	var request driver.Value
	if a.Key != "" {
		request = a.Request
		l.keys[a.Key] = kept{request: a.Request, first: receipt.First, last: receipt.Last}
	}
	err := l.appends.add(int64(receipt.First), int64(receipt.Last), l.tail.recordedAt, a.Actor, a.Key, a.Correlation, a.Causation, request)
	if err != nil {
		return receipt, err
	}
	rows, err := l.number(a, r)
	if err != nil {
		return receipt, err
	}
	if err := l.write(rows, r, receipt.First); err != nil {
		return receipt, err
	}
	l.recent.stage(rows, &r)
	return receipt, nil
}

// advance gives the next version of a stream, which it makes if need be.
func (l *ledger) advance(name string) (head, error) {
	h, err := l.stream(name)
	if err != nil {
		return head{}, err
	}
	if h.id == 0 {
		l.tail.stream++
		h = &head{id: l.tail.stream}
		if err := l.c.run(`INSERT INTO stream VALUES (?, ?)`, h.id, name); err != nil {
			return head{}, err
		}
		l.streams[name] = h
	}
	h.version++
	return *h, nil
}

func (l *ledger) kind(name string) (int64, error) {
	if id, ok := l.kinds[name]; ok {
		return id, nil
	}
	id, err := l.c.number(`SELECT id FROM kind WHERE name = ?`, name)
	if err != nil {
		return 0, err
	}
	if id == 0 {
		l.tail.kind++
		id = l.tail.kind
		if err := l.c.run(`INSERT INTO kind VALUES (?, ?)`, id, name); err != nil {
			return 0, err
		}
	}
	l.kinds[name] = id
	return id, nil
}

// commit writes what is left and syncs. Before it does, it asks the table
// whether it ends where the receipts will say. Only then do replays see it.
func (l *ledger) commit() error {
	clear(l.keys)
	err := l.flush()
	if err == nil {
		err = l.c.run("COMMIT")
	}
	if err != nil {
		return errors.Join(err, l.abandon())
	}
	l.recent.publish()
	return nil
}

func (l *ledger) flush() error {
	if l.failed != nil {
		return l.failed
	}
	if err := l.appends.flush(); err != nil {
		return err
	}
	if err := l.records.flush(); err != nil {
		return err
	}
	if err := l.nodes.flush(); err != nil {
		return err
	}
	l.forget()
	last, err := l.c.number(`SELECT max(position) FROM record`)
	if err == nil && uint64(last) != l.tail.position {
		err = fault(eventstore.ErrDamaged, l.c.path, fmt.Sprintf("the log ends at %d and not at %d, as it must after this append", last, l.tail.position), restore)
	}
	return err
}

// abandon takes the whole transaction back, and all that was remembered.
func (l *ledger) abandon() error {
	l.fresh = false
	l.recent.drop()
	for _, in := range []*inserter{&l.records, &l.appends, &l.nodes} {
		in.clear()
	}
	l.forget()
	if l.c.raw.AutoCommit() {
		return nil // SQLite has taken it back already, as it does when the disk is full
	}
	return l.c.run("ROLLBACK")
}

// forget lets go of the rows, and of the bodies that they hold on to.
func (l *ledger) forget() {
	l.runs.clear()
	clear(l.rows)
	l.rows, l.grown = l.rows[:0], l.grown[:0]
}
