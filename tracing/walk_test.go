package tracing

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"clew/domain"
)

var euro = domain.Asset{Code: "EUR", Digits: 2}

func cents(n int64) domain.Amount { return domain.Amount{Units: domain.NewUnits(n), Asset: euro} }

// paid is a bare-dated transfer; its position is its number.
func paid(n int, from, to domain.AccountID, amount domain.Amount) Row {
	r := Row{Position: uint64(n)}
	r.ID, r.Kind, r.When = domain.MovementID(fmt.Sprint("m", n)), domain.Transfer, domain.Date(2024, 1, 5)
	r.From, r.To, r.Amount = from, to, amount
	return r
}

// saboteur changes what is on the way, as a fault of the program would.
type saboteur struct {
	at     domain.MovementID
	change func(book)
}

func (s saboteur) noted(*walk, Warning) {}
func (s saboteur) walked(*walk, *step)  {}
func (s saboteur) moved(w *walk, m move) {
	if w.plan.id(&w.plan.steps[m.step]) == s.at {
		s.change(w.book)
	}
}

// Conservation is asserted at every step: money or worth that is lost, made or
// left on the way stops the trace, and the error names the movement.
func TestALostCentStopsTheTraceAndNamesTheMovement(t *testing.T) {
	one := fixedOf(domain.NewUnits(1))
	faults := map[string]func(book){
		"a cent too much": func(b book) {
			switch b := b.(type) {
			case *lotBook:
				b.way[0].units++
			case *shareBook:
				b.way[0].units.Add(&b.way[0].units, &one)
			}
		},
		"worth too little": func(b book) {
			switch b := b.(type) {
			case *lotBook:
				lost := lot{b.way[0].owner, b.way[0].place, b.vault.units(&b.way[0]), domain.NewUnits(b.way[0].worth() - 1)}
				b.way[0] = b.vault.lie(lost)
			case *shareBook:
				b.way[0].worth.Sub(&b.way[0].worth, &one)
			}
		},
		"a lot astray": func(b book) {
			switch b := b.(type) {
			case *lotBook:
				b.aside = append(b.aside, slot{})
			case *shareBook:
				b.aside = append(b.aside, share{})
			}
		},
	}
	claimed := paid(1, "V", "A", cents(100))
	claimed.Victim = "V"
	rows := []Row{claimed, paid(2, "A", "B", cents(60))}
	for _, r := range rules[:6] {
		for name, change := range faults {
			p, err := makePlan(Input{Rows: rows})
			if err != nil {
				t.Fatal(err)
			}
			w := newWalk(p, &r)
			w.watch = saboteur{"m2", change}
			if err := w.run(); !errors.Is(err, errFault) || !strings.Contains(err.Error(), "m2") {
				t.Errorf("%s, %s: %v", r.name, name, err)
			}
		}
	}
}

// What the books hold is held against the balances once more at the end.
func TestALotThatVanishesFromAPoolStopsTheTrace(t *testing.T) {
	p, err := makePlan(Input{Rows: []Row{paid(1, "A", "B", cents(60))}})
	if err != nil {
		t.Fatal(err)
	}
	w := newWalk(p, &rules[0])
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.tills[p.steps[0].to].lots = queue{}
	if err := w.audit(); !errors.Is(err, errFault) || !strings.Contains(err.Error(), "B") {
		t.Error(err)
	}
}

// A sum that does not fit 128 bits stops the trace and says so; it is the
// case's amounts that are wrong, not the program.
func TestASumThatDoesNotFitStopsTheTrace(t *testing.T) {
	most := domain.Amount{Units: never, Asset: euro}
	for _, r := range Rules() {
		_, err := Trace(Input{Rule: r.Rule, Rows: []Row{paid(1, "X", "A", most), paid(2, "Y", "A", cents(1))}})
		if !errors.Is(err, domain.ErrOverflow) || errors.Is(err, errFault) || !strings.Contains(err.Error(), "m2") {
			t.Errorf("%s: %v", r.Rule, err)
		}
	}
}

func TestARowThatCannotBeWalkedIsNamed(t *testing.T) {
	bad := paid(1, "A", "", cents(1))
	if _, err := Trace(Input{Rule: FIFO, Rows: []Row{bad}}); err == nil || !strings.Contains(err.Error(), "m1") {
		t.Error(err)
	}
	if _, err := Trace(Input{Rule: "hifo"}); domain.ClassOf(err) != domain.ClassUsage {
		t.Error(err)
	}
}

// A hundred thousand rows of one day, the payments before what pays for them:
// each waits and is looked at only when its pool holds enough. (If every
// credit woke all that wait, this would take hours.)
func TestABareDayOfManyRowsIsWalkedInOrder(t *testing.T) {
	const n = 50_000
	var rows []Row
	for i := range n {
		rows = append(rows, paid(i, "A", "B", cents(10)))
	}
	for i := range n {
		r := paid(n+i, "V", "A", cents(10))
		r.Victim = "V"
		rows = append(rows, r)
	}
	p, err := makePlan(Input{Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	w := newWalk(p, &rules[0])
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	for i, step := range w.agenda.found {
		want := uint64(i / 2) // each payment right after the credit that it waits for
		if i%2 == 0 {
			want += n
		}
		if got := p.position(&p.steps[step]); got != want {
			t.Fatalf("row %d walked is %d, not %d", i, got, want)
		}
	}
	if missing := w.missing[p.steps[0].from]; !missing.units.IsZero() {
		t.Errorf("missing %v although every payment could wait", missing.units)
	}
}

// Waiting for two pools: the fee is in another asset, and the row waits for
// whichever is lacking.
func TestARowWaitsForItsFeeInAnotherAsset(t *testing.T) {
	gas := domain.Asset{Code: "TRX", Digits: 6}
	spends := paid(1, "A", "B", cents(10))
	spends.Fee = domain.Amount{Units: domain.NewUnits(5), Asset: gas}
	rows := []Row{spends,
		opening(2, "A", cents(10)), opening(3, "A", domain.Amount{Units: domain.NewUnits(4), Asset: gas}),
		opening(4, "A", domain.Amount{Units: domain.NewUnits(1), Asset: gas}), paid(5, "A", "C", cents(10))}
	answer, err := Trace(Input{Rule: FIFO, Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	// The openings never wait, so the payment to B, first in the log, is first again.
	if len(answer.Missing) != 1 || answer.Missing[0].Account != "A" || answer.Missing[0].Asset != euro {
		t.Errorf("%+v", answer.Missing)
	}
	for _, pool := range answer.Accounts {
		if pool.Account == "B" && !pool.Unexplained.IsZero() {
			t.Errorf("%+v", pool)
		}
	}
}

func opening(n int, at domain.AccountID, amount domain.Amount) Row {
	r := paid(n, "", at, amount)
	r.Kind = domain.Opening
	return r
}

// All rules follow the order that the first has found: side by side they
// answer what each answers alone.
func TestCompareAnswersWhatTraceAnswers(t *testing.T) {
	for _, bare := range []bool{false, true} {
		rows := crowd(3000, bare)
		c, err := Compare(Input{Rows: rows})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range Rules() {
			alone, err := Trace(Input{Rule: r.Rule, Rows: rows})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(alone, c.Answers[i]) {
				t.Errorf("%s answers otherwise beside the other rules (bare %t)", r.Rule, bare)
			}
		}
		for _, v := range c.Victims {
			if v.Most.Less(v.Least) || len(v.Recoverable) != 6 {
				t.Errorf("%+v", v)
			}
		}
	}
}
