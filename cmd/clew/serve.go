package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"clew/casework"
	"clew/eventstore/relay"
	"clew/projections"
	"clew/testdata/cases"
	"clew/web"
	"clew/web/access"
	"clew/web/gate"
)

// serving are the flags of 'clew serve'.
type serving struct {
	listen, cert, key string
	behind            bool
	perSecond         int
	url               string
	access            access.Settings
	oidc              access.Provider
	secretFile        string
	incognito         bool
}

func (p *program) serveCommand() *cobra.Command {
	var s serving
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve clew to browsers and programs",
		Long: `Serve the pages and the API of one store. Without --listen only this machine can reach it; others reach it by TLS,
or through a reverse proxy that speaks TLS to them (--behind-proxy). A link by which the owner of the store signs in
once is printed at the start. It is good for thirty minutes. docs/how-to/serve.md has users, tokens, and the rest.`,
		Example: "  clew serve\n  clew serve --listen :8443 --tls-cert server.crt --tls-key server.key", Args: p.takes(),
	}
	flags := cmd.Flags()
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "address and port")
	flags.StringVar(&s.cert, "tls-cert", "", "the certificate, with its chain, as a PEM file")
	flags.StringVar(&s.key, "tls-key", "", "the certificate's key, as a PEM file")
	flags.BoolVar(&s.behind, "behind-proxy", false, "a reverse proxy that speaks https to people stands before this server: believe what it says of addresses")
	flags.IntVar(&s.perSecond, "rate", gate.UsualRate, "how many requests a person may make in a second")
	flags.StringVar(&s.url, "url", "", "where people reach the server, such as https://clew.example (default: the address it listens on)")
	flags.DurationVar(&s.access.Idle, "idle", 30*time.Minute, "a sign-in that nobody uses ends after this")
	flags.DurationVar(&s.access.Longest, "longest", 12*time.Hour, "every sign-in ends after this")
	flags.StringVar(&s.oidc.Issuer, "oidc-issuer", "", "the identity provider, such as https://id.example: people sign in there, by OpenID Connect")
	flags.StringVar(&s.oidc.ClientID, "oidc-client-id", "", "as which the identity provider knows clew")
	flags.StringVar(&s.secretFile, "oidc-client-secret-file", "", "a file whose first line is the secret that clew shares with the identity provider")
	flags.StringVar(&s.oidc.Claim, "oidc-claim", "sub", "by which claim people are known: sub, email (only where it is verified), preferred_username …")
	flags.BoolVar(&p.hooksWithin, "hooks-within", false, "messages of 'clew hook' may go to addresses within the house, and without TLS")
	flags.BoolVar(&s.incognito, "incognito", false, "open nothing personal and mask account names on every page, for a demonstration or a shared screen")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	cmd.MarkFlagsRequiredTogether("oidc-issuer", "oidc-client-id")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.serveStore(ctx, &s)
	})
	return cmd
}

// serveStore serves the store that the command names. To be asked to stop is
// no error, and what was recorded is signed on the way out.
func (p *program) serveStore(ctx context.Context, s *serving) error {
	return p.with(context.WithoutCancel(ctx), mayMake, func(o *office) error {
		if err := o.catchUp(ctx); err != nil {
			return err
		}
		return p.serve(ctx, o, s)
	})
}

// serve answers until the context ends.
func (p *program) serve(ctx context.Context, o *office, s *serving) (err error) {
	listener, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut(listener)) }()
	bell := relay.NewDoorbell(o.store, relay.DoorbellConfig{})
	defer bell.Close()
	o.desk.Store = bell.Ringing(o.store)
	room := &gate.Office{Desk: o.desk, Views: o.views, Now: p.now, Bell: bell, Log: slog.New(slog.NewJSONHandler(p.err, nil)), Stopping: ctx,
		Behind: s.behind, Secure: s.cert != "" || s.behind, PerSecond: s.perSecond, Clew: version().told(), Sample: p.sample, Counter: &counterOf{p, o}}
	shy, err := masking(ctx, o, s.incognito, room)
	if err != nil {
		return err
	}
	defer shy.Close()
	people, err := p.welcome(ctx, room, s, listener)
	if err != nil {
		return err
	}
	site, err := web.New(room, people)
	if err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return web.Serve(ctx, listener, site, room.Log) })
	work.Go(func() error { return p.follow(ctx, o, bell, room.Log) })
	work.Go(func() error { return p.tellHooks(ctx, o, bell, room.Log) })
	work.Go(func() error { return sweep(ctx, people, room.Log) })
	return work.Wait()
}

// shut closes a listener that the server may have closed already.
func shut(l net.Listener) error {
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// masking makes the answers in which nothing personal is opened: for people
// who want it so, or, incognito, for all.
func masking(ctx context.Context, o *office, incognito bool, room *gate.Office) (*projections.Views, error) {
	shy, err := projections.Open(ctx, o.views.Path(), o.store)
	if err != nil {
		return nil, err
	}
	shy.OpenWith(gate.Mask)
	room.Masked, room.Incognito = shy, incognito
	if incognito {
		o.views.OpenWith(gate.Mask)
	}
	return shy, nil
}

// sample makes the sample cases in the store that is served, as 'clew demo'
// does at the command line.
func (p *program) sample(ctx context.Context, by casework.By) error {
	files, err := os.MkdirTemp("", "clew-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(files)
	if err := os.CopyFS(files, cases.Files); err != nil {
		return err
	}
	inner := *p
	inner.json, inner.actor, inner.out = true, by.Actor, io.Discard
	d := demo{program: &inner, store: p.store, files: files, page: &page{out: io.Discard}}
	for _, name := range cases.Names() {
		if _, err := d.work(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// welcome says where the server is and, until somebody has signed in, how.
func (p *program) welcome(ctx context.Context, room *gate.Office, s *serving, l net.Listener) (*access.People, error) {
	settings, err := s.settings(l)
	if err != nil {
		return nil, err
	}
	by, err := p.by()
	if err != nil {
		return nil, err
	}
	people := access.New(room, settings)
	secret, err := people.Welcome(ctx, by)
	if err != nil {
		return nil, err
	}
	p.tell("clew serves %s on %s", p.store, s.address(l))
	if secret != "" {
		p.tell("nobody has signed in yet: this link lets you in as the owner, once, within %d minutes: %s/sign-in?link=%s", int(access.LinkLasts.Minutes()), s.address(l), secret)
	}
	return people, nil
}
