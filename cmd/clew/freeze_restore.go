package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/tracing"
)

const restoreLong = `Share seized money among the victims, and among those who reimbursed them and stand in their place. With --method
clew works out who receives what: trace (by whose lots it was, under the case's rule), pari-passu-gross (by what each
lost in all), pari-passu-net (by what each has not got back), pari-passu-rising-tide (who has got least of his loss
first); of court, --share has the court's list. Nobody receives above his loss, and no more than is seized and not
yet given away; what nobody may receive stays. --dry-run shows the shares and records nothing.

With --told, or without --method, it is news of what others did, and recorded as it was told. A payer receives in a
victim's place as --share V1=100.00@PAYER. Whose lots it was is the trace's to say.`

// restitution gives restore its own flags and body: it may be our own act, or
// news.
func (p *program) restitution(cmd *cobra.Command, f *stepFlags) {
	rule, dry := "", false
	cmd.Flags().StringVar(&rule, "rule", "", "of --method trace (default: the case's locked rule, else fifo)")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "show who would receive what, record nothing")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) (err error) {
		news := f.command.Told != "" || f.command.Method == ""
		switch {
		case news && (dry || rule != ""):
			return domain.Usage("--dry-run and --rule belong to a sharing that clew works out: give --method, and leave --told away")
		case news:
			return p.takeStep(ctx, id, rest[0], f, domain.StepRestore)
		case !slices.Contains(casework.RestitutionMethods(), f.command.Method):
			return domain.Usage("--method %q is not one of %v; what others did is told with --told", f.command.Method, casework.RestitutionMethods())
		}
		r := casework.Restitution{Method: f.command.Method}
		if rule != "" {
			if r.Rule, err = findRule(rule); err != nil {
				return flagError("--rule", err)
			}
		}
		if dry {
			return p.rehearseRestitution(ctx, id, rest[0], f, r)
		}
		return p.restitute(ctx, id, rest[0], f, r)
	})
}

// toShare reads what is to be shared.
func (o *office) toShare(ctx context.Context, id domain.CaseID, name string, f *stepFlags) (casework.Restitution, error) {
	freeze, err := domain.ParseFreeze(name)
	if err != nil {
		return casework.Restitution{}, usage(err)
	}
	known, err := o.freeze(ctx, id, freeze)
	if err != nil {
		return casework.Restitution{}, err
	}
	f.command.Freeze, f.command.Step = freeze, domain.StepRestore
	if err := f.read(ctx, o, id, known); err != nil {
		return casework.Restitution{}, err
	}
	r := casework.Restitution{News: f.command.News, Shares: f.command.Shares}
	if f.command.Amount == nil {
		return r, domain.Usage("--amount says how much is shared out")
	}
	r.Amount = *f.command.Amount
	return r, nil
}

func (p *program) restitute(ctx context.Context, id domain.CaseID, name string, f *stepFlags, how casework.Restitution) error {
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		r, err := o.toShare(ctx, id, name, f)
		if err != nil {
			return act{}, err
		}
		r.Method, r.Rule = how.Method, how.Rule
		division, outcome, err := o.desk.Restitute(ctx, by, id, r)
		if err != nil {
			return act{}, err
		}
		done, err := p.stepped(ctx, o, id, stepTaken{r.Freeze, domain.StepRestore, outcome})
		if err != nil {
			return act{}, err
		}
		for name, value := range divisionFields(division) {
			done.fields[name] = value
		}
		sum := division.Sum()
		done.what += fmt.Sprintf("; %s %s is restored, to %s", sum, sum.Asset.Code, shareWords(division.Shares))
		return done, nil
	})
}

// rehearseRestitution shows who would receive what.
func (p *program) rehearseRestitution(ctx context.Context, id domain.CaseID, name string, f *stepFlags, how casework.Restitution) error {
	return p.with(ctx, mustExist, func(o *office) error {
		r, err := o.toShare(ctx, id, name, f)
		if err != nil {
			return err
		}
		r.Method, r.Rule = how.Method, how.Rule
		division, err := o.desk.Divide(ctx, id, r)
		if err != nil {
			return err
		}
		t := newTable("victim", "payer", "amount>", "asset")
		for _, s := range division.Shares {
			t.add(string(s.Victim), s.Payer, s.Amount.String(), string(s.Amount.Asset.Code))
		}
		fields := divisionFields(division)
		fields["case"], fields["freeze"], fields["dry_run"] = id, r.Freeze, true
		return p.say(reply{object: fields, table: t, text: func(w *page) {
			w.head("Who would receive what of %s %s, by %s (nothing is recorded)", r.Amount, r.Amount.Asset.Code, r.Method)
			w.table(t.without(blank, "payer"))
			if division.Left.Units.Sign() > 0 {
				w.line("%s %s is left: nobody may receive it.", division.Left, division.Left.Asset.Code)
			}
		}})
	})
}

// shareShape is a share in JSON.
type shareShape struct {
	Victim domain.VictimID  `json:"victim"`
	Payer  string           `json:"payer,omitempty"` // receives in the victim's place
	Amount string           `json:"amount"`
	Asset  domain.AssetCode `json:"asset"`
}

// rehearsedShape is who would receive what, in JSON.
type rehearsedShape struct {
	Case   domain.CaseID   `json:"case"`
	Freeze domain.FreezeID `json:"freeze"`
	Rule   *tracing.Rule   `json:"rule"` // null: the shares depend on none
	Shares []shareShape    `json:"shares"`
	Left   string          `json:"left"`
	DryRun bool            `json:"dry_run"`
}

func divisionFields(d casework.Division) map[string]any {
	shares := []shareShape{}
	for _, s := range d.Shares {
		shares = append(shares, shareShape{s.Victim, s.Payer, s.Amount.String(), s.Amount.Asset.Code})
	}
	var rule *tracing.Rule
	if d.Rule != "" {
		rule = &d.Rule
	}
	return map[string]any{"shares": shares, "left": d.Left.String(), "rule": rule}
}

func shareWords(shares []domain.VictimShare) string {
	var list []string
	for _, s := range shares {
		who := string(s.Victim)
		if s.Payer != "" {
			who = s.Payer + " in the place of " + who
		}
		list = append(list, fmt.Sprintf("%s %s", who, s.Amount))
	}
	return joined(list)
}
