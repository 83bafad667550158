package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/web/access"
)

// mayRead says whether headers get somebody to the list of cases.
func (s *server) mayRead(headers ...string) bool {
	return s.ask("GET", "/cases", nil, headers...).Code == http.StatusOK
}

func TestTheFirstLinkMakesTheOwnerAndIsGoodOnce(t *testing.T) {
	s := newServer(t)
	first, err := s.people.Welcome(t.Context(), casework.By{Actor: "ina"})
	if err != nil || first == "" {
		t.Fatalf("%q %v", first, err)
	}
	if looked := s.ask("GET", "/sign-in?link="+first, nil); looked.Code != http.StatusOK || !strings.Contains(looked.Body.String(), first) {
		t.Fatalf("the button does not show: %d %s", looked.Code, looked.Body)
	}
	entered := s.ask("POST", "/sign-in", url.Values{"link": {first}, "next": {"/cases"}})
	if entered.Code != http.StatusSeeOther || entered.Header().Get("Location") != "/cases" {
		t.Fatalf("%d %s", entered.Code, entered.Body)
	}
	cookie := entered.Result().Cookies()[0]
	if cookie.Name != "__Host-clew" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the cookie is %v", cookie)
	}
	if !s.mayRead("Cookie", cookie.Name+"="+cookie.Value) {
		t.Error("the owner is signed in and sees no cases")
	}
	for range 2 { // again at once, and again after a restart
		if again := s.ask("POST", "/sign-in", url.Values{"link": {first}}); again.Code != http.StatusForbidden || len(again.Result().Cookies()) > 0 {
			t.Errorf("the link was taken twice: %d", again.Code)
		}
		s.start(t, access.Settings{})
	}
	if second, err := s.people.Welcome(t.Context(), casework.By{Actor: "ina"}); err != nil || second != "" {
		t.Errorf("a second owner was invited: %v", err)
	}
}

func TestALinkThatIsTooOldIsNotGood(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	link, err := s.people.Invite(t.Context(), casework.By{Actor: "root"}, "ina")
	if err != nil {
		t.Fatal(err)
	}
	s.clock.pass(access.LinkLasts)
	if answer := s.ask("POST", "/sign-in", url.Values{"link": {link}}); answer.Code != http.StatusForbidden {
		t.Errorf("%d", answer.Code)
	}
}

// A cookie that somebody else put into the browser is not the one that is
// signed in.
func TestASignInTakesNoSessionThatWasThereBefore(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"}, domain.AdmitUser{User: "eve", Role: "auditor"})
	planted := s.signedIn(t, "eve")
	link, err := s.people.Invite(t.Context(), casework.By{Actor: "root"}, "ina")
	if err != nil {
		t.Fatal(err)
	}
	answer := s.ask("POST", "/sign-in", url.Values{"link": {link}}, "Cookie", planted)
	fresh := answer.Result().Cookies()[0]
	if fresh.Name+"="+fresh.Value == planted {
		t.Error("the sign-in goes on under the cookie that was planted")
	}
	if s.mayRead("Cookie", planted) {
		t.Error("the cookie that was planted is still good")
	}
	if s.mayRead("Cookie", "__Host-clew=made-up") {
		t.Error("a cookie that was made up is good")
	}
}

func TestASignInEndsWhenItIsLeftAlone(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	cookie := s.signedIn(t, "ina")
	for range 4 {
		s.clock.pass(20 * time.Minute)
		if !s.mayRead("Cookie", cookie) {
			t.Fatal("it ended though it was used")
		}
	}
	s.clock.pass(30 * time.Minute)
	if s.mayRead("Cookie", cookie) {
		t.Error("it was left alone for half an hour and is good")
	}
	s.start(t, access.Settings{})
	if s.mayRead("Cookie", cookie) {
		t.Error("a restart woke it")
	}
}

func TestASweepEndsWhatARestartWouldWake(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	left, used := s.signedIn(t, "ina"), s.signedIn(t, "ina")
	s.clock.pass(29 * time.Minute)
	if !s.mayRead("Cookie", used) {
		t.Fatal("it ended too soon")
	}
	s.clock.pass(2 * time.Minute)
	if err := s.people.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.start(t, access.Settings{})
	if s.mayRead("Cookie", left) || !s.mayRead("Cookie", used) {
		t.Error("the one that was left alone must have ended, the other not")
	}
}

func TestEverySignInEndsInTime(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	cookie := s.signedIn(t, "ina")
	for range 12 * 3 {
		if !s.mayRead("Cookie", cookie) {
			t.Fatal("it ended too soon")
		}
		s.clock.pass(20 * time.Minute)
	}
	if s.mayRead("Cookie", cookie) {
		t.Error("after twelve hours it is still good")
	}
}

func TestSigningOutEndsTheSignIn(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	cookie := s.signedIn(t, "ina")
	answer := s.ask("POST", "/sign-out", url.Values{}, "Cookie", cookie)
	if gone := answer.Result().Cookies(); len(gone) != 1 || gone[0].MaxAge >= 0 || gone[0].Value != "" {
		t.Errorf("the browser keeps %v", gone)
	}
	if s.mayRead("Cookie", cookie) {
		t.Error("the cookie is still good")
	}
}

func TestWhoeverIsRemovedIsOutAtOnce(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	cookie, token := s.signedIn(t, "ina"), s.token(t, domain.IssueToken{Token: "t", User: "ina"})
	if !s.mayRead("Cookie", cookie) || !s.mayRead("Authorization", token) {
		t.Fatal("not let in at all")
	}
	s.grant(t, domain.RemoveUser{User: "ina"})
	if s.mayRead("Cookie", cookie) || s.mayRead("Authorization", token) {
		t.Error("still let in")
	}
}

func TestATokenIsGoodForItsTimeAndUntilItIsRevoked(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	short := s.token(t, domain.IssueToken{Token: "short", User: "ina", Expires: domain.Instant(s.clock.Now().Add(time.Hour))})
	long := s.token(t, domain.IssueToken{Token: "long", User: "ina"})
	cookie := s.signedIn(t, "ina")
	s.clock.pass(20 * time.Minute)
	for _, header := range []string{short, long, strings.Replace(long, "Bearer", "bearer", 1)} {
		if !s.mayRead("Authorization", header) {
			t.Fatalf("%.12s… is not good", header)
		}
	}
	for _, header := range []string{"Bearer", "Bearer clew_", "Basic abc", "Bearer " + strings.ToUpper(long[7:]), long + "x", "clew_"} {
		if s.mayRead("Authorization", header, "Cookie", cookie) {
			t.Errorf("%.12s… is good", header)
		}
	}
	s.clock.pass(40 * time.Minute)
	if s.mayRead("Authorization", short) {
		t.Error("it is good after its time")
	}
	s.grant(t, domain.RevokeToken{User: "ina", Token: "long"})
	if s.mayRead("Authorization", long) {
		t.Error("it is good after it was revoked")
	}
}

func TestATokenCanBeNarrowed(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C1", "C2")
	s.grant(t, domain.AdmitUser{User: "ina", Role: "owner"})
	reading := s.token(t, domain.IssueToken{Token: "r", User: "ina", ReadOnly: true})
	one := s.token(t, domain.IssueToken{Token: "c", User: "ina", Cases: []domain.CaseID{"C1"}})
	if answer := s.ask("POST", "/purpose", url.Values{"why": {"x"}}, "Authorization", reading); answer.Code != http.StatusForbidden {
		t.Errorf("a token for reading changed something: %d", answer.Code)
	}
	list := s.ask("GET", "/api/v1/cases", nil, "Authorization", one).Body.String()
	if !strings.Contains(list, "C1") || strings.Contains(list, "C2") {
		t.Errorf("a token for C1 lists %s", list)
	}
	if answer := s.ask("GET", "/metrics", nil, "Authorization", one); answer.Code != http.StatusForbidden {
		t.Errorf("a token for C1 sees what concerns all: %d", answer.Code)
	}
	for _, token := range []string{reading, one} {
		if answer := s.ask("POST", "/sign-in", url.Values{"token": {token[len("Bearer "):]}}); answer.Code != http.StatusForbidden {
			t.Errorf("a narrowed token opened a sign-in, which is wider: %d", answer.Code)
		}
	}
}

func TestATokenSignsABrowserIn(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	token := s.token(t, domain.IssueToken{Token: "mine", User: "ina"})
	answer := s.ask("POST", "/sign-in", url.Values{"token": {token[len("Bearer "):]}, "next": {"//evil.example"}})
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/" || len(answer.Result().Cookies()) != 1 {
		t.Errorf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
}

func TestASignInLeadsOnWithinThisSiteOnly(t *testing.T) {
	s := newServer(t)
	for next, want := range map[string]string{"/cases/C1?at=1": "/cases/C1?at=1", "https://evil.example": "/", "//evil.example": "/",
		`/\evil.example`: "/", "/\tevil": "/", "": "/", "javascript:alert(1)": "/"} {
		body := s.ask("GET", "/sign-in?"+url.Values{"next": {next}}.Encode(), nil).Body.String()
		if !strings.Contains(body, `name="next" value="`+want+`"`) {
			t.Errorf("%q leads on to\n%s", next, body)
		}
	}
}

func TestAttemptsToSignInAreThrottled(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	link, err := s.people.Invite(t.Context(), casework.By{Actor: "root"}, "ina")
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if answer := s.ask("POST", "/sign-in", url.Values{"link": {"wrong"}}); answer.Code != http.StatusForbidden {
			t.Fatalf("%d", answer.Code)
		}
	}
	answer := s.ask("POST", "/sign-in", url.Values{"link": {link}})
	if answer.Code != http.StatusTooManyRequests || answer.Header().Get("Retry-After") != "6" {
		t.Errorf("%d, Retry-After %q", answer.Code, answer.Header().Get("Retry-After"))
	}
	here := s.address
	s.address = "192.0.2.2:1"
	if answer := s.ask("POST", "/sign-in", url.Values{"link": {"wrong"}}); answer.Code != http.StatusForbidden {
		t.Errorf("another address waits too: %d", answer.Code)
	}
	s.address = here
	s.clock.pass(6 * time.Second)
	if answer := s.ask("POST", "/sign-in", url.Values{"link": {link}}); answer.Code != http.StatusSeeOther {
		t.Errorf("after six seconds: %d", answer.Code)
	}
	if !strings.Contains(s.log.String(), "a sign-in failed") || strings.Contains(s.log.String(), link) {
		t.Errorf("the log says\n%s", s.log)
	}
}

func TestABrowserIsSentToTheSignInAndBack(t *testing.T) {
	s := newServer(t)
	answer := s.ask("GET", "/cases?rule=fifo", nil, "Accept", "text/html")
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/sign-in?next=%2Fcases%3Frule%3Dfifo" {
		t.Errorf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
	answer = s.ask("GET", "/api/v1/cases", nil, "Accept", "text/html")
	if answer.Code != http.StatusUnauthorized || answer.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("a program is sent elsewhere: %d", answer.Code)
	}
}
