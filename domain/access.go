package domain

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Who may come in, as whom, into which cases, and since when. It stands in the
// log, in a stream of its own, because an auditor asks for it as he asks for
// the money: as of any day, and nobody can have changed it since. Of every
// secret only the hash is recorded; it was drawn by chance, 256 bits of it, so
// that nobody finds it from the hash.

// UserID names somebody who works with clew: what stands beside every record
// of his.
type UserID string

// SecretHash is the SHA-256, in lower-case hex, of a secret drawn by chance.
type SecretHash string

// SignInMeans is how somebody showed who he is.
type SignInMeans string

// The means.
const (
	ByLink     SignInMeans = "link"     // a link that was made for him, good once
	ByToken    SignInMeans = "token"    // a token of his
	ByProvider SignInMeans = "provider" // the installation's identity provider, by OpenID Connect
)

// SignOutReason is why a sign-in ended.
type SignOutReason string

// The reasons.
const (
	SignedOutHimself SignOutReason = "asked"
	SignedOutIdle    SignOutReason = "idle"
)

// UserAdmitted is recorded when somebody is let in for the first time, or
// again.
type UserAdmitted struct {
	User     UserID `json:"user"`
	Role     string `json:"role"`
	Identity string `json:"identity,omitempty"` // by which the identity provider knows him
}

// UserRoleGiven is recorded when somebody works in another role from then on.
type UserRoleGiven struct {
	User UserID `json:"user"`
	Role string `json:"role"`
}

// UserRemoved is recorded when somebody is not let in any more. His tokens,
// links and sign-ins end with it, and he is on no case.
type UserRemoved struct {
	User UserID `json:"user"`
}

// UserJoinedCase is recorded when somebody is put on a case.
type UserJoinedCase struct {
	User UserID `json:"user"`
	Case CaseID `json:"case"`
}

// UserLeftCase is recorded when somebody is taken off a case.
type UserLeftCase struct {
	User UserID `json:"user"`
	Case CaseID `json:"case"`
}

// TokenIssued is recorded when a token is made, by which a program acts for
// somebody.
type TokenIssued struct {
	Token    string     `json:"token"` // its name, which is his own choice
	User     UserID     `json:"user"`
	Hash     SecretHash `json:"hash"`
	Expires  When       `json:"expires"`
	ReadOnly bool       `json:"read_only,omitempty"` // it can change nothing
	Cases    []CaseID   `json:"cases,omitempty"`     // the only ones it is good for; none: all of his
}

// TokenRevoked is recorded when a token is not good any more.
type TokenRevoked struct {
	Token string `json:"token"`
	User  UserID `json:"user"`
}

// LinkIssued is recorded when a link is made by which somebody signs in once.
type LinkIssued struct {
	User    UserID     `json:"user"`
	Hash    SecretHash `json:"hash"`
	Expires When       `json:"expires"`
}

// UserSignedIn is recorded when somebody signs in. A link is used up by it.
type UserSignedIn struct {
	User    UserID      `json:"user"`
	Means   SignInMeans `json:"means"`
	Link    SecretHash  `json:"link,omitempty"` // that was used
	Session SecretHash  `json:"session"`
	Expires When        `json:"expires"`
}

// UserSignedOut is recorded when a sign-in ends before its time.
type UserSignedOut struct {
	User    UserID        `json:"user"`
	Session SecretHash    `json:"session"`
	Why     SignOutReason `json:"why"`
}

func (UserAdmitted) Kind() string   { return "access.user_admitted.v1" }
func (UserRoleGiven) Kind() string  { return "access.role_given.v1" }
func (UserRemoved) Kind() string    { return "access.user_removed.v1" }
func (UserJoinedCase) Kind() string { return "access.case_joined.v1" }
func (UserLeftCase) Kind() string   { return "access.case_left.v1" }
func (TokenIssued) Kind() string    { return "access.token_issued.v1" }
func (TokenRevoked) Kind() string   { return "access.token_revoked.v1" }
func (LinkIssued) Kind() string     { return "access.link_issued.v1" }
func (UserSignedIn) Kind() string   { return "access.signed_in.v1" }
func (UserSignedOut) Kind() string  { return "access.signed_out.v1" }

// ParseUser checks the name of somebody who works with clew. It keeps to what
// an account on a machine or a mail address is made of.
func ParseUser(text string) (UserID, error) {
	name := strings.TrimSpace(text)
	if err := checkName("user", name, 64); err != nil {
		return "", err
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("-_.@+", r)) {
			return "", Usage("user %s: a user's name has letters, digits and - _ . @ +, and begins with a letter or digit", quoted(text))
		}
	}
	return UserID(name), nil
}

// User is somebody who is let in.
type User struct {
	User     UserID
	Role     string
	Identity string
	Since    time.Time            // he was let in, or in this role
	Cases    map[CaseID]time.Time // that he is on, and since when
}

// Session is a sign-in that stands.
type Session struct {
	User    UserID
	Means   SignInMeans
	Since   time.Time
	Expires time.Time
}

// Access is who may come in, as the log has it up to some position.
type Access struct {
	Users    map[UserID]User
	Tokens   map[SecretHash]TokenIssued // that were not revoked; they may have expired
	Links    map[SecretHash]LinkIssued  // that were not used; they may have expired
	Sessions map[SecretHash]Session     // that were not ended; they may have expired
	Entered  bool                       // somebody has signed in, ever
}

// NewAccess knows nobody.
func NewAccess() *Access {
	return &Access{map[UserID]User{}, map[SecretHash]TokenIssued{}, map[SecretHash]LinkIssued{}, map[SecretHash]Session{}, false}
}

// Evolve takes note of an event that was recorded at a time. Events of other
// things pass it by.
func (a *Access) Evolve(event Event, at time.Time) {
	switch e := event.(type) {
	case UserAdmitted:
		a.Users[e.User] = User{e.User, e.Role, e.Identity, at, map[CaseID]time.Time{}}
	case UserRoleGiven:
		user := a.Users[e.User]
		user.Role, user.Since = e.Role, at
		a.Users[e.User] = user
	case UserRemoved:
		a.remove(e.User)
	case UserJoinedCase:
		if user, known := a.Users[e.User]; known {
			user.Cases[e.Case] = at
		}
	case UserLeftCase:
		delete(a.Users[e.User].Cases, e.Case)
	case TokenIssued:
		a.Tokens[e.Hash] = e
	case TokenRevoked:
		maps.DeleteFunc(a.Tokens, func(_ SecretHash, t TokenIssued) bool { return t.User == e.User && t.Token == e.Token })
	case LinkIssued:
		maps.DeleteFunc(a.Links, func(_ SecretHash, l LinkIssued) bool { return !at.Before(l.Expires.Time) })
		a.Links[e.Hash] = e
	case UserSignedIn:
		maps.DeleteFunc(a.Sessions, func(_ SecretHash, s Session) bool { return !at.Before(s.Expires) })
		delete(a.Links, e.Link)
		a.Entered = true
		a.Sessions[e.Session] = Session{e.User, e.Means, at, e.Expires.Time}
	case UserSignedOut:
		delete(a.Sessions, e.Session)
	}
}

// remove takes away all that somebody could come in by.
func (a *Access) remove(user UserID) {
	delete(a.Users, user)
	maps.DeleteFunc(a.Tokens, func(_ SecretHash, t TokenIssued) bool { return t.User == user })
	maps.DeleteFunc(a.Links, func(_ SecretHash, l LinkIssued) bool { return l.User == user })
	maps.DeleteFunc(a.Sessions, func(_ SecretHash, s Session) bool { return s.User == user })
}

// Token finds a token of somebody's by its name.
func (a *Access) Token(user UserID, name string) (TokenIssued, bool) {
	for _, t := range a.Tokens {
		if t.User == user && t.Token == name {
			return t, true
		}
	}
	return TokenIssued{}, false
}

// ByIdentity finds whom the identity provider knows by a name.
func (a *Access) ByIdentity(identity string) (User, bool) {
	for _, user := range a.Users {
		if identity != "" && user.Identity == identity {
			return user, true
		}
	}
	return User{}, false
}

// On lists the cases that somebody is on, by name.
func (u User) On() []CaseID { return slices.Sorted(maps.Keys(u.Cases)) }
