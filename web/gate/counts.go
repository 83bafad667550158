package gate

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Counts are what the gate has seen, for /metrics.
type Counts struct{ set *metrics.Set }

func newCounts() *Counts { return &Counts{metrics.NewSet()} }

// Counts are what the gate has seen so far.
func (g *Gate) Counts() *Counts { return g.counts }

// Write writes them in Prometheus' text form, with the process's own.
func (c *Counts) Write(out io.Writer) {
	c.set.WritePrometheus(out)
	metrics.WriteProcessMetrics(out)
}

// Gauge adds a value that is asked for whenever the counts are written.
func (c *Counts) Gauge(name string, value func() float64) { c.set.GetOrCreateGauge(name, value) }

// counted counts the answers of a route by status, and how long they took.
func (g *Gate) counted(route Route, inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &watched{ResponseWriter: w}
		began, panicked := time.Now(), true
		defer func() {
			status := cmp.Or(seen.status, http.StatusOK)
			if panicked {
				status = http.StatusInternalServerError
			}
			label := fmt.Sprintf("{route=%q,status=\"%d\"}", route.name(), status)
			g.counts.set.GetOrCreateCounter("clew_http_answers_total" + label).Inc()
			if !route.Streams {
				g.counts.set.GetOrCreateHistogram(fmt.Sprintf("clew_http_seconds{route=%q}", route.name())).UpdateDuration(began)
			}
		}()
		inner.ServeHTTP(seen, r)
		panicked = false
	})
}
