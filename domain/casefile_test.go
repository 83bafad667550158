package domain

import (
	"errors"
	"strings"
	"testing"
)

// caseWith folds events into a case file.
func caseWith(events ...Event) *CaseFile {
	c := NewCaseFile("C1")
	for _, e := range events {
		c.Evolve(e)
	}
	return c
}

var opened = CaseOpened{Case: "C1", Title: "The lost savings"}

func yes() *bool { b := true; return &b }

// Each command on a case: what it records, or why not.
func TestCommandsOnACase(t *testing.T) {
	v1 := VictimRegistered{Victim: "V1", Category: ScamTarget}
	locked := RuleLocked{"fifo", "court order 12/24", "first in, first out"}
	for _, tc := range []struct {
		name    string
		before  *CaseFile
		command Command
		want    string // the kinds recorded, or the error's words
	}{
		{"open", NewCaseFile("C1"), OpenCase{"C1", "The lost savings", ""}, "case.opened.v1"},
		{"open again, the same", caseWith(opened), OpenCase{"C1", "The lost savings", ""}, ""},
		{"open again, another title", caseWith(opened), OpenCase{"C1", "Another", ""}, "open already"},
		{"open without a title", NewCaseFile("C1"), OpenCase{"C1", "", ""}, "title is empty"},
		{"note on no case", NewCaseFile("C1"), NoteCase{"hm"}, "there is no case C1"},
		{"note", caseWith(opened), NoteCase{"called the bank"}, "case.noted.v1"},
		{"note on a closed case", caseWith(opened, CaseClosed{}), NoteCase{"hm"}, "closed"},
		{"empty note", caseWith(opened), NoteCase{" "}, "note is missing"},
		{"a note one byte too long", caseWith(opened), NoteCase{strings.Repeat("x", maxReason+1)}, "more than 4000"},
		{"link with itself", caseWith(opened), LinkCase{Other: "C1"}, "with itself"},
		{"link", caseWith(opened), LinkCase{Other: "C2"}, "case.linked.v1"},
		{"link again", caseWith(opened, CaseLinked{Other: "C2"}), LinkCase{Other: "C2"}, ""},
		{"close", caseWith(opened), CloseCase{"done"}, "case.closed.v1"},
		{"close again", caseWith(opened, CaseClosed{}), CloseCase{"done"}, ""},
		{"victim", caseWith(opened), AddVictim{Victim: "V1", Category: ScamTarget}, "victim.registered.v1"},
		{"the same victim", caseWith(opened, v1), AddVictim{Victim: "V1", Category: ScamTarget}, ""},
		{"more of the victim", caseWith(opened, v1), AddVictim{Victim: "V1", Category: ScamTarget, Country: "de"}, "victim.registered.v1"},
		{"victim of no category", caseWith(opened), AddVictim{Victim: "V1", Category: "other"}, "is neither"},
		{"victim of no country", caseWith(opened), AddVictim{Victim: "V1", Category: ScamTarget, Country: "D1"}, "two letters"},
		{"describe nothing", caseWith(opened), DescribeAccount{Account: "A"}, "at least one thing"},
		{"describe", caseWith(opened), DescribeAccount{Account: "A", Coerced: yes()}, "account.described.v1"},
		{"describe again in the same words", caseWith(opened, AccountDescribed{Account: "A", Coerced: yes(), Basis: "letter"}), DescribeAccount{Account: "A", Coerced: yes(), Basis: "letter"}, ""},
		{"another kind than the prefix", caseWith(opened), DescribeAccount{Account: "cash:x", As: KindBank}, "is of kind cash"},
		{"another place than the prefix", caseWith(opened), DescribeAccount{Account: "iban:DE89370400440532013000", As: KindCard}, "is of kind iban"},
		{"an address that is a mixer's", caseWith(opened), DescribeAccount{Account: "eip155:1:0x00000000000000000000000000000000000000bb", As: KindMixer}, "account.described.v1"},
		{"an IBAN that is a processor's", caseWith(opened), DescribeAccount{Account: "iban:DE89370400440532013000", As: KindService}, "account.described.v1"},
		{"an address of nobody that is somebody's", caseWith(opened), DescribeAccount{Account: "eip155:1:0x0000000000000000000000000000000000000000", As: KindEVM}, "is of kind sink"},
		{"identify with itself", caseWith(opened), IdentifyAccounts{Account: "A", As: "A"}, "its own name"},
		{"identify", caseWith(opened), IdentifyAccounts{Account: "A", As: "B"}, "account.identified.v1"},
		{"identify again, the other way round", caseWith(opened, AccountIdentified{Account: "A", As: "B"}), IdentifyAccounts{Account: "B", As: "A"}, ""},
		{"identify an end with a bank account", caseWith(opened), IdentifyAccounts{Account: "cash:x", As: "B"}, "cannot be one"},
		{"label", caseWith(opened), AttachLabel{Account: "A", Label: "mule", Source: "bank"}, "label.attached.v1"},
		{"label without a source", caseWith(opened), AttachLabel{Account: "A", Label: "mule"}, "source is missing"},
		{"take back a label that is not there", caseWith(opened), WithdrawLabel{"A", "mule", "wrong"}, "has no label"},
		{"lock", caseWith(opened), LockRule(locked), "rule.locked.v1"},
		{"lock again", caseWith(opened, locked), LockRule(locked), ""},
		{"lock without a reason", caseWith(opened), LockRule{"fifo", "court", ""}, "reason is missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			events, err := tc.command.Decide(tc.before)
			checkDecision(t, events, err, tc.want)
		})
	}
}

func checkDecision(t *testing.T, events []Event, err error, want string) {
	t.Helper()
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind())
	}
	got := strings.Join(kinds, " ")
	if err != nil {
		got = err.Error()
		if classed := (*Error)(nil); !errors.As(err, &classed) {
			t.Errorf("%v has no class", err)
		}
	}
	if (want == "" && got != "") || !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Each command on a movement.
func TestCommandsOnAMovement(t *testing.T) {
	eur := Asset{"EUR", 2}
	paid := Movement{ID: "m1", Kind: Transfer, From: "A", To: "B", Amount: Amount{NewUnits(500), eur}, When: Date(2024, 1, 5)}
	balance := Movement{ID: "m2", Kind: Balance, To: "B", Amount: Amount{NewUnits(500), eur}, When: Date(2024, 1, 5)}
	nothing, other := paid, paid
	nothing.Amount, other.Amount = Amount{Units{}, eur}, Amount{NewUnits(501), eur}
	c := caseWith(opened)
	for _, tc := range []struct {
		name    string
		movie   MovementFile
		command interface {
			Decide(*CaseFile, MovementFile) ([]Event, error)
		}
		want string
	}{
		{"report", MovementFile{Movement: paid}, ReportMovement{"m1", "V1", "romance"}, "victim.registered.v1 payment.reported.v1"},
		{"the same report", MovementFile{Movement: paid, Victim: "V1", Scam: "romance"}, ReportMovement{"m1", "V1", "romance"}, ""},
		{"another's report", MovementFile{Movement: paid, Victim: "V2"}, ReportMovement{"m1", "V1", ""}, "reported by V2 already"},
		{"report a balance", MovementFile{Movement: balance}, ReportMovement{"m2", "V1", ""}, "only a payment"},
		{"report nothing", MovementFile{Movement: nothing}, ReportMovement{"m1", "V1", ""}, "moves nothing"},
		{"report what is withdrawn", MovementFile{Movement: paid, Withdrawn: true}, ReportMovement{"m1", "V1", ""}, "is withdrawn"},
		{"take back no report", MovementFile{Movement: paid}, WithdrawReport{"m1", "wrong"}, "not reported by anybody"},
		{"take back a report", MovementFile{Movement: paid, Victim: "V1"}, WithdrawReport{"m1", "wrong"}, "report.withdrawn.v1"},
		{"correct", MovementFile{Movement: paid}, CorrectMovement{"m1", Observed{other}, "typing error"}, "movement.corrected.v1"},
		{"correct nothing", MovementFile{Movement: paid}, CorrectMovement{"m1", Observed{paid}, "typing error"}, ""},
		{"correct what is withdrawn", MovementFile{Movement: paid, Withdrawn: true}, CorrectMovement{"m1", Observed{other}, "x"}, "is withdrawn"},
		{"correct a reported payment to nothing", MovementFile{Movement: paid, Victim: "V1"}, CorrectMovement{"m1", Observed{nothing}, "x"}, "more than 0"},
		{"withdraw", MovementFile{Movement: paid}, WithdrawMovement{"m1", "never was"}, "movement.withdrawn.v1"},
		{"withdraw again", MovementFile{Movement: paid, Withdrawn: true}, WithdrawMovement{"m1", "never was"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			events, err := tc.command.Decide(c, tc.movie)
			checkDecision(t, events, err, tc.want)
		})
	}
}

// The last word counts about whose an account is; what is left unsaid stays.
func TestDescriptionsLieOverOneAnother(t *testing.T) {
	c := caseWith(opened,
		AccountDescribed{Account: "A", Victim: "V1", Institution: "First Invented Bank"},
		AccountDescribed{Account: "A", Coerced: yes()},
		AccountDescribed{Account: "A", NotVictim: "V1"})
	a := c.Accounts["A"]
	if a.Victim != "" || a.NotVictim != "V1" || a.Institution != "First Invented Bank" || a.Coerced == nil || !*a.Coerced {
		t.Errorf("%+v", a)
	}
}

// A circle of names has one name, wherever one starts.
func TestResolveDoesNotDependOnTheStart(t *testing.T) {
	c := caseWith(AccountIdentified{Account: "X", As: "B"}, AccountIdentified{Account: "B", As: "C"}, AccountIdentified{Account: "C", As: "B"})
	for _, name := range []AccountID{"X", "B", "C"} {
		if got := c.Resolve(name); got != "B" {
			t.Errorf("%s is walked as %s", name, got)
		}
	}
}

// Two tellings of one row have one name; the name that a row gives to an
// unnamed counterparty is not a part of what it says.
func TestIdentity(t *testing.T) {
	m := Movement{Kind: Transfer, From: "A", Amount: Amount{NewUnits(5), Asset{"EUR", 2}}, When: Date(2024, 1, 5)}
	content := m.Content()
	first, second := Identify("C1", "bank", "", content, 1), Identify("C1", "bank", "", content, 2)
	if first == second || first == Identify("C2", "bank", "", content, 1) || first == Identify("C1", "shop", "", content, 1) {
		t.Error("different rows have one name")
	}
	m.ID = first
	m.To = m.ID.Unknown()
	if m.Content() != content {
		t.Error("the name of an unnamed counterparty changed the content")
	}
	m.Note, m.Evidence.Line = "another note", 7
	if m.Content() != content {
		t.Error("note or evidence changed the content")
	}
	m.Victim = "V1"
	if m.Content() == content {
		t.Error("a row that names a victim says the same as one that does not")
	}
}
