package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
)

func (p *program) accountCommands() *cobra.Command {
	return p.branch("account", "Describe, identify and show accounts", p.accountDescribe(), p.accountIdentify(), p.accountShow())
}

func (p *program) accountDescribe() *cobra.Command {
	var d domain.DescribeAccount
	var as, victim, notVictim, opened string
	var shared, innocent, coerced bool
	cmd := &cobra.Command{
		Use: "describe CASE ACCOUNT", Short: "Say whose an account is and of what kind",
		Long: `Describe an account. What is left out stays as it was said before; --shared=false takes back --shared.
--victim makes it a home of that victim: money that reaches it is returned. --innocent and --coerced say that
the holder's own money there does not go first under libr and own-first-fifo.`,
		Example: `  clew account describe C1 iban:DE89370400440532013000 --victim V1 --basis "bank's letter of 2 May"
  clew account describe C1 bank:77-100 --holder "J. Example" --institution "Nordbank" --coerced`,
		Args: p.takes("CASE", "ACCOUNT"),
	}
	flags := cmd.Flags()
	flags.StringVar(&d.Holder, "holder", "", "who holds it (personal data)")
	flags.StringVar(&d.Institution, "institution", "", "where it is held")
	flags.StringVar(&d.Country, "country", "", "ISO 3166-1 code of two letters")
	flags.StringVar(&as, "as", "", "its kind, where the name has no prefix: bank, wallet …; of any name that it is an end: service, mixer, merchant, gambling …")
	flags.StringVar(&victim, "victim", "", "it belongs to this victim")
	flags.StringVar(&notVictim, "not-victim", "", "it does not belong to this victim")
	flags.BoolVar(&shared, "shared", false, "it is held by several: never a home")
	flags.BoolVar(&innocent, "innocent", false, "its holder is an innocent third party")
	flags.BoolVar(&coerced, "coerced", false, "its holder acts under force")
	flags.StringVar(&opened, "opened", "", "the day on which the account was opened")
	flags.StringVar(&d.Basis, "basis", "", "who says so")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) (err error) {
		if d.Account, err = domain.ParseAccount(rest[0]); err != nil {
			return usage(err)
		}
		if opened != "" {
			if d.Opened, err = domain.ParseWhen(opened); err != nil {
				return flagError("--opened", err)
			}
		}
		d.As = domain.AccountKind(strings.ToLower(as))
		d.Victim, d.NotVictim = domain.VictimID(victim), domain.VictimID(notVictim)
		for name, value := range map[string]struct {
			to  **bool
			now *bool
		}{"shared": {&d.Shared, &shared}, "innocent": {&d.Innocent, &innocent}, "coerced": {&d.Coerced, &coerced}} {
			if flags.Changed(name) {
				*value.to = value.now
			}
		}
		return p.do(ctx, id, d, act{
			what:   fmt.Sprintf("account %s is described in case %s", d.Account, id),
			fields: map[string]any{"case": id, "account": d.Account},
			next:   fmt.Sprintf("clew account show %s %s", id, d.Account),
		})
	})
	return p.caseFlag(cmd)
}

func (p *program) accountIdentify() *cobra.Command {
	var as, basis string
	cmd := &cobra.Command{
		Use: "identify CASE ACCOUNT", Short: "Say that two names are one account",
		Long: `Say that ACCOUNT is the account that --as names: it is walked under that name from then on. Identifying an
account with itself takes an earlier identity back.`,
		Example: `  clew account identify C1 "J Example, Nordbank" --as bank:77-100 --basis "the bank's answer"`,
		Args:    p.takes("CASE", "ACCOUNT"),
	}
	cmd.Flags().StringVar(&as, "as", "", "the name it is walked under (needed)")
	cmd.Flags().StringVar(&basis, "basis", "", "who says so")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		account, err := domain.ParseAccount(rest[0])
		if err != nil {
			return usage(err)
		}
		same, err := domain.ParseAccount(as)
		if err != nil {
			return flagError("--as", err)
		}
		return p.do(ctx, id, domain.IdentifyAccounts{Account: account, As: same, Basis: basis}, act{
			what:   fmt.Sprintf("account %s is walked as %s in case %s", account, same, id),
			fields: map[string]any{"case": id, "account": account, "as": same},
			next:   fmt.Sprintf("clew trace %s", id),
		})
	})
	return p.caseFlag(cmd)
}

// accountShape is what people have said about an account, in JSON.
type accountShape struct {
	Account     domain.AccountID   `json:"account"`
	As          domain.AccountID   `json:"as"` // the name it is walked under
	Kind        domain.AccountKind `json:"kind"`
	End         bool               `json:"end"`
	Holder      string             `json:"holder"`
	Institution string             `json:"institution"`
	Country     string             `json:"country"`
	Opened      *string            `json:"opened"`
	Victim      domain.VictimID    `json:"victim"`
	NotVictim   domain.VictimID    `json:"not_victim"`
	Shared      bool               `json:"shared"`
	Innocent    bool               `json:"innocent"`
	Coerced     bool               `json:"coerced"`
	Basis       string             `json:"basis"`
	Labels      []labelShape       `json:"labels"`
}

type labelShape struct {
	Label      string `json:"label"`
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
	Assessment bool   `json:"assessment"`
}

func (p *program) accountShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show CASE [ACCOUNT]", Short: "Show what is known of an account, or of all that were described",
		Example: "  clew account show C1 iban:DE89370400440532013000", Args: p.takes("CASE", "[ACCOUNT]"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.withCase(ctx, id, &ask, func(o *office, file *domain.CaseFile, _ uint64) error {
			if len(rest) == 0 {
				accounts := accountsOf(file)
				return p.say(reply{object: accounts, table: accountsTable(accounts)})
			}
			account, err := domain.ParseAccount(rest[0])
			if err != nil {
				return usage(err)
			}
			return p.showAccount(ctx, o, accountQuestion{file, account, &ask})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

// accountsOf lists what people have said about a case's accounts, by name.
func accountsOf(file *domain.CaseFile) []accountShape {
	names := map[domain.AccountID]bool{}
	for name := range file.Accounts {
		names[name] = true
	}
	for name, labels := range file.Labels {
		if len(labels) > 0 {
			names[name] = true
		}
	}
	list := []accountShape{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		list = append(list, accountOf(file, name))
	}
	return list
}

func accountOf(file *domain.CaseFile, account domain.AccountID) accountShape {
	said := file.Accounts[account]
	kind := account.DescribedKind(said.As)
	shape := accountShape{
		Account: account, As: file.Resolve(account), Kind: kind, End: kind.End(), Holder: inClear(said.Holder), Institution: said.Institution,
		Country: said.Country, Victim: said.Victim, NotVictim: said.NotVictim, Shared: yes(said.Shared), Innocent: yes(said.Innocent),
		Coerced: yes(said.Coerced), Basis: said.Basis, Labels: []labelShape{},
	}
	if !said.Opened.IsZero() {
		day := said.Opened.String()
		shape.Opened = &day
	}
	for _, l := range file.Labels[account] {
		shape.Labels = append(shape.Labels, labelShape{l.Label, l.Source, l.Confidence, l.Assessment})
	}
	return shape
}

func yes(said *bool) bool { return said != nil && *said }

func accountsTable(list []accountShape) *table {
	t := newTable("account", "walked as", "kind", "holder", "institution", "country", "said")
	for _, a := range list {
		t.add(string(a.Account), string(a.As), string(a.Kind), a.Holder, a.Institution, a.Country, a.said())
	}
	return t
}

// said puts into words what people have said about an account.
func (a accountShape) said() string {
	var words []string
	note := func(holds bool, text string) {
		if holds {
			words = append(words, text)
		}
	}
	note(a.Victim != "", "a home of "+string(a.Victim))
	note(a.NotVictim != "", "not "+string(a.NotVictim)+"'s")
	note(a.Shared, "held by several")
	note(a.Innocent, "an innocent third party's")
	note(a.Coerced, "its holder acts under force")
	for _, l := range a.Labels {
		words = append(words, fmt.Sprintf("%s (%s)", l.Label, l.Source))
	}
	return strings.Join(words, "; ")
}
