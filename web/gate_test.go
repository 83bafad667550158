package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/projections"
	"clew/vault"
	"clew/web"
	"clew/web/gate"
)

// behind puts routes of a test's own behind the gate of a server.
func (s *server) behind(t *testing.T, routes ...gate.Route) {
	t.Helper()
	site, err := gate.New(s.office, s.people).Handler(slices.Concat(s.people.Routes(), routes))
	if err != nil {
		t.Fatal(err)
	}
	s.site = site
}

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
}

var casePage = gate.Route{Method: "GET", Pattern: "/c/{case}", Act: "Reading", Case: gate.CaseInPath, Handler: says("the ledger")}

func TestAnotherTeamsCaseNeedsAPurposeThatIsKept(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C1", "C2")
	s.grant(t, domain.AdmitUser{User: "ina", Role: "investigator"}, domain.JoinCase{User: "ina", Case: "C1"})
	s.behind(t, casePage)
	cookie := s.signedIn(t, "ina")
	browser := []string{"Cookie", cookie, "Accept", "text/html"}
	if own := s.ask("GET", "/c/C1", nil, browser...); own.Code != http.StatusOK {
		t.Fatalf("her own case: %d", own.Code)
	}
	asked := s.ask("GET", "/c/C2?x=1", nil, browser...)
	if to := asked.Header().Get("Location"); asked.Code != http.StatusSeeOther || to != "/purpose?case=C2&next=%2Fc%2FC2%3Fx%3D1" {
		t.Fatalf("%d to %q", asked.Code, to)
	}
	if form := s.ask("GET", asked.Header().Get("Location"), nil, browser...).Body.String(); !strings.Contains(form, "case C2") {
		t.Fatalf("the form is\n%s", form)
	}
	if empty := s.ask("POST", "/purpose", url.Values{"case": {"C2"}, "why": {" "}}, browser...); empty.Code != http.StatusBadRequest {
		t.Errorf("no purpose is a purpose: %d", empty.Code)
	}
	given := s.ask("POST", "/purpose", url.Values{"case": {"C2"}, "why": {"the same wallet"}, "next": {"/c/C2?x=1"}}, browser...)
	if given.Code != http.StatusSeeOther || given.Header().Get("Location") != "/c/C2?x=1" {
		t.Fatalf("%d to %q", given.Code, given.Header().Get("Location"))
	}
	if other := s.ask("GET", "/c/C2?x=1", nil, browser...); other.Code != http.StatusOK {
		t.Errorf("with a purpose: %d", other.Code)
	}
	if third := s.ask("GET", "/c/C3", nil, "Cookie", cookie); third.Code != http.StatusForbidden {
		t.Errorf("the purpose opens every case: %d", third.Code)
	}
	want := []string{"ina|consulted|C1|GET /c/{case}", "ina|denied|C2|GET /c/{case} as investigator", "ina|consulted|C2|GET /c/{case}|the same wallet",
		"ina|denied|C3|GET /c/{case} as investigator"}
	if got := s.reads(t); !slices.Equal(got, want) {
		t.Errorf("the log of reads has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAProgramGivesItsPurposeInAHeader(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C2")
	s.grant(t, domain.AdmitUser{User: "ina", Role: "fiu"})
	s.behind(t, casePage)
	token := s.token(t, domain.IssueToken{Token: "t", User: "ina"})
	if without := s.ask("GET", "/c/C2", nil, "Authorization", token); !strings.Contains(without.Body.String(), `"code":"purpose_needed"`) {
		t.Errorf("%d %s", without.Code, without.Body)
	}
	if with := s.ask("GET", "/c/C2", nil, "Authorization", token, gate.PurposeHeader, "request of police of A"); with.Code != http.StatusOK {
		t.Errorf("%d %s", with.Code, with.Body)
	}
	if got := s.reads(t); !slices.Contains(got, "ina|consulted|C2|GET /c/{case}|request of police of A") {
		t.Errorf("%q", got)
	}
}

// The ledger of a case that is linked with another one is theirs together.
// Whoever is on one of them alone once read both, and nobody could see that he
// had read the other.
func TestACaseThatIsWalkedAsOneWithAnotherIsReadWithIt(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C1", "C2", "C3")
	if _, err := s.office.Desk.Link(t.Context(), casework.By{Actor: "root"}, "C2", "C1", "one scheme"); err != nil {
		t.Fatal(err)
	}
	s.grant(t, domain.AdmitUser{User: "ina", Role: "investigator"}, domain.JoinCase{User: "ina", Case: "C1"},
		domain.AdmitUser{User: "pol", Role: "police"}, domain.JoinCase{User: "pol", Case: "C1"}, domain.AdmitUser{User: "aud", Role: "auditor"})
	report := gate.Route{Method: "POST", Pattern: "/report/{case}", Act: "Report", Case: gate.CaseInPath, Does: vault.Exported, Handler: says("the report")}
	step := gate.Route{Method: "POST", Pattern: "/step/{case}", Act: "submit", Case: gate.CaseInPath, Handler: says("it went out")}
	s.behind(t, casePage, report, step)
	ina, pol, aud := s.token(t, domain.IssueToken{Token: "t", User: "ina"}), s.token(t, domain.IssueToken{Token: "t", User: "pol"}), s.token(t, domain.IssueToken{Token: "t", User: "aud"})
	for _, test := range []struct {
		who, method, path, why, want string
		code                         int
	}{
		{ina, "GET", "/c/C1", "", `"code":"purpose_needed","case":"C2"`, http.StatusForbidden},
		{ina, "GET", "/c/C1", "the same wallet", "the ledger", http.StatusOK},
		{ina, "POST", "/report/C1", "the same wallet", "case C1 is linked with case C2", http.StatusForbidden},
		{pol, "GET", "/c/C1", "the same wallet", "an administrator can put you on it", http.StatusForbidden},
		{pol, "POST", "/step/C1", "", "it went out", http.StatusOK}, // minutes count
		{aud, "GET", "/c/C1", "", "the ledger", http.StatusOK},
	} {
		answer := s.ask(test.method, test.path, nil, "Authorization", test.who, gate.PurposeHeader, test.why)
		if answer.Code != test.code || !strings.Contains(answer.Body.String(), test.want) {
			t.Errorf("%s %s for %q: %d %s", test.method, test.path, test.why, answer.Code, answer.Body)
		}
	}
	got := s.reads(t)
	for _, want := range []string{"ina|denied|C2|GET /c/{case} as investigator", "ina|consulted|C2|GET /c/{case}|the same wallet", "ina|denied|C2|POST /report/{case} as investigator|the same wallet", "aud|consulted|C2|GET /c/{case}"} {
		if !slices.Contains(got, want) {
			t.Errorf("the log of reads lacks %s:\n%s", want, strings.Join(got, "\n"))
		}
	}
}

// A look that cannot be logged is not answered.
func TestWhatIsNotLoggedIsNotShown(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C1")
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	s.behind(t, casePage)
	token := s.token(t, domain.IssueToken{Token: "t", User: "ina"})
	good := s.office.Desk.Reads
	s.office.Desk.Reads = vault.NewReads(t.TempDir()+"/no such folder/reads", s.office.Desk.Vault)
	answer := s.ask("GET", "/c/C1", nil, "Authorization", token)
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "ledger") || strings.Contains(answer.Body.String(), "folder") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	s.office.Desk.Reads = good
	if answer := s.ask("GET", "/c/C1", nil, "Authorization", token); answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if got := s.reads(t); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

func TestTheSameLookIsLoggedOnceAMinute(t *testing.T) {
	s := newServer(t)
	s.opened(t, "C1")
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"})
	s.behind(t, casePage)
	token := s.token(t, domain.IssueToken{Token: "t", User: "ina"})
	for range 3 {
		for range 3 {
			s.ask("GET", "/c/C1", nil, "Authorization", token)
		}
		s.clock.pass(time.Minute)
	}
	if got := s.reads(t); len(got) != 3 {
		t.Errorf("%q", got)
	}
}

func TestAnotherSiteCannotActForABrowser(t *testing.T) {
	s := newServer(t)
	s.grant(t, domain.AdmitUser{User: "ina", Role: "owner"})
	acted := 0
	s.behind(t, gate.Route{Method: "POST", Pattern: "/act", Act: "account", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { acted++ })})
	cookie := s.signedIn(t, "ina")
	for _, from := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		answer := s.ask("POST", "/act", nil, append(from, "Cookie", cookie)...)
		if answer.Code != http.StatusForbidden || !strings.Contains(answer.Body.String(), `"code":"cross_site"`) {
			t.Errorf("%q: %d %s", from, answer.Code, answer.Body)
		}
	}
	if acted != 0 {
		t.Errorf("it acted %d times", acted)
	}
	if answer := s.ask("POST", "/act", nil, "Sec-Fetch-Site", "same-origin", "Cookie", cookie); answer.Code != http.StatusOK || acted != 1 {
		t.Errorf("its own pages cannot act: %d", answer.Code)
	}
}

func TestAPersonAndAnAddressCanAskTooOften(t *testing.T) {
	s := newServer(t)
	s.office.PerSecond = 2 // so 8 at once for a person, 32 for an address
	s.grant(t, domain.AdmitUser{User: "ina", Role: "auditor"}, domain.AdmitUser{User: "ben", Role: "auditor"})
	s.behind(t, gate.Route{Method: "GET", Pattern: "/x", Act: "account", Handler: says("x")})
	ina, ben := s.token(t, domain.IssueToken{Token: "t", User: "ina"}), s.token(t, domain.IssueToken{Token: "t", User: "ben"})
	passed := func(n int, token string) (ok int) {
		for range n {
			if s.ask("GET", "/x", nil, "Authorization", token).Code == http.StatusOK {
				ok++
			}
		}
		return ok
	}
	if got := passed(10, ina); got != 8 {
		t.Errorf("ina got %d answers at once", got)
	}
	if got := passed(5, ben); got != 5 {
		t.Errorf("ben got %d answers though he asked for five", got)
	}
	s.clock.pass(time.Second)
	if got := passed(5, ina); got != 2 {
		t.Errorf("ina got %d answers a second later", got)
	}
	s.clock.pass(time.Hour)
	if got := passed(40, "Bearer nobody"); got != 0 || s.ask("GET", "/x", nil, "Authorization", ben).Code != http.StatusTooManyRequests {
		t.Error("an address is not bounded")
	}
}

func TestAPanicIsAnsweredAndSaysNothing(t *testing.T) {
	s := newServer(t)
	s.behind(t, gate.Route{Method: "GET", Pattern: "/x", Public: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		panic("the password is hunter2")
	})})
	answer := s.ask("GET", "/x", nil)
	if answer.Code != http.StatusInternalServerError || answer.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(answer.Body.String(), "hunter") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
	for header, want := range headers {
		if answer.Header().Get(header) != want {
			t.Errorf("%s is %q", header, answer.Header().Get(header))
		}
	}
	if log := s.log.String(); !strings.Contains(log, "hunter2") || !strings.Contains(log, "gate_test.go") {
		t.Errorf("the log says\n%s", log)
	}
}

// A panic after the first byte must not look like a whole answer.
func TestHalfAnAnswerIsCutOff(t *testing.T) {
	s := newServer(t)
	s.behind(t, gate.Route{Method: "GET", Pattern: "/x", Public: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "V1 lost 100.00")
		panic("half way")
	})})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("the connection is not cut: %v", got)
		}
	}()
	s.ask("GET", "/x", nil)
}

func TestErrorsBecomeStatuses(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   string
		said   bool
	}{
		{domain.Usage("no such rule"), 400, "usage", true},
		{domain.NotFound("no such case"), 404, "not_found", true},
		{domain.Conflict("closed"), 409, "conflict", true},
		{&domain.Error{Class: domain.ClassDenied, Text: "sealed by a court"}, 403, "denied", true},
		{&eventstore.VersionConflict{Stream: "case/C1", Expected: 1, Actual: 2}, 409, "version_conflict", true},
		{&eventstore.KeyConflict{Key: "k", First: 1}, 409, "key_conflict", true},
		{&eventstore.Fault{Kind: eventstore.ErrDiskFull, Where: "/srv/clew.db"}, 507, "disk_full", false},
		{&eventstore.Fault{Kind: eventstore.ErrDamaged, Where: "/srv/clew.db"}, 500, "damaged", false},
		{&eventstore.Fault{Kind: eventstore.ErrReadOnly, Where: "/srv/clew.db"}, 403, "read_only", false},
		{&eventstore.Fault{Kind: eventstore.ErrClosed, Where: "/srv/clew.db"}, 503, "unavailable", false},
		{&projections.Parked{Projection: "movements", Why: "/srv"}, 500, "damaged", false},
		{fmt.Errorf("open /srv/x: %w", fs.ErrNotExist), 500, "failed", false},
		{context.Canceled, 503, "unavailable", false},
		{&http.MaxBytesError{Limit: 1}, 413, "too_large", true},
		{gate.Busy(time.Second), 429, "too_many_requests", true},
		{gate.Away("the provider does not answer", errors.New("/srv")), 503, "unavailable", false},
		{errors.New("/srv/secret"), 500, "failed", false},
	} {
		p := gate.ProblemOf(fmt.Errorf("while asked: %w", c.err))
		if p.Status != c.status || p.Code != c.code {
			t.Errorf("%v is %d %s, want %d %s", c.err, p.Status, p.Code, c.status, c.code)
		}
		if strings.Contains(p.Detail, "/srv") {
			t.Errorf("%v is answered with %q", c.err, p.Detail)
		}
		if said := strings.Contains(p.Detail, c.err.Error()); said != c.said {
			t.Errorf("%v is answered with %q", c.err, p.Detail)
		}
	}
}

func TestARequestIsBounded(t *testing.T) {
	s := newServer(t)
	read := func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			gate.Fail(w, r, err)
		}
	}
	s.behind(t, gate.Route{Method: "POST", Pattern: "/small", Public: true, Handler: http.HandlerFunc(read)},
		gate.Route{Method: "POST", Pattern: "/large", Public: true, Body: gate.MostBody + 100, Handler: http.HandlerFunc(read)})
	form := url.Values{"x": {strings.Repeat("y", gate.MostBody)}}
	if answer := s.ask("POST", "/small", form); answer.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", answer.Code)
	}
	if answer := s.ask("POST", "/large", form); answer.Code != http.StatusOK {
		t.Errorf("%d", answer.Code)
	}
}

func TestTheAddressBehindAProxyIsTheLastOneItTells(t *testing.T) {
	for _, c := range []struct {
		behind     bool
		peer, told string
		want       string
	}{
		{false, "198.51.100.7:1", "203.0.113.9", "198.51.100.7"},
		{true, "127.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		{true, "127.0.0.1:1", "1.2.3.4, 203.0.113.9", "203.0.113.9"},
		{true, "10.0.0.2:1", "2001:db8::1", "2001:db8::1"},
		{true, "198.51.100.7:1", "203.0.113.9", "198.51.100.7"},
		{true, "127.0.0.1:1", "nonsense", "127.0.0.1"},
		{true, "[::1]:1", "", "::1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.told != "" {
			r.Header.Set("X-Forwarded-For", c.told)
		}
		if got := (&gate.Office{Behind: c.behind}).Address(r); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestLimitsGoByTheNetworkOfAnOffice(t *testing.T) {
	for peer, want := range map[string]string{"198.51.100.7:1": "198.51.100.7", "[2001:db8:1:2:3::4]:1": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64",
		"[::ffff:198.51.100.7]:1": "::ffff:198.51.100.7", "@": "@"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = peer
		if got := (&gate.Office{}).Neighbourhood(r); got != want {
			t.Errorf("%s: %s", peer, got)
		}
	}
}

// Limiters are forgotten before they fill the memory, and a name that is
// bounded at the moment is not let off by it.
func TestLimitersAreForgotten(t *testing.T) {
	at := &clock{now: time.Unix(0, 0)}
	bound := gate.NewBound(1, 1, at.Now)
	bound.Wait("ina")
	for i := range 1 << 15 {
		at.pass(100 * time.Microsecond)
		bound.Wait(fmt.Sprint(i))
		if bound.Wait("ina") > time.Second {
			t.Fatalf("after %d others she waits longer than a second", i)
		}
	}
	if wait := bound.Wait("32767"); wait == 0 {
		t.Error("a name that asked a moment ago may ask again")
	}
	at.pass(2 * time.Second)
	if wait := bound.Wait("32767"); wait > 0 {
		t.Errorf("it waits %v though its time is over", wait)
	}
}

// Asked to stop, the server ends what streams and finishes what it answers.
func TestAStopEndsStreamsAndFinishesAnswers(t *testing.T) {
	s := newServer(t)
	begun, finish := make(chan struct{}, 2), make(chan struct{})
	s.behind(t,
		gate.Route{Method: "GET", Pattern: "/stream", Public: true, Streams: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun <- struct{}{}
			<-r.Context().Done()
			fmt.Fprint(w, "until the end")
		})},
		gate.Route{Method: "GET", Pattern: "/answer", Public: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun <- struct{}{}
			<-finish
			fmt.Fprintf(w, "ended early: %v", r.Context().Err() != nil)
		})})
	ctx, stop := context.WithCancel(t.Context())
	s.office.Stopping = ctx
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(ctx, listener, s.site, s.office.Log) }()
	answers := make(chan string, 2)
	for _, path := range []string{"/stream", "/answer"} {
		go func() { answers <- path + ": " + fetched("http://"+listener.Addr().String()+path) }()
	}
	<-begun
	<-begun
	stop()
	if got := <-answers; got != "/stream: until the end" {
		t.Errorf("%s", got)
	}
	close(finish)
	if got := <-answers; got != "/answer: ended early: false" {
		t.Errorf("%s", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}

// A stream that is open ends when its person is not let in any more, and does
// not keep him signed in.
func TestAStreamEndsWithWhatItsPersonMay(t *testing.T) {
	for name, change := range map[string]func(*server){
		"removed":           func(s *server) { s.grant(t, domain.RemoveUser{User: "ina"}) },
		"in another role":   func(s *server) { s.grant(t, domain.GiveRole{User: "ina", Role: "police"}) },
		"on another case":   func(s *server) { s.grant(t, domain.JoinCase{User: "ina", Case: "C1"}) },
		"left alone":        func(s *server) { s.clock.pass(time.Hour) },
		"past the last end": func(s *server) { s.clock.pass(24 * time.Hour) },
	} {
		s := newServer(t)
		s.opened(t, "C1")
		s.grant(t, domain.AdmitUser{User: "ina", Role: "fiu"})
		s.office.Recheck = time.Millisecond
		begun := make(chan struct{})
		s.behind(t, gate.Route{Method: "GET", Pattern: "/stream", Act: "account", Streams: true, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
		})})
		cookie, ended := s.signedIn(t, "ina"), make(chan struct{})
		go func() {
			s.ask("GET", "/stream", nil, "Cookie", cookie)
			close(ended)
		}()
		<-begun
		change(s)
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: the stream goes on", name)
		}
	}
}

// deadlines is an answer that notes how long it may take.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = t; return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

// What an answer was given before on the same connection must not end a
// stream: the server of net/http leaves it standing.
func TestAStreamHasNoDeadline(t *testing.T) {
	s := newServer(t)
	s.behind(t, gate.Route{Method: "GET", Pattern: "/answer", Public: true, Handler: says("x")}, gate.Route{Method: "GET", Pattern: "/stream", Public: true, Streams: true, Handler: says("x")})
	for path, bounded := range map[string]bool{"/answer": true, "/stream": false} {
		d := &deadlines{httptest.NewRecorder(), time.Unix(1, 0), time.Unix(1, 0)}
		s.site.ServeHTTP(d, httptest.NewRequest("GET", path, nil))
		if d.read.IsZero() == bounded || d.write.IsZero() == bounded || d.write.Equal(time.Unix(1, 0)) {
			t.Errorf("%s: reading ends %v, writing %v", path, d.read, d.write)
		}
	}
}

func fetched(address string) string {
	answer, err := http.Get(address)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
