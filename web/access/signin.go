package access

import (
	"html/template"
	"net/http"

	"clew/domain"
	"clew/web/gate"
)

// cookieName binds the cookie to this host, https and every path: a browser
// takes no other under this name. Browsers count http://localhost and
// http://127.0.0.1 as safe enough for it.
const cookieName = "__Host-clew"

// Routes are the ways in and out.
func (p *People) Routes() []gate.Route {
	return []gate.Route{
		{Method: "GET", Pattern: "/sign-in", Public: true, Handler: http.HandlerFunc(p.ask)},
		{Method: "POST", Pattern: "/sign-in", Public: true, Handler: http.HandlerFunc(p.enter)},
		{Method: "POST", Pattern: "/sign-out", Public: true, Handler: http.HandlerFunc(p.leave)},
	}
}

var signInPage = template.Must(template.New("sign in").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sign in · clew</title>
<h1>Sign in</h1>
{{if .Link}}<form method="post" action="/sign-in"><input type="hidden" name="link" value="{{.Link}}"><button>Sign in to clew</button></form>
{{else}}<p>Open the link that clew printed when it started.</p>{{end}}
</html>
`))

// ask shows the button: a link that is only looked at, by a mail scanner or a
// preview, is not used up.
func (p *People) ask(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	signInPage.Execute(w, map[string]string{"Link": r.URL.Query().Get("link")}) // who has gone does not see it
}

// enter signs in.
func (p *People) enter(w http.ResponseWriter, r *http.Request) {
	fresh, ok := p.signIn(r.PostFormValue("link"))
	if !ok {
		gate.Fail(w, r, &domain.Error{Class: domain.ClassDenied, Text: "this link was used, is too old, or never was: ask for a new one"})
		return
	}
	http.SetCookie(w, cookie(fresh, int(signLasts.Seconds())))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// leave signs out.
func (p *People) leave(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		p.mu.Lock()
		delete(p.sessions, hashOf(c.Value))
		p.mu.Unlock()
	}
	http.SetCookie(w, cookie("", -1))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
