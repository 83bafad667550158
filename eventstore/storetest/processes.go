package storetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"clew/eventstore"
)

func processes() []Guarantee {
	return []Guarantee{
		{"kill -9 loses nothing that was acknowledged", killed},
		{"two processes append to one log", twoProcesses},
	}
}

// appenders is how many goroutines AppendUntilKilled has: enough for groups.
const appenders = 8

// AppendUntilKilled appends to a log for ever, and writes a line for each
// append when it was acknowledged and not before. A test runs it in another
// process and kills that. It returns only with an error.
func AppendUntilKilled(s eventstore.Store, name string, to io.Writer) error {
	var lock sync.Mutex
	var n atomic.Int64
	problems := make(chan error, appenders)
	for range appenders {
		go func() {
			for {
				key := fmt.Sprintf("%s-%d", name, n.Add(1))
				r, err := s.Append(context.Background(), numbered(key))
				if err == nil {
					lock.Lock()
					_, err = fmt.Fprintln(to, key, r.First, r.Last)
					lock.Unlock()
				}
				if err != nil {
					problems <- err
					return
				}
			}
		}()
	}
	return <-problems
}

// numbered is the append that stands for a key; its size follows from it.
func numbered(key string) eventstore.Append {
	a := keyed(key, `{"key":"`+key+`"}`, events("case/"+key, 1+len(key)%3)...)
	a.Now = time.Now()
	return a
}

// acknowledged is one line that AppendUntilKilled wrote.
type acknowledged struct {
	key         string
	first, last uint64
}

// runAppender starts the process, lets it acknowledge some appends and a bit
// more, and kills it. Meanwhile something else may be done.
func runAppender(t T, h Harness, enough int, meanwhile func()) (all []acknowledged) {
	t.Helper()
	process := h.Appender()
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatalf("start the appender: %v", err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a acknowledged
		if n, _ := fmt.Sscan(lines.Text(), &a.key, &a.first, &a.last); n == 3 {
			all = append(all, a) // else the kill cut the line: it was not heard, and so not acknowledged
		}
		if len(all) == enough {
			meanwhile()
			process.Process.Kill()
		}
	}
	process.Wait() // its state says "killed", as it should
	if len(all) < enough {
		t.Fatalf("the appender ended by itself after %d of %d", len(all), enough)
	}
	return all
}

// killed kills a process while it appends, again and again on the same log,
// at a moment that moves.
func killed(t T, h Harness) {
	if h.Appender == nil {
		return
	}
	var all []acknowledged
	for kill := range h.Kills {
		all = append(all, runAppender(t, h, 20+13*(kill%7), func() {})...)
		s := h.open(t)
		if kill == h.Kills-1 {
			stillThere(t, s, all)
		}
		must(t, s, plain(events("case/between", 1)...))
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
}

// stillThere looks for every acknowledged append, by reading and by key.
func stillThere(t T, s eventstore.Store, all []acknowledged) {
	t.Helper()
	log := readAll(t, s)
	sound(t, log)
	for _, a := range all {
		if a.last > uint64(len(log)) || log[a.first-1].Key != a.key || log[a.last-1].Key != a.key {
			t.Fatalf("%+v was acknowledged and is not in the log of %d", a, len(log))
		}
		r, err := s.Append(context.Background(), numbered(a.key))
		if err != nil || r != (eventstore.Receipt{First: a.first, Last: a.last, Repeated: true}) {
			t.Fatalf("%+v was acknowledged, and its key now gives %+v, %v", a, r, err)
		}
	}
	wholeOnly(t, log)
}

// wholeOnly fails if an append is in the log in part.
func wholeOnly(t T, log []eventstore.Record) {
	t.Helper()
	count := map[string]int{}
	for _, r := range log {
		count[r.Key]++
	}
	delete(count, "")
	for key, n := range count {
		if want := len(numbered(key).Events); n != want {
			t.Errorf("%d of the %d events of %s are in the log", n, want, key)
		}
	}
}

// twoProcesses has this process append while another does.
func twoProcesses(t T, h Harness) {
	if h.Appender == nil {
		return
	}
	s := h.open(t)
	all := runAppender(t, h, 30, func() {
		for i := range 30 {
			// The version of a stream must hold although others commit between.
			a := plain(events("case/here", 2)...)
			a.Expect = []eventstore.Expectation{{Stream: "case/here", Version: uint64(2 * i)}}
			if _, err := s.Append(context.Background(), a); err != nil {
				t.Errorf("append beside another process: %v", err)
			}
		}
	})
	stillThere(t, s, all)
}
