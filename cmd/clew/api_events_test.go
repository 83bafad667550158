package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// stream reads server-sent events of a line that stays open.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
	close func()
}

// hears opens the log as it grows.
func (l *line) hears(t *testing.T, path string, headers ...string) *stream {
	t.Helper()
	server := httptest.NewServer(l.site)
	ctx, end := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	s := &stream{t, bufio.NewScanner(answer.Body), func() { end(); answer.Body.Close(); server.Close() }}
	t.Cleanup(s.close)
	return s
}

// next is the next event, and the id that it came under.
func (s *stream) next() (id uint64, e projections.EntryShape) {
	s.t.Helper()
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		var err error
		switch name {
		case "id":
			id, err = strconv.ParseUint(value, 10, 64)
		case "data":
			if err = json.Unmarshal([]byte(value), &e); err == nil {
				return id, e
			}
		}
		if err != nil {
			s.t.Fatalf("%s: %v", s.lines.Text(), err)
		}
	}
	s.t.Fatalf("the line ended: %v", s.lines.Err())
	return 0, e
}

// A client that comes again with the last position that it saw misses nothing
// and hears nothing twice, whatever was recorded while it was away.
func TestWhoFollowsTheLogMissesNothing(t *testing.T) {
	l := apiOf(t, "romance")
	head, err := l.office.Desk.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := l.hears(t, "/events?after=0")
	last := uint64(0)
	for last < head {
		id, e := s.next()
		if id <= last || e.Position != id || e.Text == "" {
			t.Fatalf("after %d comes %d: %+v", last, id, e)
		}
		last = id
	}
	want(t, l.asks("POST", "/cases/EMPTY/notes", `{"text": "heard at once"}`), http.StatusOK)
	if id, e := s.next(); id != head+1 || e.Case != "EMPTY" || e.Kind != "case.noted.v1" {
		t.Fatalf("a note is heard as %d %+v", id, e)
	}
	s.close()
	for range 3 {
		want(t, l.asks("POST", "/cases/EMPTY/notes", `{"text": "while nobody listens"}`), http.StatusOK)
	}
	s = l.hears(t, "/events?after=0", "Last-Event-ID: "+strconv.FormatUint(head+1, 10))
	for i := range uint64(3) {
		if id, _ := s.next(); id != head+2+i {
			t.Fatalf("after %d comes %d", head+1+i, id)
		}
	}
}

func TestWhoFollowsTheLogHearsOfHisCasesAlone(t *testing.T) {
	l := apiOf(t, "romance")
	want(t, l.asks("POST", "/cases/ROMANCE-1/notes", `{"text": "not for everybody"}`), http.StatusOK)
	want(t, l.asks("POST", "/cases/EMPTY/notes", `{"text": "the last"}`), http.StatusOK)
	l.person = gate.Person{Name: "ben", Role: casework.Investigator, Cases: []domain.CaseID{"EMPTY"}}
	s := l.hears(t, "/events")
	if id, e := s.next(); e.Case != "EMPTY" || id != 1 {
		t.Fatalf("he hears %d %+v", id, e)
	}
	if _, e := s.next(); e.Case != "EMPTY" || e.Kind != "case.noted.v1" {
		t.Fatalf("he hears %+v", e)
	}
	for _, path := range []string{"/events?after=-1", "/events?after=x", "/events?since=1", "/events?case=ROMANCE-1"} {
		if answer := l.asks("GET", path, ""); answer.Code != 400 && answer.Code != 403 {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}

// A page that is asked for later shows what the first one left, whatever was
// recorded in between.
func TestPagesLoseAndRepeatNothing(t *testing.T) {
	l := apiOf(t, "romance")
	var all movementsShape
	if err := json.Unmarshal(l.asks("GET", "/cases/ROMANCE-1/movements?limit=5000", "").Body.Bytes(), &all); err != nil || all.Next != nil {
		t.Fatalf("%+v: %v", all, err)
	}
	var got []domain.MovementID
	path := "/cases/ROMANCE-1/movements?limit=3"
	for n := 0; path != ""; n++ {
		answer := l.asks("GET", path, "")
		want(t, answer, http.StatusOK)
		var page movementsShape
		if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Movements {
			got = append(got, m.Movement)
		}
		next, _, linked := strings.Cut(strings.TrimPrefix(answer.Header().Get("Link"), "</api/v1"), ">")
		if linked != (page.Next != nil) {
			t.Fatalf("the page says next %v, its header %q", page.Next, answer.Header().Get("Link"))
		}
		path = next
		body := `{"victim": "V1", "from": "bank:1", "to": "bank:2", "amount": "1.00", "asset": "EUR", "time": "2019-01-0` + strconv.Itoa(1+n%9) + `", "id": "p` + strconv.Itoa(n) + `"}`
		if n < 3 {
			want(t, l.asks("POST", "/cases/ROMANCE-1/payments", body), http.StatusOK)
		}
	}
	for i, m := range all.Movements {
		if i >= len(got) || got[i] != m.Movement {
			t.Fatalf("page by page come %v, at once %v", got, all.Movements)
		}
	}
	if len(got) != len(all.Movements)+3 {
		t.Errorf("%d movements come page by page; %d there were, and 3 were added", len(got), len(all.Movements))
	}
}
