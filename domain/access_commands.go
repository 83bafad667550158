package domain

import "time"

// AccessCommand is what is to be recorded about who may come in. Decide
// answers with the events that carry it out: none where it is so already.
type AccessCommand interface {
	Decide(a *Access) ([]Event, error)
}

// AdmitUser lets somebody in. The caller has checked that the role exists.
type AdmitUser struct {
	User     UserID `json:"user"`
	Role     string `json:"role"`
	Identity string `json:"identity,omitempty"`
}

// Decide refuses a second person of the same name, or of the same identity.
func (c AdmitUser) Decide(a *Access) ([]Event, error) {
	if c.Identity != "" {
		if err := checkName("identity", c.Identity, MaxReference); err != nil {
			return nil, Usage("user %s: %v", c.User, err)
		}
	}
	before, known := a.Users[c.User]
	switch other, taken := a.ByIdentity(c.Identity); {
	case known && before.Role == c.Role && before.Identity == c.Identity:
		return nil, nil
	case known:
		return nil, Conflict("user %s is let in already, as %s: 'clew user role' gives another role; for another identity remove and add the user again", c.User, before.Role)
	case taken:
		return nil, Conflict("user %s: %s is let in under that identity: one identity is one person", c.User, other.User)
	}
	return []Event{UserAdmitted(c)}, nil
}

// GiveRole has somebody work in another role. The caller has checked that the
// role exists.
type GiveRole struct {
	User UserID `json:"user"`
	Role string `json:"role"`
}

// Decide gives a role once.
func (c GiveRole) Decide(a *Access) ([]Event, error) {
	user, err := a.find(c.User)
	if err != nil || user.Role == c.Role {
		return nil, err
	}
	return []Event{UserRoleGiven(c)}, nil
}

// find is a user who is let in.
func (a *Access) find(id UserID) (User, error) {
	user, known := a.Users[id]
	if !known {
		return user, NotFound("there is no user %s: 'clew user list' shows who there is", id)
	}
	return user, nil
}

// RemoveUser lets somebody in no more.
type RemoveUser struct {
	User UserID `json:"user"`
}

// Decide removes somebody who is there.
func (c RemoveUser) Decide(a *Access) ([]Event, error) {
	if _, err := a.find(c.User); err != nil {
		return nil, err
	}
	return []Event{UserRemoved(c)}, nil
}

// JoinCase puts somebody on a case. The caller has checked that there is such
// a case.
type JoinCase struct {
	User UserID `json:"user"`
	Case CaseID `json:"case"`
}

// Decide puts him on it once.
func (c JoinCase) Decide(a *Access) ([]Event, error) {
	user, err := a.find(c.User)
	if err != nil {
		return nil, err
	}
	if _, on := user.Cases[c.Case]; on {
		return nil, nil
	}
	return []Event{UserJoinedCase(c)}, nil
}

// LeaveCase takes somebody off a case.
type LeaveCase struct {
	User UserID `json:"user"`
	Case CaseID `json:"case"`
}

// Decide takes him off once.
func (c LeaveCase) Decide(a *Access) ([]Event, error) {
	user, err := a.find(c.User)
	if err != nil {
		return nil, err
	}
	if _, on := user.Cases[c.Case]; !on {
		return nil, nil
	}
	return []Event{UserLeftCase(c)}, nil
}

// LongestToken is how long a token may be good: after a year somebody must
// say again that the program is still needed.
const LongestToken = 366 * 24 * time.Hour

// IssueToken makes a token. Its hash was drawn for it, so it is no part of
// what an idempotency key stands for.
type IssueToken struct {
	Token    string     `json:"token"`
	User     UserID     `json:"user"`
	Hash     SecretHash `json:"-"`
	Now      time.Time  `json:"-"`
	Expires  When       `json:"expires"`
	ReadOnly bool       `json:"read_only,omitempty"`
	Cases    []CaseID   `json:"cases,omitempty"`
}

// Decide refuses a name that is in use: which of two tokens was meant must
// never be asked.
func (c IssueToken) Decide(a *Access) ([]Event, error) {
	if _, err := a.find(c.User); err != nil {
		return nil, err
	}
	if err := checkName("token", c.Token, 64); err != nil {
		return nil, Usage("%v", err)
	}
	lasts := c.Expires.Time.Sub(c.Now)
	if lasts <= 0 || lasts > LongestToken {
		return nil, Usage("token %s: it must be good for a time, and for no more than a year", c.Token)
	}
	if _, taken := a.Token(c.User, c.Token); taken {
		return nil, Conflict("user %s has a token %s: revoke that one, or choose another name", c.User, c.Token)
	}
	return []Event{TokenIssued{c.Token, c.User, c.Hash, c.Expires, c.ReadOnly, c.Cases}}, nil
}

// RevokeToken ends a token.
type RevokeToken struct {
	Token string `json:"token"`
	User  UserID `json:"user"`
}

// Decide revokes a token that is there.
func (c RevokeToken) Decide(a *Access) ([]Event, error) {
	if _, known := a.Token(c.User, c.Token); !known {
		return nil, NotFound("user %s has no token %s: 'clew token list' shows them", c.User, c.Token)
	}
	return []Event{TokenRevoked(c)}, nil
}

// IssueLink makes a link by which somebody signs in once.
type IssueLink struct {
	User    UserID     `json:"user"`
	Hash    SecretHash `json:"-"`
	Expires When       `json:"-"`
}

// Decide makes links only for those who are let in.
func (c IssueLink) Decide(a *Access) ([]Event, error) {
	if _, err := a.find(c.User); err != nil {
		return nil, err
	}
	return []Event{LinkIssued(c)}, nil
}

// SignIn lets somebody in for a while: by a link, which is used up, or by
// other means, which the caller has checked.
type SignIn struct {
	User    UserID // not needed with a link
	Means   SignInMeans
	Link    SecretHash
	Session SecretHash
	Now     time.Time
	Expires When
}

// Decide says no more of a link that is not good than that: whether it was
// used, is too old or never was is not for whoever holds it.
func (c SignIn) Decide(a *Access) ([]Event, error) {
	if c.Means == ByLink {
		link, known := a.Links[c.Link]
		if !known || !c.Now.Before(link.Expires.Time) {
			return nil, &Error{Class: ClassDenied, Text: "this link was used, is too old, or never was: ask for a new one ('clew user link NAME')"}
		}
		c.User = link.User
	}
	if _, err := a.find(c.User); err != nil {
		return nil, &Error{Class: ClassDenied, Text: "you are not let in here: ask whoever looks after the people"}
	}
	return []Event{UserSignedIn{c.User, c.Means, c.Link, c.Session, c.Expires}}, nil
}

// SignOut ends a sign-in.
type SignOut struct {
	Session SecretHash    `json:"session"`
	Why     SignOutReason `json:"why"`
}

// Decide ends what has not ended.
func (c SignOut) Decide(a *Access) ([]Event, error) {
	session, stands := a.Sessions[c.Session]
	if !stands {
		return nil, nil
	}
	return []Event{UserSignedOut{session.User, c.Session, c.Why}}, nil
}
