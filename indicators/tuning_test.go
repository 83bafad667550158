package indicators_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"clew/indicators"
)

var tune = flag.Bool("tune", false, "choose thresholds on the tuning parts, and write them into testdata/tuned.txt")

// The table of docs/performance.md. Thresholds are clew's own, or those that
// TestTuning has chosen on the tuning part; what an indicator weighs, and every
// cut, is learned there as well. All figures are of the other part.
func TestWhatTheIndicatorsAreWorth(t *testing.T) {
	old, err := os.ReadFile("testdata/quality.txt")
	if err != nil && !*update {
		t.Fatal(err)
	}
	text, chosen := "", tuned(t)
	for _, one := range trials(t) {
		text += one.judge(t, chosen[one.name])
	}
	if fewTrials && strings.HasPrefix(string(old), text) {
		return
	}
	keep(t, "testdata/quality.txt", string(old), text)
}

func (one trial) judge(t *testing.T, chosen indicators.Thresholds) string {
	t.Helper()
	report := one.report.book()
	learn := report
	if &one.tune.rows[0] != &one.report.rows[0] {
		learn = one.tune.book()
	}
	standard, rank := found(t, report, indicators.Standard()), found(t, report, chosen)
	learned, ladders, silent := found(t, learn, chosen), map[string]ladder{}, []string(nil)
	text := fmt.Sprintf("%s\nreported on %d movements, %d accounts, %d in a thousand mules\n", one.name, len(one.report.rows), len(one.report.mules), int(one.report.base()*1000+0.5))
	text += fmt.Sprintf("%-24s %25s %34s\n%-24s %9s %6s %6s  %9s %6s %6s %9s\n", "", "clew's own thresholds", "chosen on the tuning part", "", "precision", "recall", "PR-AUC", "precision", "recall", "PR-AUC", "published")
	for _, name := range indicators.Names() {
		if len(standard[name])+len(rank[name]) == 0 {
			silent = append(silent, name)
			continue
		}
		ladders[name] = one.tune.ladder(learned[name])
		p, r := one.report.at(standard[name], 1)
		q, s := one.report.at(rank[name], 1)
		text += fmt.Sprintf("%-24s %9.3f %6.3f %6.3f  %9.3f %6.3f %6.3f %9.3f\n", name, p, r, one.report.area(standard[name]), q, s, one.report.area(rank[name]), ladders[name].at(1))
	}
	text += one.line("together, by precision", together(rank, ladders), together(learned, ladders))
	text += one.line("together, counted", counted(rank), counted(learned))
	text += one.line("degree alone", degree(one.report), degree(one.tune))
	text += one.line("volume alone", volume(one.report), volume(one.tune))
	text += one.line("rapid movement alone", rapidly(t, report), rapidly(t, learn))
	return text + "never fired: " + strings.Join(silent, ", ") + "\n\n"
}

// rapidly is the share that passes through, from a twentieth on.
func rapidly(t *testing.T, book *indicators.Book) ranking {
	t.Helper()
	all, _, err := indicators.Standard().With(indicators.Threshold{Indicator: "pass-through", Name: "share", Value: 50})
	if err != nil {
		t.Fatal(err)
	}
	list, err := book.Findings(indicators.Ask{Thresholds: all, Indicator: "pass-through"})
	if err != nil {
		t.Fatal(err)
	}
	rank := ranking{}
	for _, f := range list {
		rank[f.Account] = max(rank[f.Account], float64(f.Measured))
	}
	return rank
}

// line is a ranking's figures, with the cut that is best on the tuning part.
func (one trial) line(name string, report, learned ranking) string {
	p, r := one.report.at(report, one.tune.cut(learned))
	return fmt.Sprintf("%-24s %35.3f %6.3f %6.3f  (tuning part %.3f)\n", name, p, r, one.report.area(report), one.tune.area(learned))
}

func degree(n network) ranking {
	rank := ranking{}
	for i := range n.rows {
		rank[n.rows[i].From]++
		rank[n.rows[i].To]++
	}
	return rank
}

func volume(n network) ranking {
	rank := ranking{}
	for i := range n.rows {
		units, _ := n.rows[i].Amount.Units.Int64()
		rank[n.rows[i].To] += float64(units)
	}
	return rank
}

// ladder is the published precision of an indicator: of a hundred accounts with
// a finding that is so strong at least, so many were mules in the tuning part.
type ladder []rung

type rung struct{ force, precision float64 }

// doubt is how many accounts of the ordinary sort are counted on top, so that a
// single hit does not say more than it shows.
const doubt = 5

func (n network) ladder(r ranking) (list ladder) {
	hits, many, base := 0.0, 0.0, n.base()
	order := n.judged(r)
	for i, account := range order {
		if r[account] == 0 {
			break
		}
		many++
		if n.mules[account] {
			hits++
		}
		if i+1 == len(order) || r[order[i+1]] != r[account] {
			list = append(list, rung{r[account], (hits + doubt*base) / (many + doubt)})
		}
	}
	slices.Reverse(list)
	for i := 1; i < len(list); i++ { // the stronger never says less
		list[i].precision = max(list[i].precision, list[i-1].precision)
	}
	return list
}

// at is what a finding of some force says.
func (l ladder) at(force float64) float64 {
	n := sort.Search(len(l), func(i int) bool { return l[i].force > force })
	if n == 0 {
		return 0
	}
	return l[n-1].precision
}

// together is how sure it is that not all of an account's findings are wrong,
// if each were wrong by its published precision and on its own.
func together(by map[string]ranking, ladders map[string]ladder) ranking {
	rank := ranking{}
	for _, name := range slices.Sorted(maps.Keys(ladders)) {
		for account, force := range by[name] {
			rank[account] = 1 - (1-rank[account])*(1-ladders[name].at(force))
		}
	}
	return rank
}

// counted is how many indicators fire, and then how strongly.
func counted(by map[string]ranking) ranking {
	rank := ranking{}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		for account, force := range by[name] {
			rank[account] += 1 + min(2, force)/1000
		}
	}
	return rank
}

// tuned reads the thresholds that were chosen, by trial.
func tuned(t *testing.T) map[string]indicators.Thresholds {
	t.Helper()
	chosen := map[string]indicators.Thresholds{}
	text, err := os.ReadFile("testdata/tuned.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var set indicators.Threshold
		trial, rest, _ := strings.Cut(line, ": ")
		if chosen[trial] == nil {
			chosen[trial] = indicators.Standard()
		}
		if rest == "clew's own" {
			continue
		}
		if _, err := fmt.Sscanf(rest, "%s %s %d", &set.Indicator, &set.Name, &set.Value); err != nil {
			t.Fatal(line, err)
		}
		if chosen[trial], _, err = chosen[trial].With(set); err != nil {
			t.Fatal(err)
		}
	}
	return chosen
}

// TestTuning chooses, where it is asked to, thresholds of each indicator on the
// tuning part: those that rank best there. A window may be a quarter of clew's
// own up to eight times it, the threshold half up to four times it.
func TestTuning(t *testing.T) {
	if !*tune {
		tuned(t)
		return
	}
	text := ""
	for _, one := range trials(t) {
		book := one.tune.book()
		text += one.name + ": clew's own\n"
		for _, name := range indicators.Names() {
			for _, set := range one.tune.best(t, book, name) {
				text += fmt.Sprintf("%s: %s %s %d\n", one.name, set.Indicator, set.Name, set.Value)
			}
		}
	}
	if err := os.WriteFile("testdata/tuned.txt", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// best are the thresholds that rank best, where they do better than clew's own
// by more than chance might.
func (n network) best(t *testing.T, book *indicators.Book, name string) (chosen []indicators.Threshold) {
	t.Helper()
	row, _ := indicators.Find(name)
	most := n.ranksAt(t, book, row, nil) + 0.005
	for _, many := range []float64{0.5, 0.75, 1, 1.5, 2, 3, 4} {
		for _, long := range []float64{0.25, 0.5, 1, 2, 4, 8} {
			var sets []indicators.Threshold
			for _, now := range indicators.Standard() {
				factor := 1.0
				switch {
				case now.Indicator != name:
					continue
				case now.Name == row.Against:
					factor = many
				case now.Name == "days" || now.Name == "hours":
					factor = long
				}
				if value := max(1, int64(float64(now.Value)*factor)); value != now.Value {
					sets = append(sets, indicators.Threshold{Indicator: name, Name: now.Name, Value: value, Source: "chosen"})
				}
			}
			if area := n.ranksAt(t, book, row, sets); area > most {
				most, chosen = area, sets
			}
		}
	}
	return chosen
}

func (n network) ranksAt(t *testing.T, book *indicators.Book, row indicators.Indicator, sets []indicators.Threshold) float64 {
	t.Helper()
	all := indicators.Standard()
	for _, set := range sets {
		all, _, _ = all.With(set)
	}
	list, err := book.Findings(indicators.Ask{Thresholds: all, Indicator: row.Name})
	if err != nil {
		t.Fatal(err)
	}
	rank := ranking{}
	for _, f := range list {
		rank[f.Account] = max(rank[f.Account], force(f, row))
	}
	return n.area(rank)
}
