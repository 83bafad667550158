package tracing_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

// coin is the whole units of the golden cases.
var coin = domain.Asset{Code: "COIN"}

// transfers reads "V > A 10" (a transfer), "V > A 10 !" (reported by V) and
// "= A 10" (an opening), a minute apart.
func transfers(text string) []tracing.Row {
	var rows []tracing.Row
	for line := range strings.SplitSeq(text, ";") {
		words := strings.Fields(line)
		n := len(rows) + 1
		row := tracing.Row{Position: uint64(n)}
		row.ID = domain.MovementID(fmt.Sprintf("m%03d", n))
		row.When = domain.Instant(time.Date(2024, 1, 1, 0, n, 0, 0, time.UTC))
		row.Kind, row.From, row.To = domain.Transfer, domain.AccountID(words[0]), domain.AccountID(words[2])
		amount := words[3:]
		if words[0] == "=" {
			row.Kind, row.From, row.To, amount = domain.Opening, "", domain.AccountID(words[1]), words[2:]
		}
		count, err := strconv.ParseInt(amount[0], 10, 64)
		if err != nil {
			panic(err)
		}
		row.Amount = domain.Amount{Units: domain.NewUnits(count), Asset: coin}
		if len(amount) > 1 {
			row.Victim = domain.VictimID(words[0])
		}
		rows = append(rows, row)
	}
	return rows
}

// lies tells what lies in an account: "own 2 V1 1/3".
func (o *oracle) lies(account domain.AccountID) string {
	sums := map[domain.VictimID]*big.Rat{}
	for place, pool := range o.pools {
		for _, lot := range pool.lots {
			owner := domain.VictimID("own")
			if lot.claim != nil {
				owner = lot.claim.victim
			}
			if place.account == account {
				sum := cmpOr(sums[owner], new(big.Rat))
				sums[owner] = sum.Add(sum, lot.units.rat())
			}
		}
	}
	var told []string
	for _, owner := range slices.Sorted(maps.Keys(sums)) {
		if sums[owner].Sign() > 0 {
			told = append(told, string(owner)+" "+sums[owner].RatString())
		}
	}
	return strings.Join(told, " ")
}

func cmpOr(a, b *big.Rat) *big.Rat {
	if a == nil {
		return b
	}
	return a
}

const (
	g2  = "Paul > A 10 !; Michael > A 10 !; A > X 10; Karen > A 10 !; A > Y 10"
	g8  = "= A 5000; V > A 3000 !; A > X 3000"
	g8b = "= A 5000; V > A 3000 !; A > W 1500; A > X 3000"
	g8c = "V > A 3000 !; Q > A 2000; A > X 3000"
	g16 = "= RAVI 80000; PRIYA > A 4000000 !; ARJUN > A 2500000 !; MEENA > B 1500000 !; A > B 5000000; Q > B 3500000; B > RAVI 1000000; B > cash: 4500000"
	g17 = "= M 200; V1 > M 100 !; M > V1 10; V1 > M 400 !; V2 > M 500 !; M > sink:fees 30; M > M2 900; Q > M 250; M > M3 300"
)

// The golden cases of TRACING that are plain transfers; the oracle must know
// them before anything is held against it.
func TestTheOracleKnowsTheGoldenCases(t *testing.T) {
	for _, c := range []struct {
		story   string
		rule    tracing.Rule
		account domain.AccountID
		want    string
	}{
		{g2, tracing.FIFO, "A", "Karen 10"}, {g2, tracing.LIFO, "A", "Paul 10"},
		{g2, tracing.ProRata, "A", "Karen 5 Michael 5/2 Paul 5/2"}, {g2, tracing.LIBR, "Y", "Karen 5 Michael 5/2 Paul 5/2"},
		{g8, tracing.ProceedsFirst, "X", "V 3000"}, {g8b, tracing.ProceedsFirst, "X", "V 1500 own 1500"},
		{g8c, tracing.ProceedsFirst, "X", "V 3000"}, {g8c, tracing.LIFO, "X", "V 1000 own 2000"},
		{g8, tracing.LIFO, "X", "V 3000"}, {g8c, tracing.LIBR, "X", "V 1000 own 2000"},
		{g8, tracing.LIBR, "X", "own 3000"}, {g8, tracing.FIFO, "X", "own 3000"}, {g8, tracing.ProRata, "X", "V 1125 own 1875"},
		{g16, tracing.FIFO, "cash:", "MEENA 500000 PRIYA 4000000"}, {g16, tracing.LIFO, "B", "ARJUN 2500000 MEENA 1500000 PRIYA 500000"},
		{g16, tracing.ProRata, "RAVI", "ARJUN 2500000/13 MEENA 150000 PRIYA 4000000/13 own 430000"},
		{g16, tracing.LIBR, "B", "ARJUN 225000000/169 MEENA 13500000/13 PRIYA 360000000/169"},
		{g16, tracing.OwnFirst, "B", "ARJUN 1000000 PRIYA 3500000"}, {g16, tracing.ProceedsFirst, "B", "ARJUN 1000000 own 3500000"},
		{g17, tracing.FIFO, "M", "own 210"}, {g17, tracing.FIFO, "M2", "V1 500 V2 240 own 160"}, {g17, tracing.FIFO, "M3", "V2 260 own 40"},
		{g17, tracing.LIFO, "M", "V1 10 own 200"}, {g17, tracing.LIFO, "M2", "V1 430 V2 470"}, {g17, tracing.LIFO, "sink:fees", "V2 30"},
		{g17, tracing.LIBR, "M", "V1 105 V2 105"}, {g17, tracing.LIBR, "M3", "V1 25 V2 25 own 250"},
		{g17, tracing.OwnFirst, "M2", "V1 500 V2 240 own 160"}, {g17, tracing.OwnFirst, "M3", "V2 50 own 250"},
		{g17, tracing.ProceedsFirst, "M2", "V1 460 V2 440"}, {g17, tracing.ProceedsFirst, "M3", "V2 60 own 240"},
		{g17, tracing.ProRata, "M", "V1 38740/867 V2 13000/289 own 104330/867"},
		{g17, tracing.ProRata, "M3", "V1 387400/6069 V2 130000/2023 own 1043300/6069"},
	} {
		o, _ := consult(tracing.Input{Rule: c.rule, Rows: transfers(c.story)})
		if got := o.lies(c.account); got != c.want {
			t.Errorf("%s: %s lies at %s, want %s, after %s", c.rule, got, c.account, c.want, c.story)
		}
	}
}
