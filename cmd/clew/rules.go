package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// rulesShape is `rules --json`: every rule side by side, and per victim the
// least and the most that can still be stopped, or has been.
type rulesShape struct {
	Case     domain.CaseID `json:"case"`
	Locked   *lockShape    `json:"locked"` // null: none
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`
	Rules    []ruleShape   `json:"rules"`
	Victims  []spreadShape `json:"victims"`
}

type ruleShape struct {
	Rule      tracing.Rule     `json:"rule"`
	Also      string           `json:"also"`
	Takes     string           `json:"takes"`
	Authority string           `json:"authority"`
	Presumed  *[]amountShape   `json:"presumed,omitempty"` // as in trace
	Victims   []ledgerRowShape `json:"victims"`
}

type spreadShape struct {
	Victim   domain.VictimID         `json:"victim"`
	Asset    domain.AssetCode        `json:"asset"`
	Reported string                  `json:"reported"`
	Least    reachShape              `json:"least"`
	Most     reachShape              `json:"most"`
	ByRule   map[tracing.Rule]string `json:"by_rule"`
}

// reachShape is what one rule finds recoverable: at_large + held + seized.
type reachShape struct {
	Rule        tracing.Rule `json:"rule"`
	Recoverable string       `json:"recoverable"`
}

func (p *program) rulesCommand() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "rules ID", Short: "Show all rules side by side, with the least and the most per victim",
		Long: `Walk the case under every rule that has numbers and show what of each victim's money can still be stopped or
has been (at large, held or seized), with the least and the most. poison has no numbers: it is an exposure.`,
		Example: "  clew rules C1\n  clew rules C1 --at 2024-03-05 --json", Args: p.takes("ID"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := ask.question(ctx, o, id)
			if err != nil {
				return err
			}
			c, err := o.views.Compare(ctx, question)
			if err != nil {
				return err
			}
			shape := shapeOfRules(c)
			shape.At, shape.KnownAt = ask.told()
			return p.say(reply{object: shape, table: rulesTable(c), text: func(w *page) { rulesText(w, shape, c) }})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

// spreads are the least and the most over all rules.
func (o *office) spreads(ctx context.Context, id domain.CaseID, ask *asking) ([]projections.Spread, error) {
	question, err := ask.question(ctx, o, id)
	if err != nil {
		return nil, err
	}
	c, err := o.views.Compare(ctx, question)
	if err != nil {
		return nil, err
	}
	return c.Spreads, nil
}

func shapeOfRules(c *projections.Comparison) rulesShape {
	shape := rulesShape{Case: c.Case, Locked: lockOf(c.Lock), Position: c.Position, Rules: []ruleShape{}, Victims: []spreadShape{}}
	for _, ledger := range c.Ledgers {
		shape.Rules = append(shape.Rules, shapeOfRule(ledger))
	}
	for _, s := range c.Spreads {
		show := s.Asset.Format
		one := spreadShape{s.Victim, s.Asset.Code, show(s.Reported), reachShape{s.Least.Rule, show(s.Least.Recoverable)},
			reachShape{s.Most.Rule, show(s.Most.Recoverable)}, map[tracing.Rule]string{}}
		for _, reach := range s.ByRule {
			one.ByRule[reach.Rule] = show(reach.Recoverable)
		}
		shape.Victims = append(shape.Victims, one)
	}
	return shape
}

func shapeOfRule(ledger *projections.Ledger) ruleShape {
	shape := ruleShape{Rule: ledger.Rule, Presumed: presumedOf(&ledger.Answer), Victims: []ledgerRowShape{}}
	for _, described := range tracing.Rules() {
		if described.Rule == ledger.Rule {
			shape.Also, shape.Takes, shape.Authority = described.Also, described.Takes, described.Authority
		}
	}
	for i := range ledger.Rows {
		shape.Victims = append(shape.Victims, ledgerRowOf(&ledger.Rows[i]))
	}
	return shape
}

// rulesTable has a line for each victim and a column for each rule.
func rulesTable(c *projections.Comparison) *table {
	names := []string{"victim", "asset", "reported>"}
	for _, ledger := range c.Ledgers {
		names = append(names, string(ledger.Rule)+">")
	}
	t := newTable(append(names, "least>", "most>")...)
	for _, s := range c.Spreads {
		cells := []string{string(s.Victim), string(s.Asset.Code), s.Asset.Format(s.Reported)}
		for _, reach := range s.ByRule {
			cells = append(cells, s.Asset.Format(reach.Recoverable))
		}
		t.add(append(cells, s.Asset.Format(s.Least.Recoverable), s.Asset.Format(s.Most.Recoverable))...)
	}
	return t
}

func rulesText(w *page, shape rulesShape, c *projections.Comparison) {
	times := headShape{At: shape.At, KnownAt: shape.KnownAt}.times()
	w.head("Case %s under every rule, as of position %d of the log%s", shape.Case, shape.Position, times)
	if shape.Locked == nil {
		w.line("No rule is locked: 'clew rule lock %s RULE --authority … --reason …' records a choice.", shape.Case)
	} else {
		w.line("The case's rule is %s, by authority of: %s", shape.Locked.Rule, shape.Locked.Authority)
	}
	w.space()
	if len(c.Spreads) == 0 {
		w.line("No payment is reported yet, so there is nothing to compare.")
		return
	}
	w.head("What of each victim's money can still be stopped, or has been (at large, held, seized)")
	w.table(rulesTable(c))
	w.space()
	w.head("The rules")
	for _, rule := range shape.Rules {
		w.line("%s%s: a draw takes %s.%s", rule.Rule, told(" (%s)", rule.Also), rule.Takes, told(" See %s.", rule.Authority))
	}
}

// spreadText says how much the answer depends on a rule that nobody has chosen.
func spreadText(w *page, spreads []projections.Spread) {
	if len(spreads) == 0 {
		return
	}
	t := newTable("victim", "least>", "under", "most>", "under", "asset")
	for _, s := range spreads {
		show := s.Asset.Format
		t.add(string(s.Victim), show(s.Least.Recoverable), string(s.Least.Rule), show(s.Most.Recoverable), string(s.Most.Rule), string(s.Asset.Code))
	}
	w.section("What can still be stopped, over all rules", t)
}

// told puts a text into a phrase, or leaves the phrase away with it.
func told(phrase, text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(phrase, text)
}
