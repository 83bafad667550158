package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"clew/domain"
)

// mechanismLife is a request's whole life by one mechanism.
type mechanismLife struct {
	flags    string // of the request, beside account, amount, asset and mechanism
	warnings int    // criteria that are not met
	due      string // the first deadline once it is held
	lapses   bool
	ending   []string // steps after the hold, and the state that each leads to
}

// The endings: most recalls end in a return without any seizure.
var (
	endsInReturn = []string{
		"return --amount 60.00 --route recall --to 'V1 bank'", "returned",
	}
	endsInRestitution = []string{
		"extend --until 2024-09-01", "held", "contest --reason 'the holder says that it is his wage'", "contested",
		"decide --reason 'the freeze stands' --stands", "decided", "seize --amount 100.00 --reference 'order 7'", "seized",
		"restore --amount 100.00 --share V1=100.00 --method court", "restored",
	}
	endsAbroad    = []string{"seize --amount 100.00", "seized", "transfer --amount 100.00 --to NL", "transferred"}
	endsInLapse   = []string{"expire", "expired"}
	endsInRelease = []string{"release --amount 40.00", "held", "release", "released"}
)

// lives has a row for every mechanism that clew ships with, worked out by hand
// from its criteria and clocks: the request is of 3 January 2024 (a Wednesday),
// submitted and held on that day.
func lives() map[string]mechanismLife {
	return map[string]mechanismLife{
		"i-grip":             {"--recall-sent 2024-01-03 --order-due 2024-02-03", 0, "2024-02-03", true, endsInRestitution},
		"ic3-rat":            {"--originating-bank INVNDEFFXXX --country US --settled-on 2024-01-02 --recall-sent 2024-01-03", 1, "2024-01-05T23:59:59.999999999Z", false, endsInReturn},
		"fincen-rrp":         {"--originating-bank INVNDEFFXXX --country NL", 0, "", false, endsInReturn},
		"gsrp":               {"--payment t1 --uetr 97ed4827-7b6f-4491-a06f-b548d5a7512d", 0, "", false, endsInReturn},
		"sepa-recall":        {"--payment t1 --reason FRAD --settled-on 2024-01-02", 0, "2024-01-24", false, endsInReturn},
		"eu-fiu-transaction": {"--country NL", 1, "2024-01-17", true, endsInLapse},
		"eu-fiu-account":     {"--country NL --scope debit_block", 1, "2024-01-10", true, endsInRelease},
		"eu-freezing-order":  {"--order-due 2024-06-30 --basis 'Regulation 2018/1805'", 0, "2024-06-30", true, endsAbroad},
		"court-order":        {"--basis 'order 12' --deadline 2024-01-10", 0, "2024-01-10", false, endsInRestitution},
		"india-cfcfrms":      {"--country IN", 0, "2024-04-02", true, endsInLapse},
		"uk-afo":             {"--country GB --order-due 2024-07-03", 0, "2024-07-03", true, endsInRelease},
		"stablecoin-issuer":  {"--reference 0xabc", 0, "", false, []string{"seize --amount 100.00 --method destroyed", "seized", "restore --amount 100.00 --share V1=100.00 --method reissue --told chain", "restored"}},
		"bank":               {"", 0, "", false, endsInRelease},
	}
}

const lifeBegins = `exec clew case open C1 --title 'Romance'
exec clew import bank.csv --case C1 --source nordbank
exec clew freeze request C1 --account M --amount 100.00 --asset EUR --mechanism %s --at 2024-01-03T09:00:00Z %s --json
json stdout warnings.len %d
json stdout traced 100.00
exec clew freeze approve C1 F1 --actor chief --at 2024-01-03T09:05:00Z
exec clew freeze submit C1 F1 --at 2024-01-03T09:10:00Z
exec clew freeze acknowledge C1 F1 --at 2024-01-03T09:20:00Z --told telephone
exec clew freeze answer C1 F1 matched --at 2024-01-03T09:30:00Z
exec clew freeze hold C1 F1 --amount 100.00 --at 2024-01-03T09:40:00Z --json
json stdout state held
json stdout unexpected ''
exec clew freeze show C1 F1 --reason FRAD --json
json stdout sums.held_now 100.00
exec clew ledger C1 --json
json stdout victims.0.held 100.00
`

const lifeFile = `
-- bank.csv --
time,id,from,to,amount,asset,victim,scam
2024-01-02T10:00:00Z,t1,V1 bank,M,100.00,EUR,V1,romance
`

// Every mechanism, from the draft to its end; and the ledger's sum holds at
// the end: own is all that the places show.
func TestTheLifeOfARequestByEveryMechanism(t *testing.T) {
	dir, all := t.TempDir(), lives()
	for _, m := range domain.StandardMechanisms() {
		life, told := all[m.Name]
		if !told {
			t.Errorf("mechanism %s has no life here: add a row to lives", m.Name)
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, m.Name+".txtar"), []byte(life.script(m.Name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, inScripts(dir))
}

func (l mechanismLife) script(mechanism string) string {
	var b strings.Builder
	fmt.Fprintf(&b, lifeBegins, mechanism, l.flags, l.warnings)
	if l.due != "" {
		fmt.Fprintf(&b, "exec clew freeze show C1 F1 --reason FRAD --now 2024-01-04 --json\njson stdout deadlines.0.at %s\njson stdout deadlines.0.lapses %t\n", l.due, l.lapses)
	}
	for i := 0; i < len(l.ending); i += 2 {
		verb, flags, _ := strings.Cut(l.ending[i], " ")
		fmt.Fprintf(&b, "exec clew freeze %s C1 F1 %s --at 2024-01-%02dT10:00:00Z --json\njson stdout state %s\njson stdout unexpected ''\n", verb, flags, 10+i, l.ending[i+1])
	}
	b.WriteString("exec clew ledger C1 --json\njson stdout victims.0.own 100.00\n" + lifeFile)
	return b.String()
}
