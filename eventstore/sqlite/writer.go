package sqlite

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"clew/eventstore"
)

// Bounds of one group: what waits is committed together, up to so many events
// or bytes, so that nobody waits long for others and memory stays flat.
const (
	groupEvents = 20_000
	groupBytes  = 64 << 20
)

// task is one thing that waits for the writer: an append, or a piece of
// evidence.
type task struct {
	append *eventstore.Append
	work   func(*conn) error // instead of append
	taken  atomic.Int32
	answer chan answer
}

type answer struct {
	receipt eventstore.Receipt
	err     error
}

// A task is waiting until the writer takes it up or its caller gives it up.
const (
	waiting int32 = iota
	takenUp
	givenUp
)

// writer owns the one connection that writes. Its goroutine begins a
// transaction for the first task, takes up all that wait by then, commits
// them together and answers them: an answer is only given after the sync.
type writer struct {
	ledger  ledger
	carrier carrier
	mine    []*task // taken out of the line, not yet taken up
	last    int     // how many tasks the last group had
	broken  error   // set by the goroutine after a failed sync

	lock    sync.Mutex
	line    []*task
	closing bool
	wake    chan struct{} // somebody stands in line, or the log closes
	closed  chan struct{}
}

func newWriter(c *conn, patience time.Duration) *writer {
	w := &writer{ledger: newLedger(c, patience), carrier: carrier{path: c.path, busy: patience}, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	go w.loop()
	return w
}

// do hands a task to the writer and waits for the answer. A caller that ends
// before the task was taken up knows that nothing was recorded; after that it
// waits for the commit, so that every answer is definite.
func (w *writer) do(ctx context.Context, t *task) (eventstore.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return eventstore.Receipt{}, err
	}
	t.answer = make(chan answer, 1)
	if !w.stand(t) {
		return eventstore.Receipt{}, w.isClosed()
	}
	select {
	case a := <-t.answer:
		return a.receipt, a.err
	case <-ctx.Done():
		if t.taken.CompareAndSwap(waiting, givenUp) {
			return eventstore.Receipt{}, ctx.Err()
		}
	}
	a := <-t.answer
	return a.receipt, a.err
}

// stand puts a task in line; not when the log closes.
func (w *writer) stand(t *task) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.closing {
		return false
	}
	w.line = append(w.line, t)
	w.rouse()
	return true
}

// rouse leaves a word for the goroutine; one is enough.
func (w *writer) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *writer) isClosed() error {
	return fault(eventstore.ErrClosed, w.ledger.c.path, "nothing was recorded", "open it again")
}

func (w *writer) close() error {
	w.lock.Lock()
	first := !w.closing
	w.closing = true
	w.rouse()
	w.lock.Unlock()
	<-w.closed
	if !first {
		return nil
	}
	return errors.Join(w.carrier.close(), w.ledger.c.close()) // the writer goes last
}

func (w *writer) loop() {
	defer close(w.closed)
	for range w.wake {
		for t := w.waiting(); t != nil; t = w.waiting() {
			if w.ends() {
				w.refuse(t, w.isClosed())
				continue
			}
			w.group(t)
		}
		if w.ends() {
			return
		}
	}
}

func (w *writer) ends() bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.closing
}

// group commits a first task and whatever waits with it.
func (w *writer) group(first *task) {
	if w.broken != nil {
		w.refuse(first, w.broken)
		return
	}
	if err := w.ledger.begin(); err != nil {
		w.refuse(first, err)
		return
	}
	tasks, answers := w.record(first)
	if err := w.ledger.commit(); err != nil {
		w.fail(tasks, err)
		return
	}
	for i, t := range tasks {
		t.answer <- answers[i]
	}
	w.carrier.committed(w.ledger.c, added(tasks))
}

// record takes up the first task and those that wait. An append that is
// refused has written nothing by then, so the others are not concerned. After
// a failure nobody else is taken from the queue: they belong to the next group.
func (w *writer) record(first *task) (tasks []*task, answers []answer) {
	events, size := 0, 0
	for t := first; t != nil; t = w.next(len(tasks), events, size) {
		if !t.taken.CompareAndSwap(waiting, takenUp) {
			continue
		}
		tasks, answers = append(tasks, t), append(answers, w.one(t))
		if w.ledger.failed != nil {
			break
		}
		if t.append != nil {
			events += len(t.append.Events)
			size += weight(t.append)
		}
	}
	w.last = max(len(tasks), w.last/2)
	return tasks, answers
}

func (w *writer) one(t *task) answer {
	if t.append == nil {
		return answer{err: w.ledger.run(t.work)}
	}
	receipt, err := w.ledger.append(t.append)
	return answer{receipt, err}
}

// next is another task that waits already. The goroutines that the last
// commit woke are given a chance to come back, as long as there are fewer now
// than there were then: a small group costs as much as a large one.
func (w *writer) next(taken, events, size int) *task {
	if events >= groupEvents || size >= groupBytes {
		return nil
	}
	t := w.waiting()
	start := time.Now()
	for t == nil && taken < w.last && time.Since(start) < comeBack {
		runtime.Gosched()
		t = w.waiting()
	}
	return t
}

// comeBack is how long others may go first: a tenth of what a sync takes.
const comeBack = 20 * time.Microsecond

// waiting gives who stands first in line, or nil.
func (w *writer) waiting() *task {
	if len(w.mine) == 0 {
		w.lock.Lock()
		w.mine, w.line = w.line, nil
		w.lock.Unlock()
	}
	if len(w.mine) == 0 {
		return nil
	}
	t := w.mine[0]
	w.mine[0] = nil
	w.mine = w.mine[1:]
	return t
}

func weight(a *eventstore.Append) int {
	n := len(a.Request)
	for i := range a.Events {
		n += len(a.Events[i].Body) + len(a.Events[i].Fast)
	}
	return n
}

// added is about how many bytes tasks have recorded. Evidence comes in large
// pieces.
func added(tasks []*task) (size int) {
	for _, t := range tasks {
		if t.append == nil {
			return askAfter
		}
		size += weight(t.append)
	}
	return size
}

// refuse answers a task that no transaction was begun for, and those that
// have waited with it: they would only wait as long again, one by one.
func (w *writer) refuse(first *task, err error) {
	var refused []*task
	for t := first; t != nil; t = w.waiting() {
		refused = append(refused, t)
	}
	for _, t := range refused {
		if t.taken.CompareAndSwap(waiting, takenUp) {
			t.answer <- answer{err: err}
		}
	}
}

// fail answers a whole group whose commit failed. After a failed sync nobody
// knows what the disk holds, and a second sync may succeed without having
// written anything: the log must be opened again, which reads the truth.
func (w *writer) fail(tasks []*task, err error) {
	if errors.Is(err, eventstore.ErrDisk) {
		w.broken = fault(eventstore.ErrDisk, w.ledger.c.path, "an earlier commit failed, and what was recorded since the last good one is uncertain",
			"look at the disk, open the log again and repeat what was not acknowledged under the same idempotency keys")
	}
	for _, t := range tasks {
		t.answer <- answer{err: err}
	}
}
