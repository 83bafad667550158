package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clew/testdata/torture"
)

// crowd are many people at one server: readers of a ledger, writers of notes,
// and one who follows the log.
type crowd struct {
	served
	token  string
	pause  time.Duration // how long everybody thinks between two requests
	errors atomic.Int64

	mu    sync.Mutex
	first string // error
	waits []time.Duration
	told  map[uint64]time.Time // by position of the log: when the answer to it came
	heard map[uint64]time.Time // and when its event did
}

// many is how many there are, and how many requests each makes.
type many struct{ readers, writers, requests int }

// No request of many at once fails, every note is recorded once, and whoever
// follows the log gets each. CLEW_PEOPLE and CLEW_ROUNDS make it large, and
// with CLEW_PAUSE everybody thinks for so many milliseconds between two
// requests; the times are told, for a quiet machine.
func TestManyReadersAndWritersAtOnce(t *testing.T) {
	n := many{torture.Often(t, "CLEW_PEOPLE", 20), torture.Often(t, "CLEW_PEOPLE", 20) / 10, torture.Often(t, "CLEW_ROUNDS", 5)}
	store := "sqlite:" + filepath.Join(t.TempDir(), "clew.db")
	does(t, store, "demo")
	does(t, store, "user", "add", "load", "--role", "owner")
	c := &crowd{served: serve(t, store, "--rate", "1000000"), token: tokenOf(t, store, "load"), told: map[uint64]time.Time{}, heard: map[uint64]time.Time{},
		pause: time.Duration(torture.Often(t, "CLEW_PAUSE", 0)) * time.Millisecond}
	c.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n.readers + n.writers + 1, IdleConnTimeout: time.Minute}}
	heard, stop := c.follows(t)
	var all sync.WaitGroup
	for range n.readers {
		all.Go(func() { c.reads(n.requests) })
	}
	for w := range n.writers {
		all.Go(func() { c.writes(w, n.requests) })
	}
	all.Wait()
	if failed := c.errors.Load(); failed > 0 {
		t.Errorf("%d requests failed, first: %s", failed, c.first)
	}
	for got, wanted := 0, n.writers*n.requests; got < wanted; got++ {
		select {
		case <-heard:
		case <-time.After(time.Minute):
			t.Fatalf("whoever follows the log heard of %d notes, and %d were recorded", got, wanted)
		}
	}
	stop()
	slices.Sort(c.waits)
	t.Logf("%d readers, %d writers, %d requests each: of %d reads half took %v, one in a hundred longer than %v", n.readers, n.writers, n.requests,
		len(c.waits), c.waits[len(c.waits)/2], c.waits[len(c.waits)*99/100])
	late := c.late(t)
	t.Logf("of %d events half came %v after the answer to their writer, one in a hundred later than %v", len(late), late[len(late)/2], late[len(late)*99/100])
	c.client.CloseIdleConnections()
	c.stop()
}

// late is how long after the answer each event came; before it counts as at
// once.
func (c *crowd) late(t *testing.T) (list []time.Duration) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for position, told := range c.told {
		heard, came := c.heard[position]
		if !came {
			t.Fatalf("whoever follows the log never heard of position %d", position)
		}
		list = append(list, max(heard.Sub(told), 0))
	}
	slices.Sort(list)
	return list
}

// tokenOf makes a token and gives its secret.
func tokenOf(t *testing.T, store, user string) string {
	t.Helper()
	var out strings.Builder
	p := &program{args: []string{"token", "new", user, "t", "--store", store, "--actor", "root", "--json"}, in: strings.NewReader(""), out: &out, err: io.Discard,
		getenv: func(string) string { return "" }, now: time.Now}
	if err := p.carryOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(out.String(), `"secret": "`)
	secret, _, _ := strings.Cut(rest, `"`)
	return secret
}

func (c *crowd) request(ctx context.Context, method, path, body string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.address+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	return c.client.Do(request)
}

// whole makes a request and takes all of its answer.
func (c *crowd) whole(method, path, body string) (text []byte) {
	answer, err := c.request(context.Background(), method, path, body)
	if err == nil {
		text, err = io.ReadAll(answer.Body)
		answer.Body.Close()
		if err == nil && answer.StatusCode >= 400 {
			err = fmt.Errorf("%s %s: %s %.300s", method, path, answer.Status, text)
		}
	}
	if err != nil && c.errors.Add(1) == 1 {
		c.mu.Lock()
		c.first = err.Error()
		c.mu.Unlock()
	}
	return text
}

// thinks takes a pause, of the length asked for in the middle, so that not all
// come at once.
func (c *crowd) thinks() {
	if c.pause > 0 {
		time.Sleep(c.pause/2 + rand.N(c.pause))
	}
}

func (c *crowd) reads(requests int) {
	for range requests {
		c.thinks()
		began := time.Now()
		c.whole("GET", "/api/v1/cases/ROMANCE-1/ledger", "")
		c.mu.Lock()
		c.waits = append(c.waits, time.Since(began))
		c.mu.Unlock()
	}
}

func (c *crowd) writes(writer, requests int) {
	for i := range requests {
		c.thinks()
		var done struct{ Last uint64 }
		if err := json.Unmarshal(c.whole("POST", "/api/v1/cases/ROMANCE-1/notes", fmt.Sprintf(`{"text":"note %d of writer %d"}`, i, writer)), &done); err == nil {
			c.mu.Lock()
			c.told[done.Last] = time.Now()
			c.mu.Unlock()
		}
	}
}

// follows listens for notes.
func (c *crowd) follows(t *testing.T) (<-chan struct{}, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	answer, err := c.request(ctx, "GET", "/api/v1/events?after=0", "")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", answer, err)
	}
	heard, ended := make(chan struct{}, 1<<20), make(chan struct{})
	go func() {
		defer close(ended)
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 1<<20)
		at := uint64(0)
		for lines.Scan() {
			if id, is := strings.CutPrefix(lines.Text(), "id: "); is {
				at, _ = strconv.ParseUint(id, 10, 64)
			}
			if strings.Contains(lines.Text(), "case.noted.v1") && strings.HasPrefix(lines.Text(), "data:") {
				c.mu.Lock()
				c.heard[at] = time.Now()
				c.mu.Unlock()
				heard <- struct{}{}
			}
		}
	}()
	return heard, func() { cancel(); <-ended }
}
