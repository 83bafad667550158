package casework_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
)

// desk is a desk whose clock stands.
func desk(t *testing.T) *casework.Desk {
	t.Helper()
	d := openOffice(t, filepath.Join(t.TempDir(), "clew.db")).Desk
	d.Clock = func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	return d
}

// grant records, and complains where that fails.
func grant(t *testing.T, d *casework.Desk, by string, commands ...domain.AccessCommand) {
	t.Helper()
	for _, c := range commands {
		if _, err := d.Grant(t.Context(), casework.By{Actor: by}, c); err != nil {
			t.Fatalf("%T: %v", c, err)
		}
	}
}

// lookedUp reads who may come in, as a copy of what the test asks.
func lookedUp[T any](t *testing.T, d *casework.Desk, look func(*domain.Access) T) (answer T) {
	t.Helper()
	if err := d.Access(context.Background(), func(a *domain.Access) { answer = look(a) }); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestWhoeverOpensACaseIsOnIt(t *testing.T) {
	d := desk(t)
	grant(t, d, "root", domain.AdmitUser{User: "ina", Role: "investigator"}, domain.AdmitUser{User: "ben", Role: "investigator"})
	open := domain.OpenCase{Case: "C1", Title: "The lost savings"}
	if _, err := d.OpenCase(t.Context(), casework.By{Actor: "ina"}, open); err != nil {
		t.Fatal(err)
	}
	if _, err := d.OpenCase(t.Context(), casework.By{Actor: "ben"}, open); err != nil {
		t.Fatal(err)
	}
	if _, err := d.OpenCase(t.Context(), casework.By{Actor: "root"}, domain.OpenCase{Case: "C2", Title: "Of the command line"}); err != nil {
		t.Fatal(err)
	}
	on := lookedUp(t, d, func(a *domain.Access) [2]int { return [2]int{len(a.Users["ina"].Cases), len(a.Users["ben"].Cases)} })
	if on != [2]int{1, 0} {
		t.Errorf("ina is on %d cases and ben, who only guessed the title, on %d", on[0], on[1])
	}
}

// A second desk on the same log, as another process has it, sees at once what
// the first records.
func TestWhatIsRevokedIsNotGoodAnywhere(t *testing.T) {
	d := desk(t)
	other := &casework.Desk{Store: d.Store, Views: d.Views, Clock: d.Clock}
	now := d.Clock()
	grant(t, d, "root", domain.AdmitUser{User: "ina", Role: "fiu"},
		domain.IssueToken{Token: "nightly", User: "ina", Hash: "h1", Now: now, Expires: domain.Instant(now.Add(time.Hour))})
	tokens := func(a *domain.Access) int { return len(a.Tokens) }
	if n := lookedUp(t, other, tokens); n != 1 {
		t.Fatalf("%d tokens", n)
	}
	grant(t, d, "root", domain.RevokeToken{Token: "nightly", User: "ina"})
	if n := lookedUp(t, other, tokens); n != 0 {
		t.Errorf("%d tokens after the revocation", n)
	}
	grant(t, d, "root", domain.IssueToken{Token: "nightly", User: "ina", Hash: "h2", Now: now, Expires: domain.Instant(now.Add(time.Hour))},
		domain.RemoveUser{User: "ina"})
	if n := lookedUp(t, other, tokens); n != 0 {
		t.Errorf("%d tokens of somebody who was removed", n)
	}
}

func TestALinkIsGoodOnceAndForItsTime(t *testing.T) {
	d := desk(t)
	now := d.Clock()
	grant(t, d, "root", domain.AdmitUser{User: "ina", Role: "fiu"},
		domain.IssueLink{User: "ina", Hash: "l1", Expires: domain.Instant(now.Add(time.Hour))},
		domain.IssueLink{User: "ina", Hash: "l2", Expires: domain.Instant(now.Add(time.Hour))})
	in := domain.SignIn{Means: domain.ByLink, Link: "l1", Session: "s1", Now: now, Expires: domain.Instant(now.Add(12 * time.Hour))}
	grant(t, d, "ina", in)
	in.Session = "s2"
	if _, err := d.Grant(t.Context(), casework.By{Actor: "ina"}, in); domain.ClassOf(err) != domain.ClassDenied {
		t.Errorf("the link was taken twice: %v", err)
	}
	in.Link, in.Now = "l2", now.Add(time.Hour)
	if _, err := d.Grant(t.Context(), casework.By{Actor: "ina"}, in); domain.ClassOf(err) != domain.ClassDenied {
		t.Errorf("the link was taken after its time: %v", err)
	}
}

func TestWhoCouldComeInOnADay(t *testing.T) {
	d := desk(t)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d.Clock = func() time.Time { return at }
	if _, err := d.Do(t.Context(), casework.By{Actor: "root"}, "C1", domain.OpenCase{Case: "C1", Title: "One"}); err != nil {
		t.Fatal(err)
	}
	grant(t, d, "root", domain.AdmitUser{User: "ina", Role: "fiu"}, domain.JoinCase{User: "ina", Case: "C1"})
	first := at
	at = at.Add(24 * time.Hour)
	grant(t, d, "root", domain.GiveRole{User: "ina", Role: "auditor"}, domain.LeaveCase{User: "ina", Case: "C1"})
	for when, want := range map[time.Time]string{first.Add(-time.Second): "", first: "fiu C1", at: "auditor "} {
		access, err := d.AccessAt(t.Context(), when)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if user, known := access.Users["ina"]; known {
			got = user.Role + " "
			for _, c := range user.On() {
				got += string(c)
			}
		}
		if got != want {
			t.Errorf("at %s ina was %q, want %q", when, got, want)
		}
	}
}

func TestWhatCannotBeGranted(t *testing.T) {
	d := desk(t)
	now := d.Clock()
	grant(t, d, "root", domain.AdmitUser{User: "ina", Role: "fiu", Identity: "sub-1"},
		domain.IssueToken{Token: "t", User: "ina", Hash: "h", Now: now, Expires: domain.Instant(now.Add(time.Hour))})
	for want, c := range map[string]domain.AccessCommand{
		"there is no role":             domain.AdmitUser{User: "ben", Role: "king"},
		"a user's name has":            domain.AdmitUser{User: "b n", Role: "fiu"},
		"is let in already":            domain.AdmitUser{User: "ina", Role: "auditor"},
		"one identity is one person":   domain.AdmitUser{User: "ben", Role: "fiu", Identity: "sub-1"},
		"there is no case":             domain.JoinCase{User: "ina", Case: "C9"},
		"there is no user":             domain.GiveRole{User: "eve", Role: "fiu"},
		"has no token":                 domain.RevokeToken{User: "ina", Token: "x"},
		"has a token":                  domain.IssueToken{Token: "t", User: "ina", Hash: "h3", Now: now, Expires: domain.Instant(now.Add(time.Hour))},
		"for no more than a year":      domain.IssueToken{Token: "u", User: "ina", Hash: "h4", Now: now, Expires: domain.Instant(now.AddDate(2, 0, 0))},
		"you are not let in":           domain.SignIn{User: "eve", Means: domain.ByProvider, Session: "s", Now: now, Expires: domain.Instant(now.Add(time.Hour))},
		"was used, is too old, or nev": domain.SignIn{Means: domain.ByLink, Link: "none", Session: "s", Now: now, Expires: domain.Instant(now.Add(time.Hour))},
	} {
		if _, err := d.Grant(t.Context(), casework.By{Actor: "root"}, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T %+v: %v, want %q", c, c, err, want)
		}
	}
}
