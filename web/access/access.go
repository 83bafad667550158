// Package access knows the people: who they are, how they prove it, and how
// long that is believed. Who may come in stands in the log (domain.Access);
// here are the ways in: a link that is good once, a token, the installation's
// identity provider. A sign-in is kept in a cookie that scripts cannot read
// and other sites cannot send. Of every secret only the hash is kept, and it
// is found by that hash: how long the look takes says nothing of the secret.
//
// It refuses what was used once, what is too old, and to say which of the two.
//
//	people := access.New(office, access.Settings{})
//	secret, err := people.Invite(ctx, by, "ina") // of https://host/sign-in?link=…
package access

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/web/gate"
)

// Settings are what an installation may choose. What is left out is usual.
type Settings struct {
	Idle     time.Duration // a sign-in that nobody uses ends after this
	Longest  time.Duration // every sign-in ends after this
	Provider *Provider     // the identity provider; nil: there is none
}

// How long things are believed: a link that is sent and clicked, a sign-in
// that is not used, and one that is. A working day fits into one.
const (
	LinkLasts   = 30 * time.Minute
	usualIdle   = 30 * time.Minute
	usualLength = 12 * time.Hour
)

// Attempts to sign in: ten at once from one address, and one more every six
// seconds. Nobody finds 256 bits by trying; this keeps the log of the server
// readable.
const (
	attemptsASecond = 1.0 / 6
	attemptsAtOnce  = 10
)

// People are those who may come in.
type People struct {
	office   *gate.Office
	settings Settings
	attempts *gate.Bound
	began    time.Time

	mu       sync.Mutex
	visits   map[domain.SecretHash]*visit
	outgoing map[string]outgoing // sign-ins that are at the identity provider, by state
}

// visit is what is known of a sign-in beside the log: a restart forgets it,
// and counts as a use.
type visit struct {
	seen     time.Time
	purposes map[domain.CaseID]string
}

// New knows those whom the log knows.
func New(office *gate.Office, settings Settings) *People {
	settings.Idle, settings.Longest = cmp.Or(settings.Idle, usualIdle), cmp.Or(settings.Longest, usualLength)
	return &People{office: office, settings: settings, attempts: gate.NewBound(attemptsASecond, attemptsAtOnce, office.Now),
		began: office.Now(), visits: map[domain.SecretHash]*visit{}, outgoing: map[string]outgoing{}}
}

// tokenPrefix lets a person, and a scanner of leaked secrets, know a token by
// its look.
const tokenPrefix = "clew_"

// NewSecret is 256 bits by chance, and its hash.
func NewSecret() (secret string, hash domain.SecretHash) {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	secret = base64.RawURLEncoding.EncodeToString(raw)
	return secret, HashOf(secret)
}

// NewToken is the secret of a token, and its hash.
func NewToken() (secret string, hash domain.SecretHash) {
	secret, _ = NewSecret()
	return tokenPrefix + secret, HashOf(tokenPrefix + secret)
}

// HashOf is what is kept of a secret.
func HashOf(secret string) domain.SecretHash {
	sum := sha256.Sum256([]byte(secret))
	return domain.SecretHash(hex.EncodeToString(sum[:]))
}

// Invite makes a link by which somebody signs in once.
func (p *People) Invite(ctx context.Context, by casework.By, user domain.UserID) (secret string, err error) {
	secret, hash := NewSecret()
	_, err = p.office.Desk.Grant(ctx, by, domain.IssueLink{User: user, Hash: hash, Expires: domain.Instant(p.office.Now().Add(LinkLasts))})
	return secret, err
}

// Welcome lets the owner of a log in to which nobody has ever signed in, and
// makes the link; "" where somebody has.
func (p *People) Welcome(ctx context.Context, by casework.By) (secret string, err error) {
	entered := false
	if err := p.office.Desk.Access(ctx, func(a *domain.Access) { entered = a.Entered }); err != nil || entered {
		return "", err
	}
	owner := domain.UserID(by.Actor)
	if _, err := p.office.Desk.Grant(ctx, by, domain.AdmitUser{User: owner, Role: string(casework.Owner)}); err != nil {
		return "", err
	}
	return p.Invite(ctx, by, owner)
}

// Person is whoever a request is from: by its token, or by its cookie. A
// request with a token that is not good is nobody's, whatever its cookie says.
func (p *People) Person(r *http.Request) (*gate.Person, error) { return p.known(r, p.see) }

// Still is Person, and no use of a sign-in.
func (p *People) Still(r *http.Request) (*gate.Person, error) { return p.known(r, p.peek) }

// visiting looks after a sign-in that stands: what it was given for purposes,
// and whether it was not left alone for too long.
type visiting func(hash domain.SecretHash, now time.Time) (map[domain.CaseID]string, bool)

func (p *People) known(r *http.Request, visits visiting) (*gate.Person, error) {
	if secret, given := bearer(r); given {
		return p.byToken(r.Context(), HashOf(secret))
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, nil
	}
	return p.bySession(r.Context(), HashOf(cookie.Value), visits)
}

func bearer(r *http.Request) (secret string, given bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", false
	}
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", true
	}
	return strings.TrimSpace(secret), true
}

func (p *People) byToken(ctx context.Context, hash domain.SecretHash) (found *gate.Person, err error) {
	now := p.office.Now()
	err = p.office.Desk.Access(ctx, func(a *domain.Access) {
		token, known := a.Tokens[hash]
		if user, there := a.Users[token.User]; known && there && now.Before(token.Expires.Time) {
			found = personOf(user)
			found.Means, found.ReadOnly, found.Only = gate.ByToken(token.Token), token.ReadOnly, token.Cases
		}
	})
	return found, err
}

func personOf(user domain.User) *gate.Person {
	return &gate.Person{Name: string(user.User), Role: casework.Role(user.Role), Cases: user.On()}
}

func (p *People) bySession(ctx context.Context, hash domain.SecretHash, visits visiting) (found *gate.Person, err error) {
	now, stands := p.office.Now(), false
	err = p.office.Desk.Access(ctx, func(a *domain.Access) {
		session, known := a.Sessions[hash]
		user, there := a.Users[session.User]
		if stands = known && there && now.Before(session.Expires); stands {
			found = personOf(user)
			found.Means = gate.BySession
		}
	})
	if err != nil || !stands {
		return nil, err
	}
	if purposes, fresh := visits(hash, now); fresh {
		found.Purposes = purposes
		return found, nil
	}
	return nil, p.end(ctx, casework.By{Actor: found.Name}, hash, domain.SignedOutIdle)
}

// see notes that a sign-in is used, unless it was left alone for too long.
func (p *People) see(hash domain.SecretHash, now time.Time) (map[domain.CaseID]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.visits[hash]
	if v == nil {
		v = &visit{seen: p.began, purposes: map[domain.CaseID]string{}}
		p.visits[hash] = v
	}
	if now.Sub(v.seen) >= p.settings.Idle {
		return nil, false
	}
	v.seen = now
	return maps.Clone(v.purposes), true
}

// peek is see, and no use.
func (p *People) peek(hash domain.SecretHash, now time.Time) (map[domain.CaseID]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.began
	if v := p.visits[hash]; v != nil {
		seen = v.seen
	}
	return nil, now.Sub(seen) < p.settings.Idle
}

// end ends a sign-in.
func (p *People) end(ctx context.Context, by casework.By, hash domain.SecretHash, why domain.SignOutReason) error {
	_, err := p.office.Desk.Grant(ctx, by, domain.SignOut{Session: hash, Why: why})
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.visits, hash)
	return err
}

// Sweep ends the sign-ins that were left alone for too long, so that a restart
// does not wake them, and forgets what has ended.
func (p *People) Sweep(ctx context.Context) error {
	standing := map[domain.SecretHash]domain.UserID{}
	now := p.office.Now()
	err := p.office.Desk.Access(ctx, func(a *domain.Access) {
		for hash, session := range a.Sessions {
			if now.Before(session.Expires) {
				standing[hash] = session.User
			}
		}
	})
	if err != nil {
		return err
	}
	for _, hash := range p.idle(standing, now) {
		if err := p.end(ctx, casework.By{Actor: string(standing[hash])}, hash, domain.SignedOutIdle); err != nil {
			return err
		}
	}
	return nil
}

// idle lists the sign-ins that stand and that nobody has used for too long.
func (p *People) idle(standing map[domain.SecretHash]domain.UserID, now time.Time) (list []domain.SecretHash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.visits, func(hash domain.SecretHash, _ *visit) bool { return standing[hash] == "" })
	maps.DeleteFunc(p.outgoing, func(_ string, o outgoing) bool { return !now.Before(o.expires) })
	for hash := range standing {
		seen := p.began
		if v := p.visits[hash]; v != nil {
			seen = v.seen
		}
		if now.Sub(seen) >= p.settings.Idle {
			list = append(list, hash)
		}
	}
	slices.Sort(list)
	return list
}

// purposeFor keeps why somebody looks into a case for as long as he is signed
// in.
func (p *People) purposeFor(r *http.Request, id domain.CaseID, why string) bool {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.visits[HashOf(cookie.Value)]
	if v != nil {
		v.purposes[id] = why
	}
	return v != nil
}
