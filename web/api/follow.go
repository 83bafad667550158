package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// heartbeat is how often a line without events says that it is alive: less
// than any proxy waits.
const heartbeat = 15 * time.Second

// pageOfEvents is how many events are read at once.
const pageOfEvents = 500

// followRoute is the log as it grows, by server-sent events.
func (a *API) followRoute() gate.Route {
	return gate.Route{Method: "GET", Pattern: prefix + "/events", Act: "Reading", Across: true, Streams: true, Handler: http.HandlerFunc(a.follow)}
}

// follower is somebody who follows the log.
type follower struct {
	api   *API
	out   http.ResponseWriter
	after uint64
	only  domain.CaseID // "": every case that he may see
	sees  func(domain.CaseID) bool
}

// follow sends every event after a position, and each that is recorded from
// then on, until one side ends it.
func (a *API) follow(w http.ResponseWriter, r *http.Request) {
	f := &follower{api: a, out: w, sees: allowed(r)}
	if err := f.asked(r); err != nil {
		gate.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not wait for more
	w.WriteHeader(http.StatusOK)
	f.run(r.Context())
}

// asked reads where to begin, and of which case.
func (f *follower) asked(r *http.Request) (err error) {
	query := r.URL.Query()
	after := query.Get("after")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		after = last
	}
	for name := range query {
		if name != "after" && name != "case" {
			return domain.Usage("%s is nothing that this takes: it takes after and case", name)
		}
	}
	if after != "" {
		if f.after, err = strconv.ParseUint(after, 10, 63); err != nil {
			return domain.Usage("after %q is not a position of the log: it is a whole number", after)
		}
	}
	if query.Get("case") == "" {
		return nil
	}
	if f.only, err = domain.ParseCase(query.Get("case")); err != nil {
		return domain.Usage("case: %v", err)
	}
	if !f.sees(f.only) {
		return denied("case %s is not yours: an administrator can put you on it, or give a purpose", f.only)
	}
	return nil
}

// run sends until the line or the server ends.
func (f *follower) run(ctx context.Context) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	heads := f.api.office.Bell.Watch(ctx)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for f.flush() == nil {
		select {
		case <-ctx.Done():
			return
		case _, open := <-heads:
			if !open || f.more(ctx) != nil {
				return
			}
		case <-beat.C:
			if _, err := fmt.Fprintf(f.out, ": at %d\n\n", f.after); err != nil {
				return
			}
		}
	}
}

func (f *follower) flush() error { return http.NewResponseController(f.out).Flush() }

// more sends what was recorded since.
func (f *follower) more(ctx context.Context) error {
	for {
		list, err := f.api.office.Views.Events(ctx, f.after, pageOfEvents)
		if err != nil {
			return err
		}
		for i := range list {
			if err := f.send(&list[i]); err != nil {
				return err
			}
		}
		if len(list) < pageOfEvents {
			return nil
		}
	}
}

// send sends one event, if it is of a case that is asked for and may be seen.
func (f *follower) send(e *projections.Entry) error {
	f.after = e.Position
	if e.Case == "" || f.only != "" && e.Case != f.only || !f.sees(e.Case) {
		return nil
	}
	data, err := json.Marshal(e.Shape())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f.out, "id: %d\nevent: %s\ndata: %s\n\n", e.Position, e.Kind, data)
	return err
}
