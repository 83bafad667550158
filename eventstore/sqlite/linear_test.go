package sqlite_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// Linearizability: whatever several clients in several processes saw, some of
// whom were killed, must be what one client alone could have seen, one act
// after another, each at some moment between its call and its return.

// act is what a client does and hears. Append is tried under an expectation,
// under a key, or both; else the client asks for a stream's version.
type act struct {
	Client  int    `json:"client"`
	Call    int64  `json:"call"`
	Return  int64  `json:"return,omitempty"` // 0: the client was killed before it heard
	Stream  int    `json:"stream"`
	Events  int    `json:"events"` // 0: it asks for the version
	Expect  int64  `json:"expect"` // -1: any
	Key     string `json:"key,omitempty"`
	First   uint64 `json:"first,omitempty"`
	Last    uint64 `json:"last,omitempty"`
	Version uint64 `json:"version"`         // heard, or where the stream stood when it was refused
	Stale   bool   `json:"stale,omitempty"` // it was refused
}

const streams = 3

// model is the log as one client alone would see it.
type model struct {
	head     uint64
	versions [streams]uint64
	keys     string // " key=first-last" of each, in the order of their appends
}

// follows says whether an act can be the next one, and what the log is then.
func (m model) follows(a act) (bool, model) {
	heard := a.Return != 0
	if a.Events == 0 {
		return !heard || a.Version == m.versions[a.Stream], m
	}
	if _, rest, known := strings.Cut(m.keys, " "+a.Key+"="); a.Key != "" && known {
		answer, _, _ := strings.Cut(rest, " ")
		return !heard || answer == fmt.Sprintf("%d-%d", a.First, a.Last), m
	}
	if stands := m.versions[a.Stream]; a.Expect >= 0 && uint64(a.Expect) != stands {
		return !heard || a.Stale && a.Version == stands, m
	}
	first, last := m.head+1, m.head+uint64(a.Events)
	m.head, m.versions[a.Stream] = last, m.versions[a.Stream]+uint64(a.Events)
	if a.Key != "" {
		m.keys += fmt.Sprintf(" %s=%d-%d", a.Key, first, last)
	}
	return !heard || !a.Stale && a.First == first && a.Last == last, m
}

func oneByOne() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return model{} },
		Step: func(state, input, _ any) (bool, any) { return state.(model).follows(input.(act)) },
	}
}

// linearizable judges a history. Acts whose end nobody heard may have
// happened at any time since, or never.
func linearizable(history []act) porcupine.CheckResult {
	var operations []porcupine.Operation
	for _, a := range history {
		end := a.Return
		if end == 0 {
			end = 1<<63 - 1
		}
		operations = append(operations, porcupine.Operation{ClientId: a.Client, Input: a, Call: a.Call, Return: end})
	}
	return porcupine.CheckOperationsTimeout(oneByOne(), operations, time.Minute)
}

// log is as much of a store as the clients need.
type log interface {
	Append(context.Context, eventstore.Append) (eventstore.Receipt, error)
	Version(context.Context, string) (uint64, error)
}

// client does random acts on a log, and tells of each before and after.
type client struct {
	log    log
	number int
	random *rand.Rand
	tell   func(act)
	seen   [streams]uint64
}

// next is a random act. Half of the appends have a key out of a few, from
// which all of the append follows: so the same ones are tried again and again,
// also by others.
func (c *client) next() act {
	a := act{Client: c.number, Stream: c.random.IntN(streams), Expect: -1}
	switch c.random.IntN(5) {
	case 0:
	case 1, 2:
		n := c.random.IntN(30)
		a.Key, a.Stream, a.Events = fmt.Sprint("k", n), n%streams, 1+n%4
		if n%2 == 0 {
			a.Expect = int64(n / 2)
		}
	default:
		a.Events, a.Expect = 1+c.random.IntN(3), int64(c.seen[a.Stream])
	}
	return a
}

func (c *client) work(acts int) error {
	for range acts {
		a := c.next()
		a.Call = time.Now().UnixNano()
		c.tell(a)
		if err := c.do(&a); err != nil {
			return err
		}
		a.Return = time.Now().UnixNano()
		c.tell(a)
	}
	return nil
}

func (c *client) do(a *act) (err error) {
	stream := fmt.Sprint("case/", a.Stream)
	if a.Events == 0 {
		a.Version, err = c.log.Version(context.Background(), stream)
		c.seen[a.Stream] = a.Version
		return err
	}
	unit := eventstore.Append{Actor: "insp.lind", Now: time.Unix(1_800_000_000, 0), Key: a.Key}
	if a.Key != "" {
		unit.Request = []byte(`"` + a.Key + `"`)
	}
	if a.Expect >= 0 {
		unit.Expect = []eventstore.Expectation{{Stream: stream, Version: uint64(a.Expect)}}
	}
	for range a.Events {
		unit.Events = append(unit.Events, eventstore.Event{Stream: stream, Kind: "case.noted.v1", Body: []byte(`{}`)})
	}
	receipt, err := c.log.Append(context.Background(), unit)
	var stale *eventstore.VersionConflict
	if errors.As(err, &stale) {
		a.Stale, a.Version, c.seen[a.Stream] = true, stale.Actual, stale.Actual
		return nil
	}
	a.First, a.Last = receipt.First, receipt.Last
	return err
}

// clients lets several work at once, and gives what happened.
func clients(l log, seed uint64, acts int) (history []act, err error) {
	var lock sync.Mutex
	var wait sync.WaitGroup
	errs := make([]error, 3)
	for n := range errs {
		c := &client{log: l, number: n, random: rand.New(rand.NewPCG(seed, uint64(n)))}
		c.tell = func(a act) {
			if a.Return != 0 {
				lock.Lock()
				defer lock.Unlock()
				history = append(history, a)
			}
		}
		wait.Go(func() { errs[n] = c.work(acts) })
	}
	wait.Wait()
	return history, errors.Join(errs...)
}

// tellEverything is a process of clients whose acts stand on its output, each
// before it is done and after it was answered.
func tellEverything(path string, to io.Writer) error {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	var lock sync.Mutex
	var wait sync.WaitGroup
	errs := make([]error, 3)
	for n := range errs {
		c := &client{log: s, number: os.Getpid()*len(errs) + n, random: rand.New(rand.NewPCG(uint64(os.Getpid()), uint64(n)))}
		c.tell = func(a act) {
			line, _ := json.Marshal(a)
			lock.Lock()
			defer lock.Unlock()
			to.Write(append(line, '\n')) // at once: a pipe takes it whole
		}
		wait.Go(func() { errs[n] = c.work(1 << 20) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// heard reads what a process tells until it has told enough, kills it, and
// reads the rest.
func heard(path string, enough int) (history []act, err error) {
	p := process("tell", path)
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		return nil, err
	}
	began := map[int]act{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a act
		if json.Unmarshal(lines.Bytes(), &a) != nil {
			continue // the kill cut the line
		}
		if began[a.Client] = a; a.Return != 0 {
			history = append(history, a)
			delete(began, a.Client)
		}
		if len(history) == enough {
			p.Process.Kill()
		}
	}
	p.Wait() // its state says "killed", as it should
	for _, a := range began {
		history = append(history, a)
	}
	if len(history) < enough {
		return nil, fmt.Errorf("the clients ended by themselves after %d acts", len(history))
	}
	return history, nil
}

// Two processes of clients at a time work on one log; both are killed, and
// two others go on. CLEW_HISTORIES raises the number.
func TestWhatClientsSeeHasOneOrder(t *testing.T) {
	for n := range torture.Often(t, "CLEW_HISTORIES", 20) {
		path := filepath.Join(t.TempDir(), "clew.db")
		var history []act
		for round := range 2 {
			parts, errs := make([][]act, 2), make([]error, 2)
			var wait sync.WaitGroup
			for i := range parts {
				wait.Go(func() { parts[i], errs[i] = heard(path, 25+7*((n+round+i)%5)) })
			}
			wait.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			history = append(history, append(parts[0], parts[1]...)...)
		}
		if result := linearizable(history); result != porcupine.Ok {
			t.Fatalf("history %d of %d acts: %s\n%s", n, len(history), result, told(history))
		}
	}
}

func told(history []act) string {
	text, _ := json.MarshalIndent(history, "", " ")
	return string(text)
}

// careless is a store with a fault.
type careless struct {
	*sqlite.Store
	spoil func(*eventstore.Append, int) bool // whether it answers without having recorded anything
	lock  sync.Mutex
	n     int
}

func (c *careless) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	c.lock.Lock()
	c.n++
	skip := c.spoil(&a, c.n)
	c.lock.Unlock()
	if !skip {
		return c.Store.Append(ctx, a)
	}
	head, err := c.Head(ctx)
	return eventstore.Receipt{First: head + 1, Last: head + uint64(len(a.Events))}, err
}

// The test above would show nothing if a faulty store passed it.
func TestFaultyStoresHaveNoOrder(t *testing.T) {
	for name, spoil := range map[string]func(*eventstore.Append, int) bool{
		"forgets an expectation now and then": func(a *eventstore.Append, n int) bool {
			if n%5 == 0 {
				a.Expect = nil
			}
			return false
		},
		"forgets a key now and then": func(a *eventstore.Append, n int) bool {
			if n%5 == 0 {
				a.Key, a.Request = "", nil
			}
			return false
		},
		"acknowledges once what it has not recorded": func(_ *eventstore.Append, n int) bool { return n == 40 },
	} {
		s := kept(t, filepath.Join(t.TempDir(), "clew.db"))
		history, err := clients(&careless{Store: s, spoil: spoil}, 7, 60)
		if err != nil {
			t.Fatal(err)
		}
		if result := linearizable(history); result != porcupine.Illegal {
			t.Errorf("a store that %s: %s", name, result)
		}
	}
	history, err := clients(kept(t, filepath.Join(t.TempDir(), "clew.db")), 7, 60)
	if err != nil || linearizable(history) != porcupine.Ok {
		t.Errorf("the same clients on the store itself: %v", err)
	}
}
