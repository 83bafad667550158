package providertest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"

	"clew/casework"
	"clew/domain"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/web"
	"clew/web/access"
	"clew/web/gate"
)

// roll is who the identity provider knows. The passwords are the names.
type roll map[string]*storage.User

func (r roll) GetUserByID(id string) *storage.User { return r[id] }

func (r roll) GetUserByUsername(name string) *storage.User {
	for _, user := range r {
		if user.Username == name {
			return user
		}
	}
	return nil
}

func (r roll) ExampleClientID() string { return "clew" }

// people are an officer, one whose mail address nobody has looked at, and one
// whom clew does not know.
var people = roll{
	"sub-ina": {ID: "sub-ina", Username: "ina", Password: "ina", Email: "ina@fiu.example", EmailVerified: true},
	"sub-ben": {ID: "sub-ben", Username: "ben", Password: "ben", Email: "ben@fiu.example"},
	"sub-eve": {ID: "sub-eve", Username: "eve", Password: "eve", Email: "eve@else.example", EmailVerified: true},
}

// installation is a server of clew and its identity provider.
type installation struct {
	*httptest.Server
	desk     *casework.Desk
	provider *access.Provider
}

func install(t *testing.T, claim, secret string) installation {
	t.Helper()
	var site http.Handler
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { site.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	quiet := slog.New(slog.DiscardHandler)
	var provider http.Handler
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	t.Cleanup(issuer.Close)
	client := storage.WebClient("clew", "the shared secret", server.URL+access.BackPath)
	provider = exampleop.SetupServer(issuer.URL, storage.NewStorageWithClients(people, map[string]*storage.Client{"clew": client}), quiet, false, op.WithAllowInsecure())
	o := installation{server, desk(t), &access.Provider{Issuer: issuer.URL, ClientID: "clew", ClientSecret: secret, Claim: claim, Back: server.URL + access.BackPath}}
	office := &gate.Office{Desk: o.desk, Views: o.desk.Views, Now: time.Now, Bell: relay.NewDoorbell(o.desk.Store, relay.DoorbellConfig{}), Log: quiet, Secure: true}
	built, err := web.New(office, access.New(office, access.Settings{Provider: o.provider}))
	if err != nil {
		t.Fatal(err)
	}
	site = built
	return o
}

func desk(t *testing.T) *casework.Desk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clew.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	views, err := projections.Open(t.Context(), path+".views", store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { views.Close() })
	return &casework.Desk{Store: store, Views: views, Clock: time.Now}
}

func (o installation) admit(t *testing.T, user domain.UserID, identity string) {
	t.Helper()
	_, err := o.desk.Grant(t.Context(), casework.By{Actor: "root"}, domain.AdmitUser{User: user, Role: "auditor", Identity: identity})
	if err != nil {
		t.Fatal(err)
	}
}

// browser follows redirects and keeps cookies as browsers do.
func (o installation) browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := o.Client()
	return &http.Client{Transport: client.Transport, Jar: jar}
}

var authRequest = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes to the provider, gives name and password, and comes back. It
// answers with the last page and the address at which the browser came back.
func (o installation) signIn(t *testing.T, b *http.Client, name string) (status int, page string, back *url.URL) {
	t.Helper()
	form, text := got(t)(b.Get(o.URL + "/sign-in/provider?next=/cases"))
	id := authRequest.FindStringSubmatch(text)
	if id == nil {
		t.Fatalf("the provider shows no form:\n%s", text)
	}
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == access.BackPath {
			back = r.URL
		}
		return nil
	}
	login := form.Request.URL.ResolveReference(&url.URL{Path: "/login/username"})
	answer, text := got(t)(b.PostForm(login.String(), url.Values{"username": {name}, "password": {name}, "id": {id[1]}}))
	return answer.StatusCode, text, back
}

func got(t *testing.T) func(*http.Response, error) (*http.Response, string) {
	return func(answer *http.Response, err error) (*http.Response, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(text)
	}
}

func TestWhomTheProviderKnowsIsLetIn(t *testing.T) {
	for claim, identity := range map[string]string{"": "sub-ina", "email": "ina@fiu.example", "preferred_username": "ina"} {
		o := install(t, claim, "the shared secret")
		o.admit(t, "insp.ina", identity)
		b := o.browser(t)
		status, page, _ := o.signIn(t, b, "ina")
		if status != http.StatusOK || !strings.Contains(page, "<title>Cases") {
			t.Errorf("by %q: %d %s", claim, status, page)
		}
		means := domain.SignInMeans("")
		if err := o.desk.Access(t.Context(), func(a *domain.Access) {
			for _, s := range a.Sessions {
				means = s.Means
			}
		}); err != nil || means != domain.ByProvider {
			t.Errorf("by %q: the log has a sign-in by %q (%v)", claim, means, err)
		}
	}
}

func TestWhomClewDoesNotKnowIsNotLetIn(t *testing.T) {
	o := install(t, "", "the shared secret")
	o.admit(t, "insp.ina", "sub-ina")
	if status, page, _ := o.signIn(t, o.browser(t), "eve"); status != http.StatusForbidden {
		t.Errorf("%d %s", status, page)
	}
}

func TestAMailAddressThatNobodyHasLookedAtIsNobodys(t *testing.T) {
	o := install(t, "email", "the shared secret")
	o.admit(t, "insp.ben", "ben@fiu.example")
	if status, page, _ := o.signIn(t, o.browser(t), "ben"); status != http.StatusForbidden || !strings.Contains(page, "not verified") {
		t.Errorf("%d %s", status, page)
	}
}

func TestAnAnswerIsGoodOnceAndInTheBrowserThatAsked(t *testing.T) {
	o := install(t, "", "the shared secret")
	o.admit(t, "insp.ina", "sub-ina")
	b := o.browser(t)
	status, _, back := o.signIn(t, b, "ina")
	if status != http.StatusOK || back == nil {
		t.Fatalf("%d %v", status, back)
	}
	if again, text := got(t)(b.Get(back.String())); again.StatusCode != http.StatusForbidden {
		t.Errorf("the same answer was taken twice: %d %s", again.StatusCode, text)
	}
	victim := o.browser(t)
	if planted, text := got(t)(victim.Get(back.String())); planted.StatusCode != http.StatusForbidden {
		t.Errorf("another browser was signed in by it: %d %s", planted.StatusCode, text)
	}
}

func TestAWrongSecretSignsNobodyIn(t *testing.T) {
	o := install(t, "", "guessed")
	o.admit(t, "insp.ina", "sub-ina")
	if status, page, _ := o.signIn(t, o.browser(t), "ina"); status != http.StatusForbidden || strings.Contains(page, "guessed") {
		t.Errorf("%d %s", status, page)
	}
}

func TestAProviderThatIsNotThereStopsNothingElse(t *testing.T) {
	o := install(t, "", "the shared secret")
	o.provider.Issuer = "http://127.0.0.1:1"
	b := o.browser(t)
	if away, text := got(t)(b.Get(o.URL + "/sign-in/provider")); away.StatusCode != http.StatusServiceUnavailable || strings.Contains(text, "127.0.0.1:1") {
		t.Errorf("%d %s", away.StatusCode, text)
	}
	if well, _ := got(t)(b.Get(o.URL + "/readyz")); well.StatusCode != http.StatusOK {
		t.Errorf("%d", well.StatusCode)
	}
}
