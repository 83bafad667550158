package clew_test

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

// exampleRow is a row of the worked example in docs/rules.md.
var exampleRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| ([^|]+) \\| ([^|]+) \\|$")

// The worked example is what readers take a rule to mean, so the program must
// answer it.
func TestTheWorkedExampleIsWhatTheRulesDo(t *testing.T) {
	rows := exampleRow.FindAllStringSubmatch(page(t, "docs/rules.md"), -1)
	if len(rows) != 6 {
		t.Fatalf("docs/rules.md has %d rows in its worked example, not one for each of the six ledgers", len(rows))
	}
	for _, row := range rows {
		rule := tracing.Rule(row[1])
		answer, err := tracing.Trace(tracing.Input{Rule: rule, Rows: workedExample()})
		if err != nil {
			t.Fatal(err)
		}
		for account, shares := range map[domain.AccountID]string{"payee": row[2], "mule": row[3]} {
			want, got := sharesIn(t, shares), sharesOf(answer, account)
			if !maps.Equal(want, got) {
				t.Errorf("docs/rules.md says that under %s the %s holds %v; the program says %v", rule, account, want, got)
			}
		}
	}
}

// workedExample is own 100, V1 200, V2 400, a salary of 100, and 500 paid out.
func workedExample() []tracing.Row {
	example := []struct {
		kind     domain.MovementKind
		from, to domain.AccountID
		units    int64
		victim   domain.VictimID
	}{
		{domain.Opening, "", "mule", 100, ""},
		{domain.Transfer, "home of V1", "mule", 200, "V1"},
		{domain.Transfer, "home of V2", "mule", 400, "V2"},
		{domain.Transfer, "employer", "mule", 100, ""},
		{domain.Transfer, "mule", "payee", 500, ""},
	}
	var rows []tracing.Row
	for i, e := range example {
		rows = append(rows, tracing.Row{Position: uint64(i + 1), Victim: e.victim, Movement: domain.Movement{
			ID: domain.MovementID(fmt.Sprint("m", i)), Kind: e.kind, From: e.from, To: e.to,
			When:   domain.Instant(time.Date(2024, 3, 1+i, 12, 0, 0, 0, time.UTC)),
			Amount: domain.Amount{Units: domain.NewUnits(e.units), Asset: domain.Asset{Code: "JPY"}},
		}})
	}
	return rows
}

// sharesIn reads "own 100, V1 200".
func sharesIn(t *testing.T, text string) map[string]int64 {
	t.Helper()
	shares := map[string]int64{}
	for _, part := range strings.Split(strings.TrimSpace(text), ", ") {
		owner, number, _ := strings.Cut(part, " ")
		units, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatalf("docs/rules.md: %q is no share", part)
		}
		shares[owner] = units
	}
	return shares
}

// sharesOf gives who owns what in an account.
func sharesOf(answer tracing.Answer, account domain.AccountID) map[string]int64 {
	shares := map[string]int64{}
	for _, pool := range answer.Accounts {
		if pool.Account != account {
			continue
		}
		if own, _ := pool.Untraced.Int64(); own != 0 {
			shares["own"] = own
		}
		for _, owner := range pool.Traced {
			shares[string(owner.Victim)], _ = owner.Units.Int64()
		}
	}
	return shares
}
