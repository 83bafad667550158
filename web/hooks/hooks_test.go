package hooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clew/domain"
)

func now() time.Time { return time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC) }

// A receiver can tell who sent a message, and when.
func TestWhatIsSentIsSigned(t *testing.T) {
	book := Book{filepath.Join(t.TempDir(), "hooks.json")}
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	hook, err := book.Add(Hook{URL: server.URL, Kinds: []string{"freeze.*"}})
	if err != nil {
		t.Fatal(err)
	}
	sent := Body("freeze.answered.v1", now(), "C1", 12)
	if err := NewSender(true, now).Send(t.Context(), hook, "01J", sent); err != nil {
		t.Fatal(err)
	}
	if string(body) != `{"type":"freeze.answered.v1","timestamp":"2024-06-03T12:00:00Z","data":{"case":"C1","position":12}}` {
		t.Errorf("he is told %s", body)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(hook.Secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, got.Header.Get("webhook-id")+"."+got.Header.Get("webhook-timestamp")+"."+string(body))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.Header.Get("webhook-signature") != want || got.Header.Get("webhook-timestamp") != "1717416000" {
		t.Errorf("signed %s at %s, not %s", got.Header.Get("webhook-signature"), got.Header.Get("webhook-timestamp"), want)
	}
}

// No name and no redirect leads a message into the house.
func TestNothingWithinTheHouseIsCalled(t *testing.T) {
	called := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer inner.Close()
	port := inner.URL[strings.LastIndex(inner.URL, ":"):]
	sender := NewSender(false, now)
	hook := Hook{ID: "H1", Secret: newSecret()}
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001"} {
		for _, scheme := range []string{"https://", "http://"} {
			hook.URL = scheme + host + port
			if err := sender.Send(t.Context(), hook, "1", []byte("{}")); err == nil {
				t.Errorf("%s is called", hook.URL)
			}
		}
	}
	outer := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusTemporaryRedirect))
	defer outer.Close()
	hook.URL = outer.URL
	if err := NewSender(true, now).Send(t.Context(), hook, "1", []byte("{}")); err == nil || !strings.Contains(err.Error(), "307") {
		t.Errorf("a redirect is followed: %v", err)
	}
	if called {
		t.Error("what lies within was called")
	}
}

// What is dialled is judged, whatever its name was a moment ago: a name that is
// resolved to another address at the second look gains nothing.
func TestTheAddressThatIsDialledIsJudged(t *testing.T) {
	sender := NewSender(false, now)
	for address, passes := range map[string]bool{
		"93.184.215.14:443": true, "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443": true, "1.1.1.1:443": true,
		"127.0.0.1:443": false, "127.8.8.8:80": false, "10.0.0.1:443": false, "172.16.5.5:443": false, "172.31.255.255:443": false, "192.168.1.1:443": false,
		"169.254.169.254:80": false, "100.64.0.1:443": false, "0.0.0.0:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "240.0.0.1:80": false,
		"198.18.0.1:80": false, "192.0.2.1:80": false, "[::1]:80": false, "[::]:80": false, "[fe80::1%eth0]:80": false, "[fd00::1]:80": false, "[ff02::1]:80": false,
		"[::ffff:10.0.0.1]:80": false, "[64:ff9b::a00:1]:80": false, "[2002:a00:1::]:80": false, "nonsense": false,
	} {
		if err := sender.judge("tcp", address, nil); (err == nil) != passes {
			t.Errorf("%s: %v", address, err)
		}
	}
	if !within(netip.MustParseAddr("::ffff:169.254.169.254")) {
		t.Error("an address of the machine's own network passes in another's clothes")
	}
}

func TestWhatIsNotTakenIsAnError(t *testing.T) {
	hook := Hook{ID: "H1", Secret: newSecret()}
	for status, taken := range map[int]bool{200: true, 204: true, 400: false, 410: false, 500: false, 301: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		hook.URL = server.URL
		if err := NewSender(true, now).Send(t.Context(), hook, "1", []byte("{}")); (err == nil) != taken {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if NewSender(true, now).Send(ended, hook, "1", nil) == nil {
		t.Error("it is sent after the server was asked to stop")
	}
}

func TestABookOfHooks(t *testing.T) {
	book := Book{filepath.Join(t.TempDir(), "hooks.json")}
	if list, err := book.Hooks(); err != nil || len(list) != 0 {
		t.Fatalf("%v %v", list, err)
	}
	for _, wrong := range []Hook{{URL: "ftp://x", Kinds: []string{"freeze.*"}}, {URL: "https://", Kinds: []string{"freeze.*"}}, {URL: "https://u:p@x", Kinds: []string{"freeze.*"}},
		{URL: "https://x"}, {URL: "https://x", Kinds: []string{"frieze.*"}}} {
		if _, err := book.Add(wrong); domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%+v is written down: %v", wrong, err)
		}
	}
	for _, want := range []string{"H1", "H2"} {
		if h, err := book.Add(Hook{URL: "https://x", Kinds: []string{"freeze.*"}, After: 10, Cases: []domain.CaseID{"C1"}}); err != nil || h.ID != want || len(h.Secret) < 40 {
			t.Fatalf("%+v %v", h, err)
		}
	}
	if found, err := os.Stat(book.Path); err != nil || found.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the book: %v %v", found.Mode(), err)
	}
	if err := book.Remove("H1"); err != nil {
		t.Fatal(err)
	}
	if err := book.Remove("H1"); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("removed twice: %v", err)
	}
	h, err := book.Hook("H2")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind     string
		id       domain.CaseID
		position uint64
		wants    bool
	}{{"freeze.answered.v1", "C1", 11, true}, {"freeze.answered.v1", "C1", 10, false}, {"freeze.answered.v1", "C2", 11, false}, {"case.noted.v1", "C1", 11, false}, {"freeze.limit_set.v1", "", 11, false}} {
		if h.Wants(c.kind, c.id, c.position) != c.wants {
			t.Errorf("%+v", c)
		}
	}
}
