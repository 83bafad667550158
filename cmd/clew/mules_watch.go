package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// mulesPoll is how often the log is asked for what is new.
const mulesPoll = 100 * time.Millisecond

func (p *program) mulesWatch() *cobra.Command {
	var question projections.MulesAsk
	account := ""
	cmd := &cobra.Command{
		Use: "watch ID", Short: "Say which accounts look like mules as movements are recorded, until interrupted",
		Long: `Tell first what fires now, and then, as movements are recorded, what fires at the accounts that they name. After a
correction, a description or another threshold everything is told anew. What rests on lots (whose money it was) is not
told here: 'clew mules' walks the case for that. With --json each sighting is an object of its own.`,
		Example: "  clew mules watch C1\n  clew mules watch C1 --indicator fan-in --json", Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&question.Indicator, "indicator", "", "only this one, like fan-in, or an old version of it, like fan-in@1")
	cmd.Flags().StringVar(&account, "account", "", "only this account")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) (err error) {
		if question.Account, _, err = whereAndHow(account, ""); err != nil {
			return err
		}
		question.Case = id
		return p.withCase(ctx, id, &asking{}, func(o *office, _ *domain.CaseFile, _ uint64) error { return o.watchMules(ctx, question) })
	})
	return p.caseFlag(cmd)
}

// watchMules tells until it is interrupted, and then what was recorded before.
func (o *office) watchMules(ctx context.Context, question projections.MulesAsk) error {
	watch, err := o.views.WatchMules(ctx, question)
	if err != nil {
		return err
	}
	now, err := watch.Now()
	if err == nil {
		err = o.tellSighting(question.Case, now)
	}
	tick := time.NewTicker(mulesPoll)
	defer tick.Stop()
	for last := false; err == nil && !last; {
		select {
		case <-ctx.Done():
			last = true
		case <-tick.C:
		}
		var seen projections.Sighting
		if seen, err = watch.Next(context.WithoutCancel(ctx)); err == nil && len(seen.Findings) > 0 {
			err = o.tellSighting(question.Case, seen)
		}
	}
	return err
}

func (o *office) tellSighting(id domain.CaseID, s projections.Sighting) error {
	shape := mulesShape{Case: id, Position: s.Position, Findings: muleFindings(s.Findings)}
	err := o.program.say(reply{object: shape, table: findingsTable(shape.Findings), text: func(w *page) { mulesText(w, shape) }})
	return errors.Join(err, o.program.paper.Flush())
}
