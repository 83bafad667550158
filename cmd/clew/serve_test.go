package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/projections"
)

// served is a server that runs within the test.
type served struct {
	address, link string
	client        *http.Client
	stop          func() // and wait until it has ended without an error
}

var signInLink = regexp.MustCompile(`(https?://[^/]+)/sign-in\?link=(\S+)`)

// serve starts a server on a store and reads its address from what it says.
func serve(t *testing.T, store string, args ...string) served {
	t.Helper()
	says, hears := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p := &program{args: append([]string{"serve", "--store", store, "--actor", "ina", "--listen", "127.0.0.1:0"}, args...), in: strings.NewReader(""),
		out: io.Discard, err: hears, getenv: func(string) string { return "" }, now: time.Now}
	go func() {
		ended <- p.carryOut(ctx)
		hears.Close()
	}()
	s := served{client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	lines := bufio.NewScanner(says)
	for s.link == "" && lines.Scan() {
		if found := signInLink.FindStringSubmatch(lines.Text()); found != nil {
			s.address, s.link = found[1], found[2]
		}
	}
	if s.link == "" {
		t.Fatalf("it says no link: %v", <-ended)
	}
	go io.Copy(io.Discard, says)
	s.stop = func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	}
	return s
}

// get asks for a page and gives its status and text.
func (s served) get(t *testing.T, path, cookie string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", s.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", cookie)
	answer, err := s.client.Do(request)
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

// signIn opens the link and gives the cookie.
func (s served) signIn(t *testing.T) string {
	t.Helper()
	answer, err := s.client.PostForm(s.address+"/sign-in", url.Values{"link": {s.link}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies()) != 1 {
		t.Fatalf("%s", answer.Status)
	}
	return answer.Cookies()[0].Name + "=" + answer.Cookies()[0].Value
}

// does carries out a command as another process would.
func does(t *testing.T, store string, args ...string) {
	t.Helper()
	p := &program{args: append(args, "--store", store, "--actor", "root"), in: strings.NewReader(""), out: io.Discard, err: io.Discard,
		getenv: func(string) string { return "" }, now: time.Now}
	if err := p.carryOut(t.Context()); err != nil {
		t.Fatalf("clew %s: %v", strings.Join(args, " "), err)
	}
}

// A server answers, sees what another process records, lets nobody in whom
// another process has removed, and stops when it is asked to.
func TestAServerAndTheCommandLineShareAStore(t *testing.T) {
	store := "sqlite:" + filepath.Join(t.TempDir(), "clew.db")
	s := serve(t, store)
	for _, path := range []string{"/healthz", "/readyz"} {
		if answer, text := s.get(t, path, ""); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %s", path, answer.Status, text)
		}
	}
	cookie := s.signIn(t)
	if _, text := s.get(t, "/metrics", cookie); !strings.Contains(text, `clew_http_answers_total{route="GET /healthz",status="200"} 1`) || !strings.Contains(text, "clew_log_head 3") {
		t.Errorf("the counts are\n%.600s", text)
	}
	does(t, store, "case", "open", "C1", "--title", "Elsewhere")
	for tries := 0; ; tries++ {
		_, text := s.get(t, "/api/v1/cases", cookie)
		if strings.Contains(text, `"Elsewhere"`) {
			break
		}
		if tries == 3000 {
			t.Fatalf("what another process opened is not seen: %s", text)
		}
		time.Sleep(10 * time.Millisecond)
	}
	does(t, store, "user", "remove", "ina")
	if answer, _ := s.get(t, "/api/v1/cases", cookie); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("whoever was removed is let in: %s", answer.Status)
	}
	s.stop()
	does(t, store, "verify")
}

func TestAServerSpeaksTLS(t *testing.T) {
	folder := t.TempDir()
	pool := certify(t, folder)
	s := serve(t, "sqlite:"+filepath.Join(folder, "clew.db"), "--tls-cert", filepath.Join(folder, "cert.pem"), "--tls-key", filepath.Join(folder, "key.pem"))
	defer s.stop()
	s.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	answer, _ := s.get(t, "/readyz", s.signIn(t))
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Strict-Transport-Security") == "" || !strings.HasPrefix(s.address, "https://") {
		t.Errorf("%s %s %v", s.address, answer.Status, answer.Header)
	}
}

// certify writes a certificate of this machine's own, and its key.
func certify(t *testing.T, folder string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "clew"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, own, own, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	return pool
}

// What is recorded while a server runs is signed by it: a step of a freeze at
// once.
func TestAServerSignsAStepOfAFreezeAtOnce(t *testing.T) {
	folder := t.TempDir()
	store := "sqlite:" + filepath.Join(folder, "clew.db")
	does(t, store, "case", "open", "C1", "--title", "One")
	does(t, store, "key", "create")
	s := serve(t, store)
	defer s.stop()
	log, err := sqlite.Open(t.Context(), filepath.Join(folder, "clew.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	event := domain.FreezeLimitSet{Limit: domain.Amount{Asset: domain.Asset{Code: "EUR", Digits: 2}}, Reason: "the board"}
	body, err := domain.EncodeEvent(event)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := log.Append(t.Context(), eventstore.Append{Actor: "ina", Now: time.Now(), // by a process that has not the key
		Events: []eventstore.Event{{Stream: projections.SettingStream, Kind: event.Kind(), Body: body}}})
	if err != nil {
		t.Fatal(err)
	}
	for tries := 0; ; tries++ {
		last, err := log.LastCheckpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if last.Size >= receipt.Last {
			break
		}
		if tries == 3000 {
			t.Fatalf("position %d is not signed; the last checkpoint is of %d", receipt.Last, last.Size)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
