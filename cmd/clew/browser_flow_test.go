package main

import (
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Wherever the replay stands, on either of its time axes, the picture says of
// every account what `clew trace` answers as of that moment. Its table twin is
// read, in which every account stands by itself.
func TestTheReplaySaysWhatTraceSaysInABrowser(t *testing.T) {
	for _, c := range []struct {
		rule, axis, flag string
		store            string
		cents            int64 // a ledger rounds every place of a victim where the rule knows fractions
	}{{"libr", "at", "--at", worked(t), 2}, {"fifo", "known_at", "--known-at", toldSlowly(t), 0}} {
		site := openSite(t, c.store)
		b := newTab(t, site)
		b.signIn()
		b.open("/cases/ROMANCE-1?unfold=1,2,3,4,5&rule=" + c.rule)
		b.waits("the picture is there", `!!document.querySelector('.flow-live')`, false)
		ask[bool](b, `document.querySelector('.flow-twin').open = true`)
		if c.axis != "at" {
			ask[bool](b, `(s => { s.value = 'known_at'; return s.dispatchEvent(new Event('change')); })(document.querySelector('.flow-buttons select'))`)
		}
		for _, place := range []string{"0.3", "0.55", "0.8", "0"} {
			stands := fmt.Sprintf(`(new URLSearchParams(location.search).get(%q) ?? '')`, c.axis)
			before := ask[string](b, stands)
			ask[bool](b, fmt.Sprintf(`(s => { s.value = Math.round(s.max * %s); return s.dispatchEvent(new Event('input')); })(document.querySelector('.flow-track input'))`, place))
			b.waits("the address follows", fmt.Sprintf(`%s !== %q`, stands, before), false)
			moment := ask[string](b, stands)
			shown, told := b.twin(), claimsAt(t, site.store, "--rule", c.rule, c.flag, moment)
			if !near(shown, told, c.cents) {
				t.Errorf("by %s, %s %s: the picture shows\n%v\nand clew trace answers\n%v", c.rule, c.axis, moment, shown, told)
			}
		}
		b.quiet("replaying")
	}
}

// toldSlowly is a store with the sample cases, a minute between any two looks
// at the clock, so that they became known bit by bit.
func toldSlowly(t *testing.T) (store string) {
	t.Helper()
	var minutes atomic.Int64
	began := time.Date(2024, 4, 2, 8, 0, 0, 0, time.UTC)
	store = "sqlite:" + filepath.Join(t.TempDir(), "clew.db")
	p := &program{args: []string{"demo", "--store", store, "--actor", "ina"}, in: strings.NewReader(""), out: io.Discard, err: io.Discard,
		getenv: func(string) string { return "" }, now: func() time.Time { return began.Add(time.Duration(minutes.Add(1)) * time.Minute) }}
	if err := p.carryOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

// twin is what of the victims' money is at each account.
func (b *tab) twin() map[string]string {
	b.t.Helper()
	return ask[map[string]string](b, `Object.fromEntries([...document.querySelectorAll('.flow-twin tbody tr')].map(r => [r.querySelector('th').innerText, r.cells[6].innerText.replace(/[^0-9.]/g, '')]))`)
}

// claimsAt is the same from the command line.
func claimsAt(t *testing.T, store string, flags ...string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, one := range samples(store).answer(t, append([]string{"trace", "ROMANCE-1"}, flags...)...)["victims"].([]any) {
		for _, place := range one.(map[string]any)["positions"].([]any) {
			at := place.(map[string]any)
			account := at["account"].(string)
			sums[account] = new(big.Rat).Add(moneyIn(sums[account]), moneyIn(at["claim"].(string))).FloatString(2)
		}
	}
	return sums
}

// moneyIn reads an amount; an empty cell is nothing.
func moneyIn(text string) *big.Rat {
	amount, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return amount
}

// near says whether no account differs by more than so many cents.
func near(a, b map[string]string, cents int64) bool {
	for _, list := range []map[string]string{a, b} {
		for account := range list {
			rest := new(big.Rat).Sub(moneyIn(a[account]), moneyIn(b[account]))
			if rest.Abs(rest).Cmp(big.NewRat(cents, 100)) > 0 {
				return false
			}
		}
	}
	return true
}
