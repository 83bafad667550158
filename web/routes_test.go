package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"clew/casework"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/vault"
	"clew/web"
	"clew/web/access"
	"clew/web/gate"
)

// clock is a clock that tests move.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// office is a whole office in a temporary folder.
func office(t *testing.T) (*gate.Office, *clock) {
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
	at := &clock{time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	keys, err := vault.Create(path+".keys", vault.Options{Log: store.Identity(), Now: at.Now})
	if err != nil {
		t.Fatal(err)
	}
	desk := &casework.Desk{Store: store, Views: views, Clock: at.Now, Vault: keys, Reads: vault.NewReads(path+".reads", keys)}
	views.OpenWith(desk.Opened)
	stopping, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	return &gate.Office{Desk: desk, Views: views, Now: at.Now, Bell: relay.NewDoorbell(store, relay.DoorbellConfig{}), Stopping: stopping}, at
}

func site(t *testing.T, o *gate.Office) (http.Handler, *access.People) {
	t.Helper()
	people := access.New(o, access.Settings{})
	site, err := web.New(o, people)
	if err != nil {
		t.Fatal(err)
	}
	return site, people
}

func TestEveryRouteIsDeclared(t *testing.T) {
	o, _ := office(t)
	people := access.New(o, access.Settings{})
	for _, route := range web.Routes(o, people, gate.New(o, people)) {
		if err := route.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, route := range []gate.Route{
		{Method: "GET", Pattern: "/x"},
		{Method: "GET", Pattern: "/x", Act: "Sing"},
		{Method: "GET", Pattern: "/x", Act: "Reading"},
		{Method: "GET", Pattern: "/x", Act: "Reading", Public: true},
		{Method: "GET", Pattern: "/x", Act: "Reading", Case: gate.CaseInPath, Across: true},
	} {
		if route.Check() == nil {
			t.Errorf("%+v is taken for a route", route)
		}
	}
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	o, _ := office(t)
	site, _ := site(t, o)
	for _, path := range []string{"/", "/cases", "/healthz", "/readyz", "/metrics", "/nothing", "/api/v1/cases", "/sign-in"} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			answer := httptest.NewRecorder()
			site.ServeHTTP(answer, httptest.NewRequest(method, path, nil))
			for header, want := range map[string]string{
				"Content-Security-Policy":    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
				"X-Content-Type-Options":     "nosniff",
				"Referrer-Policy":            "no-referrer",
				"Cross-Origin-Opener-Policy": "same-origin",
			} {
				if got := answer.Header().Get(header); got != want {
					t.Errorf("%s %s: %d with %s: %q", method, path, answer.Code, header, got)
				}
			}
		}
	}
}
