package projections

import (
	"fmt"
	"strings"

	"clew/domain"
)

// TellAccess tells in a sentence who was let in, and how far; "" of other
// things.
func TellAccess(event domain.Event) string {
	switch e := event.(type) {
	case domain.UserAdmitted:
		return fmt.Sprintf("User %s was let in, as %s.", e.User, e.Role)
	case domain.UserRoleGiven:
		return fmt.Sprintf("User %s works as %s from then on.", e.User, e.Role)
	case domain.UserRemoved:
		return fmt.Sprintf("User %s is not let in any more.", e.User)
	case domain.UserJoinedCase:
		return fmt.Sprintf("User %s was put on case %s.", e.User, e.Case)
	case domain.UserLeftCase:
		return fmt.Sprintf("User %s was taken off case %s.", e.User, e.Case)
	case domain.TokenIssued:
		return fmt.Sprintf("A token %s was made for user %s%s, good until %s.", e.Token, e.User, narrowed(e), e.Expires)
	case domain.TokenRevoked:
		return fmt.Sprintf("The token %s of user %s was revoked.", e.Token, e.User)
	case domain.LinkIssued:
		return fmt.Sprintf("A link was made by which user %s can sign in once, until %s.", e.User, e.Expires)
	case domain.UserSignedIn:
		return fmt.Sprintf("User %s signed in by %s, until %s.", e.User, e.Means, e.Expires)
	case domain.UserSignedOut:
		return fmt.Sprintf("User %s was signed out (%s).", e.User, e.Why)
	}
	return ""
}

// narrowed says how a token is bound.
func narrowed(t domain.TokenIssued) string {
	text := ""
	if t.ReadOnly {
		text = ", for reading only"
	}
	var cases []string
	for _, id := range t.Cases {
		cases = append(cases, string(id))
	}
	if len(cases) > 0 {
		text += ", for " + strings.Join(cases, ", ") + " alone"
	}
	return text
}
