package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// units is an amount of smallest units, and of what.
type units struct {
	Units string `json:"units"`
	Asset string `json:"asset"`
}

// leg is an input or output of a hop.
type leg struct {
	Account string `json:"account"`
	units
}

// movement is one as it was walked.
type movement struct {
	Movement string `json:"movement"`
	Kind     string `json:"kind"`
	Amount   *units `json:"amount"`
	Received *units `json:"received"`
	Fee      *units `json:"fee"`
	Inputs   []leg  `json:"inputs"`
	Outputs  []leg  `json:"outputs"`
}

// hop is one part of a movement that carried a victim's money.
type hop struct {
	Movement string   `json:"movement"`
	Nth      int      `json:"nth"`
	Part     string   `json:"part"`
	From     []string `json:"from"`
	To       string   `json:"to"`
	Asset    string   `json:"asset"`
	Units    string   `json:"units"`
	His      string   `json:"his"`
	Worth    string   `json:"worth"`
	New      string   `json:"new"`
	Home     bool     `json:"home"`
}

// victim is a ledger in one asset.
type victim struct {
	Victim   string            `json:"victim"`
	Asset    string            `json:"asset"`
	Reported string            `json:"reported"`
	Own      string            `json:"own"`
	PaidBack string            `json:"paid_back"`
	Net      string            `json:"net"`
	Returned string            `json:"returned"`
	Sums     map[string]string `json:"sums"`
	Places   []struct {
		Account string `json:"account"`
		Claim   string `json:"claim"`
		State   string `json:"state"`
	} `json:"places"`
	Hops []hop `json:"hops"`
}

// traced is trace/RULE.json.
type traced struct {
	Rule      string         `json:"rule"`
	Assets    map[string]int `json:"assets"`
	Movements []movement     `json:"movements"`
	Victims   []victim       `json:"victims"`
	Accounts  []struct {
		Account  string            `json:"account"`
		Asset    string            `json:"asset"`
		Balance  string            `json:"balance"`
		Untraced string            `json:"untraced"`
		Traced   map[string]string `json:"traced"`
	} `json:"accounts"`
}

// sum adds up, and remembers that something was no number.
type sum struct {
	big.Rat
	bad bool
}

func (s *sum) add(texts ...string) *sum {
	for _, text := range texts {
		negative := strings.HasPrefix(text, "-")
		number, ok := new(big.Rat).SetString(strings.TrimPrefix(text, "-"))
		if !ok || len(text) > 100 || strings.ContainsAny(text, "/eEpPxX_+ ") {
			s.bad = true
			return s
		}
		if negative {
			number.Neg(number)
		}
		s.Add(&s.Rat, number)
	}
	return s
}

func (s *sum) less(texts ...string) *sum {
	s.Neg(&s.Rat)
	s.add(texts...)
	s.Neg(&s.Rat)
	return s
}

// is says whether it comes to a number.
func (s *sum) is(text string) bool {
	want := new(sum).add(text)
	return !s.bad && !want.bad && s.Cmp(&want.Rat) == 0
}

// traced adds up every trace again.
func (c *checking) traced() error {
	for _, name := range c.names {
		if rule, is := strings.CutPrefix(name, "trace/"); is && !slices.Contains(c.about.Rules, strings.TrimSuffix(rule, ".json")) {
			return fmt.Errorf("%s is a trace that bundle.json does not name", plain(name))
		}
	}
	for _, rule := range c.about.Rules {
		text, err := c.read("trace/" + rule + ".json")
		if err != nil {
			return err
		}
		t := &traced{}
		if err := json.Unmarshal(text, t); err != nil || t.Rule != rule {
			return fmt.Errorf("trace/%s.json cannot be read, or is of another rule", plain(rule))
		}
		if err := c.addUp(t); err != nil {
			return fmt.Errorf("%s: %w", plain(rule), err)
		}
	}
	return nil
}

func (c *checking) addUp(t *traced) error {
	if err := c.shown(t); err != nil {
		return err
	}
	hops, places := 0, 0
	for i := range t.Victims {
		v := &t.Victims[i]
		if err := v.ledger(); err != nil {
			return fmt.Errorf("victim %s, %s: %w", plain(v.Victim), plain(v.Asset), err)
		}
		if err := v.hopByHop(t.Rule); err != nil {
			return fmt.Errorf("victim %s, %s: %w", plain(v.Victim), plain(v.Asset), err)
		}
		hops, places = hops+len(v.Hops), places+len(v.Places)
	}
	if err := c.carried(t); err != nil {
		return err
	}
	for _, a := range t.Accounts {
		all := new(sum).add(a.Untraced)
		for _, part := range a.Traced {
			all.add(part)
		}
		if !all.is(a.Balance) {
			return fmt.Errorf("account %s: its parts do not come to its balance of %s %s", plain(a.Account), plain(a.Balance), plain(a.Asset))
		}
	}
	c.ok("%s: %d movements are those of the records; %d ledgers, %d hops and %d accounts add up", t.Rule, len(t.Movements), len(t.Victims), hops, len(t.Accounts))
	return nil
}

// ledger holds a victim's ledger against its own parts.
func (v *victim) ledger() error {
	all := new(sum).add(v.Returned)
	for _, part := range v.Sums {
		all.add(part)
	}
	if !all.is(v.Own) {
		return fmt.Errorf("what became of his money does not come to what was his, %s", plain(v.Own))
	}
	if !new(sum).add(v.Reported).less(v.PaidBack).is(v.Net) {
		return errors.New("what he reported less what was paid back is not the net loss")
	}
	if rest := new(sum).add(v.Reported).less(v.Own); rest.bad || rest.Sign() < 0 {
		return errors.New("more was his than he reported")
	}
	byState := map[string]*sum{}
	for state := range v.Sums {
		byState[state] = new(sum)
	}
	for _, p := range v.Places {
		if byState[p.State] == nil {
			return fmt.Errorf("a place has the state %.40q, which the ledger has not", p.State)
		}
		byState[p.State].add(p.Claim)
	}
	for state, places := range byState {
		if !places.is(v.Sums[state]) {
			return fmt.Errorf("the places do not come to what the ledger says is %s, %s", plain(state), plain(v.Sums[state]))
		}
	}
	return nil
}

// hopByHop follows his money: what came to an account less what went on must
// be what lies there. Accounts that paid together count as one, because of
// them only the sum is known.
func (v *victim) hopByHop(rule string) error {
	together := joint(v.Hops)
	lies, own, home := map[string]*sum{}, new(sum), new(sum)
	at := func(account string) *sum {
		account = together.of(account)
		if lies[account] == nil {
			lies[account] = new(sum)
		}
		return lies[account]
	}
	for _, h := range v.Hops {
		own.add(h.New)
		if len(h.From) > 0 {
			at(h.From[0]).less(h.Worth).add(h.New)
		}
		if h.Home {
			home.add(h.Worth)
			continue
		}
		at(h.To).add(h.Worth)
	}
	for _, p := range v.Places {
		at(p.Account).less(p.Claim)
	}
	lies["what came home"] = home.less(v.Returned)
	lies["what was his"] = own.less(v.Own)
	most := new(big.Rat)
	if rule == "pro-rata" || rule == "libr" { // fractions, rounded for showing
		most.SetInt64(int64(len(v.Hops) + len(v.Places)))
	}
	for account, rest := range lies {
		if rest.bad || new(big.Rat).Abs(&rest.Rat).Cmp(most) > 0 {
			return fmt.Errorf("hop by hop, %s units are left over at %s", rest.FloatString(2), plain(account))
		}
	}
	return nil
}

// paidTogether says which accounts have paid in one hop.
type paidTogether map[string]string

func (p paidTogether) of(account string) string {
	for p[account] != "" && p[account] != account {
		account = p[account]
	}
	return account
}

func joint(hops []hop) paidTogether {
	p := paidTogether{}
	for _, h := range hops {
		for i := 1; i < len(h.From); i++ {
			p[p.of(h.From[i])] = p.of(h.From[0])
		}
	}
	return p
}

// carried sees that no hop carries more of the victims' money than it moves,
// and that it moves what its movement does.
func (c *checking) carried(t *traced) error {
	walked := map[string]*movement{}
	for i := range t.Movements {
		walked[t.Movements[i].Movement] = &t.Movements[i]
	}
	left, counted := map[int]*sum{}, map[string]bool{}
	for _, v := range t.Victims {
		for _, h := range v.Hops {
			key := fmt.Sprint(h.Nth, " ", v.Victim)
			if counted[key] {
				continue // a victim who lost two assets
			}
			counted[key] = true
			if left[h.Nth] == nil {
				left[h.Nth] = new(sum).add(h.Units)
			}
			if rest := left[h.Nth].less(h.His); rest.bad || rest.Sign() < 0 {
				return fmt.Errorf("movement %s carries more of the victims' money than it moves", plain(h.Movement))
			}
			if err := c.fits(&h, walked[h.Movement]); err != nil {
				return err
			}
		}
	}
	return nil
}

// fits compares a hop with its movement, where that says what must arrive.
func (c *checking) fits(h *hop, m *movement) error {
	switch {
	case m == nil && c.freeze:
		return nil // a step of a freeze moves money without a movement
	case m == nil:
		return fmt.Errorf("a hop is of movement %s, which was not walked", plain(h.Movement))
	case h.Part == "fee" && m.Fee != nil && !new(sum).add(h.Units).is(m.Fee.Units):
		return fmt.Errorf("the fee of movement %s is not %s", plain(h.Movement), plain(h.Units))
	case h.Part != "main" || m.Amount == nil || m.Kind != "transfer" && m.Kind != "conversion" && m.Kind != "return":
		return nil
	}
	arrives := m.Amount
	if m.Received != nil {
		arrives = m.Received
	}
	if arrives.Asset != h.Asset || !new(sum).add(h.Units).is(arrives.Units) {
		return fmt.Errorf("movement %s brings %s %s, and its hop %s %s", plain(h.Movement), plain(arrives.Units), plain(arrives.Asset), plain(h.Units), plain(h.Asset))
	}
	return nil
}
