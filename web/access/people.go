package access

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// manage are the routes of whoever looks after the people, and those by which
// everybody looks after his own tokens.
func (p *People) manage() []gate.Route {
	routes := []gate.Route{
		{Method: "GET", Pattern: "/people", Act: "people", Handler: http.HandlerFunc(p.list)},
		{Method: "GET", Pattern: "/people/history", Act: "AccessHistory", Handler: http.HandlerFunc(p.history)},
		{Method: "GET", Pattern: "/me", Act: "account", Handler: http.HandlerFunc(p.me)},
		{Method: "POST", Pattern: "/me/token", Act: "IssueToken", Handler: http.HandlerFunc(p.newToken)},
		{Method: "POST", Pattern: "/me/revoke", Act: "RevokeToken", Handler: http.HandlerFunc(p.dropToken)},
		{Method: "POST", Pattern: "/people/link", Act: "people", Handler: http.HandlerFunc(p.makeLink)},
	}
	for path, read := range map[string]func(*http.Request) domain.AccessCommand{
		"add": func(r *http.Request) domain.AccessCommand {
			return domain.AdmitUser{User: userOf(r), Role: field(r, "role"), Identity: field(r, "identity")}
		},
		"role": func(r *http.Request) domain.AccessCommand {
			return domain.GiveRole{User: userOf(r), Role: field(r, "role")}
		},
		"remove": func(r *http.Request) domain.AccessCommand { return domain.RemoveUser{User: userOf(r)} },
		"join":   func(r *http.Request) domain.AccessCommand { return domain.JoinCase{User: userOf(r), Case: caseOf(r)} },
		"leave":  func(r *http.Request) domain.AccessCommand { return domain.LeaveCase{User: userOf(r), Case: caseOf(r)} },
		"revoke": func(r *http.Request) domain.AccessCommand {
			return domain.RevokeToken{User: userOf(r), Token: field(r, "token")}
		},
	} {
		routes = append(routes, gate.Route{Method: "POST", Pattern: "/people/" + path, Act: "people", Handler: p.decide(read)})
	}
	return routes
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
func userOf(r *http.Request) domain.UserID      { return domain.UserID(field(r, "user")) }
func caseOf(r *http.Request) domain.CaseID      { return domain.CaseID(field(r, "case")) }
func formKey(r *http.Request, by casework.By) casework.By {
	by.Key = cmp.Or(by.Key, keyOf(r, by))
	return by
}

// keyOf makes a second press of a form's button the same act.
func keyOf(r *http.Request, by casework.By) string {
	if key := field(r, "key"); key != "" {
		return by.Actor + "/" + key
	}
	return ""
}

// decide records what a form asks for, and shows the list again.
func (p *People) decide(read func(*http.Request) domain.AccessCommand) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		command := read(r)
		err := p.office.MayDecideAbout(r.Context(), userOf(r), field(r, "role"))
		if err == nil {
			_, err = p.office.Desk.Grant(r.Context(), formKey(r, gate.By(r)), command)
		}
		if err != nil {
			gate.Fail(w, r, err)
			return
		}
		http.Redirect(w, r, "/people", http.StatusSeeOther)
	}
}

// person is a row of the list of people.
type person struct {
	domain.User
	Cases  []domain.CaseID
	In     bool
	Tokens []domain.TokenIssued
}

// list shows who may come in.
func (p *People) list(w http.ResponseWriter, r *http.Request) {
	rows := []person{}
	err := p.office.Desk.Access(r.Context(), func(a *domain.Access) {
		for _, id := range slices.Sorted(maps.Keys(a.Users)) {
			rows = append(rows, p.rowOf(a, a.Users[id]))
		}
	})
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	p.office.Show(w, r, gate.View{Title: "People", Template: peoplePage, With: map[string]any{"People": rows, "Roles": casework.Roles(), "Key": newKey()}})
}

func newKey() string { key, _ := NewSecret(); return key }

func (p *People) rowOf(a *domain.Access, user domain.User) person {
	now := p.office.Now()
	row := person{User: user, Cases: user.On(), Tokens: tokensOf(a, user.User)}
	for _, session := range a.Sessions {
		row.In = row.In || session.User == user.User && now.Before(session.Expires)
	}
	return row
}

func tokensOf(a *domain.Access, user domain.UserID) (list []domain.TokenIssued) {
	for _, token := range a.Tokens {
		if token.User == user {
			list = append(list, token)
		}
	}
	slices.SortFunc(list, func(a, b domain.TokenIssued) int { return strings.Compare(a.Token, b.Token) })
	return list
}

// told is one decision about who may come in, as the log has it.
type told struct {
	Position uint64
	At       string
	By, Text string
}

// maxTold bounds the page: what is older is in the log all the same.
const maxTold = 1000

// history shows an auditor what was decided about whom, by whom and when, the
// newest first.
func (p *People) history(w http.ResponseWriter, r *http.Request) {
	list, of := []told{}, r.URL.Query().Get("user")
	err := p.office.Desk.AccessHistory(r.Context(), func(fact casework.AccessFact) error {
		text := projections.TellAccess(fact.Event)
		if of != "" && !strings.Contains(text, "ser "+of+" ") && !strings.Contains(text, "ser "+of+",") {
			return nil
		}
		if list = append(list, told{fact.Position, fact.At.UTC().Format(time.RFC3339), fact.Actor, text}); len(list) > maxTold {
			list = list[1:]
		}
		return nil
	})
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	slices.Reverse(list)
	p.office.Show(w, r, gate.View{Title: "Who was let in", Template: historyPage, With: map[string]any{"List": list, "Of": of}})
}

// makeLink shows a link once.
func (p *People) makeLink(w http.ResponseWriter, r *http.Request) {
	err := cmp.Or(gate.MayMakeMeans(r.Context()), p.office.MayDecideAbout(r.Context(), userOf(r)))
	secret := ""
	if err == nil {
		secret, err = p.Invite(r.Context(), gate.By(r), userOf(r))
	}
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	p.office.Show(w, r, gate.View{Title: "A link for " + string(userOf(r)), Template: linkPage, With: map[string]any{
		"User": userOf(r), "Address": p.home(r) + "/sign-in?link=" + secret, "Minutes": int(LinkLasts.Minutes()),
	}})
}

// home is where the browser reached the server.
func (p *People) home(r *http.Request) string {
	if p.office.Secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// me shows somebody how the server knows him, and his tokens.
func (p *People) me(w http.ResponseWriter, r *http.Request) { p.showMe(w, r, "") }

func (p *People) showMe(w http.ResponseWriter, r *http.Request, secret string) {
	who := gate.Who(r.Context())
	tokens := []domain.TokenIssued{}
	if err := p.office.Desk.Access(r.Context(), func(a *domain.Access) { tokens = tokensOf(a, domain.UserID(who.Name)) }); err != nil {
		gate.Fail(w, r, err)
		return
	}
	p.office.Show(w, r, gate.View{Title: "You", Template: mePage, With: map[string]any{"Who": who, "Tokens": tokens, "Secret": secret, "Now": p.office.Now(),
		"Manages": casework.May(who.Role, "people") != casework.Nowhere, "Audits": casework.May(who.Role, "AccessHistory") != casework.Nowhere}})
}

// usualDays is how long a token is good where nobody says.
const usualDays = 90

// newToken makes a token for oneself and shows its secret once.
func (p *People) newToken(w http.ResponseWriter, r *http.Request) {
	if err := gate.MayMakeMeans(r.Context()); err != nil {
		gate.Fail(w, r, err)
		return
	}
	days, err := strconv.Atoi(cmp.Or(field(r, "days"), strconv.Itoa(usualDays)))
	if err != nil {
		gate.Fail(w, r, domain.Usage("how many days the token is good is a number"))
		return
	}
	secret, hash := NewToken()
	now := p.office.Now()
	command := domain.IssueToken{Token: field(r, "token"), User: domain.UserID(gate.Who(r.Context()).Name), Hash: hash, Now: now,
		Expires: domain.Instant(now.AddDate(0, 0, days).Truncate(time.Second)), ReadOnly: field(r, "read_only") != ""}
	if _, err := p.office.Desk.Grant(r.Context(), gate.By(r), command); err != nil {
		gate.Fail(w, r, err)
		return
	}
	p.showMe(w, r, secret)
}

// dropToken ends one's own token.
func (p *People) dropToken(w http.ResponseWriter, r *http.Request) {
	command := domain.RevokeToken{User: domain.UserID(gate.Who(r.Context()).Name), Token: field(r, "token")}
	if _, err := p.office.Desk.Grant(r.Context(), gate.By(r), command); err != nil {
		gate.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/me", http.StatusSeeOther)
}
