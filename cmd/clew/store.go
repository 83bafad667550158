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
