package hooks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// How long a receiver may take, and how much of what he answers is read.
const (
	patience   = 10 * time.Second
	mostAnswer = 64 << 10
)

// Sender hands messages over.
type Sender struct {
	client  *http.Client
	private bool
	now     func() time.Time
}

// NewSender makes one. Within lets it call addresses within the house, and
// without TLS.
func NewSender(within bool, now func() time.Time) *Sender {
	s := &Sender{private: within, now: now}
	dialer := &net.Dialer{Timeout: patience, Control: s.judge}
	s.client = &http.Client{
		Timeout: patience,
		// No proxy of the environment: it would dial what is refused here.
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: patience, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		// A redirect leads where nobody has said that messages may go.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// judge refuses an address that is about to be dialled. It sees what a name
// was resolved to, so that no name can lead into the house.
func (s *Sender) judge(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !s.private && within(to.Addr()) {
		return fmt.Errorf("%s lies within the house: messages go there only where the server was started with --hooks-within", to.Addr())
	}
	return nil
}

// reserved are networks that are nobody's on the internet and that package
// netip does not judge: shared addresses, protocol assignments, benchmarks,
// examples, what is reserved, and the two ways in which an IPv6 address carries
// an IPv4 one.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("fec0::/10"),
}

// within says whether an address lies within the house, or nowhere.
func within(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return true
	}
	for _, net := range reserved {
		if net.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// Send hands a message over. Whatever is not answered with a 2xx was not
// taken.
func (s *Sender) Send(ctx context.Context, h Hook, id string, body []byte) error {
	at := s.now()
	signature, err := Sign(h.Secret, id, at, body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if r.URL.Scheme != "https" && !s.private {
		return fmt.Errorf("%s is not https: others could read and change what is sent", h.URL)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "clew")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, mostAnswer)) // so that the connection can be used again
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("%s answers %s", h.URL, answer.Status)
	}
	return nil
}
