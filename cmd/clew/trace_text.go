package main

import (
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
	case !h.Chosen:
		w.line("No rule is locked for this case: %s is shown. 'clew rules %s' shows all side by side, 'clew rule lock' records a choice.", h.Rule, h.Case)
	case h.Authority != "":
		w.line("Rule %s is the case's, by authority of: %s", h.Rule, h.Authority)
	}
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

// stateWords says in plain words what has become of the money at a place.
var stateWords = map[tracing.State]string{
	tracing.AtLarge: "at large", tracing.Held: "held", tracing.Seized: "seized", tracing.Restored: "restored", tracing.CashedOut: "cashed out",
	tracing.AtService: "at a service", tracing.Unaccounted: "unaccounted", tracing.Fees: "fees",
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

// missingText says which statements to ask for.
func missingText(w *page, missing []missingShape) {
	if len(missing) == 0 {
		return
	}
	w.space()
	w.head("Records are missing")
	for _, m := range missing {
		w.line("Account %s paid %s %s more than was ever seen to come in, %s: ask for its statement of that time.", m.Account, m.Amount, m.Asset, between(m.First, m.Last))
	}
}

func between(first, last domain.When) string {
	if first == last {
		return "on " + first.String()
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

// doubtful says why --strict does not let an answer pass, or nil.
func doubtful(pools []poolShape, missing []missingShape, warnings []traceWarning) error {
	for _, warning := range warnings {
		if warning.Code == tracing.WarnGap {
			return &incomplete{"a statement does not add up, and --strict does not let that pass: " + warning.Text}
		}
	}
	for _, m := range missing {
		return &incomplete{fmt.Sprintf("records of account %s are missing (%s %s), and --strict does not let that pass", m.Account, m.Amount, m.Asset)}
	}
	for _, pool := range pools {
		if strings.Trim(pool.Unexplained, "0.") != "" {
			return &incomplete{fmt.Sprintf("account %s holds %s %s that nobody can explain, and --strict does not let that pass", pool.Account, pool.Unexplained, pool.Asset)}
		}
	}
	return nil
}
