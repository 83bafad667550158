package indicators

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// What a walk tells of an account is what the indicators on lots look at, to
// the passage: where it is just what the book has, where a fee, a stated balance
// or another order of a bare day makes it something else, and where a movement
// comes late afterwards.
func TestWhatTheWalkTellsIsWhatIsLookedAt(t *testing.T) {
	shared, parted := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		rows := someNetwork(rt)
		for n := range rows {
			row := &rows[n]
			switch rapid.IntRange(0, 12).Draw(rt, "oddity") {
			case 0:
				row.Fee = domain.Amount{Units: domain.NewUnits(7), Asset: row.Amount.Asset}
			case 1:
				row.Kind, row.From, row.Victim = domain.Balance, "", ""
			case 2:
				row.When = domain.Date(2024, 1, row.When.Time.Day())
			}
			if row.Kind == domain.Opening {
				row.Fee = domain.Amount{}
			}
		}
		b, late := NewBook(nil), len(rows)-rapid.IntRange(0, len(rows)/4).Draw(rt, "late")
		for n := range rows[:late] {
			b.Add(&rows[n])
		}
		want := map[domain.AccountID][]string{}
		in := tracing.Input{Rows: rows[:late], Rule: tracing.FIFO}
		if _, err := tracing.Watch(in, func(c *tracing.Carried) {
			want[c.Account] = append(want[c.Account], fmt.Sprint(c.When.Time.Unix(), c.Position, c.Units, c.Arrives))
		}); err != nil {
			rt.Fatal(err)
		}
		if err := b.Trace(in); err != nil {
			rt.Fatal(err)
		}
		for n := late; n < len(rows); n++ {
			rows[n].When = domain.Instant(rows[n].When.Time.Add(-99 * time.Hour)) // it moves others on
			b.Add(&rows[n])
		}
		for _, p := range b.pools {
			at := b.chestOf(p.number)
			if at == nil {
				continue
			}
			looked := at.walked
			if looked == nil {
				looked, shared = p.upto(int(at.same)), shared+1
			} else {
				parted++
			}
			var got []string
			for _, line := range looked.list {
				got = append(got, fmt.Sprint(line.at/int64(time.Second), b.rows[line.row].position, line.units, line.in))
			}
			credits := len(slices.DeleteFunc(slices.Clone(looked.list), func(line passage) bool { return !line.in }))
			if !slices.Equal(got, want[p.account]) || looked.credits != credits {
				rt.Fatalf("at %s is looked at %v, the walk told %v", p.account, got, want[p.account])
			}
		}
	})
	if shared == 0 || parted == 0 {
		t.Errorf("%d accounts as the book has them, %d not: this test shows only one of the two", shared, parted)
	}
}
