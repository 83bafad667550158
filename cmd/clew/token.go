package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/web/access"
)

func (p *program) tokenCommands() *cobra.Command {
	return p.branch("token", "Tokens by which programs act for somebody", p.tokenNew(), p.tokenList(), p.tokenRevoke())
}

func (p *program) tokenNew() *cobra.Command {
	var command domain.IssueToken
	var days int
	var cases []string
	cmd := &cobra.Command{
		Use: "new USER TOKEN", Short: "Make a token by which a program acts for somebody",
		Long: `Make a token. TOKEN is its name; its secret is shown once, here, and only its hash is kept. A program sends it with
every request: Authorization: Bearer SECRET. It may do what its user may, and no more than --read-only and --only-case leave.`,
		Example: "  clew token new ina nightly --read-only --days 30\n  clew token new ina import --only-case C1", Args: p.takes("USER", "TOKEN"),
	}
	cmd.Flags().BoolVar(&command.ReadOnly, "read-only", false, "it can change nothing")
	cmd.Flags().StringArrayVar(&cases, "only-case", nil, "it is good for this case alone; may stand several times")
	cmd.Flags().IntVar(&days, "days", 90, "how many days it is good, 366 at most")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		for _, name := range cases {
			id, err := domain.ParseCase(name)
			if err != nil {
				return flagError("--only-case", err)
			}
			command.Cases = append(command.Cases, id)
		}
		secret, hash := access.NewToken()
		command.User, command.Token, command.Hash, command.Now = domain.UserID(args[0]), args[1], hash, p.now()
		command.Expires = domain.Instant(command.Now.AddDate(0, 0, days).Truncate(time.Second))
		return p.sayToken(ctx, command, secret)
	})
	return cmd
}

// sayToken makes the token and shows its secret, unless it was made before
// under the same idempotency key: then nobody has the secret of this one.
func (p *program) sayToken(ctx context.Context, command domain.IssueToken, secret string) error {
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		outcome, err := o.desk.Grant(ctx, by, command)
		if err != nil {
			return act{}, err
		}
		if outcome.Nothing {
			return act{}, domain.Conflict("the token %s was made before under this key, and its secret was shown then: revoke it, and make another", command.Token)
		}
		return act{what: fmt.Sprintf("token %s of user %s is good until %s; its secret, shown this once: %s", command.Token, command.User, command.Expires, secret),
			fields: map[string]any{"user": command.User, "token": command.Token, "secret": secret, "expires": command.Expires}, outcome: outcome}, nil
	})
}

// tokenShape is a token in JSON.
type tokenShape struct {
	User     domain.UserID   `json:"user"`
	Token    string          `json:"token"`
	Expires  domain.When     `json:"expires"`
	Expired  bool            `json:"expired"`
	ReadOnly bool            `json:"read_only"`
	Cases    []domain.CaseID `json:"cases"`
}

func (p *program) tokenList() *cobra.Command {
	of := ""
	cmd := &cobra.Command{
		Use: "list", Short: "Show the tokens that were not revoked",
		Example: "  clew token list\n  clew token list --user ina", Args: p.takes(),
	}
	cmd.Flags().StringVar(&of, "user", "", "only of this user")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			list, t := []tokenShape{}, newTable("user", "token", "expires", "expired", "read only", "cases")
			err := o.desk.Access(ctx, func(a *domain.Access) {
				for _, token := range a.Tokens {
					if of == "" || of == string(token.User) {
						list = append(list, tokenShape{token.User, token.Token, token.Expires, !p.now().Before(token.Expires.Time), token.ReadOnly, listed(token.Cases)})
					}
				}
			})
			if err != nil {
				return err
			}
			slices.SortFunc(list, func(a, b tokenShape) int {
				return cmp.Or(strings.Compare(string(a.User), string(b.User)), strings.Compare(a.Token, b.Token))
			})
			for _, one := range list {
				t.add(string(one.User), one.Token, one.Expires.String(), yesOrNo(one.Expired), yesOrNo(one.ReadOnly), joined(one.Cases))
			}
			return p.say(reply{object: list, table: t})
		})
	})
	return cmd
}

func (p *program) tokenRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke USER TOKEN", Short: "End a token",
		Long:    `End a token. It is not good any more from this moment on, also in a server that is running.`,
		Example: "  clew token revoke ina nightly", Args: p.takes("USER", "TOKEN"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.grant(ctx, domain.RevokeToken{User: domain.UserID(args[0]), Token: args[1]}, act{what: fmt.Sprintf("token %s of user %s is revoked", args[1], args[0]),
			fields: map[string]any{"user": args[0], "token": args[1]}})
	})
	return cmd
}
