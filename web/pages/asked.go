package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// asked is what an address asks: which case, by which rule, as of which two
// times, and what is selected. The address is the whole state of a screen, so
// whoever is sent it sees the same.
type asked struct {
	Case    domain.CaseID
	Rule    tracing.Rule // "": the case's own
	At      string       // what had happened by then; as it was written
	KnownAt string       // what had been recorded by then; as it was written
	Upto    string       // or up to this position of the log
	query   projections.Ask
}

// askedOf reads the address. A position of 0 means that nothing was known yet.
func (s *screens) askedOf(r *http.Request) (asked, error) {
	form := r.URL.Query()
	a := asked{At: strings.TrimSpace(form.Get("at")), KnownAt: strings.TrimSpace(form.Get("known_at")), Upto: strings.TrimSpace(form.Get("upto"))}
	if name := r.PathValue("case"); name != "" {
		id, err := domain.ParseCase(name)
		if err != nil {
			return a, domain.NotFound("there is no case of this name: %v", err)
		}
		a.Case = id
	}
	if err := a.readRule(form.Get("rule")); err != nil {
		return a, err
	}
	at, err := when("at", a.At)
	if err != nil {
		return a, err
	}
	a.query = projections.Ask{Case: a.Case, Rule: a.Rule, At: lastMoment(at)}
	a.query.Upto, err = s.known(r, a)
	return a, err
}

func (a *asked) readRule(text string) error {
	a.Rule = tracing.Rule(strings.ToLower(strings.TrimSpace(text)))
	for _, rule := range tracing.Rules() {
		if a.Rule == "" || a.Rule == rule.Rule {
			return nil
		}
	}
	return domain.Usage("rule %q in the address is none that clew knows: choose one of the list below the case's title", text)
}

// known is the position of the log that the question is asked as of.
func (s *screens) known(r *http.Request, a asked) (uint64, error) {
	if err := s.catchUp(r); err != nil {
		return 0, err
	}
	upto, err := uint64(projections.Head), error(nil)
	switch {
	case a.Upto != "":
		if upto, err = strconv.ParseUint(a.Upto, 10, 63); err != nil {
			return 0, domain.Usage("upto=%q in the address is no position of the log: it is a whole number", a.Upto)
		}
	case a.KnownAt != "":
		moment, wrong := when("known_at", a.KnownAt)
		if wrong != nil {
			return 0, wrong
		}
		upto, err = s.views(r).KnownAt(r.Context(), moment.End())
	}
	if err == nil && upto == 0 {
		err = domain.NotFound("nothing was recorded by then: choose a later moment, or leave it away to see all that is known now")
	}
	return upto, err
}

// when reads a time of the address; zero where there is none.
func when(name, text string) (domain.When, error) {
	if text == "" {
		return domain.When{}, nil
	}
	w, err := domain.ParseWhen(text)
	if err != nil {
		return w, domain.Usage("%s=%q in the address: %v", name, text, err)
	}
	return w, nil
}

func lastMoment(w domain.When) time.Time {
	if w.IsZero() {
		return time.Time{}
	}
	return w.End()
}

// state is the part of the address that every link of a case keeps.
func (a asked) state() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{"rule": string(a.Rule), "at": a.At, "known_at": a.KnownAt, "upto": a.Upto} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// To is the address of a screen of the case with the same state; more names
// and values follow, of which an empty value takes a name away.
func (a asked) To(screen string, more ...string) string {
	values := a.state()
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "" {
			values.Del(more[i])
			continue
		}
		values.Set(more[i], more[i+1])
	}
	return addressed(cmp.Or(casePath(a.Case, screen), "/"+screen), values)
}

// casePath is where a screen of a case is; "" where there is no case.
func casePath(id domain.CaseID, screen string) string {
	switch {
	case id == "":
		return ""
	case screen == "":
		return "/cases/" + url.PathEscape(string(id))
	}
	return "/cases/" + url.PathEscape(string(id)) + "/" + screen
}

func addressed(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// Account is the address of an account's page.
func (a asked) Account(name domain.AccountID) string { return a.To("account", "name", string(name)) }

// Movement is the address of a movement's page.
func (a asked) Movement(id domain.MovementID) string { return a.To("movement", "id", string(id)) }

// Reason is the address at which a victim's money opens its reason: how it came
// to an account, or wherever it is.
func (a asked) Reason(victim domain.VictimID, account domain.AccountID) string {
	return a.To("explain", "victim", string(victim), "account", string(account))
}

// Past says whether the answer is not about now.
func (a asked) Past() bool { return a.At != "" || a.KnownAt != "" || a.Upto != "" }

// Now is the address of a screen without the two times.
func (a asked) Now(screen string) string { return a.To(screen, "at", "", "known_at", "", "upto", "") }
