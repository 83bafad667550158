package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/web/access"
)

func (p *program) userCommands() *cobra.Command {
	return p.branch("user", "Who may come in by 'clew serve', in which role, and into which cases", p.userAdd(), p.userList(), p.userRole(), p.userCase(), p.userLink(), p.userRemove())
}

// grant records what is decided about who may come in.
func (p *program) grant(ctx context.Context, command domain.AccessCommand, said act) error {
	return p.act(ctx, mayMake, func(o *office, by casework.By) (act, error) {
		outcome, err := o.desk.Grant(ctx, by, command)
		said.outcome = outcome
		return said, err
	})
}

func (p *program) userAdd() *cobra.Command {
	var command domain.AdmitUser
	cmd := &cobra.Command{
		Use: "add USER", Short: "Let somebody in, in a role",
		Long: `Let somebody in. USER is what will stand beside every record of his. An investigator sees the cases he is on, and
others' where he gives a purpose; fiu works on freezes; police submits them; an auditor reads and verifies everything and
changes nothing; an admin looks after people and keys and sees no case; an owner may do all that the command line may.
How he signs in: 'clew user link', a token, or the identity provider that 'clew serve --oidc-issuer' names.`,
		Example: "  clew user add ina --role investigator\n  clew user add ben --role auditor --identity 248289761001", Args: p.takes("USER"),
	}
	cmd.Flags().StringVar(&command.Role, "role", "", "investigator, fiu, police, auditor, admin or owner (needed)")
	cmd.Flags().StringVar(&command.Identity, "identity", "", "by which the identity provider knows him: the value of the claim that 'clew serve --oidc-claim' names")
	cmd.RunE = p.does(func(ctx context.Context, args []string) (err error) {
		if command.User, err = domain.ParseUser(args[0]); err != nil {
			return usage(err)
		}
		return p.grant(ctx, command, act{what: fmt.Sprintf("user %s is let in, as %s", command.User, command.Role),
			fields: map[string]any{"user": command.User, "role": command.Role},
			next:   fmt.Sprintf("clew user case %s CASE, and clew user link %[1]s", command.User)})
	})
	return cmd
}

// userShape is somebody who is let in, in JSON.
type userShape struct {
	User     domain.UserID   `json:"user"`
	Role     string          `json:"role"`
	Since    time.Time       `json:"since"`
	Cases    []domain.CaseID `json:"cases"`
	Identity string          `json:"identity"`
	SignedIn bool            `json:"signed_in"` // at the moment
}

func (p *program) userList() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "list", Short: "Show who may come in, as what, since when, and into which cases",
		Long: `Show who may come in. With --known-at it is who could at that time: all of it stands in the log, with who granted
it and when.`,
		Example: "  clew user list\n  clew user list --known-at 2026-03-01T00:00:00Z", Args: p.takes(),
	}
	cmd.Flags().StringVar(&ask.knownAt, "known-at", "", "who could come in at this time")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			at := p.now()
			if ask.knownAt != "" {
				when, err := domain.ParseWhen(ask.knownAt)
				if err != nil {
					return flagError("--known-at", err)
				}
				at = when.End()
			}
			found, err := o.desk.AccessAt(ctx, at)
			if err != nil {
				return err
			}
			return p.sayUsers(found, at)
		})
	})
	return cmd
}

func (p *program) sayUsers(found *domain.Access, at time.Time) error {
	list, t := []userShape{}, newTable("user", "role", "since", "cases", "identity", "signed in")
	for _, id := range slices.Sorted(maps.Keys(found.Users)) {
		user := found.Users[id]
		in := false
		for _, session := range found.Sessions {
			in = in || session.User == id && at.Before(session.Expires)
		}
		one := userShape{id, user.Role, user.Since.UTC(), listed(user.On()), user.Identity, in}
		list = append(list, one)
		t.add(string(id), one.Role, one.Since.Format(time.RFC3339), joined(one.Cases), one.Identity, yesOrNo(in))
	}
	return p.say(reply{object: list, table: t})
}

func (p *program) userRole() *cobra.Command {
	cmd := &cobra.Command{
		Use: "role USER ROLE", Short: "Have somebody work in another role",
		Example: "  clew user role ina fiu", Args: p.takes("USER", "ROLE"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.grant(ctx, domain.GiveRole{User: domain.UserID(args[0]), Role: args[1]}, act{what: fmt.Sprintf("user %s works as %s", args[0], args[1]),
			fields: map[string]any{"user": args[0], "role": args[1]}})
	})
	return cmd
}

func (p *program) userCase() *cobra.Command {
	leave := false
	cmd := &cobra.Command{
		Use: "case USER CASE", Short: "Put somebody on a case, or take him off",
		Example: "  clew user case ina C1\n  clew user case ina C1 --off", Args: p.takes("USER", "CASE"),
	}
	cmd.Flags().BoolVar(&leave, "off", false, "take him off the case")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		id, err := domain.ParseCase(args[1])
		if err != nil {
			return usage(err)
		}
		said := act{what: fmt.Sprintf("user %s is on case %s", args[0], id), fields: map[string]any{"user": args[0], "case": id, "on": !leave}}
		if leave {
			said.what = fmt.Sprintf("user %s is not on case %s", args[0], id)
			return p.grant(ctx, domain.LeaveCase{User: domain.UserID(args[0]), Case: id}, said)
		}
		return p.grant(ctx, domain.JoinCase{User: domain.UserID(args[0]), Case: id}, said)
	})
	return cmd
}

func (p *program) userLink() *cobra.Command {
	site := ""
	cmd := &cobra.Command{
		Use: "link USER", Short: "Make a link by which somebody signs in once",
		Long: `Make a link by which somebody signs in, once, within thirty minutes. Whoever has the link is let in as that person:
give it to nobody else. The log keeps that it was made, by whom, and when it was used; of the link itself only a hash.`,
		Example: "  clew user link ina --url https://clew.example", Args: p.takes("USER"),
	}
	cmd.Flags().StringVar(&site, "url", "http://127.0.0.1:8080", "where people reach the server")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		secret, hash := access.NewSecret()
		link := strings.TrimSuffix(site, "/") + "/sign-in?" + url.Values{"link": {secret}}.Encode()
		expires := domain.Instant(p.now().Add(access.LinkLasts).Truncate(time.Second))
		return p.grant(ctx, domain.IssueLink{User: domain.UserID(args[0]), Hash: hash, Expires: expires},
			act{what: fmt.Sprintf("user %s signs in once, until %s: %s", args[0], expires, link), fields: map[string]any{"user": args[0], "link": link, "expires": expires}})
	})
	return cmd
}

func (p *program) userRemove() *cobra.Command {
	cmd := &cobra.Command{
		Use: "remove USER", Short: "Let somebody in no more",
		Long: `Let somebody in no more. His tokens, links and sign-ins end at once, also in a server that is running. What he
recorded stays, under his name.`,
		Example: "  clew user remove ina", Args: p.takes("USER"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.grant(ctx, domain.RemoveUser{User: domain.UserID(args[0])}, act{what: fmt.Sprintf("user %s is not let in any more", args[0]),
			fields: map[string]any{"user": args[0]}})
	})
	return cmd
}
