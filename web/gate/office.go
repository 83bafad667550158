package gate

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// Bell says that there is more in the log.
type Bell interface {
	// Watch gives the log's head, at once and whenever it has grown, until the
	// context ends. Who is slow gets the latest head and not each of them.
	Watch(ctx context.Context) <-chan uint64
}

// Office is what every room of the web works with.
type Office struct {
	Desk  *casework.Desk
	Views *projections.Views
	Now   func() time.Time
	Bell  Bell
	// Counter carries out commands for programs; nil: nobody is there.
	Counter Counter
	Log     *slog.Logger // nil: silent

	// Stopping ends when the server is asked to stop: what streams ends then.
	Stopping context.Context

	// Behind says that a reverse proxy of this machine or of a private network
	// stands before the server: the address it tells is believed.
	Behind bool
	Secure bool // people reach the server by https

	// Recheck is how often the gate looks whether whoever follows a stream may
	// still; 0: every two seconds.
	Recheck time.Duration

	// PerSecond is how many requests one person may make in a second, over a
	// minute; an address may make four times as many. 0: UsualRate.
	PerSecond int

	// Incognito says that nothing personal is shown to anybody.
	Incognito bool
	// Masked are the same answers with nothing personal opened, for people who
	// want it so while somebody looks over their shoulder; nil: not offered.
	Masked *projections.Views
	// Clew is which version this is, as a report says it.
	Clew string

	// Sample makes the sample cases, as `clew demo` does; nil: not offered.
	Sample func(ctx context.Context, by casework.By) error

	// Page shows a problem to a browser; nil: as JSON.
	Page func(http.ResponseWriter, *http.Request, Problem)

	// Frame writes a page around its content; nil: as bare as can be.
	Frame func(w http.ResponseWriter, r *http.Request, title string, content template.HTML)
}

// View is what a room shows: a template and what it is filled with.
type View struct {
	Title    string
	Template *template.Template
	With     any
}

// Show writes a page, whole or not at all.
func (o *Office) Show(w http.ResponseWriter, r *http.Request, view View) {
	var page bytes.Buffer
	if err := view.Template.Execute(&page, view.With); err != nil {
		Fail(w, r, err)
		return
	}
	if o.Frame != nil {
		o.Frame(w, r, view.Title, template.HTML(page.String())) // made by html/template
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>%s · clew</title>\n<main>%s</main></html>\n",
		template.HTMLEscapeString(view.Title), page.String())
}

func (o *Office) stopping() context.Context {
	if o.Stopping == nil {
		return context.Background()
	}
	return o.Stopping
}

func (o *Office) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// Neighbourhood is what limits go by: an address, and of IPv6 the network that
// one household or office has to itself, for it can change the rest at will.
func (o *Office) Neighbourhood(r *http.Request) string {
	address := o.Address(r)
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	if network, err := ip.WithZone("").Prefix(64); err == nil {
		return network.String()
	}
	return address
}

// Address is where a request comes from. Behind a proxy it is the last address
// that the proxy added: all before it is what the client claims.
func (o *Office) Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	peer, err := netip.ParseAddr(host)
	if !o.Behind || err != nil || !peer.IsLoopback() && !peer.IsPrivate() {
		return host
	}
	told := r.Header.Values("X-Forwarded-For")
	if len(told) == 0 {
		return host
	}
	chain := strings.Split(told[len(told)-1], ",")
	last := strings.TrimSpace(chain[len(chain)-1])
	if _, err := netip.ParseAddr(last); err != nil {
		return host
	}
	return last
}

// Mask opens nothing: in place of every personal text of an event it says that
// there is one. It is what Masked views open with.
func Mask(_ domain.CaseID, event domain.Event) domain.Event {
	masked, err := domain.EachPersonal(event, func(_ domain.Whose, _ string, text domain.Personal) (domain.Personal, error) {
		if text.Clear == "" && text.Key == "" {
			return text, nil
		}
		return domain.Personal{Clear: "(masked)"}, nil
	})
	if err != nil {
		return nil // rather no event than one that tells
	}
	return masked
}
