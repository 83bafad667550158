package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

// timed is paid at an hour of the story's day.
func timed(id domain.CaseID, hour int, from, to, value string) domain.Movement {
	m := paid(id, fmt.Sprint(from, to, hour), from, to, value)
	m.When = domain.Instant(time.Date(2024, 2, 1, hour, 0, 0, 0, time.UTC))
	return m
}

// robbery is a case in which V1 loses 100 to M, who pays half of it on to an
// exchange's pool and 10 back. It gives the log and the position before the
// pay-back was known.
func robbery(t *testing.T) (*memoryLog, uint64) {
	log := opened(t)
	theft, onward, back := timed("C1", 10, "V1 bank", "M", "100.00"), timed("C1", 12, "M", "service:X", "50.00"), timed("C1", 13, "M", "V1 bank", "10.00")
	theft.Victim, theft.Scam = "V1", "romance"
	log.tell(t, "C1", domain.Observe(theft), domain.Observe(onward))
	before := log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "another"})
	log.tell(t, "C1", domain.Observe(back))
	return log, before
}

func TestTheLedgerAddsUp(t *testing.T) {
	ctx := context.Background()
	log, _ := robbery(t)
	ledger, err := see(t, log).Ledger(ctx, Ask{Case: "C1"})
	if err != nil || len(ledger.Rows) != 1 {
		t.Fatalf("ledger %+v, %v", ledger, err)
	}
	show := eur.Format
	row := ledger.Rows[0]
	got := fmt.Sprint(row.Victim, " reported ", show(row.Reported), " own ", show(row.Own), " at large ", show(row.AtLarge), " returned ", show(row.Returned),
		" at service ", show(row.AtService), " paid back ", show(row.PaidBack), " net ", show(row.Net), row.Scams)
	if want := "V1 reported 100.00 own 100.00 at large 40.00 returned 10.00 at service 50.00 paid back 10.00 net 90.00[romance]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if ledger.Position != 5 || ledger.Chosen || ledger.Rule != tracing.FIFO || row.InCurrency.Given() {
		t.Errorf("head: %+v", ledger.Traced)
	}
}

func TestBothTimesCanBeAsked(t *testing.T) {
	ctx := context.Background()
	log, before := robbery(t)
	views := see(t, log)
	for _, test := range []struct {
		ask  Ask
		want string
	}{
		{Ask{Case: "C1"}, "40.00"},
		{Ask{Case: "C1", Upto: before}, "50.00"},
		{Ask{Case: "C1", At: time.Date(2024, 2, 1, 12, 0, 0, 0, time.UTC)}, "50.00"},
		{Ask{Case: "C1", At: time.Date(2024, 2, 1, 11, 59, 59, 0, time.UTC)}, "100.00"},
		{Ask{Case: "C1", Upto: 2, At: time.Date(2024, 2, 1, 13, 0, 0, 0, time.UTC)}, "100.00"},
		{Ask{Case: "C1", KnownAt: start.Add(3 * time.Minute)}, "50.00"},
	} {
		ledger, err := views.Ledger(ctx, test.ask)
		if err != nil {
			t.Fatal(err)
		}
		if got := eur.Format(ledger.Rows[0].AtLarge); got != test.want {
			t.Errorf("%+v: at large %s, want %s", test.ask, got, test.want)
		}
	}
}

func TestPoisonHasNoLedger(t *testing.T) {
	log, _ := robbery(t)
	views := see(t, log)
	if _, err := views.Ledger(context.Background(), Ask{Case: "C1", Rule: tracing.Poison}); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("got %v", err)
	}
	if _, err := views.Trace(context.Background(), Ask{Case: "C1", Rule: "nonsense"}); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("a rule that is none: %v", err)
	}
	if _, err := views.Trace(context.Background(), Ask{Case: "C9"}); domain.ClassOf(err) != domain.ClassNotFound || !strings.Contains(err.Error(), "clew case list") {
		t.Errorf("a case that is not there: %v", err)
	}
}

func TestALockedRuleIsChosen(t *testing.T) {
	ctx := context.Background()
	log, _ := robbery(t)
	log.tell(t, "C1", domain.RuleLocked{Rule: "lifo", Authority: "court", Reason: "r"})
	views := see(t, log)
	for rule, chosen := range map[tracing.Rule]bool{"": true, tracing.LIFO: true, tracing.FIFO: false} {
		traced, err := views.Trace(ctx, Ask{Case: "C1", Rule: rule})
		if err != nil || traced.Chosen != chosen || traced.Lock == nil {
			t.Errorf("asked for %q: chosen %v, %v", rule, traced.Chosen, err)
		}
	}
}

// Todd's example (TRACING, G2) has another least and most for each victim.
func TestCompareShowsTheLeastAndTheMost(t *testing.T) {
	log := opened(t)
	for i, who := range []string{"Paul", "Michael", "", "Karen", ""} {
		m := timed("C1", i, who, "M", "10.00")
		m.Victim = domain.VictimID(who)
		if who == "" {
			m = timed("C1", i, "M", "cash:ATM", "10.00")
		}
		log.tell(t, "C1", domain.Observe(m))
	}
	c, err := see(t, log).Compare(context.Background(), Ask{Case: "C1"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range c.Spreads {
		got = append(got, fmt.Sprint(s.Victim, " ", eur.Format(s.Least.Recoverable), " ", eur.Format(s.Most.Recoverable), " ", len(s.ByRule)))
	}
	if want := "Karen 0.00 10.00 6; Michael 0.00 2.50 6; Paul 0.00 10.00 6"; strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(c.Ledgers) != 6 || slices.ContainsFunc(c.Ledgers, func(l *Ledger) bool { return l.Rule == tracing.Poison }) {
		t.Errorf("rules compared: %d", len(c.Ledgers))
	}
}

func TestDiffNamesWhoseNumbersChangedAndByWhat(t *testing.T) {
	ctx := context.Background()
	log, before := robbery(t)
	second := timed("C1", 14, "V2 bank", "M2", "7.00")
	second.Victim = "V2"
	last := log.tell(t, "C1", domain.Observe(second))
	views := see(t, log)
	d, err := views.Diff(ctx, Ask{Case: "C1"}, before, last)
	if err != nil {
		t.Fatal(err)
	}
	if d.Count != 2 || len(d.Events) != 2 || d.Events[0].Position != before+1 {
		t.Errorf("events between: %+v", d.Events)
	}
	if len(d.Changes) != 2 || d.Changes[0].Victim != "V1" || eur.Format(d.Changes[0].Before.AtLarge) != "50.00" || eur.Format(d.Changes[0].After.AtLarge) != "40.00" {
		t.Errorf("changes: %+v", d.Changes)
	}
	if d.Changes[1].Victim != "V2" || d.Changes[1].Before != nil || d.Changes[1].After == nil {
		t.Errorf("a new victim: %+v", d.Changes[1])
	}
	if d, err = views.Diff(ctx, Ask{Case: "C1"}, 3, before); err != nil || len(d.Changes) != 0 || d.Count != 0 {
		t.Errorf("another case's event changed %+v, %v", d, err)
	}
	if d, err = views.Diff(ctx, Ask{Case: "C1"}, 0, 2); err != nil || len(d.Changes) != 1 || d.Count != 2 {
		t.Errorf("from the beginning: %+v, %v", d, err)
	}
	if _, err = views.Diff(ctx, Ask{Case: "C1"}, 3, 2); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("the wrong way round: %v", err)
	}
}

func told(t *testing.T, v *Views, a Ask, order Order) (texts []string, entries []Entry) {
	t.Helper()
	err := v.Timeline(context.Background(), a, order, func(e Entry) error {
		texts, entries = append(texts, e.Text), append(entries, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts, entries
}

func TestTheTimelineTellsACaseInBothOrders(t *testing.T) {
	log := opened(t)
	late, early := timed("C1", 12, "M", "B", "50.00"), timed("C1", 10, "V1 bank", "M", "100.00")
	early.Victim, early.Scam = "V1", "romance"
	log.tell(t, "C1", domain.Observe(late))
	log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "another"})
	log.tell(t, "C1", domain.Observe(early), domain.CaseNoted{Text: domain.Personal{Clear: "secret"}})
	views := see(t, log)

	texts, entries := told(t, views, Ask{Case: "C1"}, AsItBecameKnown)
	want := []string{"Case C1 was opened: the case.", "M paid 50.00 EUR to B.", "V1 bank paid 100.00 EUR to M, reported by V1 (romance).", "A note was written to the case."}
	if !slices.Equal(texts, want) {
		t.Errorf("as it became known: %q, want %q", texts, want)
	}
	if e := entries[2]; e.Position != 4 || e.Actor != "insp.lind" || !e.RecordedAt.Equal(start.Add(4*time.Minute)) || e.Movement != early.ID || e.When != early.When {
		t.Errorf("entry: %+v", e)
	}
	texts, entries = told(t, views, Ask{Case: "C1"}, AsItHappened)
	if !slices.Equal(texts, []string{want[2], want[1]}) {
		t.Errorf("as it happened: %q", texts)
	}
	if e := entries[0]; e.Position != 4 || e.Actor != "insp.lind" || !e.RecordedAt.Equal(start.Add(4*time.Minute)) {
		t.Errorf("entry: %+v", e)
	}
	if texts, _ = told(t, views, Ask{Case: "C1", Upto: 2}, AsItBecameKnown); len(texts) != 2 {
		t.Errorf("as of position 2: %q", texts)
	}
	if texts, _ = told(t, views, Ask{Case: "C1", At: early.When.Time}, AsItHappened); len(texts) != 1 {
		t.Errorf("what had happened by ten: %q", texts)
	}
}

func TestTheTimelineOfLinkedCasesIsOneTale(t *testing.T) {
	log := opened(t)
	for i := range pageOfStream + 3 {
		log.tell(t, []domain.CaseID{"C1", "C2"}[i%2], domain.CaseNoted{})
	}
	log.tell(t, "C2", domain.CaseOpened{Case: "C2"}, domain.CaseLinked{Other: "C1"})
	_, entries := told(t, see(t, log), Ask{Case: "C1"}, AsItBecameKnown)
	if len(entries) != len(log.records) || !slices.IsSortedFunc(entries, func(a, b Entry) int { return int(a.Position) - int(b.Position) }) {
		t.Errorf("%d entries of %d events", len(entries), len(log.records))
	}
}

func TestTheHistoryOfAMovementNamesAllThatTouchedIt(t *testing.T) {
	ctx, log := context.Background(), opened(t)
	m, other := paid("C1", "T1", "A", "M", "100.00"), paid("C1", "T2", "A", "M", "100.00")
	m.Note = "for the ring"
	other.Evidence = domain.Evidence{File: "beef", Line: 3}
	now := m
	now.Amount = amount("90.00")
	log.tell(t, "C1", domain.Observe(m), domain.Observe(other), domain.Observe(paid("C1", "T3", "A", "M", "1.00")),
		domain.PaymentReported{Movement: m.ID, Victim: "V1"},
		domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "r"},
		domain.MovementJoined{Kept: m.ID, Other: other.ID, Basis: "b"})
	before := log.tell(t, "C1", domain.ReportWithdrawn{Movement: m.ID, Victim: "V1", Reason: "r"})
	log.tell(t, "C1", domain.MovementSeparated{One: m.ID, Other: other.ID}, domain.MovementWithdrawn{Movement: m.ID, Reason: "r"})
	views := see(t, log)

	h, err := views.MovementHistory(ctx, "C1", m.ID, Head)
	if err != nil {
		t.Fatal(err)
	}
	var positions []uint64
	for _, e := range h.Events {
		positions = append(positions, e.Position)
	}
	if !slices.Equal(positions, []uint64{2, 5, 6, 7, 8, 9, 10}) || !h.File.Withdrawn || len(h.Tellings) != 0 {
		t.Errorf("events at %d, %+v", positions, h.File)
	}
	if first, ok := h.Events[0].Event.(domain.TransferObserved); !ok || first.Note != "for the ring" {
		t.Errorf("the first event: %+v", h.Events[0])
	}
	h, err = views.MovementHistory(ctx, "C1", m.ID, before)
	if err != nil || len(h.Events) != 5 || h.File.Withdrawn || h.File.Movement.Amount != amount("90.00") || h.File.Victim != "" {
		t.Errorf("as of %d: %+v, %v", before, h, err)
	}
	if !slices.Equal(h.Tellings, []domain.MovementID{other.ID}) || len(h.Evidence) != 2 || h.Evidence[1].File != "beef" {
		t.Errorf("tellings %v, evidence %v", h.Tellings, h.Evidence)
	}
	assembly, err := views.Assemble(ctx, "C1", before)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := views.EvidenceOf(ctx, assembly, []domain.MovementID{m.ID, m.ID})
	if err != nil || !slices.Equal(shown[m.ID], h.Evidence) {
		t.Errorf("the lines that show it: %v, %v", shown, err)
	}
	if _, err := views.EvidenceOf(ctx, assembly, []domain.MovementID{"none"}); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("the lines of no movement: %v", err)
	}
	if h, err = views.MovementHistory(ctx, "C1", m.ID, 5); err != nil || h.File.Victim != "V1" || h.File.Movement.Amount != amount("100.00") {
		t.Errorf("as of 5: %+v, %v", h, err)
	}
	if _, err = views.MovementHistory(ctx, "C1", m.ID, 1); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("before it was recorded: %v", err)
	}
}

func TestAccountsFlowsAndVictims(t *testing.T) {
	ctx, log := context.Background(), opened(t)
	theft, swap := timed("C1", 10, "V1 bank", "M", "100.00"), timed("C1", 11, "M", "M2", "60.00")
	theft.Victim, theft.Fee = "V1", amount("1.00")
	swap.Kind, swap.Received = domain.Conversion, amount("55.00")
	hop := domain.Movement{ID: "hop", Kind: domain.Hop, When: domain.Date(2024, 2, 1), Source: "chain",
		Inputs:  []domain.Leg{{Account: "i1", Amount: amount("3.00")}, {Account: "i2", Amount: amount("4.00")}},
		Outputs: []domain.Leg{{Account: "o1", Amount: amount("5.00")}, {Account: "o2", Amount: amount("1.50")}}}
	log.tell(t, "C1", domain.Observe(theft), domain.Observe(swap), domain.Observe(hop),
		domain.AccountDescribed{Account: "M", As: domain.KindVASP, Institution: "Example Exchange"},
		domain.AccountDescribed{Account: "V1 savings", Victim: "V1"}, domain.VictimRegistered{Victim: "V0", Category: domain.ScamTarget})
	log.tell(t, "C2", domain.CaseOpened{Case: "C2"}, domain.Observe(timed("C2", 10, "M", "B", "1.00")))
	views := see(t, log)

	var lines []string
	flows, err := views.Flows(ctx, Ask{Case: "C1"})
	for _, f := range flows {
		lines = append(lines, fmt.Sprint(f.From, ">", f.To, " ", eur.Format(f.Amount), "/", eur.Format(f.Received)))
	}
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"M>M2 60.00/55.00", "M>sink:fees 5.00/5.00", "V1 bank>M 100.00/100.00", "V1 bank>sink:fees 1.00/1.00",
		"i1>o1 3.00/3.00", "i2>o1 2.00/2.00", "i2>o2 1.50/1.50", "i2>sink:fees 0.50/0.50"}
	if !slices.Equal(lines, want) {
		t.Errorf("flows %q, want %q", lines, want)
	}
	accounts, err := views.AccountRows(ctx, Ask{Case: "C1"})
	m := accounts[slices.IndexFunc(accounts, func(a AccountRow) bool { return a.Account == "M" })]
	if err != nil || eur.Format(m.In) != "100.00" || eur.Format(m.Out) != "60.00" || m.CreditCount != 1 || m.DebitCount != 1 ||
		m.Kind != domain.KindVASP || m.Said.Institution != "Example Exchange" || m.First != theft.When || m.Last != swap.When {
		t.Errorf("account M: %+v, %v", m, err)
	}
	rows, err := views.AccountMovements(ctx, Ask{Case: "C1"}, "o1")
	if err != nil || len(rows) != 1 || rows[0].Kind != domain.Hop {
		t.Errorf("movements of o1: %+v, %v", rows, err)
	}
	victims, err := views.Victims(ctx, Ask{Case: "C1"})
	if err != nil || len(victims) != 2 || victims[0].Victim != "V0" || len(victims[1].Payments) != 1 || !slices.Equal(victims[1].Homes, []domain.AccountID{"V1 savings"}) {
		t.Errorf("victims: %+v, %v", victims, err)
	}
	cases, err := views.CasesOf(ctx, "M", Head)
	if err != nil || !slices.Equal(cases, []domain.CaseID{"C1", "C2"}) {
		t.Errorf("cases that name M: %v, %v", cases, err)
	}
	if cases, err = views.CasesOf(ctx, "M", 6); err != nil || len(cases) != 1 {
		t.Errorf("as of 6: %v, %v", cases, err)
	}
}

func TestTheMarkedColumnIsTheWorthOnThePaymentsDay(t *testing.T) {
	ctx, log := context.Background(), newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "t", Currency: "USD"})
	theft := timed("C1", 10, "V1 bank", "M", "100.00")
	theft.Victim = "V1"
	unrated := log.tell(t, "C1", domain.Observe(theft))
	body, err := domain.EncodeEvent(domain.RatePublished{Base: "EUR", Day: domain.Date(2024, 1, 31), Rates: map[domain.AssetCode]string{"USD": "1.0837"}, Source: "ECB"})
	if err != nil {
		t.Fatal(err)
	}
	log.records = append(log.records, log.record(eventstoreEvent(RateStream, domain.RatePublished{}.Kind(), body), appendBy("ina"), start.Add(time.Hour)))
	views := see(t, log)

	ledger, err := views.Ledger(ctx, Ask{Case: "C1"})
	if err != nil || ledger.Currency != "USD" || ledger.Rows[0].InCurrency.String() != "108.37" || ledger.Rows[0].Unrated != "" {
		t.Errorf("ledger: %+v, %v", ledger.Rows, err)
	}
	ledger, err = views.Ledger(ctx, Ask{Case: "C1", Upto: unrated})
	if err != nil || ledger.Rows[0].InCurrency.Given() || !strings.Contains(ledger.Rows[0].Unrated, "2024-02-01") {
		t.Errorf("before the rate was known: %+v, %v", ledger.Rows, err)
	}
}

func TestFilesAndTheirRejectedLines(t *testing.T) {
	ctx, log := context.Background(), opened(t)
	log.tell(t, "C1", domain.EvidenceFiled{File: "f1", Name: "a.csv", Size: 12, Format: "clew"},
		domain.LineRejected{Evidence: domain.Evidence{File: "f1", Line: 3, Page: "S"}, Field: "amount", Reason: "is no number"})
	log.tell(t, "C2", domain.EvidenceFiled{File: "f1", Name: "b.csv", Size: 12, Format: "clew", Source: "bank"})
	views := see(t, log)

	lines, err := views.RejectedLines(ctx, "C1", "f1")
	if err != nil || len(lines) != 1 || !lines[RejectKey(domain.Evidence{Line: 3, Page: "S"})] {
		t.Errorf("rejected lines: %v, %v", lines, err)
	}
	if lines, err = views.RejectedLines(ctx, "C2", "f1"); err != nil || len(lines) != 0 {
		t.Errorf("of another case: %v, %v", lines, err)
	}
	files, err := views.Files(ctx, "C1", Head)
	if err != nil || len(files) != 1 || files[0].Name != "a.csv" || files[0].Rejected != 1 {
		t.Errorf("files: %+v, %v", files, err)
	}
	filed, err := views.FiledIn(ctx, "f1", Head)
	if err != nil || len(filed) != 2 || filed[1].Case != "C2" || filed[1].Source != "bank" {
		t.Errorf("filed in: %+v, %v", filed, err)
	}
	cases, err := views.Cases(ctx, Head)
	if err != nil || len(cases) != 1 || cases[0].Case != "C1" || cases[0].Files != 1 {
		t.Errorf("cases: %+v, %v", cases, err)
	}
}

func TestOccurrencesCountOnDiskAsInMemory(t *testing.T) {
	o, err := NewOccurrences()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	o.most = 10
	counted := map[byte]int{}
	for i := range 1000 {
		content := [32]byte{0: byte(i * i % 97), 31: 1}
		counted[content[0]]++
		n, err := o.Next(content)
		if err != nil || n != counted[content[0]] {
			t.Fatalf("row %d is the %d. of its kind, %v, want the %d.", i, n, err, counted[content[0]])
		}
	}
	if len(o.counts) > o.most {
		t.Errorf("%d counts are kept in memory, more than %d", len(o.counts), o.most)
	}
}

func TestTheSameQuestionIsWalkedOnce(t *testing.T) {
	ctx := context.Background()
	log, _ := robbery(t)
	views := see(t, log)
	a, err := views.Trace(ctx, Ask{Case: "C1"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := views.Trace(ctx, Ask{Case: "C1", Rule: tracing.FIFO, Upto: Head})
	if err != nil || a.Assembly != b.Assembly || &a.Answer.Accounts[0] != &b.Answer.Accounts[0] {
		t.Errorf("it was walked again: %v", err)
	}
	log.tell(t, "C1", domain.Observe(timed("C1", 20, "M", "B", "1.00")))
	c, err := views.Trace(ctx, Ask{Case: "C1"})
	if err != nil || c.Assembly.Len() != a.Assembly.Len()+1 {
		t.Errorf("what was recorded since is not in the answer: %v", err)
	}
}

func TestADifferenceListsSoManyEventsAndCountsAll(t *testing.T) {
	log := opened(t)
	for range maxEvents + 1 {
		log.tell(t, "C1", domain.CaseNoted{})
	}
	d, err := see(t, log).Diff(context.Background(), Ask{Case: "C1"}, 1, Head)
	if err != nil || len(d.Events) != maxEvents || d.Count != maxEvents+1 {
		t.Errorf("%d events of %d, %v", len(d.Events), d.Count, err)
	}
}

func TestASentenceNamesSoManyLegsOfAHop(t *testing.T) {
	leg := domain.Leg{Account: "o", Amount: amount("1.00")}
	if got := legs(slices.Repeat([]domain.Leg{leg}, maxLegs+1)); !strings.HasSuffix(got, ", 1 more") {
		t.Errorf("one leg beyond: %q", got)
	}
	if got := legs(slices.Repeat([]domain.Leg{leg}, maxLegs)); strings.Contains(got, "more") {
		t.Errorf("at the limit: %q", got)
	}
}

func TestAnExplanationGoesDownToTheLine(t *testing.T) {
	ctx := context.Background()
	log, _ := robbery(t)
	log.tell(t, "C1", domain.AccountIdentified{Account: "service:pool", As: "service:X"})
	views := see(t, log)
	whole, err := views.Explain(ctx, Ask{Case: "C1"}, tracing.Ask{Victim: "V1"})
	if err != nil || len(whole.Sentences) < 3 {
		t.Fatalf("%+v, %v", whole, err)
	}
	for _, s := range whole.Sentences {
		if s.Movement != "" && (s.Evidence.Line != 7 || !strings.Contains(s.Text, "line 7")) {
			t.Errorf("a step without its line: %+v", s)
		}
	}
	part, err := views.Explain(ctx, Ask{Case: "C1"}, tracing.Ask{Victim: "V1", Account: "service:pool"})
	if err != nil || part.Account != "service:X" || len(part.Sentences) == 0 || len(part.Sentences) >= len(whole.Sentences) {
		t.Errorf("how it came to an account of two names: %+v, %v", part, err)
	}
	if _, err := views.Explain(ctx, Ask{Case: "C1"}, tracing.Ask{Victim: "V9"}); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("a victim who is none: %v", err)
	}
	again, err := views.Trace(ctx, Ask{Case: "C1"})
	if err != nil || again.Assembly.Row(0).Evidence != (domain.Evidence{}) {
		t.Errorf("the rows that others read were changed: %+v, %v", again.Assembly.Row(0), err)
	}
}
