package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/network"
	"clew/projections"
)

// unreportedShape is `victim suggest --json`.
type unreportedShape struct {
	asOf
	Collecting  []domain.AccountID `json:"collecting"`
	Suggestions []suggestionShape  `json:"suggestions"`
	Caution     string             `json:"caution"`
}

type suggestionShape struct {
	Account   domain.AccountID    `json:"account"`
	Paid      []sumShape          `json:"paid"`
	To        []domain.AccountID  `json:"to"`
	Reasons   []reasonShape       `json:"reasons"`
	Movements []domain.MovementID `json:"movements"`
}

type sumShape struct {
	Amount string           `json:"amount"`
	Asset  domain.AssetCode `json:"asset"`
}

type reasonShape struct {
	Reason    string              `json:"reason"`
	Says      string              `json:"says"`
	Movements []domain.MovementID `json:"movements"`
}

// caution stands beside every suggestion.
const caution = "A suggestion is a reason to ask, never a finding: the holder may have bought something, lent money, or know nothing. Ask as you would ask a witness."

func (p *program) victimSuggest() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "suggest CASE", Short: "Say who, among the payers of collecting accounts, may be a victim who has not reported",
		Long: `Look backwards from the accounts where victims' money was collected (hubs, and payees of reported payments) for payers
who look like victims: nothing came back to them, it was their first payment there, they paid about what known victims
paid, at the same time, more each time, or to several such accounts. Two reasons are the least, one of them a likeness to
known victims, each with its movements. Left out are known victims, ends, institutions, accounts with signs of a mule or
with victims' money, who dealt with the account a month before the first victim, and who pays the same every month. It
is a reason to ask, never a finding.`,
		Example: "  clew victims suggest C1\n  clew victim suggest C1 --known-at 2024-03-01 --json", Args: p.takes("CASE"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.answerCase(ctx, id, &ask, func(o *office, question projections.Ask) error {
			found, err := o.views.Unreported(ctx, question)
			if err != nil {
				return err
			}
			shape := unreportedShape{ask.asOf(found.Case, found.Position), listed(found.Collecting), []suggestionShape{}, caution}
			for _, s := range found.Suggestions {
				shape.Suggestions = append(shape.Suggestions, suggestionOf(s))
			}
			return p.say(reply{object: shape, table: suggestionsTable(shape.Suggestions), text: func(w *page) { unreportedText(w, shape) }})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func suggestionOf(s network.Suggestion) suggestionShape {
	shape := suggestionShape{Account: s.Account, To: s.Collected, Movements: s.Movements}
	for _, sum := range s.Paid {
		shape.Paid = append(shape.Paid, sumShape{sum.String(), sum.Asset.Code})
	}
	for _, sign := range s.Signs {
		shape.Reasons = append(shape.Reasons, reasonShape{sign.Sign, sign.Says, sign.Movements})
	}
	return shape
}

func suggestionsTable(list []suggestionShape) *table {
	t := newTable("account", "paid>", "asset", "to", "reason", "shown by")
	for _, s := range list {
		for _, r := range s.Reasons {
			t.add(string(s.Account), s.Paid[0].Amount, string(s.Paid[0].Asset), joined(s.To), r.Reason, joined(r.Movements))
		}
	}
	return t
}

func unreportedText(w *page, shape unreportedShape) {
	w.head("Who may be a victim and has not reported, in case %s, as of position %d of the log", shape.Case, shape.Position)
	if len(shape.Collecting) == 0 {
		w.line("No account is known at which victims' money was collected: report payments first ('clew payment report').")
		return
	}
	w.line("Looked at: the payers of %s.", joined(shape.Collecting[:min(len(shape.Collecting), maxShown)]))
	if len(shape.Suggestions) == 0 {
		w.line("None of them looks like one. Not every payer is recorded: ask for the statements of these accounts.")
		return
	}
	w.line("%s", caution)
	for i, s := range shape.Suggestions {
		if i == maxShown {
			w.line("… and %d more: --json has them all", len(shape.Suggestions)-i)
			return
		}
		w.space()
		w.head("%s paid %s %s to %s", s.Account, s.Paid[0].Amount, s.Paid[0].Asset, joined(s.To))
		for _, r := range s.Reasons {
			w.line("  %s Shown by %s.", r.Says, joined(r.Movements))
		}
	}
}
