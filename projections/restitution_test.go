package projections

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"clew/domain"
)

// V1 and V2 lose 300 and 100 to M; 200 of it are seized and 120 restored: 90
// to V1 and 30 to the bank that reimbursed V2.
func TestTheLedgerTellsRestoredReceivedAndReimbursedApart(t *testing.T) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(theft("C1", 0, "V1", "M", "300.00")), domain.Observe(theft("C1", 1, "V2", "M", "100.00")))
	f := frozen{t, log, "C1"}
	f.request("F1", 2, domain.FreezeRequested{Account: "M", Amount: sum("200.00")})
	f.hold("F1", 3, "200.00")
	log.tell(t, "C1", domain.FreezeSeized{News: news("F1", 4), Amount: amount("200.00")},
		domain.ReimbursementRecorded{Reimbursement: "R1", Payer: "Bank", Victim: "V2", Amount: amount("40.00"), At: minute(5)},
		domain.ReimbursementRecorded{Reimbursement: "R2", Payer: "Bank", Victim: "V2", Amount: amount("5.00"), At: minute(5)},
		domain.ReimbursementWithdrawn{Reimbursement: "R2", Reason: "typo"},
		domain.FreezeRestored{News: news("F1", 6), Amount: amount("120.00"), Method: "pari-passu-gross", Shares: []domain.VictimShare{
			{Victim: "V1", Amount: amount("90.00")}, {Victim: "V2", Amount: amount("30.00"), Payer: "Bank"}}})
	views := see(t, log)
	ledger, err := views.Ledger(context.Background(), Ask{Case: "C1"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	show := eur.Format
	restored, received := domain.Units{}, domain.Units{}
	for _, r := range ledger.Rows {
		got = append(got, fmt.Sprint(r.Victim, " own ", show(r.Own), " restored ", show(r.Restored), " received ", show(r.Received), " reimbursed ", show(r.Reimbursed)))
		restored, received = restored.Plus(r.Restored), received.Plus(r.Received)
	}
	want := "V1 own 300.00 restored 120.00 received 90.00 reimbursed 0.00; V2 own 100.00 restored 0.00 received 0.00 reimbursed 40.00"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
	losses, err := views.Losses(context.Background(), Ask{Case: "C1"})
	if err != nil || len(losses) != 2 {
		t.Fatal(losses, err)
	}
	bank, err := losses[1].LeftTo("Bank")
	if err != nil || show(losses[1].Left()) != "60.00" || show(bank) != "10.00" {
		t.Errorf("V2 has %s left, the bank %s, %v", show(losses[1].Left()), show(bank), err)
	}
	if passed := losses[1].PassedOn["Bank"]; restored != received.Plus(passed) {
		t.Errorf("restored %s, received %s and %s", show(restored), show(received), show(passed))
	}
}

// What was received in an asset in which nothing was lost has a row of its own.
func TestWhatIsReceivedElsewhereIsNotLost(t *testing.T) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(theft("C1", 0, "V1", "M", "300.00")),
		domain.ReimbursementRecorded{Reimbursement: "R1", Payer: "Bank", Victim: "V1", Amount: domain.Amount{Units: domain.NewUnits(7), Asset: domain.Asset{Code: "USDT", Digits: 6}}, At: minute(5)})
	ledger, err := see(t, log).Ledger(context.Background(), Ask{Case: "C1"})
	if err != nil || len(ledger.Rows) != 2 || ledger.Rows[1].Reimbursed != domain.NewUnits(7) || !ledger.Rows[1].Own.IsZero() {
		t.Errorf("%+v, %v", ledger, err)
	}
}

// A bank that pays 80 to one who had 50 of 100 back takes over 50.
func TestAPayerTakesOverNoMoreThanIsLost(t *testing.T) {
	u := func(value string) domain.Units { return amount(value).Units }
	l := Loss{Asset: eur, Own: u("100.00"), Back: u("50.00"), Reimbursed: u("80.00"), Payers: map[string]domain.Units{"Bank": u("80.00")}}
	bank, err := l.LeftTo("Bank")
	all, errAll := l.Unrecovered()
	if err != nil || errAll != nil || !l.Left().IsZero() || bank != u("50.00") || all != bank {
		t.Errorf("the victim has %s left, the bank %s, together %s", l.Left(), bank, all)
	}
}
