package web_test

import (
	"net/http"
	"testing"

	"clew/web"
	"clew/web/gate"
)

func TestEveryRouteIsDeclared(t *testing.T) {
	s := newServer(t)
	for _, route := range web.Routes(s.office, s.people, gate.New(s.office, s.people)) {
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
		route.Handler = http.NotFoundHandler()
		if _, err := gate.New(s.office, s.people).Handler([]gate.Route{route}); err == nil {
			t.Errorf("%+v is taken for a route", route)
		}
	}
}

// headers are on every answer.
var headers = map[string]string{
	"Content-Security-Policy":    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
	"X-Content-Type-Options":     "nosniff",
	"Referrer-Policy":            "no-referrer",
	"Cross-Origin-Opener-Policy": "same-origin",
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/", "/cases", "/healthz", "/readyz", "/metrics", "/nothing", "/api/v1/cases", "/sign-in", "/a/../b", "//x"} {
		for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS"} {
			for _, site := range []string{"same-origin", "cross-site"} {
				answer := s.ask(method, path, nil, "Sec-Fetch-Site", site)
				for header, want := range headers {
					if got := answer.Header().Get(header); got != want {
						t.Errorf("%s %s: %d with %s: %q", method, path, answer.Code, header, got)
					}
				}
			}
		}
	}
}
