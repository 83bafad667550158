package projections

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"clew/domain"
	"clew/eventstore"
)

// batch is how much is taken at once. Rows do not depend on it.
type batch struct {
	// events is how many records are decoded and applied at once: enough to pay
	// for a savepoint, few enough to lie in memory three times.
	events int

	// pages is how many such pages one transaction takes while far behind:
	// each commit writes every index page that was touched.
	pages int

	// names is how many names of one table are remembered: beyond it they are
	// forgotten and looked up again. A name takes about a hundred bytes.
	names int
}

func usualBatch() batch { return batch{events: 512, pages: 128, names: 1 << 18} }

// Parked says that a projection stands still at an event that it cannot
// apply. Answers that rest on it would leave that event out, so there are
// none.
type Parked struct {
	Projection string `json:"projection"`
	Position   uint64 `json:"position"` // of the event
	Kind       string `json:"kind"`     // of the event
	Why        string `json:"why"`
}

func (p *Parked) Error() string {
	return fmt.Sprintf("projection %s is parked before position %d: its event %s cannot be applied: %s; no answer that rests on it is given, because it would leave that event out: update clew if a newer one wrote the event, else run 'clew verify', and then 'clew rebuild %s'",
		p.Projection, p.Position, p.Kind, p.Why, p.Projection)
}

// state is a projection's row in the table view.
type state struct {
	version  int
	position uint64
	last     []byte
	parked   *Parked
}

// recalled is what a projection remembers from one transaction to the next,
// good only where nobody else wrote in between.
type recalled struct {
	position uint64
	memory   map[any]any
}

// hold takes the right to write.
func (v *Views) hold(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-v.writing:
	}
	if v.writer == nil {
		v.release()
		return errClosed
	}
	return nil
}

func (v *Views) release() { v.writing <- struct{}{} }

// CatchUp applies to every projection what the log has beyond its position.
// Several processes may do so at once: positions are read again inside each
// transaction. A projection that parks does not make it fail; answers do.
func (v *Views) CatchUp(ctx context.Context) error { return v.CatchUpTelling(ctx, nil) }

// CatchUpTelling is CatchUp, and tells its progress after every transaction.
func (v *Views) CatchUpTelling(ctx context.Context, progress func(done, total uint64)) error {
	if err := v.hold(ctx); err != nil {
		return err
	}
	defer v.release()
	v.wary = false
	if err := v.compare(ctx); err != nil {
		return err
	}
	head, err := v.store.Head(ctx)
	if err != nil {
		return err
	}
	for last := Head; ; {
		after, behind, err := v.behind(head)
		if err != nil || !behind {
			return err
		}
		err = v.advance(ctx, after, head, progress)
		if errors.Is(err, errWary) {
			v.wary, err = true, nil
		}
		if busy(err) && after != last { // another process is at it, and getting on
			last, err = after, ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// behind says after which position the log must be read for the projections
// that stand before its head.
func (v *Views) behind(head uint64) (after uint64, behind bool, err error) {
	states, err := v.states(v.writer)
	if err != nil {
		return 0, false, err
	}
	after = head
	for _, s := range states {
		if s.parked == nil && s.position < after {
			after, behind = s.position, true
		}
	}
	return after, behind, nil
}

func (v *Views) states(c *conn) (map[string]*state, error) {
	states := map[string]*state{}
	err := c.each(context.Background(), func(row []driver.Value) error {
		s := &state{position: uint64(asInt(row[1])), version: int(asInt(row[6]))}
		s.last, _ = row[2].([]byte)
		if row[3] != nil {
			s.parked = &Parked{asText(row[0]), uint64(asInt(row[3])), asText(row[4]), asText(row[5])}
		}
		states[asText(row[0])] = s
		return nil
	}, "SELECT name, position, last, parked, kind, why, version FROM view")
	if err != nil {
		return nil, err
	}
	for _, p := range v.all {
		if s := states[p.Name]; s == nil || s.version != p.Version {
			return nil, &FileError{v.path, errors.New("a clew of another version has taken the file over; use one version, or another file")}
		}
	}
	return states, nil
}

// compare makes sure, once, that the rows came from this very log: a log that
// was put back from an older backup and went another way since has the same
// name. It also lets parked projections try again: this clew may know more
// than the one that parked them.
func (v *Views) compare(ctx context.Context) error {
	if v.compared.Load() {
		return nil
	}
	states, err := v.states(v.writer)
	if err != nil {
		return err
	}
	head, err := v.store.Head(ctx) // asked after the positions, which another process may be moving
	if err != nil {
		return err
	}
	for _, p := range v.all {
		same, err := v.sameLog(ctx, states[p.Name], head)
		if err != nil {
			return err
		}
		if same {
			continue
		}
		v.notice("the log is not the one that the rows of %s came from: it was put back from a backup; they are built anew", p.Name)
		if err := v.transaction(func() error { return v.reset(p) }); err != nil {
			return err
		}
	}
	v.compared.Store(true)
	if !slices.ContainsFunc(v.all, func(p projection) bool { return states[p.Name].parked != nil }) {
		return nil
	}
	return v.transaction(func() error { return v.writer.script("UPDATE view SET parked = NULL, kind = NULL, why = NULL") })
}

func (v *Views) sameLog(ctx context.Context, s *state, head uint64) (bool, error) {
	if s.position == 0 || s.position > head {
		return s.position == 0, nil
	}
	records, err := v.store.Read(ctx, s.position-1, 1)
	if err != nil {
		return false, err
	}
	return len(records) == 1 && bytes.Equal(records[0].ID[:], s.last), nil
}

// advance reads the log from a position to its head and applies it. It ends
// early where somebody else has moved the positions; the caller looks again.
func (v *Views) advance(ctx context.Context, after, head uint64, progress func(done, total uint64)) error {
	ctx, stop := context.WithCancel(ctx)
	pages := v.pages(ctx, after, head)
	defer func() { // the reader has gone before the store may be closed
		stop()
		for p := range pages {
			v.giveBack(p)
		}
	}()
	for done := false; !done; {
		var reached uint64
		err := v.transaction(func() (err error) {
			reached, done, err = v.applyPages(ctx, pages)
			return err
		})
		if err != nil {
			return err
		}
		if progress != nil && reached > 0 {
			progress(reached, head)
		}
	}
	return nil
}

// page is one stretch of the log, or why it could not be read.
type page struct {
	events    []Recorded
	movements []domain.Movement // room for those that events point to
	taken     bool              // it is one of those that go round
	err       error
}

// pages reads and decodes ahead of the transaction that applies. Whoever has
// applied a page gives it back to be filled again.
func (v *Views) pages(ctx context.Context, after, head uint64) <-chan page {
	out := make(chan page, pagesAhead)
	go func() {
		defer close(out)
		w := pageWriter{ctx: ctx, size: int(min(uint64(v.batch.events), head-after)), out: out, empty: v.blank, decoder: &v.decoder}
		if err := w.run(v.store, after, head); err != nil {
			w.send(page{err: err})
		}
	}()
	return out
}

// blankPages are those that go round between reading and applying, for as long
// as the views are open.
func blankPages() chan page {
	empty := make(chan page, pagesAhead+2)
	for range pagesAhead + 2 {
		empty <- page{}
	}
	return empty
}

// giveBack lets a page be filled again.
func (v *Views) giveBack(p page) {
	if p.err == nil {
		v.blank <- p
	}
}

// pagesAhead is how many pages wait to be applied: with one, neither of the two
// that read and apply waits long for the other.
const pagesAhead = 1

// pageWriter cuts the log into pages.
type pageWriter struct {
	ctx     context.Context
	size    int
	out     chan<- page
	empty   chan page
	decoder *decoder
}

func (w *pageWriter) run(store eventstore.Store, after, head uint64) error {
	var now page
	defer func() {
		if now.taken {
			w.empty <- now
		}
	}()
	for records, err := range store.Replay(w.ctx, after) {
		if err != nil {
			return err
		}
		for i := range records {
			if after++; records[i].Position != after {
				return &eventstore.Fault{Kind: eventstore.ErrDamaged, Where: "log", Position: after,
					Why: fmt.Sprintf("position %d is missing", after), Next: "run 'clew verify', and put the log back from a backup"}
			}
			if !now.taken && !w.take(&now) {
				return nil
			}
			w.decoder.add(&now, &records[i])
			if len(now.events) == w.size || after == head {
				if !w.send(now) {
					return nil
				}
				if now = (page{}); after == head {
					return nil
				}
			}
		}
	}
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	return &eventstore.Fault{Kind: eventstore.ErrDamaged, Where: "log", Position: after + 1, Why: "it ends before its head", Next: "run 'clew verify'"}
}

// take gets an empty page.
func (w *pageWriter) take(now *page) bool {
	select {
	case <-w.ctx.Done():
		return false
	case *now = <-w.empty:
	}
	now.taken = true
	if len(now.movements) < w.size {
		now.events, now.movements = make([]Recorded, 0, w.size), make([]domain.Movement, w.size)
	}
	now.events = now.events[:0]
	return true
}

func (w *pageWriter) send(p page) bool {
	select {
	case <-w.ctx.Done():
		return false
	case w.out <- p:
		return true
	}
}

// applyPages applies up to a batch of pages within one transaction.
func (v *Views) applyPages(ctx context.Context, pages <-chan page) (reached uint64, done bool, err error) {
	states, err := v.states(v.writer)
	if err != nil {
		return 0, false, err
	}
	for range v.batch.pages {
		next, open := <-pages
		if !open {
			return reached, true, cmp.Or(ctx.Err(), v.settleStates(states))
		}
		if next.err != nil {
			return reached, true, next.err
		}
		moved, err := v.applyPage(ctx, next.events, states)
		at := next.events[len(next.events)-1].Position
		v.giveBack(next)
		if err != nil {
			return reached, true, err
		}
		reached = at
		if !moved {
			return reached, true, v.settleStates(states)
		}
	}
	return reached, false, v.settleStates(states)
}

// applyPage applies one page to every projection that stands within it. Where
// an event cannot be applied, the page is taken back and applied again with
// that projection stopping before the event, row by row so that the right
// event is named.
func (v *Views) applyPage(ctx context.Context, events []Recorded, states map[string]*state) (moved bool, err error) {
	for _, p := range v.all {
		s := states[p.Name]
		first, last := events[0].Position, events[len(events)-1].Position
		if s.parked != nil || s.position+1 < first || s.position >= last {
			continue
		}
		moved = true
		if err := v.applyTo(ctx, p, events[s.position+1-first:], s); err != nil {
			return moved, err
		}
	}
	return moved, nil
}

func (v *Views) applyTo(ctx context.Context, p projection, events []Recorded, s *state) error {
	err := v.attempt(ctx, p, events, s, false)
	var unfit *Parked
	switch {
	case !errors.As(err, &unfit):
		return err
	case !v.wary:
		return errWary
	}
	delete(v.recalled, p.Name)
	if err = v.attempt(ctx, p, events, s, true); !errors.As(err, &unfit) {
		return err
	}
	delete(v.recalled, p.Name)
	fit := events[:unfit.Position-events[0].Position]
	if err := v.attempt(ctx, p, fit, s, true); err != nil {
		return fmt.Errorf("projection %s: an event that could be applied cannot be applied again: %w", p.Name, err)
	}
	s.parked = unfit
	return nil
}

// errWary says that an event could not be applied where nobody expected it:
// the transaction is to be done again with a savepoint before each page.
var errWary = errors.New("an event cannot be applied")

// attempt applies events, within a savepoint where that may be needed: with one,
// SQLite copies every page of the file before it is changed, and a page of an
// index on names is changed for every few events.
func (v *Views) attempt(ctx context.Context, p projection, events []Recorded, s *state, careful bool) error {
	if len(events) == 0 {
		return nil
	}
	memory := v.memory(p, s.position)
	if err := v.saved("SAVEPOINT attempt"); err != nil {
		return err
	}
	tx := newTx(v.writer, memory, v.batch.names)
	tx.careful = careful
	err := applyAll(ctx, p, tx, events)
	if err != nil {
		return errors.Join(err, v.saved("ROLLBACK TO attempt"), v.saved("RELEASE attempt"))
	}
	last := events[len(events)-1]
	s.position, s.last = last.Position, bytes.Clone(last.ID[:])
	v.recalled[p.Name] = recalled{s.position, memory}
	return v.saved("RELEASE attempt")
}

// saved speaks of a savepoint, where there are any.
func (v *Views) saved(sql string) error {
	if !v.wary {
		return nil
	}
	return v.writer.run(sql)
}

func (v *Views) memory(p projection, position uint64) map[any]any {
	if kept, ok := v.recalled[p.Name]; ok && kept.position == position {
		return kept.memory
	}
	return map[any]any{}
}

func applyAll(ctx context.Context, p projection, tx *Tx, events []Recorded) error {
	for i := range events {
		e := &events[i]
		if !p.concerned[e.Kind] && !e.unknown() {
			continue
		}
		err := e.unread
		if err == nil {
			err = p.Apply(ctx, tx, e)
		}
		if err != nil {
			return unfit(ctx, p, e, err)
		}
	}
	if err := tx.flush(); err != nil { // whose row it was, the careful attempt will tell
		return unfit(ctx, p, &events[len(events)-1], err)
	}
	return nil
}

// unknown says that this clew does not know the record's kind, so that nobody
// can tell which projections it concerns.
func (e *Recorded) unknown() bool {
	var kind *domain.UnknownKind
	return e.unread != nil && errors.As(e.unread, &kind)
}

// unfit tells an event that cannot be applied from a world that fails.
func unfit(ctx context.Context, p projection, e *Recorded, err error) error {
	var file *FileError
	if ctx.Err() != nil || errors.As(err, &file) {
		return err
	}
	return &Parked{p.Name, e.Position, e.Kind, err.Error()}
}

// settleStates writes down where every projection stands.
func (v *Views) settleStates(states map[string]*state) error {
	for _, p := range v.all {
		s := states[p.Name]
		var at, kind, why driver.Value
		if s.parked != nil {
			at, kind, why = position(s.parked.Position), s.parked.Kind, s.parked.Why
		}
		err := v.writer.run("UPDATE view SET position = ?, last = ?, parked = ?, kind = ?, why = ? WHERE name = ?",
			position(s.position), s.last, at, kind, why, p.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

// Rebuild empties projections (all, if none is named) and fills them again
// from event 1. Progress is told after every transaction.
func (v *Views) Rebuild(ctx context.Context, names []string, progress func(done, total uint64)) error {
	chosen, err := v.named(names)
	if err != nil {
		return err
	}
	if err := v.hold(ctx); err != nil {
		return err
	}
	err = v.transaction(func() error {
		for _, p := range chosen {
			if err := v.reset(p); err != nil {
				return err
			}
		}
		return nil
	})
	v.release()
	if err != nil {
		return err
	}
	return v.CatchUpTelling(ctx, progress)
}

func (v *Views) named(names []string) ([]projection, error) {
	if len(names) == 0 {
		return v.all, nil
	}
	var chosen []projection
	for _, name := range names {
		found := false
		for _, p := range v.all {
			if p.Name == name {
				chosen, found = append(chosen, p), true
			}
		}
		if !found {
			return nil, domain.NotFound("there is no projection %q: 'clew projections' lists them", name)
		}
	}
	return chosen, nil
}
