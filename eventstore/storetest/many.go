package storetest

import (
	"context"
	"fmt"
	"sync"

	"clew/eventstore"
)

func many() []Guarantee {
	return []Guarantee{
		{"sixty-four writers at once lose nothing and double nothing", manyWriters},
		{"a reader never sees a gap", readerBeside},
		{"callers that end in the queue know whether they were recorded", endedInQueue},
	}
}

// together runs a function in several goroutines and reports what they say.
func together(t T, clients int, do func(client int) error) {
	t.Helper()
	problems := make(chan error, clients)
	for client := range clients {
		go func() { problems <- do(client) }()
	}
	for range clients {
		if err := <-problems; err != nil {
			t.Errorf("one of %d clients: %v", clients, err)
		}
	}
}

func manyWriters(t T, h Harness) {
	const clients, each = 64, 8
	s := h.open(t)
	together(t, clients, func(client int) error {
		for i := range each {
			a := plain(events(fmt.Sprint("case/C", client), 1+i%3)...)
			a.Correlation = fmt.Sprintf("%d/%d", client, i)
			r, err := s.Append(context.Background(), a)
			if err != nil {
				return err
			}
			if err := recordedAs(s, r, a.Correlation); err != nil {
				return err
			}
		}
		return nil
	})
	all := readAll(t, s)
	sound(t, all)
	if want := clients * (1 + 2 + 3 + 1 + 2 + 3 + 1 + 2); len(all) != want {
		t.Errorf("%d records were recorded, and %d acknowledged", len(all), want)
	}
}

// recordedAs reads what a receipt names, right after it was given.
func recordedAs(s eventstore.Store, r eventstore.Receipt, correlation string) error {
	n := int(r.Last - r.First + 1)
	page, err := s.Read(context.Background(), r.First-1, n)
	if err != nil {
		return err
	}
	if len(page) != n {
		return fmt.Errorf("%+v was acknowledged and is not there", r)
	}
	for _, record := range page {
		if record.Correlation != correlation {
			return fmt.Errorf("%+v was given for %s, and holds %s", r, correlation, record.Correlation)
		}
	}
	return nil
}

// readerBeside follows the log while others append to it. The positions that
// it gets must be dense at every moment, and so at the end it has them all.
func readerBeside(t T, h Harness) {
	const clients, each = 8, 30
	s := h.open(t)
	var writers sync.WaitGroup
	writers.Go(func() {
		together(t, clients, func(client int) error {
			for i := range each {
				if _, err := s.Append(context.Background(), plain(events(fmt.Sprint("case/C", client), 1+i%4)...)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	read, last := uint64(0), false
	for !last {
		select {
		case <-done:
			last = true // and one more look
		default:
		}
		read = follow(t, s, read)
	}
	stands(t, s, read)
}

func follow(t T, s eventstore.Store, read uint64) uint64 {
	t.Helper()
	for {
		page, err := s.Read(context.Background(), read, pageSize)
		if err != nil {
			t.Fatalf("read after %d: %v", read, err)
		}
		for _, r := range page {
			if read++; r.Position != read {
				t.Fatalf("after %d comes %d", read-1, r.Position)
			}
		}
		if len(page) < pageSize {
			return read
		}
	}
}

// endedInQueue ends callers while they wait. Whoever was refused is not in
// the log; whoever was acknowledged is.
func endedInQueue(t T, h Harness) {
	const clients, each = 16, 20
	s := h.open(t)
	var lock sync.Mutex
	acknowledged := map[string]bool{}
	together(t, clients, func(client int) error {
		for i := range each {
			ctx, end := context.WithCancel(context.Background())
			a := plain(events("case/C1", 1)...)
			a.Correlation = fmt.Sprintf("%d/%d", client, i)
			go end()
			_, err := s.Append(ctx, a)
			lock.Lock()
			acknowledged[a.Correlation] = err == nil
			lock.Unlock()
		}
		return nil
	})
	all := readAll(t, s)
	sound(t, all)
	for _, r := range all {
		if !acknowledged[r.Correlation] {
			t.Errorf("%s was refused, or comes twice, and is in the log", r.Correlation)
		}
		delete(acknowledged, r.Correlation)
	}
	for name, was := range acknowledged {
		if was {
			t.Errorf("%s was acknowledged and is not in the log", name)
		}
	}
}
