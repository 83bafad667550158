package main

import (
	"cmp"
	"context"
	"os"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/indicators"
	"clew/projections"
)

// mulesShape is `mules --json`: what the indicators find in a case.
type mulesShape struct {
	Case     domain.CaseID `json:"case"`
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`
	// Recognised is what speaks for the account that --account names; "" for nothing.
	Recognised indicators.Recognition `json:"recognised"`
	Unwalked   string                 `json:"unwalked"` // why nobody's money could be followed: then what rests on lots is not found; "" where it was
	Findings   []muleFinding          `json:"findings"`
}

// muleFinding is one indicator that fires at an account, in JSON.
type muleFinding struct {
	Account    domain.AccountID       `json:"account"`
	Asset      domain.AssetCode       `json:"asset"`
	Indicator  string                 `json:"indicator"`
	Version    int                    `json:"version"`
	Strength   int                    `json:"strength"`
	Says       string                 `json:"says"`
	Innocent   string                 `json:"innocent_explanation"`
	Recognised indicators.Recognition `json:"recognised"` // "" where nothing speaks for the holder yet
	From       string                 `json:"from"`
	To         string                 `json:"to"`
	Movements  []domain.MovementID    `json:"movements"`
	Thresholds map[string]int64       `json:"thresholds"`
}

func (p *program) mulesCommand() *cobra.Command {
	var ask asking
	var question projections.MulesAsk
	account, thresholds := "", ""
	cmd := &cobra.Command{
		Use: "mules ID", Short: "Say which accounts look like mules, and which movements show it",
		Long: `Look at what passed through each account for signs of a mule. Each finding names its indicator and version, its
strength (50 at the threshold, 100 at twice it), the movements that show it, and what an innocent explanation would be.
It is a reason to look, never a verdict, and blocks nothing: the holder may be a victim, act under force, or keep a shop.
There is no sum of findings and no score.`,
		Example: "  clew mules C1\n  clew mules C1 --indicator pass-through --at 2024-03-05\n  clew mules C1 --account iban:DE33900300300000889901 --json", Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&question.Indicator, "indicator", "", "only this one, like fan-in, or an old version of it, like fan-in@1")
	cmd.Flags().StringVar(&account, "account", "", "only this account")
	cmd.Flags().StringVar(&thresholds, "thresholds", "", "other thresholds than those in force, a YAML file that names every one with its source")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) (err error) {
		if question.Account, question.Limits, err = whereAndHow(account, thresholds); err != nil {
			return err
		}
		return p.withCase(ctx, id, &ask, func(o *office, _ *domain.CaseFile, _ uint64) error {
			shape, err := o.mules(ctx, question, id, &ask)
			if err != nil {
				return err
			}
			return p.say(reply{object: shape, table: findingsTable(shape.Findings), text: func(w *page) { mulesText(w, shape) }})
		})
	})
	cmd.AddCommand(p.mulesSet(), p.mulesThresholds(), p.mulesWatch())
	return ask.times(p.caseFlag(cmd))
}

// whereAndHow reads the account that is asked about and a file of thresholds.
func whereAndHow(name, file string) (account domain.AccountID, limits indicators.Thresholds, err error) {
	if name != "" {
		if account, err = domain.ParseAccount(name); err != nil {
			return "", nil, flagError("--account", err)
		}
	}
	if file == "" {
		return account, nil, nil
	}
	text, err := os.ReadFile(file)
	if err == nil {
		limits, err = indicators.ParseThresholds(text)
	}
	return account, limits, err
}

// mules asks for findings under the times of the question.
func (o *office) mules(ctx context.Context, q projections.MulesAsk, id domain.CaseID, ask *asking) (mulesShape, error) {
	asked, err := ask.question(ctx, o, id)
	if err != nil {
		return mulesShape{}, err
	}
	q.Ask = asked
	found, err := o.views.Mules(ctx, q)
	if err != nil {
		return mulesShape{}, err
	}
	shape := mulesShape{Case: id, Position: found.Position, Recognised: found.Recognised, Unwalked: found.Unwalked, Findings: muleFindings(found.Findings)}
	shape.At, shape.KnownAt = ask.told()
	return shape, nil
}

func muleFindings(list []indicators.Finding) []muleFinding {
	shapes := []muleFinding{}
	for _, f := range list {
		shapes = append(shapes, muleFinding{f.Account, f.Asset.Code, f.Indicator, f.Version, f.Strength, f.Says, f.Innocent, f.Recognised,
			domain.Instant(f.From).String(), domain.Instant(f.To).String(), f.Movements, f.Thresholds})
	}
	return shapes
}

func findingsTable(list []muleFinding) *table {
	t := newTable("account", "asset", "indicator", "strength>", "from", "to", "movements>", "recognised")
	for _, f := range list {
		t.add(string(f.Account), string(f.Asset), f.Indicator, number(f.Strength), f.From, f.To, number(len(f.Movements)), string(f.Recognised))
	}
	return t
}

func mulesText(w *page, shape mulesShape) {
	w.head("Signs of mule accounts in case %s, as of position %d of the log", shape.Case, shape.Position)
	w.line("A finding is a reason to look, never a verdict, and blocks nothing.")
	if shape.Recognised != "" && len(shape.Findings) == 0 {
		w.line("To be known of this account: %s.", shape.Recognised)
	}
	if shape.Unwalked != "" {
		w.line("What rests on whose money it was is not looked for: %s.", shape.Unwalked)
	}
	w.space()
	if len(shape.Findings) == 0 {
		w.line("No indicator fires. That shows nothing: not every sign is looked for, and not every movement is known.")
		return
	}
	w.table(findingsTable(shape.Findings).without(blank, "recognised"))
	findingsText(w, shape.Findings)
}

// findingsText says each finding in words, with what may be innocent about it.
func findingsText(w *page, list []muleFinding) {
	last := domain.AccountID("")
	for i, f := range list {
		if i == maxShown {
			w.line("… and %d more: --json has them all", len(list)-i)
			return
		}
		if f.Account != last {
			w.space()
			w.head("%s", f.Account)
			if f.Recognised != "" {
				w.line("To be read first: %s.", f.Recognised)
			}
			last = f.Account
		}
		w.line("%s@%d, strength %d: %s", f.Indicator, f.Version, f.Strength, f.Says)
		w.line("  Shown by %s.", cmp.Or(joined(f.Movements[:min(len(f.Movements), maxShown)]), "nothing"))
		w.line("  It may be innocent: %s", f.Innocent)
		w.line("  Under %s.", indicators.Words(f.Thresholds))
	}
}
