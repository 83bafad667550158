package access

import (
	"cmp"
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"clew/domain"
	"clew/web/gate"
)

// Provider is the installation's identity provider, spoken to by OpenID
// Connect: authorization code, PKCE, state and nonce.
type Provider struct {
	Issuer       string // https://id.example
	ClientID     string
	ClientSecret string
	Claim        string // of the ID token, by which people are known; "": sub
	Back         string // the address at which people come back: https://host/sign-in/provider/back

	mu    sync.Mutex
	found *oidc.Provider // once it was reached
}

// BackPath is where the provider sends people back to.
const BackPath = "/sign-in/provider/back"

// Identities at a provider last long; a sign-in on the way there does not.
const (
	onTheWay        = 10 * time.Minute
	maxOnTheWay     = 10_000
	providerTimeout = 15 * time.Second
	stateCookie     = "__Host-clew-way"
)

// outgoing is a sign-in that is at the provider.
type outgoing struct {
	nonce, verifier, next string
	expires               time.Time
}

// reach finds the provider's addresses and keys, the first time somebody needs
// them: a server starts though its provider is not there yet.
func (o *Provider) reach(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.found == nil {
		found, err := oidc.NewProvider(context.WithoutCancel(ctx), o.Issuer) // its keys are asked for later, under the same context
		if err != nil {
			return nil, nil, gate.Away("the identity provider does not answer: try again, or sign in by a link or a token", err)
		}
		o.found = found
	}
	scopes := []string{oidc.ScopeOpenID}
	if o.claim() == "email" {
		scopes = append(scopes, "email")
	} else if o.claim() != "sub" {
		scopes = append(scopes, "profile")
	}
	return o.found, &oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, RedirectURL: o.Back, Endpoint: o.found.Endpoint(), Scopes: scopes}, nil
}

func (o *Provider) claim() string { return cmp.Or(o.Claim, "sub") }

// context is a request's, with a bound on how long the provider may take.
func (o *Provider) context(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(r.Context(), &http.Client{Timeout: providerTimeout}), providerTimeout)
}

// sendOut sends a browser to the provider.
func (p *People) sendOut(w http.ResponseWriter, r *http.Request) {
	if wait := p.attempts.Wait(p.office.Neighbourhood(r)); wait > 0 {
		gate.Fail(w, r, gate.Busy(wait))
		return
	}
	o := p.settings.Provider
	if o == nil {
		gate.Fail(w, r, domain.NotFound("this installation has no identity provider"))
		return
	}
	ctx, cancel := o.context(r)
	defer cancel()
	_, config, err := o.reach(ctx)
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	state, _ := NewSecret()
	nonce, _ := NewSecret()
	way := outgoing{nonce, oauth2.GenerateVerifier(), localPath(r.URL.Query().Get("next")), p.office.Now().Add(onTheWay)}
	if !p.remember(state, way) {
		gate.Fail(w, r, gate.Busy(onTheWay))
		return
	}
	bound := cookie(state, onTheWay)
	bound.Name = stateCookie
	http.SetCookie(w, bound)
	http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(way.verifier)), http.StatusSeeOther)
}

func (p *People) remember(state string, way outgoing) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.outgoing) >= maxOnTheWay {
		return false
	}
	p.outgoing[state] = way
	return true
}

// comeBack takes a browser that the provider sends back.
func (p *People) comeBack(w http.ResponseWriter, r *http.Request) {
	next, err := p.identified(w, r)
	if err != nil {
		p.refused(r, err)
		gate.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (p *People) identified(w http.ResponseWriter, r *http.Request) (next string, err error) {
	o := p.settings.Provider
	if o == nil {
		return "", domain.NotFound("this installation has no identity provider")
	}
	way, err := p.expected(r)
	if err != nil {
		return "", err
	}
	ctx, cancel := o.context(r)
	defer cancel()
	identity, err := o.identity(ctx, r.URL.Query().Get("code"), way)
	if err != nil {
		return "", err
	}
	user := domain.UserID("")
	if err := p.office.Desk.Access(ctx, func(a *domain.Access) { found, _ := a.ByIdentity(identity); user = found.User }); err != nil {
		return "", err
	}
	return way.next, p.begin(w, r, domain.SignIn{User: user, Means: domain.ByProvider})
}

// expected finds the way that a browser went out on. It must be the same
// browser, and come back once.
func (p *People) expected(r *http.Request) (outgoing, error) {
	refusal := &domain.Error{Class: domain.ClassDenied, Text: "this sign-in was not begun here, took too long, or was used: begin again"}
	state := r.URL.Query().Get("state")
	bound, err := r.Cookie(stateCookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(bound.Value), []byte(state)) != 1 {
		return outgoing{}, refusal
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	way, known := p.outgoing[state]
	delete(p.outgoing, state)
	switch {
	case !known || !p.office.Now().Before(way.expires):
		return outgoing{}, refusal
	case r.URL.Query().Get("code") == "":
		return outgoing{}, &domain.Error{Class: domain.ClassDenied, Text: "the identity provider did not let you in: begin again, or ask whoever looks after it"}
	}
	return way, nil
}

// identity takes the code to the provider and reads who somebody is.
func (o *Provider) identity(ctx context.Context, code string, way outgoing) (string, error) {
	found, config, err := o.reach(ctx)
	if err != nil {
		return "", err
	}
	no := func(err error) error {
		return &domain.Error{Class: domain.ClassDenied, Text: "the identity provider's answer cannot be believed", Cause: err}
	}
	tokens, err := config.Exchange(ctx, code, oauth2.VerifierOption(way.verifier))
	if err != nil {
		return "", no(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: o.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", no(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(way.nonce)) != 1 {
		return "", no(fmt.Errorf("it answers another question"))
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return "", no(err)
	}
	if _, told := claims[o.claim()]; !told { // some providers tell more only when they are asked once more
		more, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
		if err == nil && more.Subject == id.Subject {
			err = more.Claims(&claims)
		}
		if err != nil {
			return "", no(err)
		}
	}
	identity, err := o.read(claims)
	if err != nil {
		return "", no(err)
	}
	return identity, nil
}

// read reads the claim by which people are known. A mail address counts only
// where the provider says that it has looked.
func (o *Provider) read(claims map[string]any) (string, error) {
	identity, _ := claims[o.claim()].(string)
	if verified, _ := claims["email_verified"].(bool); o.claim() == "email" && !verified {
		return "", fmt.Errorf("the mail address is not verified")
	}
	if identity == "" {
		return "", fmt.Errorf("it does not say %s", o.claim())
	}
	return identity, nil
}
