package gate

import (
	"context"
	"slices"
	"strings"

	"clew/casework"
	"clew/domain"
)

// MayDecideAbout refuses to let an administrator decide about an owner, make
// one, or decide about himself: nobody gives himself what he must not have.
// Roles are those that are to be given.
func (o *Office) MayDecideAbout(ctx context.Context, about domain.UserID, roles ...string) error {
	who := Who(ctx)
	if who.Role == casework.Owner {
		return nil
	}
	err := o.Desk.Access(ctx, func(a *domain.Access) { roles = append(roles, a.Users[about].Role) })
	switch {
	case err != nil:
		return err
	case about == domain.UserID(who.Name):
		return &domain.Error{Class: domain.ClassDenied, Text: "nobody decides about himself: ask another administrator"}
	case slices.Contains(roles, string(casework.Owner)):
		return &domain.Error{Class: domain.ClassDenied, Text: "only an owner makes an owner, or decides about one"}
	}
	return nil
}

// byToken comes before a token's name in how somebody is known.
const byToken = "token "

// ByToken is how somebody is known who came with a token.
func ByToken(name string) string { return byToken + name }

// MayMakeMeans refuses to let a token make a link or another token: it would
// outlive itself.
func MayMakeMeans(ctx context.Context) error {
	if strings.HasPrefix(Who(ctx).Means, byToken) {
		return &domain.Error{Class: domain.ClassDenied, Text: "a token makes no link and no other token: sign in, or do it at the command line"}
	}
	return nil
}
