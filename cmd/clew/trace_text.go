package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"clew/domain"
	"clew/tracing"
)

// head says on top of an answer what it speaks of, so that a printed page can
// be repeated.
func (h headShape) head(w *page) {
	w.head("Case %s, rule %s, as of position %d of the log%s", h.Case, h.Rule, h.Position, h.times())
	switch {
	case h.lock == nil:
		w.line("No rule is locked for this case: %s is shown. 'clew rules %s' shows all side by side, 'clew rule lock' records a choice.", h.Rule, h.Case)
	case h.Chosen:
		w.line("Rule %s is the case's, by authority of: %s", h.Rule, h.lock.Authority)
	default:
		w.line("The case's rule is %s, by authority of: %s; %s is shown because it was asked for.", h.lock.Rule, h.lock.Authority, h.Rule)
	}
	h.presumption(w)
}

// presumption says how much rests on Hallett's presumption alone.
func (h headShape) presumption(w *page) {
	if h.Presumed == nil {
		return
	}
	var sums []string
	for _, sum := range *h.Presumed {
		sums = append(sums, sum.Amount+" "+string(sum.Asset))
	}
	if len(sums) == 0 {
		w.line("Nothing was taken for the holder's own money only because nobody has said whose it is.")
		return
	}
	w.line("Of the money that was drawn before the claims, %s came from payers nobody has described and was taken for the holder's own ('clew account describe' says otherwise).", strings.Join(sums, ", "))
}

func (h headShape) times() string {
	text := ""
	if h.KnownAt != nil {
		text += ", what was recorded by " + *h.KnownAt
	}
	if h.At != nil {
		text += ", what had happened by " + *h.At
	}
	return text
}

// placesTable lists where each victim's claim lies.
func placesTable(victims []victimTraced) *table {
	t := newTable("victim", "claim>", "asset", "account", "asset there", "state")
	for _, v := range victims {
		for _, place := range v.Positions {
			t.add(string(v.Victim), place.Claim, string(v.Asset), string(place.Account), string(place.Asset), string(place.State))
		}
	}
	return t
}

func poolsTable(pools []poolShape) *table {
	t := newTable("account", "balance>", "asset", "untraced>", "unexplained>", "held>", "frontier", "traced")
	for _, pool := range pools {
		t.add(string(pool.Account), pool.Balance, string(pool.Asset), pool.Untraced, pool.Unexplained, pool.Held, frontierWord(pool.Frontier), tracedWords(pool.Traced))
	}
	return t
}

func frontierWord(frontier bool) string {
	if frontier {
		return "frontier"
	}
	return ""
}

func tracedWords(traced map[domain.VictimID]string) string {
	var words []string
	for _, victim := range slices.Sorted(maps.Keys(traced)) {
		words = append(words, fmt.Sprintf("%s %s", victim, traced[victim]))
	}
	return strings.Join(words, ", ")
}

// missingText says which statements to ask for, the largest sums first. What a
// victim's own account paid without anybody seeing it come in is told apart: it
// is his all the same.
func missingText(w *page, missing []missingShape, homes map[domain.AccountID][]domain.VictimID) {
	var ask, own []missingShape
	for _, m := range missing {
		if len(homes[m.Account]) > 0 {
			own = append(own, m)
		} else {
			ask = append(ask, m)
		}
	}
	if len(ask) > 0 {
		w.space()
		w.head("Records are missing")
	}
	for i, m := range largestFirst(ask) {
		if i == maxShown {
			w.line("… and %d more: all are in --json", len(ask)-i)
			break
		}
		if movement, unnamed := m.Account.Unnamed(); unnamed {
			w.line("No document names who paid %s %s %s: ask the payee's institution from whom movement %s came.", m.Amount, m.Asset, between(m.First, m.Last), movement)
			continue
		}
		w.line("Account %s paid %s %s more than was ever seen to come in: ask for its statement %s.", m.Account, m.Amount, m.Asset, between(m.First, m.Last))
	}
	homesText(w, largestFirst(own))
}

// maxHomes is how many accounts of victims fit a sentence.
const maxHomes = 4

func homesText(w *page, own []missingShape) {
	if len(own) == 0 {
		return
	}
	var at []string
	for _, m := range own[:min(maxHomes, len(own))] {
		at = append(at, fmt.Sprintf("%s %s at %s", m.Amount, m.Asset, m.Account))
	}
	if more := len(own) - len(at); more > 0 {
		at = append(at, fmt.Sprintf("and at %d more", more))
	}
	w.space()
	w.line("What the victims paid from was not seen to come in (%s): their own statements are needed only if money of others passed there.", strings.Join(at, ", "))
}

// largestFirst sorts by asset, and within it by amount. Amounts of one asset
// have the same digits after the point, so the longer text is the larger sum.
func largestFirst(list []missingShape) []missingShape {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b missingShape) int {
		return cmp.Or(cmp.Compare(a.Asset, b.Asset), cmp.Compare(len(b.Amount), len(a.Amount)), cmp.Compare(b.Amount, a.Amount))
	})
	return sorted
}

func between(first, last domain.When) string {
	if first == last {
		return "of " + first.String()
	}
	return "from " + first.String() + " to " + last.String()
}

func warningsText(w *page, warnings []traceWarning) {
	if len(warnings) == 0 {
		return
	}
	w.space()
	w.head("To know before this is relied on")
	for i, warning := range warnings {
		if i == maxShown {
			w.line("… and %d more: all are in --json", len(warnings)-maxShown)
			return
		}
		w.line("%s", warning.Text)
	}
}

// doubtful says why --strict does not let an answer pass, or nil. What a
// victim paid from his own account is explained by his report.
func (t traced) doubtful() error {
	for _, warning := range t.Answer.Warnings {
		if warning.Code == tracing.WarnGap {
			return &incomplete{"a statement does not add up, and --strict does not let that pass: " + warning.Text}
		}
	}
	for _, m := range t.Answer.Missing {
		if len(t.homes[m.Account]) == 0 {
			return &incomplete{fmt.Sprintf("records of account %s are missing (%s %s), and --strict does not let that pass", m.Account, m.Asset.Format(m.Amount), m.Asset.Code)}
		}
	}
	for _, pool := range t.Answer.Accounts {
		if !pool.Unexplained.IsZero() && len(t.homes[pool.Account]) == 0 {
			return &incomplete{fmt.Sprintf("account %s holds %s %s that nobody can explain, and --strict does not let that pass", pool.Account, pool.Asset.Format(pool.Unexplained), pool.Asset.Code)}
		}
	}
	return nil
}

// exposedText lists what poison marks.
func exposedText(w *page, t traceShape) {
	if t.Exposed == nil {
		return
	}
	w.space()
	w.head("Exposed: accounts that touched money has reached")
	w.line("This marks whom to ask, and says nothing of whose money it is: poison keeps no claims.")
	for _, account := range *t.Exposed {
		w.line("%s", account)
	}
}
