package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"clew/eventstore/relay"
	"clew/web/access"
)

// sweepEvery is how often sign-ins that were left alone are ended.
const sweepEvery = time.Minute

func sweep(ctx context.Context, people *access.People, log *slog.Logger) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := people.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.Error("sign-ins that were left alone could not be ended", "error", err)
		}
	}
}

// signEvery is how often the server looks whether the head must be signed.
const signEvery = 5 * time.Second

// follow keeps the read models at the head of the log, also where another
// process appends, destroys what the log says is erased, and has the head
// signed when it is due.
func (p *program) follow(ctx context.Context, o *office, bell *relay.Doorbell, log *slog.Logger) error {
	look := time.NewTicker(signEvery)
	defer look.Stop()
	heads, signs := bell.Watch(ctx), p.signer(o)
	for {
		var err error
		select {
		case head, open := <-heads:
			if !open {
				return nil
			}
			err = errors.Join(o.views.CatchUp(ctx), o.desk.LearnErasures(ctx), signs.at(ctx, head))
		case <-look.C:
			err = signs.at(ctx, signs.head)
		}
		if err != nil && ctx.Err() == nil {
			log.Error("the read models or the signatures are behind the log", "error", err)
		}
	}
}

// signer has the head of a log signed when it is due.
type signer struct {
	program program // whose warnings are told once
	office  *office
	head    uint64
}

func (p *program) signer(o *office) *signer {
	s := &signer{*p, o, 0}
	s.program.err = &onlyNews{out: p.err}
	return s
}

// at has a head signed: at once after a step of a freeze, else when the last
// signature is long ago.
func (s *signer) at(ctx context.Context, head uint64) error {
	if head == 0 || s.office.store.ReadOnly() {
		return nil
	}
	urgent, err := s.urgent(ctx, head)
	if err != nil {
		return err
	}
	s.program.sealNow, s.head = urgent, head
	return s.program.signIfDue(ctx, s.office, head)
}

// maxUrgent is how many new records are looked through for a step of a freeze.
// More at once come from a file, and are signed soon enough.
const maxUrgent = 64

func (s *signer) urgent(ctx context.Context, head uint64) (bool, error) {
	last, err := s.office.store.LastCheckpoint(ctx)
	if err != nil || head <= last.Size || head-last.Size > maxUrgent {
		return false, err
	}
	records, err := s.office.store.Read(ctx, last.Size, maxUrgent)
	for _, r := range records {
		if strings.HasPrefix(r.Kind, "freeze.") {
			return true, err
		}
	}
	return false, err
}

// onlyNews writes what is not the same as what was written last.
type onlyNews struct {
	out  io.Writer
	last string
}

func (n *onlyNews) Write(text []byte) (int, error) {
	if string(text) == n.last {
		return len(text), nil
	}
	n.last = string(text)
	return n.out.Write(text)
}
