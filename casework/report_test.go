package casework_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"clew/casework"
	"clew/domain"
	"clew/papers"
	"clew/projections"
	"clew/tracing"
)

// given is a file that was given under conditions.
func given(name string, conditions []domain.HandlingCondition, rows ...string) casework.File {
	text := strings.Join(append([]string{"time,id,from,to,amount,asset,victim"}, rows...), "\n") + "\n"
	file := casework.File{Case: "C1", Name: name, Source: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	if conditions != nil {
		file.Handling = &domain.HandlingSet{Conditions: conditions}
	}
	return file
}

func asked() casework.ReportAsked {
	return casework.ReportAsked{Ask: projections.Ask{Case: "C1"}, By: "ina", Clew: "test"}
}

// What was read from a file that must not leave is in no line of the report:
// not its accounts, not its payments, not its name. The sums stay, and the
// report says that they rest on it.
func TestAReportLeavesOutWhatMustNotLeave(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	o.mustImport(t, given("open.csv", nil, "2024-01-02T10:00:00Z,a1,V1 bank,M,100.00,EUR,V1"))
	secret := o.mustImport(t, given("fromabroad.csv", []domain.HandlingCondition{domain.Egmont}, "2024-01-03T10:00:00Z,b1,M,HIDEOUT-7,60.00,EUR,", "2024-01-04T10:00:00Z,b2,V2 bank,HIDEOUT-7,5.00,EUR,V2"))
	r := must(o.Report(ctx, asked()))(t)
	page := string(r.HTML)
	for _, word := range []string{"HIDEOUT", "fromabroad", "V2 bank"} {
		if strings.Contains(page, word) {
			t.Errorf("%s is in the report", word)
		}
	}
	if len(r.Withheld) != 1 || r.Withheld[0].File != secret.SHA256 || r.Withheld[0].Rows != 2 || !strings.Contains(page, "it was given under the condition egmont") {
		t.Errorf("what is withheld is not named: %+v", r.Withheld)
	}
	if at := slices.IndexFunc(r.Victims, func(v papers.VictimPart) bool { return v.Victim == "V2" }); at < 0 || r.Victims[at].Hidden != 1 || len(r.Victims[at].Payments) != 0 {
		t.Errorf("V2's payment is told: %+v", r.Victims)
	}
	if got := r.Losses[0].States[tracing.AtLarge]; got != domain.NewUnits(10000) {
		t.Errorf("the sums are not the walk's: %s", got)
	}
	if !strings.Contains(page, "[withheld account 1]") {
		t.Error("the account that must not be named is not there at all")
	}

	o.mustImport(t, given("sealed.csv", []domain.HandlingCondition{domain.CourtSeal}, "2024-01-05T10:00:00Z,c1,M,N,1.00,EUR,"))
	if _, err := o.Report(ctx, asked()); domain.ClassOf(err) != domain.ClassDenied || !strings.Contains(err.Error(), "court_seal") {
		t.Errorf("what a court has sealed leaves: %v", err)
	}
}

// A name leaves only for a recipient with a basis, and never by itself; that a
// holder acts under force does not leave at all.
func TestAReportNamesNobodyUnasked(t *testing.T) {
	o, ctx, yes := newOffice(t), context.Background(), true
	o.mustDo(t, domain.AddVictim{Victim: "V1", Category: "scam_target", Name: "Avery Sample", Country: "NL"})
	o.mustImport(t, given("open.csv", nil, "2024-01-02T10:00:00Z,a1,V1 bank,M,100.00,EUR,V1"))
	o.mustDo(t, domain.DescribeAccount{Account: "M", Holder: "Mull Sample", Coerced: &yes, Institution: "Nordbank", Country: "NL"})
	page := string(must(o.Report(ctx, asked()))(t).HTML)
	for _, word := range []string{"Avery", "Mull Sample", "coerced", "force"} {
		if strings.Contains(page, word) {
			t.Errorf("%q is in the report", word)
		}
	}
	if !strings.Contains(page, "Nordbank (NL)") {
		t.Error("the bank to ask is not in the report")
	}
	names := asked()
	names.Names = true
	if _, err := o.Report(ctx, names); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("names without a recipient: %v", err)
	}
	names.To, names.Basis = "district court", "order of 4 June"
	if page := string(must(o.Report(ctx, names))(t).HTML); !strings.Contains(page, "Victim V1: Avery Sample (NL)") || !strings.Contains(page, "district court") {
		t.Error("the name that was asked for is not there")
	}
}

// The days for which to ask: of a frontier account from when it was last seen,
// of missing records those on which it paid, of a statement that does not add
// up those since the account was seen before.
func TestAReportAsksForTheRightDays(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	o.mustImport(t, table("time,kind,from,to,amount,asset,id,victim", "2024-01-02,transfer,V1 bank,M,100.00,EUR,1,V1", "2024-01-05,transfer,M,N,150.00,EUR,2,",
		"2024-01-09,transfer,K,M,10.00,EUR,3,", "2024-01-12,balance,,M,17.00,EUR,4,"))
	r := must(o.Report(ctx, asked()))(t)
	var got []string
	for _, q := range r.Inquiries {
		got = append(got, strings.TrimSpace(strings.Join([]string{q.Why, string(q.Account), q.Amount.String(), q.From.String(), q.To.String()}, " ")))
	}
	want := []string{"frontier N 100.00 2024-01-05 0001-01-01T00:00:00Z", "missing M 50.00 2024-01-05 2024-01-05", "missing K 10.00 2024-01-09 2024-01-09", "gap M 7.00 2024-01-09 2024-01-12"}
	if !slices.Equal(got, want) {
		t.Errorf("asked:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
