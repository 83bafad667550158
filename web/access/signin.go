package access

import (
	"context"
	"net/http"
	"strings"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/web/gate"
)

// cookieName binds the cookie to this host, https and every path: a browser
// takes no other under this name. Chromium and Firefox count http on
// localhost and 127.0.0.1 as safe enough for it; Safari needs https.
const cookieName = "__Host-clew"

// Routes are the ways in and out, and what concerns oneself.
func (p *People) Routes() []gate.Route {
	handle := func(method, pattern string, do http.HandlerFunc) gate.Route {
		return gate.Route{Method: method, Pattern: pattern, Public: true, Handler: do}
	}
	own := func(method, pattern string, do http.HandlerFunc) gate.Route {
		return gate.Route{Method: method, Pattern: pattern, Act: "account", Handler: do}
	}
	return append(p.manage(),
		handle("GET", "/sign-in", p.ask),
		handle("POST", "/sign-in", p.enter),
		handle("GET", "/sign-in/provider", p.sendOut),
		handle("GET", BackPath, p.comeBack),
		handle("POST", "/sign-out", p.leave),
		own("GET", "/purpose", p.askPurpose),
		own("POST", "/purpose", p.keepPurpose))
}

// ask shows the ways in. A link that is only looked at, by a mail scanner or
// a preview, is not used up: it needs the button.
func (p *People) ask(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	p.office.Show(w, r, gate.View{Title: "Sign in", Template: signInPage, With: map[string]any{
		"Link": query.Get("link"), "Next": localPath(query.Get("next")), "Provider": p.settings.Provider != nil,
	}})
}

// localPath is where to go on, within this site: what another site put there
// leads home.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// enter signs in by a link or by a token.
func (p *People) enter(w http.ResponseWriter, r *http.Request) {
	if wait := p.attempts.Wait(p.office.Neighbourhood(r)); wait > 0 {
		gate.Fail(w, r, gate.Busy(wait))
		return
	}
	way := domain.SignIn{Means: domain.ByLink, Link: HashOf(r.PostFormValue("link"))}
	who := domain.UserID("")
	var err error
	if token := strings.TrimSpace(r.PostFormValue("token")); token != "" {
		way = domain.SignIn{Means: domain.ByToken}
		who, err = p.holder(r.Context(), token)
	} else {
		who, err = p.invited(r.Context(), way.Link)
	}
	way.User = who
	if err == nil {
		err = p.begin(w, r, way)
	}
	if err != nil {
		p.refused(r, err)
		gate.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
}

// refused tells the server's log of an attempt that failed. Nobody is named:
// nobody has shown who he is.
func (p *People) refused(r *http.Request, err error) {
	if p.office.Log != nil {
		p.office.Log.Warn("a sign-in failed", "address", p.office.Address(r), "error", err)
	}
}

// holder is whose token it is. A token that is narrowed opens no sign-in, which
// would be wider than itself.
func (p *People) holder(ctx context.Context, secret string) (domain.UserID, error) {
	person, err := p.byToken(ctx, HashOf(secret))
	if err == nil && (person == nil || person.ReadOnly || len(person.Only) > 0) {
		err = &domain.Error{Class: domain.ClassDenied, Text: "this token is not good here: it was revoked, is too old, never was, or is narrowed to reading or to some cases"}
	}
	if err != nil {
		return "", err
	}
	return domain.UserID(person.Name), nil
}

// invited is for whom a link was made; "" where there is none.
func (p *People) invited(ctx context.Context, link domain.SecretHash) (user domain.UserID, err error) {
	err = p.office.Desk.Access(ctx, func(a *domain.Access) { user = a.Links[link].User })
	return user, err
}

// begin records a sign-in and gives the browser its cookie: always a new one,
// and what the browser had before is ended.
func (p *People) begin(w http.ResponseWriter, r *http.Request, way domain.SignIn) error {
	if err := p.endOld(r); err != nil {
		return err
	}
	secret, hash := NewSecret()
	way.Session, way.Now = hash, p.office.Now()
	way.Expires = domain.Instant(way.Now.Add(p.settings.Longest))
	if _, err := p.office.Desk.Grant(r.Context(), casework.By{Actor: string(way.User)}, way); err != nil {
		return err
	}
	p.mu.Lock()
	p.visits[hash] = &visit{way.Now, map[domain.CaseID]string{}}
	p.mu.Unlock()
	http.SetCookie(w, cookie(secret, p.settings.Longest))
	return nil
}

func cookie(value string, lasts time.Duration) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: int(lasts.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// endOld ends the sign-in that a browser had so far.
func (p *People) endOld(r *http.Request) error {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	person, err := p.bySession(r.Context(), HashOf(c.Value), p.see)
	if err != nil || person == nil {
		return err
	}
	return p.end(r.Context(), casework.By{Actor: person.Name}, HashOf(c.Value), domain.SignedOutHimself)
}

// leave signs out.
func (p *People) leave(w http.ResponseWriter, r *http.Request) {
	if err := p.endOld(r); err != nil {
		gate.Fail(w, r, err)
		return
	}
	http.SetCookie(w, cookie("", -time.Second))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// askPurpose asks why somebody looks into a case that he is not on.
func (p *People) askPurpose(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	p.office.Show(w, r, gate.View{Title: "Why do you look into this case?", Template: purposePage, With: map[string]any{
		"Case": query.Get("case"), "Next": localPath(query.Get("next")),
	}})
}

// longestPurpose is a few sentences.
const longestPurpose = 1000

// keepPurpose keeps it for this sign-in; with every read it is logged.
func (p *People) keepPurpose(w http.ResponseWriter, r *http.Request) {
	why, id := strings.TrimSpace(r.PostFormValue("why")), r.PostFormValue("case")
	err := error(nil)
	switch {
	case why == "" || len(why) > longestPurpose:
		err = domain.Usage("say why you look into the case, in no more than %d letters", longestPurpose)
	case id != "":
		_, err = domain.ParseCase(id)
	}
	if err == nil && !p.purposeFor(r, domain.CaseID(id), why) {
		err = domain.Usage("a program gives the purpose with every request, in the header %s", gate.PurposeHeader)
	}
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
}
