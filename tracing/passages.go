package tracing

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"clew/domain"
)

// Passage is one part of a movement that carried a victim's money, as the
// walk saw it arrive: so that somebody else can add up, hop by hop, what the
// answer says. Amounts are smallest units; a fraction of one, which pro-rata
// and libr know, has twenty digits and is rounded down in the last.
type Passage struct {
	Movement domain.MovementID
	When     domain.When
	Part     string             // main, fee, deducted, overdraft or unrecorded
	Nth      int                // of all that moved in the walk: two victims' passages with one number are one
	Reported bool               // he reports it: own money of his that it carries is a claim from here on
	From     []domain.AccountID // several for a hop with several inputs; none where the money was first seen
	To       domain.AccountID
	Asset    domain.Asset
	Units    domain.Units // all that arrived
	His      string       // of it the victim's
	Worth    []Worth      // by the name of the asset that was lost
	Home     bool         // it came to a home of his: returned
}

// Worth is what the parts of a victim's claims that ride are worth, in the
// asset that he lost. New is what became a claim with this payment; of one in
// several parts it stands with the first.
type Worth struct {
	Asset domain.Asset
	Units string
	New   string
}

// Passages tells every passage of a victim's money, in the order of the walk.
// It is the walk itself that tells: there is no second engine.
func Passages(in Input, of domain.VictimID) ([]Passage, error) {
	rule, err := findRule(in.Rule)
	if err != nil {
		return nil, err
	}
	if rule.name == Poison {
		return nil, domain.Usage("poison marks accounts and follows nobody's money: choose another rule")
	}
	p, err := makePlan(in)
	if err != nil {
		return nil, err
	}
	victim, known := p.victimNo(of)
	if !known {
		return nil, domain.NotFound("this case has no victim %s", of)
	}
	p.followed = victim
	w := newWalk(p, rule)
	c := &conductor{w: w, victim: victim, claimed: map[int32]fixed{}}
	w.watch = c
	if err := w.run(); err != nil {
		return nil, err
	}
	return c.list, nil
}

// conductor watches a walk and notes who rides.
type conductor struct {
	w       *walk
	victim  int32
	nth     int
	claimed map[int32]fixed // by loss: what had become a claim by the last passage
	list    []Passage
}

func (c *conductor) noted(*walk, Warning) {}

func (c *conductor) walked(*walk, *step) {}

func (c *conductor) moved(w *walk, m move) {
	c.nth++
	s := &w.plan.steps[m.step]
	var his fixed
	worth := map[int32]fixed{}
	w.book.onWay(func(o owner, units, worthOf fixed) {
		if !o.claimed() || o == joint || w.plan.claims[o].victim != c.victim {
			return
		}
		loss := w.plan.claims[o].loss
		sum := worth[loss]
		sum.Add(&sum, &worthOf)
		his.Add(&his, &units)
		worth[loss] = sum
	})
	reported := m.reported && w.plan.victimOf(s) == c.victim
	if len(worth) == 0 && !reported {
		return
	}
	to := w.plan.accountOf(m.to)
	p := Passage{Movement: w.plan.id(s), When: w.plan.when(s), Part: partNames[m.part], Nth: c.nth, Reported: reported, From: c.payers(m, s), To: to.name,
		Asset: w.plan.assets[w.plan.assetOf(m.to)], Units: m.units, His: digits(&his)}
	p.Home = slices.Contains(to.homeOf, c.victim) && (m.part == main)
	for _, loss := range w.plan.lossesByName() {
		sum, his := worth[loss]
		if !his {
			continue
		}
		of := Worth{w.plan.losses[loss].asset, digits(&sum), "0"}
		if reported {
			of.New = c.fresh(loss)
		}
		p.Worth = append(p.Worth, of)
	}
	c.list = append(c.list, p)
}

// fresh is what has become a claim since it was last asked for.
func (c *conductor) fresh(loss int32) string {
	own, before := c.w.book.tally().own[loss], c.claimed[loss]
	c.claimed[loss] = own
	return digits(before.Sub(&own, &before))
}

// partNames are the parts of a movement in words.
var partNames = [...]string{main: "main", feePart: "fee", deducted: "deducted", overdue: "overdraft", unrecorded: "unrecorded"}

// payers are the accounts that a move draws on.
func (c *conductor) payers(m move, s *step) []domain.AccountID {
	if m.from == none {
		return nil
	}
	var list []domain.AccountID
	if m.part != overdue {
		for _, in := range c.w.plan.inputs(c.w.plan.rareOf(s)) {
			if name := c.w.plan.accountOf(in.pool).name; !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	if len(list) == 0 {
		list = []domain.AccountID{c.w.plan.accountOf(m.from).name}
	}
	return list
}

// fraction is how many digits of a fraction of a smallest unit are told.
const fraction = 20

// digits writes an exact amount: whole units as they are.
func digits(x *fixed) string {
	whole := new(big.Int).Rsh(x.ToBig(), 128)
	part := new(big.Int).Sub(x.ToBig(), new(big.Int).Lsh(whole, 128))
	if part.Sign() == 0 {
		return whole.String()
	}
	part.Mul(part, new(big.Int).Exp(big.NewInt(10), big.NewInt(fraction), nil)).Rsh(part, 128)
	return strings.TrimSuffix(whole.String()+"."+strings.TrimRight(fmt.Sprintf("%0*s", fraction, part), "0"), ".")
}
