package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"clew/web/gate"
)

// readyPatience is how long the log may take to say where it stands.
const readyPatience = 2 * time.Second

// health are the routes of those who watch the process.
func health(office *gate.Office, guard *gate.Gate) []gate.Route {
	guard.Counts().Gauge("clew_log_head", func() float64 {
		head, _ := headOf(context.Background(), office)
		return float64(head)
	})
	return []gate.Route{
		{Method: "GET", Pattern: "/healthz", Public: true, Handler: http.HandlerFunc(alive)},
		{Method: "GET", Pattern: "/readyz", Public: true, Handler: ready(office)},
		{Method: "GET", Pattern: "/metrics", Act: "metrics", Handler: counts(guard)},
	}
}

// alive says that the process answers.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "ok")
}

// ready says whether requests can be answered: the log can be read, and the
// server was not asked to stop. It says no more, for anybody may ask.
func ready(office *gate.Office) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err := headOf(r.Context(), office)
		stopping := office.Stopping != nil && office.Stopping.Err() != nil
		if err != nil || stopping {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "not ready")
			return
		}
		fmt.Fprintln(w, "ready")
	})
}

func headOf(ctx context.Context, office *gate.Office) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	return office.Desk.Store.Head(ctx)
}

// counts is what Prometheus reads.
func counts(guard *gate.Gate) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		guard.Counts().Write(w)
	})
}
