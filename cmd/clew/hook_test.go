package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/casework"
	"clew/eventstore/relay"
	"clew/web/gate"
	"clew/web/hooks"
)

// bank is a program that is told.
type bank struct {
	mu     sync.Mutex
	took   []string
	came   chan struct{}
	server *httptest.Server
}

func newBank(t *testing.T) *bank {
	b := &bank{came: make(chan struct{}, 100)}
	b.server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		b.took = append(b.took, string(body))
		b.came <- struct{}{}
	}))
	t.Cleanup(b.server.Close)
	return b
}

// A program is told of what it asked for, and of nothing that is not for it,
// also of what was recorded while nothing was carried. What it does not take is
// tried in package relay, and what may be called in web/hooks.
func TestAProgramIsToldOfWhatItAskedFor(t *testing.T) {
	l, b := apiOf(t), newBank(t)
	l.person = gate.Person{Name: "root", Role: casework.Admin, Means: gate.BySession}
	added := l.asks("POST", "/hooks", `{"url": "`+b.server.URL+`", "kind": ["case.*"], "only_case": ["EMPTY"]}`)
	want(t, added, http.StatusOK)
	var hook hooks.Hook
	if err := json.Unmarshal(added.Body.Bytes(), &hook); err != nil || hook.ID != "H1" || hook.Secret == "" {
		t.Fatalf("%s: %v", added.Body, err)
	}
	want(t, l.asks("POST", "/hooks", `{"url": "https://bank.example", "kind": ["frieze.*"]}`), http.StatusBadRequest)
	if list := l.asks("GET", "/hooks", "").Body.String(); !containsAll(list, `"hook": "H1"`, `"secret": ""`) {
		t.Errorf("the list is %s", list)
	}
	stop := l.carriesHooks(t)
	l.person = gate.Person{Name: "ina", Role: casework.Owner}
	want(t, l.asks("POST", "/cases", `{"case": "OTHER", "title": "Not for them"}`), http.StatusOK)
	want(t, l.asks("POST", "/cases/EMPTY/notes", `{"text": "only a sealed note"}`), http.StatusOK)
	<-b.came
	if len(b.took) != 1 || !containsAll(b.took[0], `"type":"case.noted.v1"`, `"case":"EMPTY"`) || containsAll(b.took[0], "sealed note") {
		t.Errorf("the bank is told %v", b.took)
	}
	stop()
	if answer := l.asks("POST", "/cases/EMPTY/notes", `{"text": "while nothing is carried"}`); answer.Code != http.StatusOK {
		t.Fatal(answer.Body)
	}
	l.carriesHooks(t)
	<-b.came
	for _, path := range []string{"/hooks", "/hooks/H1/parked"} {
		l.person = gate.Person{Name: "ben", Role: casework.Auditor}
		want(t, l.asks("GET", path, ""), http.StatusForbidden)
		l.person = gate.Person{Name: "root", Role: casework.Admin}
		want(t, l.asks("GET", path, ""), http.StatusOK)
	}
	want(t, l.asks("POST", "/hooks/H1/parked/none/retry", ""), http.StatusNotFound)
	want(t, l.asks("POST", "/hooks/H1/remove", ""), http.StatusOK)
	want(t, l.asks("GET", "/hooks/H1/parked", ""), http.StatusNotFound)
}

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// carriesHooks does what the server does for hooks, until it is stopped.
func (l *line) carriesHooks(t *testing.T) (stop func()) {
	t.Helper()
	c := l.office.Counter.(*counterOf)
	p := *c.program
	p.hooksWithin = true
	o := *c.office
	o.program = &p
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- p.tellHooks(ctx, &o, l.office.Bell.(*relay.Doorbell), slog.New(slog.DiscardHandler))
	}()
	once := sync.OnceFunc(func() {
		end()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Error("it does not end")
		}
	})
	t.Cleanup(once)
	return once
}
