// Package access knows the people: who they are, how they prove it, and how
// long that is believed. A sign-in is kept in a cookie that scripts cannot
// read and other sites cannot send; of its secret only the hash is kept here.
//
// It refuses what was used once, what is too old, and to say which of the two.
//
//	link := people.Invite("ina", casework.Owner) // the secret of https://host/sign-in?link=…, good once
package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"clew/casework"
	"clew/web/gate"
)

// How long things are believed: a link that is printed and clicked, a sign-in
// that is not used, and one that is.
const (
	linkLasts = 30 * time.Minute
	idleLasts = 30 * time.Minute
	signLasts = 12 * time.Hour
)

// People are those who may come in.
type People struct {
	office *gate.Office

	mu       sync.Mutex
	links    map[string]invited  // by the hash of the secret
	sessions map[string]*session // by the hash of the secret
}

// invited is somebody for whom a link was made.
type invited struct {
	name    string
	role    casework.Role
	expires time.Time
}

// session is a sign-in.
type session struct {
	invited
	seen time.Time
}

// New knows nobody yet.
func New(office *gate.Office) *People {
	return &People{office: office, links: map[string]invited{}, sessions: map[string]*session{}}
}

// newSecret is 256 bits by chance, and its hash.
func newSecret() (secret, hash string) {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	secret = base64.RawURLEncoding.EncodeToString(raw)
	return secret, hashOf(secret)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Invite makes a link by which somebody can sign in once.
func (p *People) Invite(name string, role casework.Role) (secret string) {
	secret, hash := newSecret()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.links[hash] = invited{name, role, p.office.Now().Add(linkLasts)}
	return secret
}

// signIn takes a link's secret for a session's.
func (p *People) signIn(secret string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.office.Now()
	link, known := p.links[hashOf(secret)]
	delete(p.links, hashOf(secret))
	if !known || !now.Before(link.expires) {
		return "", false
	}
	fresh, hash := newSecret()
	link.expires = now.Add(signLasts)
	p.sessions[hash] = &session{link, now}
	return fresh, true
}

// Person is whoever the cookie of a request stands for.
func (p *People) Person(r *http.Request) (*gate.Person, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	hash, now := hashOf(cookie.Value), p.office.Now()
	s := p.sessions[hash]
	if s == nil {
		return nil, nil
	}
	if !now.Before(s.expires) || now.Sub(s.seen) >= idleLasts {
		delete(p.sessions, hash)
		return nil, nil
	}
	s.seen = now
	return &gate.Person{Name: s.name, Role: s.role, Means: "session"}, nil
}
