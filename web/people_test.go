package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clew/domain"
)

// post sends a form of a page as somebody.
func (s *server) post(path, cookie string, fields ...string) (int, string) {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	answer := s.ask("POST", path, form, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
	return answer.Code, answer.Body.String()
}

func (s *server) userNow(t *testing.T, id domain.UserID) (found domain.User, known bool) {
	t.Helper()
	if err := s.office.Desk.Access(t.Context(), func(a *domain.Access) { found, known = a.Users[id] }); err != nil {
		t.Fatal(err)
	}
	return found, known
}

func TestAnAdministratorLooksAfterThePeople(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C1")
	s.grant(t, domain.AdmitUser{User: "adm", Role: "admin"})
	cookie := s.signedIn(t, "adm")
	for _, step := range [][]string{
		{"/people/add", "user", "ina", "role", "auditor", "key", "k1"}, {"/people/add", "user", "ina", "role", "auditor", "key", "k1"},
		{"/people/role", "user", "ina", "role", "investigator"}, {"/people/join", "user", "ina", "case", "C1"},
	} {
		if code, text := s.post(step[0], cookie, step[1:]...); code != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", step, code, text)
		}
	}
	ina, known := s.userNow(t, "ina")
	if !known || ina.Role != "investigator" || len(ina.Cases) != 1 {
		t.Errorf("ina is %+v", ina)
	}
	_, page := s.post("/people/link", cookie, "user", "ina")
	link := regexp.MustCompile(`http://example.com/sign-in\?link=([\w-]+)`).FindStringSubmatch(page)
	if link == nil {
		t.Fatalf("no link is shown:\n%s", page)
	}
	if code, _ := s.post("/sign-in", "", "link", link[1]); code != http.StatusSeeOther {
		t.Errorf("the link is not good: %d", code)
	}
	list := s.ask("GET", "/people", nil, "Cookie", cookie).Body.String()
	for _, want := range []string{"ina", "C1", "<td>yes</td>"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list does not say %s:\n%s", want, list)
		}
	}
	if code, _ := s.post("/people/remove", cookie, "user", "ina"); code != http.StatusSeeOther {
		t.Errorf("%d", code)
	}
	if _, known := s.userNow(t, "ina"); known {
		t.Error("ina is still let in")
	}
}

// Whoever looks after the people must not come by more than he has: not by
// deciding about himself, and not by way of an owner.
func TestAnAdministratorGivesHimselfNothing(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C1")
	s.grant(t, domain.AdmitUser{User: "adm", Role: "admin"}, domain.AdmitUser{User: "root", Role: "owner"}, domain.AdmitUser{User: "ina", Role: "fiu"})
	cookie := s.signedIn(t, "adm")
	for _, step := range [][]string{
		{"/people/role", "user", "adm", "role", "investigator"}, {"/people/role", "user", " adm ", "role", "investigator"}, {"/people/join", "user", "adm", "case", "C1"},
		{"/people/link", "user", "root"}, {"/people/role", "user", "root", "role", "police"}, {"/people/remove", "user", "root"},
		{"/people/role", "user", "ina", "role", "owner"}, {"/people/add", "user", "eve", "role", "owner"},
	} {
		if code, text := s.post(step[0], cookie, step[1:]...); code != http.StatusForbidden {
			t.Errorf("%v: %d %s", step, code, text)
		}
	}
	owner := s.signedIn(t, "root")
	if code, text := s.post("/people/role", owner, "user", "ina", "role", "owner"); code != http.StatusSeeOther {
		t.Errorf("an owner makes no owner: %d %s", code, text)
	}
}

func TestEverybodyLooksAfterHisOwnTokens(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "police"}, domain.AdmitUser{User: "ben", Role: "police"})
	bens := s.token(t, domain.IssueToken{Token: "bens", User: "ben"})
	cookie := s.signedIn(t, "ina")
	_, page := s.post("/me/token", cookie, "token", "laptop", "user", "ben")
	secret := regexp.MustCompile(`clew_[\w-]{43}`).FindString(page)
	if secret == "" || !s.mayRead("Authorization", "Bearer "+secret) {
		t.Fatalf("the token is not shown, or not good:\n%s", page)
	}
	if again := s.ask("GET", "/me", nil, "Cookie", cookie).Body.String(); strings.Contains(again, secret) || !strings.Contains(again, "laptop") {
		t.Errorf("the page shows the secret twice, or not the token:\n%s", again)
	}
	if code, _ := s.post("/me/revoke", cookie, "token", "bens", "user", "ben"); code != http.StatusNotFound || !s.mayRead("Authorization", bens) {
		t.Errorf("she ended another's token: %d", code)
	}
	if code, _ := s.post("/me/revoke", cookie, "token", "laptop"); code != http.StatusSeeOther || s.mayRead("Authorization", "Bearer "+secret) {
		t.Errorf("her token is still good: %d", code)
	}
	byToken := s.ask("POST", "/me/token", url.Values{"token": {"child"}}, "Authorization", bens)
	if byToken.Code != http.StatusForbidden {
		t.Errorf("a token made another, which outlives it: %d", byToken.Code)
	}
	if code, _ := s.post("/me/token", cookie, "token", "x", "days", "400"); code != http.StatusBadRequest {
		t.Errorf("a token for longer than a year: %d", code)
	}
}

func TestAnAuditorSeesWhoWasLetIn(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ben", Role: "auditor"}, domain.AdmitUser{User: "ina", Role: "fiu"}, domain.AdmitUser{User: "inana", Role: "police"}, domain.RemoveUser{User: "ina"})
	s.token(t, domain.IssueToken{Token: "t", User: "ben"})
	cookie := s.signedIn(t, "ben")
	page := s.ask("GET", "/people/history?user=ina", nil, "Cookie", cookie).Body.String()
	first, last := strings.Index(page, "User ina is not let in any more."), strings.Index(page, "User ina was let in, as fiu.")
	if first < 0 || last < first || strings.Contains(page, "inana") || !strings.Contains(page, "<td>root</td>") {
		t.Errorf("the page says\n%s", page)
	}
	if all := s.ask("GET", "/people/history?user=ben", nil, "Cookie", cookie).Body.String(); !strings.Contains(all, "User ben signed in by link") || !strings.Contains(all, "A token t was made for user ben,") {
		t.Errorf("the page says\n%s", all)
	}
}

func TestWhoeverHasNoCaseDataComesHomeToHimself(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "adm", Role: "admin"}, domain.AdmitUser{User: "ina", Role: "fiu"})
	for user, want := range map[domain.UserID]string{"adm": "/me", "ina": "/cases"} {
		if got := s.ask("GET", "/", nil, "Cookie", s.signedIn(t, user)).Header().Get("Location"); got != want {
			t.Errorf("%s comes home to %s", user, got)
		}
	}
}
