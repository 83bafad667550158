// Package web is clew for browsers and for programs: one process, one port. It
// gathers the routes of its rooms, puts the gate before them and serves them.
//
// It refuses to begin with a route that nobody has thought about (package
// gate), and to end with answers half written: asked to stop, it takes no new
// request, ends what streams, and finishes the rest.
//
//	site, err := web.New(office, people)
//	if err != nil { … }
//	err = web.Serve(ctx, listener, site)
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"clew/web/access"
	"clew/web/api"
	"clew/web/gate"
	"clew/web/pages"
)

// How long a client may take to say what it wants, how long a connection is
// kept without a request, and how long a stop waits for answers.
const (
	headerPatience = 10 * time.Second
	idlePatience   = 2 * time.Minute
	stopPatience   = 30 * time.Second
	mostHeaders    = 64 << 10
)

// New puts the rooms of the web together.
func New(office *gate.Office, people *access.People) (http.Handler, error) {
	if office.Page == nil {
		office.Page = pages.Problem(office)
	}
	if office.Frame == nil {
		office.Frame = pages.Frame(office)
	}
	guard := gate.New(office, people)
	return guard.Handler(Routes(office, people, guard))
}

// Routes is the whole table: every way into clew.
func Routes(office *gate.Office, people *access.People, guard *gate.Gate) []gate.Route {
	return slices.Concat(health(office, guard), people.Routes(), pages.Routes(office), api.Routes(office))
}

// Serve answers on a listener until the context ends, and then stops with
// grace: office.Stopping must end with the same context.
func Serve(ctx context.Context, listener net.Listener, site http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: site, ReadHeaderTimeout: headerPatience, IdleTimeout: idlePatience, MaxHeaderBytes: mostHeaders,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // handshakes that fail, mostly
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	err := server.Shutdown(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("answers were cut off at the stop", "after", stopPatience)
		err = server.Close()
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
