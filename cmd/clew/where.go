package main

import (
	"cmp"
	"context"

	"clew/domain"

	"github.com/spf13/cobra"
)

// whereShape is `where --json`: the accounts' part of a trace.
type whereShape struct {
	headShape
	Accounts []poolShape    `json:"accounts"`
	Missing  []missingShape `json:"missing"`
	Warnings []traceWarning `json:"warnings"`
}

func (p *program) whereCommand() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "where ID", Short: "Say where the money is now, account by account",
		Long: `Say what each account holds, how much of it is whose, and which accounts are the frontier: those that hold
traced money and of which nothing later is known. There a statement should be asked for, or the money frozen.`,
		Example: "  clew where C1\n  clew where C1 --at 2024-03-05 -o csv", Args: p.takes("ID"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			t, err := o.trace(ctx, id, &ask)
			if err != nil {
				return err
			}
			shape := whereShape{t.headShape, poolsOf(&t.Answer), missingOf(&t.Answer), warningsOf(t.Answer.Warnings)}
			err = p.say(reply{object: shape, table: poolsTable(shape.Accounts), text: func(w *page) { whereText(w, shape, t) }})
			return cmp.Or(err, p.strictly(t))
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

func whereText(w *page, shape whereShape, t traced) {
	shape.head(w)
	w.space()
	if len(shape.Accounts) == 0 {
		w.line("No account holds anything.")
	} else {
		w.table(poolsTable(shape.Accounts))
	}
	frontierText(w, shape.Accounts)
	missingText(w, shape.Missing, t.homes)
	warningsText(w, shape.Warnings)
}

// frontierText says where to ask and where to freeze next.
func frontierText(w *page, pools []poolShape) {
	var frontier []poolShape
	for _, pool := range pools {
		if pool.Frontier {
			frontier = append(frontier, pool)
		}
	}
	if len(frontier) > 0 {
		w.space()
		w.head("Ask next")
	}
	for i, pool := range frontier {
		if i == maxShown {
			w.line("… and %d more that are marked as frontier", len(frontier)-i)
			return
		}
		if movement, unnamed := pool.Account.Unnamed(); unnamed {
			w.line("No document names the account that %s %s went to, of it %s: ask the payer's institution whom movement %s paid, and whether the money is still there.",
				pool.Balance, pool.Asset, tracedWords(pool.Traced), movement)
			continue
		}
		w.line("Account %s holds %s %s, of it %s, and nothing later is known of it: ask for its statement, and whether the money is still there.",
			pool.Account, pool.Balance, pool.Asset, tracedWords(pool.Traced))
	}
}
