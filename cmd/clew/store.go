package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/vault"
)

const defaultStore = "sqlite:clew.db"

// office is where one command works: the log, its read models and the desk.
type office struct {
	store *sqlite.Store
	views *projections.Views
	desk  *casework.Desk

	mechanisms domain.Mechanisms
	program    *program
	seen       map[domain.CaseID]bool // cases whose reading this command has logged
}

// making says whether a command may make a store where there is none. Only
// what begins work may: a misspelt name must not be answered by an empty log.
type making bool

const (
	mayMake   making = true
	mustExist making = false
)

// with opens the store for one piece of work and closes it again; a server's
// is open already and stays so.
func (p *program) with(ctx context.Context, how making, do func(*office) error) error {
	if p.office != nil {
		o := *p.office
		o.program = p
		return p.sealing(ctx, &o, do)
	}
	path, err := storePath(p.store)
	if err != nil {
		return err
	}
	o, err := p.open(ctx, path, how)
	if err != nil {
		return err
	}
	return errors.Join(p.sealing(ctx, o, do), o.close())
}

// storePath reads --store. A path without a scheme is taken for SQLite's.
func storePath(name string) (string, error) {
	scheme, rest, found := strings.Cut(name, ":")
	switch {
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return "", usage(fmt.Errorf("--store %s: this build has no Postgres store yet: use sqlite:PATH", scheme+"://…"))
	case found && scheme == "sqlite":
		name = rest
	case strings.Contains(name, "://"):
		return "", usage(fmt.Errorf("--store %s: a store is sqlite:PATH", name))
	}
	if strings.TrimSpace(name) == "" {
		return "", usage(errors.New("--store is empty: a store is sqlite:PATH, for example sqlite:clew.db"))
	}
	return name, nil
}

func (p *program) open(ctx context.Context, path string, how making) (*office, error) {
	mechanisms, err := p.readMechanisms()
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{MustExist: how == mustExist})
	if errors.Is(err, eventstore.ErrNotFound) {
		return nil, domain.NotFound("there is no store %s: open a case with 'clew case open ID --title …', which makes it, or name the right one with --store or CLEW_STORE", path)
	}
	if err != nil {
		return nil, err
	}
	if from := store.Upgraded(); from > 0 {
		p.tell("clew: %s was made by an older clew: its tables were upgraded from version %d; nothing that was recorded was changed, and older clews refuse it from now on", path, from)
	}
	views, err := projections.Open(ctx, path+".views", store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	for _, notice := range views.Notices() {
		p.tell("clew: %s", notice)
	}
	keys, err := p.openVault(ctx, path, store, views)
	if err != nil {
		return nil, errors.Join(err, views.Close(), store.Close())
	}
	desk := &casework.Desk{Store: store, Views: views, Clock: p.now, Mechanisms: mechanisms, Vault: keys, Reads: vault.NewReads(p.readsPath(path), keys)}
	views.OpenWith(desk.Opened)
	return &office{store: store, views: views, desk: desk, mechanisms: mechanisms, program: p}, nil
}

// catchUp lets the read models follow the log, and shows how far they are: a
// store that may only be read has none beside it, and they are made each time.
func (o *office) catchUp(ctx context.Context) error {
	progress := o.program.bar(ctx, "reading the log", events)
	err := o.views.CatchUpTelling(ctx, func(done, all uint64) { progress.reached(int64(done), int64(all)) })
	progress.done()
	if err != nil {
		return err
	}
	return o.desk.LearnErasures(ctx)
}

func (o *office) close() error { return errors.Join(o.views.Close(), o.store.Close()) }

// by says who acts.
func (p *program) by() (casework.By, error) {
	if p.errand != nil {
		return p.errand.By, nil
	}
	if p.actor != "" {
		return casework.By{Actor: p.actor, Key: p.key}, nil
	}
	if me, err := user.Current(); err == nil && me.Username != "" {
		return casework.By{Actor: me.Username, Key: p.key}, nil
	}
	if name := p.getenv("USER"); name != "" {
		return casework.By{Actor: name, Key: p.key}, nil
	}
	return casework.By{}, usage(errors.New("the operating system does not say who you are: give --actor NAME, for it is kept with every record"))
}

// act opens the store for a person who records something, and says what came
// of it.
func (p *program) act(ctx context.Context, how making, do func(*office, casework.By) (act, error)) error {
	by, err := p.by()
	if err != nil {
		return err
	}
	return p.with(ctx, how, func(o *office) error {
		done, err := do(o, by)
		if err != nil {
			return err
		}
		met, err := o.met(ctx, by, done)
		return errors.Join(p.sayAct(done, met), err)
	})
}

// do carries out a command on a case. The act says in words what holds then.
func (p *program) do(ctx context.Context, id domain.CaseID, command domain.Command, said act) error {
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		outcome, err := o.desk.Do(ctx, by, id, command)
		said.outcome = outcome
		return said, err
	})
}

// act is what a command recorded, in words.
type act struct {
	what    string         // "case C1 is open": a statement that holds now
	fields  map[string]any // what its JSON says beside the positions
	next    string         // what a person would do next
	outcome casework.Outcome
}

// sayAct says what a command recorded, and what its case has in common with
// others since.
func (p *program) sayAct(a act, met []casework.Hit) error {
	object := map[string]any{"first": nil, "last": nil, "repeated": a.outcome.Nothing}
	if a.outcome.Last > 0 {
		object["first"], object["last"] = a.outcome.First, a.outcome.Last
	}
	for name, value := range a.fields {
		object[name] = value
	}
	if len(met) > 0 {
		object["also"] = hitShapes(met)
	}
	err := p.say(reply{object: object, table: actTable(a), text: func(w *page) {
		w.line("%s (%s)", a.what, recordedAt(a.outcome))
		hitsText(w, hitShapes(met))
	}})
	if err == nil && a.next != "" {
		p.next("%s", a.next)
	}
	return err
}

func actTable(a act) *table {
	t := newTable("what", "first>", "last>", "repeated")
	t.add(a.what, number(a.outcome.First), number(a.outcome.Last), fmt.Sprint(a.outcome.Nothing))
	return t
}

// recordedAt says where in the log an act stands.
func recordedAt(o casework.Outcome) string {
	switch {
	case o.Last == 0:
		return "recorded before: nothing new"
	case o.Nothing && o.First == o.Last:
		return fmt.Sprintf("recorded before, at position %d", o.First)
	case o.Nothing:
		return fmt.Sprintf("recorded before, at positions %d to %d", o.First, o.Last)
	case o.First == o.Last:
		return fmt.Sprintf("recorded at position %d", o.First)
	}
	return fmt.Sprintf("recorded at positions %d to %d", o.First, o.Last)
}

// number writes a position or a count.
func number[N int | int64 | uint64](n N) string { return fmt.Sprint(n) }
