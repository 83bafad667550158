package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/vault"
	"clew/web/hooks"
)

func (p *program) hookCommands() *cobra.Command {
	return p.branch("hook", "Tell other programs that something was recorded", p.hookAdd(), p.hookList(), p.hookRemove(), p.hookParked(), p.hookRetry())
}

// book is where the hooks of a store stand.
func (p *program) book() (hooks.Book, error) {
	path, err := storePath(p.store)
	return hooks.Book{Path: path + ".hooks.json"}, err
}

func (p *program) hookAdd() *cobra.Command {
	var kinds, cases []string
	cmd := &cobra.Command{
		Use: "add URL", Short: "Have a program told of what is recorded from now on",
		Long: `Have a program told. Of each event of these kinds 'clew serve' sends URL a signed message (standard webhooks): its kind,
its case and its position in the log, and nothing of what it holds; what it may see, the program asks the API. What it does
not take (any answer but 2xx) is sent again with growing waits, eight times in all, and then parked. The secret that signs is
shown here, once. URL is https, and no address within the house, unless the server was started with --hooks-within.`,
		Example: "  clew hook add https://bank.example/clew --kind 'freeze.*'\n  clew hook add https://unit.example/clew --kind freeze.answered.v1 --only-case C1", Args: p.takes("URL"),
	}
	cmd.Flags().StringArrayVar(&kinds, "kind", []string{"freeze.*"}, "which kind of event, or the beginning of several with a star; may stand several times")
	cmd.Flags().StringArrayVar(&cases, "only-case", nil, "only of this case; may stand several times")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		by, err := p.by()
		if err != nil {
			return err
		}
		hook := hooks.Hook{URL: args[0], Kinds: kinds, Cases: []domain.CaseID{}, By: by.Actor, Since: p.now().UTC()}
		for _, name := range cases {
			id, err := domain.ParseCase(name)
			if err != nil {
				return flagError("--only-case", err)
			}
			hook.Cases = append(hook.Cases, id)
		}
		return p.with(ctx, mustExist, func(o *office) error { return o.addHook(ctx, by, hook) })
	})
	return cmd
}

// addHook writes a hook down, and in the log of reads that its receiver is told
// from now on.
func (o *office) addHook(ctx context.Context, by casework.By, hook hooks.Hook) (err error) {
	if hook.After, err = o.store.Head(ctx); err != nil {
		return err
	}
	book, err := o.program.book()
	if err == nil {
		hook, err = book.Add(hook)
	}
	if err != nil {
		return err
	}
	read := casework.Read{Does: vault.Disclosed, What: "hook " + hook.ID + " for " + strings.Join(hook.Kinds, ", "), Purpose: casework.Purpose{To: hook.URL}}
	if err := o.reads(by, read); err != nil {
		return err
	}
	return o.program.say(reply{object: hook, table: hooksTable([]hooks.Hook{hook}), text: func(w *page) {
		w.line("%s is told of %s from position %d of the log on, as %s.", hook.URL, strings.Join(hook.Kinds, ", "), hook.After+1, hook.ID)
		w.line("The secret that signs, shown this once: %s", hook.Secret)
	}})
}

func hooksTable(list []hooks.Hook) *table {
	t := newTable("hook", "url", "kinds", "cases", "after>", "by", "since")
	for _, h := range list {
		t.add(h.ID, h.URL, strings.Join(h.Kinds, ", "), joined(h.Cases), number(h.After), h.By, h.Since.Format(time.RFC3339))
	}
	return t
}

func (p *program) hookList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "Show who is told of what", Example: "  clew hook list", Args: p.takes()}
	cmd.RunE = p.does(func(context.Context, []string) error {
		book, err := p.book()
		if err != nil {
			return err
		}
		list, err := book.Hooks()
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Secret = "" // it was shown when the hook was made
		}
		return p.say(reply{object: listed(list), table: hooksTable(list)})
	})
	return cmd
}

func (p *program) hookRemove() *cobra.Command {
	cmd := &cobra.Command{Use: "remove HOOK", Short: "Have a program told no more", Example: "  clew hook remove H1", Args: p.takes("HOOK")}
	cmd.RunE = p.does(func(_ context.Context, args []string) error {
		book, err := p.book()
		if err == nil {
			err = book.Remove(args[0])
		}
		if err != nil {
			return err
		}
		t := newTable("what")
		t.add(fmt.Sprintf("hook %s is told no more", args[0]))
		return p.say(reply{object: removedHook{args[0], true}, table: t})
	})
	return cmd
}

// removedHook is what a removal answers, in JSON.
type removedHook struct {
	Hook    string `json:"hook"`
	Removed bool   `json:"removed"`
}

// parkedShape is a message that was not taken, in JSON.
type parkedShape struct {
	Hook   string `json:"hook"`
	Parcel string `json:"parcel"`
	Body   string `json:"body"`
	Why    string `json:"why"`
}

func (p *program) hookParked() *cobra.Command {
	cmd := &cobra.Command{
		Use: "parked HOOK", Short: "Show what a program did not take, and why",
		Example: "  clew hook parked H1", Args: p.takes("HOOK"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.withCourier(ctx, args[0], func(k *relay.Courier) error {
			parked, err := k.Parked(ctx, args[0])
			if err != nil {
				return err
			}
			list, t := []parkedShape{}, newTable("parcel", "why", "body")
			for _, one := range parked {
				list = append(list, parkedShape{args[0], one.ID, string(one.Body), one.Why})
				t.add(one.ID, one.Why, string(one.Body))
			}
			return p.say(reply{object: list, table: t})
		})
	})
	return cmd
}

func (p *program) hookRetry() *cobra.Command {
	within := false
	cmd := &cobra.Command{
		Use: "retry HOOK PARCEL", Short: "Send again what a program did not take",
		Example: "  clew hook retry H1 01HRXJ3ZK8P0N5Q7T9V1X3Z5B7", Args: p.takes("HOOK", "PARCEL"),
	}
	cmd.Flags().BoolVar(&within, "hooks-within", false, "also to addresses within the house, and without TLS")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		p.hooksWithin = p.hooksWithin || within && p.errand == nil
		return p.withCourier(ctx, args[0], func(k *relay.Courier) error {
			if err := k.SendAgain(ctx, args[0], args[1]); err != nil {
				return notTaken(args, err)
			}
			t := newTable("what")
			t.add(fmt.Sprintf("hook %s took %s", args[0], args[1]))
			return p.say(reply{object: sentAgain{args[0], args[1], true}, table: t})
		})
	})
	return cmd
}

// notTaken says that a message is parked still.
func notTaken(args []string, err error) error {
	if errors.Is(err, eventstore.ErrNotFound) {
		return domain.NotFound("nothing called %s is parked for %s: 'clew hook parked %s' shows what is", args[1], args[0], args[0])
	}
	return domain.Conflict("hook %s does not take it: %v", args[0], err)
}

// sentAgain is a message that was taken at last, in JSON.
type sentAgain struct {
	Hook   string `json:"hook"`
	Parcel string `json:"parcel"`
	Taken  bool   `json:"taken"`
}

// withCourier opens the log of what is on its way, for a hook that there is.
func (p *program) withCourier(ctx context.Context, hook string, do func(*relay.Courier) error) error {
	book, err := p.book()
	if err == nil {
		_, err = book.Hook(hook)
	}
	if err != nil {
		return err
	}
	return p.with(ctx, mustExist, func(o *office) error {
		own, err := o.onItsWay(ctx)
		if err != nil {
			return err
		}
		k, err := o.courier(own, nil)
		if err == nil {
			err = do(k)
		}
		return errors.Join(err, own.Close())
	})
}

// courier carries messages to the hooks that stand in the book at the moment.
func (o *office) courier(own eventstore.Store, bell *relay.Doorbell) (*relay.Courier, error) {
	book, err := o.program.book()
	if err != nil {
		return nil, err
	}
	sender := hooks.NewSender(o.program.hooksWithin, o.program.now)
	return relay.NewCourier(relay.CourierConfig{
		Log: o.store, Own: own, Bell: bell,
		Address: func(records []eventstore.Record) ([]relay.Addressed, error) { return addressed(book, records) },
		HandOver: func(ctx context.Context, receiver string, parcel relay.Parcel) error {
			hook, err := book.Hook(receiver)
			if domain.ClassOf(err) == domain.ClassNotFound {
				return nil // it was removed meanwhile
			}
			if err != nil {
				return err
			}
			return sender.Send(ctx, hook, parcel.ID, parcel.Body)
		},
	})
}

// addressed is what the hooks are told of some records.
func addressed(book hooks.Book, records []eventstore.Record) (told []relay.Addressed, err error) {
	list, err := book.Hooks()
	for i := range list {
		for _, r := range records {
			id := projections.CaseOfStream(r.Stream)
			if list[i].Wants(r.Kind, id, r.Position) {
				told = append(told, relay.Addressed{Receiver: list[i].ID, Parcel: relay.Parcel{ID: r.ID.String(), Body: hooks.Body(r.Kind, r.RecordedAt, id, r.Position)}})
			}
		}
	}
	return told, err
}

// onItsWay opens the log of what is on its way to hooks.
func (o *office) onItsWay(ctx context.Context) (*sqlite.Store, error) {
	path, err := storePath(o.program.store)
	if err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, path+".hooks", sqlite.Options{})
}

// lookEvery is how often the server looks whether there are other hooks.
const lookEvery = time.Second

// tellHooks has messages carried from the moment on that there is a hook. That
// they cannot be is told, and no reason for the server to end.
func (p *program) tellHooks(ctx context.Context, o *office, bell *relay.Doorbell, log *slog.Logger) error {
	book, err := p.book()
	if err != nil {
		return err
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		list, err := book.Hooks()
		if len(list) > 0 {
			err = o.carryFor(ctx, bell, func(ctx context.Context, k *relay.Courier) error { return serveHooks(ctx, k, book, look) })
		}
		if err != nil && ctx.Err() == nil {
			log.Error("hooks are not told", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
}

// carryFor carries messages until the context ends or those who are served
// cannot be told any more.
func (o *office) carryFor(ctx context.Context, bell *relay.Doorbell, serve func(context.Context, *relay.Courier) error) error {
	own, err := o.onItsWay(ctx)
	if err != nil {
		return err
	}
	defer own.Close()
	k, err := o.courier(own, bell)
	if err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return k.Run(ctx) })
	work.Go(func() error { return serve(ctx, k) })
	return work.Wait()
}

// serveHooks has the courier serve whoever stands in the book.
func serveHooks(ctx context.Context, k *relay.Courier, book hooks.Book, look *time.Ticker) error {
	select {
	case <-k.Running():
	case <-ctx.Done():
		return nil
	}
	for {
		list, err := book.Hooks()
		if err != nil {
			return err
		}
		names := []string{}
		for _, h := range list {
			names = append(names, h.ID)
		}
		if err := k.Serve(ctx, names); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
}
