package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

func (p *program) caseCommands() *cobra.Command {
	return p.branch("case", "Open, list, show, link, note, flag and close cases",
		p.caseOpen(), p.caseList(), p.caseShow(), p.caseLink(), p.caseAssign(), p.caseNote(), p.caseClose(), p.caseFlagCrime(), p.caseUnflagCrime())
}

func (p *program) caseOpen() *cobra.Command {
	var title, currency string
	cmd := &cobra.Command{
		Use: "open ID", Short: "Open a case, and make the store if there is none",
		Long: `Open a case. Its name has letters, digits, dot, dash and underscore. The same opening again changes nothing.
--currency names the currency of a marked column beside the amounts; it changes no amount.`,
		Example: `  clew case open C1 --title "The lost savings" --currency EUR`,
		Args:    p.takes("ID"),
	}
	cmd.Flags().StringVar(&title, "title", "", "what the case is called (needed)")
	cmd.Flags().StringVar(&currency, "currency", "", "of the marked extra column, for example EUR")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		code, err := p.currency(currency)
		if err != nil {
			return err
		}
		if strings.TrimSpace(title) == "" {
			return domain.Usage("case %s needs a title: give --title \"…\"", id)
		}
		return p.act(ctx, mayMake, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.OpenCase(ctx, by, domain.OpenCase{Case: id, Title: title, Currency: code})
			return act{fmt.Sprintf("case %s is open: %s", id, title), map[string]any{"case": id},
				fmt.Sprintf("clew import FILE --case %s", id), outcome}, err
		})
	})
	return p.caseFlag(cmd)
}

// currency checks the code of the extra column: money of a state, whose rates
// are published.
func (p *program) currency(text string) (domain.AssetCode, error) {
	if text == "" {
		return "", nil
	}
	asset, err := domain.StandardAssets().Find(text)
	return asset.Code, flagError("--currency", err)
}

func (p *program) caseList() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "list", Short: "List the cases", Example: "  clew case list --json", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			upto, err := ask.known(ctx, o)
			if err != nil {
				return err
			}
			if err := o.consulted(""); err != nil {
				return err
			}
			list, err := o.views.Cases(ctx, upto)
			if err != nil {
				return err
			}
			return p.say(caseListReply(slices.DeleteFunc(list, func(c projections.CaseRow) bool { return !p.sees(c.Case) })))
		})
	})
	return ask.times(cmd)
}

// caseListed is one line of `case list`, in JSON.
type caseListed struct {
	Case     domain.CaseID    `json:"case"`
	Title    string           `json:"title"`
	Currency domain.AssetCode `json:"currency"`
	Closed   bool             `json:"closed"`
	Links    []domain.CaseID  `json:"links"`
	Victims  int              `json:"victims"`
	Files    int              `json:"files"`
}

func caseListReply(rows []projections.CaseRow) reply {
	t, list := newTable("case", "title", "state", "victims>", "files>", "linked with"), []caseListed{}
	for _, c := range rows {
		t.add(string(c.Case), c.Title, openOrClosed(c.Closed), number(c.Victims), number(c.Files), joined(c.Links))
		list = append(list, caseListed{c.Case, c.Title, c.Currency, c.Closed, listed(c.Links), c.Victims, c.Files})
	}
	return reply{object: list, table: t, text: func(w *page) {
		if len(list) == 0 {
			w.line("There is no case yet: open one with 'clew case open ID --title …'.")
			return
		}
		w.table(t)
	}}
}

func openOrClosed(closed bool) string {
	if closed {
		return "closed"
	}
	return "open"
}

func (p *program) caseShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show what a case holds: files, victims, accounts, decisions, notes",
		Example: "  clew case show C1\n  clew case show C1 --known-at 2024-03-01", Args: p.takes("ID"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.withCase(ctx, id, &ask, func(o *office, file *domain.CaseFile, upto uint64) error {
			return p.showCase(ctx, o, file, upto)
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func (p *program) caseLink() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "link ID OTHER", Short: "Say that two cases are walked as one",
		Long: `Link two cases: their pools are one pool where both name the same account and asset, and every answer for
one of them walks both. It is recorded in both. On a server whoever reads one must be let into both.`,
		Example: `  clew case link C1 C2 --reason "the same mule account"`, Args: p.takes("ID", "OTHER"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		other, err := domain.ParseCase(rest[0])
		if err != nil {
			return usage(err)
		}
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.Link(ctx, by, id, other, reason)
			return act{fmt.Sprintf("cases %s and %s are walked as one", id, other),
				map[string]any{"case": id, "other": other}, fmt.Sprintf("clew trace %s", id), outcome}, err
		})
	})
	return p.caseFlag(cmd)
}

func (p *program) caseAssign() *cobra.Command {
	var command domain.AssignCase
	cmd := &cobra.Command{
		Use: "assign ID", Short: "Say which team has a case, and whom another team asks",
		Long: `Say whose case it is. Where another team's case knows the same account, person, device or payment, that team is
told the case, the team and the contact, and nothing of what the case holds. --silent keeps even that from them: then
only the case's own team is told.`,
		Example: `  clew case assign C1 --team North --contact "I. Example, extension 12"`, Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&command.Team, "team", "", "the team (needed)")
	cmd.Flags().StringVar(&command.Contact, "contact", "", "whom another team asks (needed; personal data)")
	cmd.Flags().BoolVar(&command.Silent, "silent", false, "other teams are not told that the case exists")
	cmd.Flags().StringVar(&command.Reason, "reason", "", "why")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.do(ctx, id, command, act{what: fmt.Sprintf("case %s is team %s's", id, command.Team),
			fields: map[string]any{"case": id, "team": command.Team, "silent": command.Silent}, next: "clew links " + string(id)})
	})
	return p.caseFlag(cmd)
}

func (p *program) caseNote() *cobra.Command {
	cmd := &cobra.Command{
		Use: "note ID TEXT", Short: "Write something down about a case",
		Example: `  clew case note C1 "The bank promised the statement for Monday."`, Args: p.takes("ID", "TEXT"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.do(ctx, id, domain.NoteCase{Text: rest[0]}, act{what: fmt.Sprintf("case %s has the note", id), fields: map[string]any{"case": id}})
	})
	return p.caseFlag(cmd)
}

func (p *program) caseClose() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "close ID", Short: "End the work on a case: it takes no more facts",
		Example: `  clew case close C1 --reason "handed over to the prosecutor"`, Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.do(ctx, id, domain.CloseCase{Reason: reason}, act{what: fmt.Sprintf("case %s is closed", id), fields: map[string]any{"case": id}})
	})
	return p.caseFlag(cmd)
}
