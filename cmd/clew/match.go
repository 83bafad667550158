package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/tracing"
)

// doubleShape is two tellings that may be one payment, in JSON.
type doubleShape struct {
	One   tellingShape `json:"one"`
	Other tellingShape `json:"other"`
}

type tellingShape struct {
	Movement domain.MovementID `json:"movement"`
	Time     domain.When       `json:"time"`
	Source   string            `json:"source"`
	Ref      string            `json:"ref"`
	From     domain.AccountID  `json:"from"`
	To       domain.AccountID  `json:"to"`
	Amount   string            `json:"amount"`
	Asset    domain.AssetCode  `json:"asset"`
	Victim   domain.VictimID   `json:"victim"`
}

func (p *program) matchCommand() *cobra.Command {
	var ask asking
	var join, apart, basis string
	cmd := &cobra.Command{
		Use: "match ID [MOVEMENT]", Short: "List possible doubles, and say which are one payment",
		Long: `List movements that two sources tell alike and that may be one payment, counted twice. A person decides:
--join A B says that they are one (A stands, B is further evidence for it), --apart A B that they are two, which
also undoes a join.`,
		Example: `  clew match C1
  clew match C1 --join 4tq0 9zje --basis "same receipt"
  clew match C1 --apart 4tq0 9zje`,
		Args: p.takes("ID", "[MOVEMENT]"),
	}
	flags := cmd.Flags()
	flags.StringVar(&join, "join", "", "this movement and the one named after it are one payment")
	flags.StringVar(&apart, "apart", "", "this movement and the one named after it are two payments")
	flags.StringVar(&basis, "basis", "", "what the decision rests on")
	cmd.MarkFlagsMutuallyExclusive("join", "apart")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		switch {
		case join == "" && apart == "" && len(rest) == 0:
			return p.listDoubles(ctx, id, &ask)
		case join == "" && apart == "":
			return domain.Usage("say what to decide about %s: --join A B or --apart A B", rest[0])
		case len(rest) == 0:
			return domain.Usage("name two movements: clew match %s --join A B", id)
		case join != "":
			return p.decidePair(ctx, id, [2]string{join, rest[0]}, joining(basis))
		}
		return p.decidePair(ctx, id, [2]string{apart, rest[0]}, separating(basis))
	})
	return ask.times(p.caseFlag(cmd))
}

func (p *program) listDoubles(ctx context.Context, id domain.CaseID, ask *asking) error {
	return p.withCase(ctx, id, ask, func(o *office, _ *domain.CaseFile, upto uint64) error {
		found, err := o.views.PossibleDoubles(ctx, id, upto)
		if err != nil {
			return err
		}
		at, _ := ask.happened() // checked by withCase
		list := []doubleShape{}
		t := newTable("amount>", "asset", "from", "to", "one", "told by", "at", "other", "told by", "at")
		for _, d := range found {
			if !at.IsZero() && (d.One.When.Time.After(at.End()) || d.Other.When.Time.After(at.End())) {
				continue
			}
			list = append(list, doubleShape{tellingOf(d.One), tellingOf(d.Other)})
			t.add(d.One.Amount.String(), string(d.One.Amount.Asset.Code), string(d.One.From), string(d.One.To),
				string(d.One.ID), d.One.Source, d.One.When.String(), string(d.Other.ID), d.Other.Source, d.Other.When.String())
		}
		return p.say(reply{object: list, table: t, text: func(w *page) {
			if len(list) == 0 {
				w.line("Case %s has no possible doubles that nobody has decided on.", id)
				return
			}
			w.head("%s: if two are one payment, it is counted twice until somebody joins them", count(len(list), "possible double"))
			w.table(t)
			w.line("Decide each with 'clew match %s --join ONE OTHER' or '--apart ONE OTHER'.", id)
		}})
	})
}

func tellingOf(r tracing.Row) tellingShape {
	return tellingShape{r.ID, r.When, r.Source, r.Ref, r.From, r.To, r.Amount.String(), r.Amount.Asset.Code, r.Victim}
}

// decision makes the command about a pair, and says what it means.
type decision func(one, other domain.MovementID) (casework.PairCommand, string)

func joining(basis string) decision {
	return func(one, other domain.MovementID) (casework.PairCommand, string) {
		return domain.JoinMovements{Kept: one, Other: other, Basis: basis}, fmt.Sprintf("movements %s and %s are one payment", one, other)
	}
}

func separating(basis string) decision {
	return func(one, other domain.MovementID) (casework.PairCommand, string) {
		return domain.SeparateMovements{One: one, Other: other, Basis: basis}, fmt.Sprintf("movements %s and %s are two payments", one, other)
	}
}

func (p *program) decidePair(ctx context.Context, id domain.CaseID, texts [2]string, decide decision) error {
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		one, err := o.movement(ctx, id, texts[0])
		if err != nil {
			return act{}, err
		}
		other, err := o.movement(ctx, id, texts[1])
		if err != nil {
			return act{}, err
		}
		command, what := decide(one, other)
		outcome, err := o.desk.AboutTwo(ctx, by, id, command)
		return act{what, map[string]any{"case": id, "one": one, "other": other}, fmt.Sprintf("clew match %s", id), outcome}, err
	})
}
