package gate

import (
	"cmp"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// UsualRate is how many requests a second one person may make: a page with its
// parts is a dozen, and a program in a loop is stopped before it is felt.
const UsualRate = 50

// perAddress is how many people may share an address, such as an office's.
const perAddress = 4

// burst is how many seconds' requests may come at once.
const burst = 4

// Bound keeps one limiter for each name, and forgets those that are full
// again.
type Bound struct {
	every rate.Limit
	burst int
	now   func() time.Time

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	swept    time.Time
}

// maxLimiters bounds how many names are remembered, at about two hundred bytes
// each; beyond half of it those whose limiter is full are forgotten.
const maxLimiters = 1 << 16

// NewBound lets each name do something so often a second, and so often at
// once.
func NewBound(every rate.Limit, burst int, now func() time.Time) *Bound {
	return &Bound{every: every, burst: burst, now: now, limiters: map[string]*rate.Limiter{}}
}

// Wait is how long a name must wait before it may do it again; 0: it may now,
// and that is counted.
func (b *Bound) Wait(name string) time.Duration {
	now := b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	limiter := b.limiters[name]
	if limiter == nil {
		b.forget(now)
		limiter = rate.NewLimiter(b.every, b.burst)
		b.limiters[name] = limiter
	}
	reservation := limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// forget drops the limiters that are full, once a second: a new one would be
// the same. Where that does not help, so many ask at once that no limit of
// ours stops them, and all are forgotten.
func (b *Bound) forget(now time.Time) {
	if len(b.limiters) >= maxLimiters {
		clear(b.limiters)
	}
	if len(b.limiters) < maxLimiters/2 || now.Sub(b.swept) < time.Second {
		return
	}
	b.swept = now
	for name, limiter := range b.limiters {
		if limiter.TokensAt(now) >= float64(b.burst) {
			delete(b.limiters, name)
		}
	}
}

// rates are the limits of the gate.
type rates struct{ addresses, people *Bound }

func newRates(o *Office) rates {
	every := cmp.Or(o.PerSecond, UsualRate)
	return rates{
		NewBound(rate.Limit(every*perAddress), every*perAddress*burst, o.Now),
		NewBound(rate.Limit(every), every*burst, o.Now),
	}
}

func (r *rates) ofAddress(address string) time.Duration { return r.addresses.Wait(address) }
func (r *rates) ofPerson(name string) time.Duration     { return r.people.Wait(name) }
