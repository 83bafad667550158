package web_test

import (
	"net/http"
	"strings"
	"testing"

	"clew/domain"
)

func TestWhoeverOpensACaseOnScreenWorksOnIt(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "investigator"}, domain.AdmitUser{User: "pia", Role: "police"})
	ina := s.signedIn(t, "ina")
	if code, page := s.post("/cases", ina, "case", "C9", "title", "The lost savings"); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, page)
	}
	for _, path := range []string{"/cases/C9", "/cases/C9/files", "/cases/C9/file", "/cases/C9/ledger"} {
		if answer := s.ask("GET", path, nil, "Cookie", ina, "Accept", "text/html"); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "The lost savings") {
			t.Errorf("%s: %d", path, answer.Code)
		}
		if answer := s.ask("GET", path, nil, "Cookie", s.signedIn(t, "pia"), "Accept", "text/html"); answer.Code != http.StatusForbidden || strings.Contains(answer.Body.String(), "The lost savings") {
			t.Errorf("%s tells another team's officer: %d", path, answer.Code)
		}
	}
	if code, _ := s.post("/cases", s.signedIn(t, "pia"), "case", "C10", "title", "Hers"); code != http.StatusForbidden {
		t.Errorf("somebody who may not opens a case: %d", code)
	}
}
