package casework_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

var euro = domain.Asset{Code: "EUR", Digits: 2}

func eur(text string) domain.Amount {
	a, err := domain.ParseAmount(text, euro)
	if err != nil {
		panic(err)
	}
	return a
}

// seize records a case in which the lines of a table happened and so much
// of M was seized under F1.
func (o office) seize(t cleaner, value string, rows ...string) {
	t.Helper()
	o.mustImport(t, table(rows...))
	sum := eur(value)
	ctx, at := context.Background(), domain.Instant(o.Clock())
	_, _, err := o.RequestFreeze(ctx, ina, "C1", casework.Asked{Request: domain.FreezeRequested{Freeze: "F1", At: at, Account: "M", Asset: euro.Code, Digits: 2,
		Scope: domain.ScopeAmount, Amount: &sum, Mechanism: "court-order"}})
	for _, step := range []domain.FreezeStep{domain.StepSubmit, domain.StepHold, domain.StepSeize} {
		if err == nil {
			_, err = o.StepFreeze(ctx, ina, "C1", domain.StepFreeze{Step: step, News: domain.News{Freeze: "F1"}, Urgent: true, Amount: &sum})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func sharesText(d casework.Division) string {
	var parts []string
	for _, s := range d.Shares {
		parts = append(parts, strings.TrimSpace(fmt.Sprint(s.Victim, " ", s.Amount, " ", s.Payer)))
	}
	return strings.Join(parts, ", ") + "; left " + d.Left.String()
}

// A lost 1000 first, B 2000, and 600 are gone: the sum of 2400 is shared as in
// Barlow Clowes (TRACING, G3).
func barlowClowes(t *testing.T) office {
	o := newOffice(t)
	o.seize(t, "2400.00", "time,from,to,amount,asset,id,victim", "2024-02-01T10:00:00Z,A bank,M,1000.00,EUR,1,A", "2024-02-01T11:00:00Z,B bank,M,2000.00,EUR,2,B", "2024-02-01T12:00:00Z,M,cash:ATM,600.00,EUR,3,")
	return o
}

func TestASumIsSharedByTraceOrPariPassu(t *testing.T) {
	o := barlowClowes(t)
	for _, test := range []struct{ method, rule, want string }{
		{casework.ByTrace, "fifo", "A 400.00, B 2000.00; left 0.00"},
		{casework.ByTrace, "lifo", "A 1000.00, B 1400.00; left 0.00"},
		{casework.ByTrace, "pro-rata", "A 800.00, B 1600.00; left 0.00"},
		{casework.ByGross, "", "A 800.00, B 1600.00; left 0.00"},
		{casework.ByNet, "", "A 800.00, B 1600.00; left 0.00"},
		{casework.ByRisingTide, "", "A 800.00, B 1600.00; left 0.00"},
	} {
		r := casework.Restitution{News: domain.News{Freeze: "F1"}, Amount: eur("2400.00"), Method: test.method, Rule: tracing.Rule(test.rule)}
		got, err := o.Divide(context.Background(), "C1", r)
		if err != nil || sharesText(got) != test.want {
			t.Errorf("%s %s: %s, %v; want %s", test.method, test.rule, sharesText(got), err, test.want)
		}
	}
}

// The bank that paid B 500 bears a quarter of B's claim.
func TestWhoReimbursedStandsInTheVictimsPlace(t *testing.T) {
	o := barlowClowes(t)
	o.mustDo(t, domain.RecordReimbursement{ReimbursementRecorded: domain.ReimbursementRecorded{Payer: "Bank", Victim: "B", Amount: eur("500.00"), At: domain.Date(2024, 2, 5)}})
	ctx, r := context.Background(), casework.Restitution{News: domain.News{Freeze: "F1"}, Amount: eur("2400.00"), Method: casework.ByTrace}
	got, err := o.Divide(ctx, "C1", r)
	if want := "A 400.00, B 1500.00, B 500.00 Bank; left 0.00"; err != nil || sharesText(got) != want {
		t.Errorf("%s, %v; want %s", sharesText(got), err, want)
	}
	r.Amount = eur("1000.00")
	if _, _, err := o.Restitute(ctx, ina, "C1", r); err != nil {
		t.Fatal(err)
	}
	ledger, err := o.Views.Ledger(ctx, projections.Ask{Case: "C1"})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range ledger.Rows {
		lines = append(lines, fmt.Sprint(row.Victim, " restored ", euro.Format(row.Restored), " received ", euro.Format(row.Received), " seized ", euro.Format(row.Seized), " reimbursed ", euro.Format(row.Reimbursed)))
	}
	// Of the 1000, A's 400 of 2400 claims are 166.67; B and the bank have the rest.
	want := "A restored 400.00 received 166.67 seized 0.00 reimbursed 0.00; B restored 600.00 received 625.00 seized 1400.00 reimbursed 500.00"
	if got := strings.Join(lines, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNobodyReceivesAboveHisLoss(t *testing.T) {
	o := newOffice(t)
	// 500 of M's own money is seized with the 400 that A and B lost.
	o.seize(t, "900.00", "time,from,to,amount,asset,id,victim", "2024-02-01T09:00:00Z,employer,M,500.00,EUR,0,", "2024-02-01T10:00:00Z,A bank,M,100.00,EUR,1,A", "2024-02-01T11:00:00Z,B bank,M,300.00,EUR,2,B")
	ctx := context.Background()
	for _, method := range []string{casework.ByTrace, casework.ByGross, casework.ByNet, casework.ByRisingTide} {
		got, err := o.Divide(ctx, "C1", casework.Restitution{News: domain.News{Freeze: "F1"}, Amount: eur("900.00"), Method: method})
		if want := "A 100.00, B 300.00; left 500.00"; err != nil || sharesText(got) != want {
			t.Errorf("%s: %s, %v; want %s", method, sharesText(got), err, want)
		}
	}
	for want, r := range map[string]casework.Restitution{
		"above the 100.00":       {Method: casework.ByCourt, Shares: []domain.VictimShare{{Victim: "A", Amount: eur("60.00")}, {Victim: "A", Amount: eur("60.00")}}},
		"above the 100.00 ":      {Method: casework.ByCourt, Shares: []domain.VictimShare{{Victim: "A", Amount: eur("100.01")}}},
		"lost nothing":           {Method: casework.ByCourt, Shares: []domain.VictimShare{{Victim: "X", Amount: eur("1.00")}}},
		"in the place of A":      {Method: casework.ByCourt, Shares: []domain.VictimShare{{Victim: "A", Payer: "Bank", Amount: eur("1.00")}}},
		"list of shares":         {Method: casework.ByCourt},
		"is not one of":          {Method: "by need"},
		"with method court only": {Method: casework.ByTrace, Shares: []domain.VictimShare{{Victim: "A", Amount: eur("1.00")}}},
		"more than the 900.00":   {Method: casework.ByTrace, Amount: eur("900.01")},
	} {
		r.Freeze = "F1"
		if !r.Amount.Given() {
			r.Amount = eur("900.00")
		}
		if want == "above the 100.00" {
			want = "above the 40.00"
		}
		if _, _, err := o.Restitute(ctx, ina, "C1", r); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%+v: %v, want %q", r, err, want)
		}
	}
	court := casework.Restitution{News: domain.News{Freeze: "F1"}, Amount: eur("900.00"), Method: casework.ByCourt, Shares: []domain.VictimShare{{Victim: "A", Amount: eur("100.00")}, {Victim: "B", Amount: eur("20.00")}}}
	if division, _, err := o.Restitute(ctx, ina, "C1", court); err != nil || sharesText(division) != "A 100.00, B 20.00; left 780.00" {
		t.Errorf("%s, %v", sharesText(division), err)
	}
	again := casework.Restitution{News: domain.News{Freeze: "F1"}, Amount: eur("500.00"), Method: casework.ByNet}
	if got, err := o.Divide(ctx, "C1", again); err != nil || sharesText(got) != "B 280.00; left 220.00" {
		t.Errorf("again: %s, %v", sharesText(got), err)
	}
}

// Whatever is restored, by whatever method: what is restored by lot is
// received by somebody, nobody has more than his loss, and the ledger sums.
func TestRestitutionsAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		o := openOffice(r, tempDir(r)+"/clew.db")
		o.mustDo(r, domain.OpenCase{Case: "C1", Title: "drawn"})
		rows := []string{"time,from,to,amount,asset,id,victim"}
		total := 0
		for i := range 1 + rapid.IntRange(0, 4).Draw(r, "rows") {
			value := rapid.IntRange(1, 900).Draw(r, "value")
			who := rapid.SampledFrom([]string{"A", "B", "D", ""}).Draw(r, "who")
			rows, total = append(rows, fmt.Sprintf("2024-02-01T10:00:%02dZ,%s bank,M,%d.%02d,EUR,%d,%s", i, who, value/100, value%100, i, who)), total+value
		}
		seized := rapid.IntRange(1, total).Draw(r, "seized")
		o.seize(r, fmt.Sprintf("%d.%02d", seized/100, seized%100), rows...)
		for range 3 {
			if rapid.Bool().Draw(r, "reimbursed") {
				o.mustDo(r, domain.RecordReimbursement{ReimbursementRecorded: domain.ReimbursementRecorded{Payer: "Bank", Victim: "A", Amount: eur(fmt.Sprintf("0.%02d", rapid.IntRange(1, 99).Draw(r, "paid"))), At: domain.Date(2024, 2, 5)}})
			}
			part := rapid.IntRange(1, seized).Draw(r, "part")
			method := rapid.SampledFrom(slices.DeleteFunc(casework.RestitutionMethods(), func(m string) bool { return m == casework.ByCourt })).Draw(r, "method")
			_, _, err := o.Restitute(context.Background(), ina, "C1", casework.Restitution{News: domain.News{Freeze: "F1"}, Amount: eur(fmt.Sprintf("%d.%02d", part/100, part%100)), Method: method})
			if err != nil && domain.ClassOf(err) != domain.ClassConflict {
				r.Fatal(err)
			}
		}
		wantAddedUp(r, o)
	})
}

func wantAddedUp(r *rapid.T, o office) {
	ask := projections.Ask{Case: "C1"}
	losses, err := o.Views.Losses(context.Background(), ask)
	if err != nil {
		r.Fatal(err)
	}
	out := domain.Units{}
	for _, l := range losses {
		had := l.Back.Plus(l.Received)
		for payer, units := range l.PassedOn {
			had = had.Plus(units)
			if l.Payers[payer].Less(units) {
				r.Fatalf("%s received %s for %s and had paid %s", payer, units, l.Victim, l.Payers[payer])
			}
		}
		out = out.Plus(had.Minus(l.Back))
		if l.Own.Less(had) {
			r.Fatalf("%s had %s back of %s", l.Victim, had, l.Own)
		}
	}
	totals, err := o.Views.Totals(context.Background(), projections.TotalsAsk{Ask: ask})
	if err != nil {
		r.Fatal(err)
	}
	if row := totals.Rows[0]; row.Restored != out || row.Held.Plus(row.Seized).Less(row.Returned.Plus(row.Restored)) || row.Seized.Less(row.Restored) {
		r.Fatalf("restored %s, received %s, seized %s", row.Restored, out, row.Seized)
	}
	if _, err := o.Views.Ledger(context.Background(), ask); err != nil { // it holds its own sums
		r.Fatal(err)
	}
}

// What was lost in euros is made good in dollars at the day's rate, and not at
// all without one.
func TestALossInAnotherAssetIsPricedOrRefused(t *testing.T) {
	o := newOffice(t)
	o.mustImport(t, table("time,from,to,amount,asset,id,victim,to_amount,to_asset", "2024-02-01T10:00:00Z,A bank,M,100.00,EUR,1,A,,",
		"2024-02-01T10:30:00Z,M,M,100.00,EUR,2,,120.00,USD"))
	ctx, usd := context.Background(), domain.Amount{Units: domain.NewUnits(12000), Asset: domain.Asset{Code: "USD", Digits: 2}}
	_, _, err := o.RequestFreeze(ctx, ina, "C1", casework.Asked{Request: domain.FreezeRequested{Freeze: "F1", Account: "M", Asset: "USD", Digits: 2,
		Scope: domain.ScopeAmount, Amount: &usd, Mechanism: "court-order"}})
	for _, step := range []domain.FreezeStep{domain.StepSubmit, domain.StepHold, domain.StepSeize} {
		if err == nil {
			_, err = o.StepFreeze(ctx, ina, "C1", domain.StepFreeze{Step: step, News: domain.News{Freeze: "F1"}, Urgent: true, Amount: &usd})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	r := casework.Restitution{News: domain.News{Freeze: "F1", At: domain.Date(2024, 3, 4)}, Amount: usd, Method: casework.ByTrace}
	if _, err := o.Divide(ctx, "C1", r); domain.ClassOf(err) != domain.ClassUsage || !strings.Contains(err.Error(), "no rate is recorded") {
		t.Errorf("without a rate: %v", err)
	}
	if _, err := o.PublishRates(ctx, ina, domain.RatePublished{Base: "EUR", Day: domain.Date(2024, 3, 4), Rates: map[domain.AssetCode]string{"USD": "1.10"}, Source: "ECB"}); err != nil {
		t.Fatal(err)
	}
	if got, err := o.Divide(ctx, "C1", r); err != nil || sharesText(got) != "A 110.00; left 10.00" {
		t.Errorf("%s, %v", sharesText(got), err)
	}
}

// A program that lost the answer asks again under its key: it must learn which
// freeze was drafted, held, and who received what. The first answer once came
// back without the freeze's name.
func TestAKeyGivesTheWholeAnswerAgain(t *testing.T) {
	o, ctx := barlowClowes(t), context.Background()
	by := func(key string) casework.By { return casework.By{Actor: "ina", Key: key} }
	asked := casework.Asked{Request: domain.FreezeRequested{Account: "M", Asset: "EUR", Digits: 2, Scope: domain.ScopeAccount, Mechanism: "bank"}}
	held := domain.RecordHold{Request: asked.Request, Held: domain.FreezeHeld{}}
	shared := casework.Restitution{News: domain.News{Freeze: "F1"}, Amount: eur("2400.00"), Method: casework.ByTrace}
	for again := range 2 {
		request, drafted, err := o.RequestFreeze(ctx, by("request"), "C1", asked)
		if err != nil {
			t.Fatal(err)
		}
		freeze, _, err := o.RecordHold(ctx, by("hold"), "C1", held)
		if err != nil {
			t.Fatal(err)
		}
		division, _, err := o.Restitute(ctx, by("restore"), "C1", shared)
		if err != nil {
			t.Fatal(err)
		}
		answer := fmt.Sprint(request.Freeze, " ", request.Traced, " ", freeze, " ", sharesText(division), " ", division.Rule)
		if want := "F2 0.00 F3 A 400.00, B 2000.00; left 0.00 fifo"; answer != want {
			t.Errorf("got %s, want %s", answer, want)
		}
		if drafted.Nothing != (again == 1) {
			t.Errorf("telling %d of the same key: %+v", again+1, drafted)
		}
	}
}
