package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/vault"
	"clew/web"
	"clew/web/access"
	"clew/web/gate"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// words is a log that tests read.
type words struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// server is a whole office in a temporary folder, with what stands before it.
type server struct {
	office  *gate.Office
	people  *access.People
	site    http.Handler
	clock   *clock
	log     *words
	stop    context.CancelFunc
	address string // that requests come from
}

func newServer(t *testing.T) *server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clew.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	views, err := projections.Open(t.Context(), path+".views", store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { views.Close() })
	at := &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	keys, err := vault.Create(path+".keys", vault.Options{Log: store.Identity(), Now: at.Now})
	if err != nil {
		t.Fatal(err)
	}
	desk := &casework.Desk{Store: store, Views: views, Clock: at.Now, Vault: keys, Reads: vault.NewReads(path+".reads", keys)}
	views.OpenWith(desk.Opened)
	stopping, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	log := &words{}
	s := &server{clock: at, log: log, stop: stop, address: "192.0.2.1:4711", office: &gate.Office{Desk: desk, Views: views, Now: at.Now,
		Bell: relay.NewDoorbell(store, relay.DoorbellConfig{}), Counter: caseList{views}, Stopping: stopping, Log: slog.New(slog.NewJSONHandler(log, nil))}}
	s.start(t, access.Settings{})
	return s
}

// caseList is a counter that knows one command: the others are tried where they
// are made, in cmd/clew.
type caseList struct{ views *projections.Views }

func (caseList) Commands() []gate.Command { return []gate.Command{{Name: "case list"}} }

func (c caseList) Version(context.Context, domain.CaseID) (uint64, error) { return 0, nil }

func (c caseList) Carry(ctx context.Context, e gate.Errand) error {
	all, err := c.views.Cases(ctx, projections.Head)
	if err != nil {
		return err
	}
	names := []domain.CaseID{}
	for _, one := range all {
		if e.Sees(one.Case) {
			names = append(names, one.Case)
		}
	}
	return json.NewEncoder(e.Out).Encode(names)
}

// start puts the rooms together, as a start of the process does.
func (s *server) start(t *testing.T, settings access.Settings) {
	t.Helper()
	s.people = access.New(s.office, settings)
	site, err := web.New(s.office, s.people)
	if err != nil {
		t.Fatal(err)
	}
	s.site = site
}

// ask sends a request. Headers come in pairs.
func (s *server) ask(method, target string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	request.RemoteAddr = s.address
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	s.site.ServeHTTP(answer, request)
	return answer
}

func (s *server) grant(t *testing.T, commands ...domain.AccessCommand) {
	t.Helper()
	for _, c := range commands {
		if _, err := s.office.Desk.Grant(t.Context(), casework.By{Actor: "root"}, c); err != nil {
			t.Fatalf("%T: %v", c, err)
		}
	}
}

// opened opens cases, on which nobody is.
func (s *server) opened(t *testing.T, cases ...domain.CaseID) {
	t.Helper()
	for _, id := range cases {
		if _, err := s.office.Desk.Do(t.Context(), casework.By{Actor: "root"}, id, domain.OpenCase{Case: id, Title: "Case " + string(id)}); err != nil {
			t.Fatal(err)
		}
	}
}

// token makes a token, good for a day, and gives the header that bears it.
func (s *server) token(t *testing.T, command domain.IssueToken) string {
	t.Helper()
	secret, hash := access.NewToken()
	command.Hash, command.Now = hash, s.clock.Now()
	if command.Expires.IsZero() {
		command.Expires = domain.Instant(s.clock.Now().Add(24 * time.Hour))
	}
	s.grant(t, command)
	return "Bearer " + secret
}

// signedIn signs somebody in by a link and gives the header with the cookie.
func (s *server) signedIn(t *testing.T, user domain.UserID) string {
	t.Helper()
	link, err := s.people.Invite(t.Context(), casework.By{Actor: "root"}, user)
	if err != nil {
		t.Fatal(err)
	}
	answer := s.ask("POST", "/sign-in", url.Values{"link": {link}})
	if answer.Code != http.StatusSeeOther || len(answer.Result().Cookies()) != 1 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	c := answer.Result().Cookies()[0]
	return c.Name + "=" + c.Value
}

// reads are the entries of the log of reads: who does what to which case, why.
func (s *server) reads(t *testing.T) (list []string) {
	t.Helper()
	_, err := s.office.Desk.Reads.Each(func(r vault.Read) error {
		list = append(list, strings.TrimRight(strings.Join([]string{r.By, string(r.Does), string(r.Case), r.What, r.Why.Clear}, "|"), "|"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
