package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// traced is the walk's answer with what it speaks of.
type traced struct {
	*projections.Traced
	headShape
	homes map[domain.AccountID][]domain.VictimID // the victims' own accounts
}

func (o *office) trace(ctx context.Context, id domain.CaseID, ask *asking) (traced, error) {
	question, err := ask.question(ctx, o, id)
	if err != nil {
		return traced{}, err
	}
	progress := o.program.bar(ctx, "walking the case", nobodyKnows)
	answer, err := o.views.Trace(ctx, question)
	progress.done()
	if err != nil {
		return traced{}, err
	}
	return traced{answer, ask.head(answer), answer.Assembly.Homes()}, nil
}

// head says what an answer speaks of.
func (a *asking) head(t *projections.Traced) headShape {
	h := headShape{Case: t.Case, Rule: t.Rule, Chosen: t.Chosen, Position: t.Position, Presumed: presumedOf(&t.Answer), lock: t.Lock}
	h.At, h.KnownAt = a.told()
	return h
}

func (p *program) traceCommand() *cobra.Command {
	var ask asking
	victim := ""
	cmd := &cobra.Command{
		Use: "trace ID", Short: "Walk the case and say where each victim's money is",
		Long: `Walk all movements of a case by one rule and say where each victim's money is now: his claim, account by
account, and what each account holds. Without --rule it is the case's locked rule, else fifo.`,
		Example: "  clew trace C1\n  clew trace C1 --rule libr --at 2024-03-05 --json", Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&victim, "victim", "", "only this victim's money")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			t, err := o.trace(ctx, id, &ask)
			if err != nil {
				return err
			}
			shape := shapeOfTrace(t.headShape, &t.Answer)
			if err := shape.only(domain.VictimID(victim), t.Assembly.File); err != nil {
				return err
			}
			var spreads []projections.Spread
			if p.form() == asTable && t.Lock == nil {
				if spreads, err = o.spreads(ctx, id, &ask); err != nil {
					return err
				}
			}
			err = p.say(reply{object: shape, table: placesTable(shape.Victims), text: func(w *page) { traceText(w, shape, t, spreads) }})
			return cmp.Or(err, p.strictly(t))
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

// strictly is what --strict makes of an answer's doubts.
func (p *program) strictly(t traced) error {
	if !p.strict {
		return nil
	}
	return t.doubtful()
}

func traceText(w *page, shape traceShape, t traced, spreads []projections.Spread) {
	shape.head(w)
	w.section("What the victims have lost", lossTable(shape.Victims))
	spreadText(w, spreads)
	w.section("Where each victim's claim lies", placesTable(shape.Victims))
	w.section("What the accounts hold", poolsTable(shape.Accounts))
	exposedText(w, shape)
	missingText(w, shape.Missing, t.homes)
	warningsText(w, shape.Warnings)
}

func lossTable(victims []victimTraced) *table {
	t := newTable("victim", "reported>", "own>", "returned>", "asset")
	for _, v := range victims {
		t.add(string(v.Victim), v.Reported, v.Own, v.Returned, string(v.Asset))
	}
	return t
}

// only leaves one victim in the answer, and the accounts that hold his money.
func (t *traceShape) only(victim domain.VictimID, file *domain.CaseFile) error {
	if victim == "" {
		return nil
	}
	others := func(v victimTraced) bool { return v.Victim != victim }
	t.Victims = slices.DeleteFunc(t.Victims, others)
	t.Accounts = slices.DeleteFunc(t.Accounts, func(pool poolShape) bool { return pool.Traced[victim] == "" })
	if _, known := file.Victims[victim]; !known && len(t.Victims) == 0 {
		return domain.NotFound("case %s has no victim %s: 'clew victim show %s' lists them", t.Case, victim, t.Case)
	}
	return nil
}
