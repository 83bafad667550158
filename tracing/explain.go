package tracing

import (
	"fmt"
	"slices"
	"strings"

	"clew/domain"
)

// Ask says which money is to be explained.
type Ask struct {
	Victim  domain.VictimID
	Account domain.AccountID // only how it came there; empty: everywhere
	// Evidence says where a movement is shown whose row does not say it; nil:
	// nothing is known but the rows. It is asked for the sentences told only.
	Evidence func(domain.MovementID) domain.Evidence
}

// Sentence is one step of an explanation: what happened, how much of it was
// the victim's and why, and the line of the document that shows it. Sentences
// that no movement shows (what lies where in the end) bear none.
type Sentence struct {
	Movement domain.MovementID
	When     domain.When
	Evidence domain.Evidence
	Text     string
}

// Explain tells every step by which a victim's money came where it is, in the
// order of the walk. It is the walk itself that tells: there is no second
// engine.
func Explain(in Input, ask Ask) ([]Sentence, error) {
	rule, err := findRule(in.Rule)
	if err != nil {
		return nil, err
	}
	if rule.name == Poison {
		return nil, domain.Usage("poison marks accounts and follows nobody's money: explain by another rule")
	}
	p, err := makePlan(in)
	if err != nil {
		return nil, err
	}
	victim, known := p.victimNo(ask.Victim)
	if !known || !slices.ContainsFunc(p.losses, func(l loss) bool { return l.victim == victim }) {
		return nil, domain.NotFound("no payment that victim %q has reported makes a claim in this case, as far as asked: see the case's victims", ask.Victim)
	}
	p.followed = victim
	w := newWalk(p, rule)
	teller := &teller{w: w, victim: victim, evidence: ask.Evidence}
	w.watch = teller
	if err := w.run(); err != nil {
		return nil, err
	}
	return teller.tell(ask), nil
}

// teller watches a walk for one victim's money.
type teller struct {
	w        *walk
	victim   int32
	evidence func(domain.MovementID) domain.Evidence
	seen     []glimpse
}

// glimpse is one move that carried the victim's money, or one warning.
type glimpse struct {
	move    move
	his     fixed
	worth   map[int32]fixed // by loss: his only
	warning *Warning
	at      poolNo // of a warning
}

func (t *teller) moved(w *walk, m move) {
	g := glimpse{move: m, worth: map[int32]fixed{}}
	s := &w.plan.steps[m.step]
	w.book.onWay(func(o owner, units, worth fixed) {
		if !o.claimed() || o == joint || w.plan.claims[o].victim != t.victim {
			return
		}
		loss := w.plan.claims[o].loss
		sum := g.worth[loss]
		sum.Add(&sum, &worth)
		g.his.Add(&g.his, &units)
		g.worth[loss] = sum
	})
	reports := m.reported && w.plan.victimOf(s) == t.victim
	if reports || !g.his.Lt(&grain) || len(g.worth) > 0 && m.part == main {
		t.seen = append(t.seen, g)
	}
}

func (t *teller) noted(w *walk, note Warning) {
	s := &w.plan.steps[w.now]
	t.seen = append(t.seen, glimpse{move: move{step: w.now}, warning: &note, at: s.to})
}

func (t *teller) walked(*walk, *step) {}

// tell makes the sentences.
func (t *teller) tell(ask Ask) []Sentence {
	kept := t.wayTo(ask.Account)
	var list []Sentence
	for i, g := range t.seen {
		if !kept[i] {
			continue
		}
		s := &t.w.plan.steps[g.move.step]
		r := t.row(s)
		list = append(list, Sentence{r.ID, r.When, r.Evidence, t.text(g) + shown(&r)})
	}
	for _, text := range append(t.lacks(kept), t.ends(ask.Account)...) {
		list = append(list, Sentence{Text: text})
	}
	return list
}

// wayTo says which glimpses led to an account: backwards from it, whatever
// moved to an account from which the money went on later. Warnings are kept
// for every account on that way.
func (t *teller) wayTo(name domain.AccountID) []bool {
	kept, wanted := make([]bool, len(t.seen)), map[int32]bool{}
	if goal, ok := t.w.plan.accountNo(name); ok {
		wanted[goal] = true
	}
	for i := len(t.seen) - 1; i >= 0; i-- {
		g := &t.seen[i]
		if g.warning != nil {
			continue
		}
		if to := t.w.plan.pools[g.move.to].account; name == "" || wanted[to] {
			kept[i], wanted[to] = true, true
			t.want(g, wanted)
		}
	}
	for i, g := range t.seen {
		kept[i] = kept[i] || g.warning != nil && t.concerns(g, wanted)
	}
	return kept
}

// want adds the accounts from which a move came.
func (t *teller) want(g *glimpse, wanted map[int32]bool) {
	wanted[t.w.plan.pools[g.move.from].account] = true
	for _, in := range t.inputs(&t.w.plan.steps[g.move.step]) {
		wanted[t.w.plan.pools[in.pool].account] = true
	}
}

// concerns says whether a warning is about an account on the way.
func (t *teller) concerns(g glimpse, wanted map[int32]bool) bool {
	s := &t.w.plan.steps[g.move.step]
	for _, pool := range [...]poolNo{s.from, s.to} {
		if pool != none && wanted[t.w.plan.pools[pool].account] {
			return true
		}
	}
	return false
}

// shown says which line of which document shows a movement.
func shown(r *Row) string {
	e := r.Evidence
	if e.File == "" && e.Line == 0 {
		return fmt.Sprintf(" (%s, recorded by hand)", r.ID)
	}
	where := fmt.Sprintf("file %.12s", string(e.File))
	if e.Page != "" {
		where += ", " + e.Page
	}
	return fmt.Sprintf(" (%s, %s, line %d)", r.ID, where, e.Line)
}

// text is one step in words.
func (t *teller) text(g glimpse) string {
	s := &t.w.plan.steps[g.move.step]
	if g.warning != nil {
		return t.w.plan.when(s).String() + ": " + g.warning.Text
	}
	parts := []string{t.w.plan.when(s).String() + ": " + t.deed(g, s)}
	if !g.move.reported || t.w.plan.victimOf(s) != t.victim {
		parts = append(parts, t.share(g))
	}
	if fate := t.fate(g); fate != "" {
		parts = append(parts, fate)
	}
	return strings.Join(parts, " ")
}

// deed says what moved from where to where.
func (t *teller) deed(g glimpse, s *step) string {
	from, to := t.payers(g, s), t.name(g.move.to)
	amount := t.money(g.move.to, fixedOf(g.move.units))
	switch {
	case g.move.part == feePart:
		return fmt.Sprintf("%s paid a fee of %s.", from, amount)
	case g.move.part == deducted:
		return fmt.Sprintf("%s was deducted from what %s paid.", amount, from)
	case g.move.part == overdue:
		return fmt.Sprintf("%s of it repaid what %s was overdrawn by.", amount, from)
	case g.move.part == unrecorded:
		return fmt.Sprintf("The balance of %s is lower than its movements give: %s went where no document shows.", from, amount)
	case g.move.reported && t.w.plan.victimOf(s) == t.victim:
		return t.reported(g, s)
	case s.kind == kindReturn:
		return fmt.Sprintf("%s gave %s back to %s.", from, amount, to)
	case t.w.plan.rareOf(s).converts && t.assetOf(s.from) != t.assetOf(s.to):
		return fmt.Sprintf("%s gave %s and %s received %s for it.", from, money(t.w.plan.row(s).Amount), to, amount)
	}
	return fmt.Sprintf("%s paid %s to %s.", from, amount, to)
}

// reported says what of a reported payment was the victim's own.
func (t *teller) reported(g glimpse, s *step) string {
	loss := t.w.plan.claims[s.claim].loss
	worth, paid := g.worth[loss], g.move.units
	if s.kind != kindHop {
		paid = t.w.plan.units(s)
	}
	asset := t.w.plan.losses[loss].asset
	text := fmt.Sprintf("%s paid %s %s from %s to %s and reported it.", t.w.plan.victims[t.victim], asset.Format(paid), asset.Code, t.payers(g, s), t.name(g.move.to))
	exact := fixedOf(paid)
	if same(&worth, &exact) {
		return text + " All of it was the victim's own: a claim from here on."
	}
	return text + fmt.Sprintf(" %s of it are the victim's claims from here on; the rest belongs to earlier claims of others or did not arrive.", t.moneyOf(asset, worth))
}

// share says how much of what moved was the victim's, and by what rule.
func (t *teller) share(g glimpse) string {
	text := fmt.Sprintf("By %s (%s) %s of it was %s's", t.w.rule.name, t.w.rule.takes, t.money(g.move.to, g.his), t.w.plan.victims[t.victim])
	if g.move.part == overdue || t.w.plan.steps[g.move.step].kind == kindReturn {
		text = fmt.Sprintf("%s of it was %s's", t.money(g.move.to, g.his), t.w.plan.victims[t.victim])
	}
	for _, loss := range t.w.plan.lossesByName() {
		worth, mine := g.worth[loss]
		asset := t.w.plan.losses[loss].asset
		if mine && (asset != t.assetOf(g.move.to) || !same(&worth, &g.his)) {
			text += fmt.Sprintf(", worth %s of the loss", t.moneyOf(asset, worth))
		}
	}
	return text + "."
}

// fate says what becomes of the money with this step, where that is special.
func (t *teller) fate(g glimpse) string {
	to := t.w.plan.accountOf(g.move.to)
	switch {
	case slices.Contains(to.homeOf, t.victim):
		return "It is home again and counts as returned."
	case !to.end:
		return ""
	case to.state() == AtService:
		return fmt.Sprintf("%s is a pooled service: its money can no longer be told apart.", to.name)
	case to.state() == Fees, to.state() == Unaccounted, g.move.part == overdue:
		return fmt.Sprintf("It counts as %s.", strings.ReplaceAll(string(to.state()), "_", " "))
	}
	return fmt.Sprintf("%s is an end: it counts as cashed out.", to.name)
}

func (t *teller) payers(g glimpse, s *step) string {
	if !s.joins() || g.move.part == overdue {
		return t.name(g.move.from)
	}
	var names []string
	for _, in := range t.inputs(s) {
		if name := t.name(in.pool); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// inputs are the legs of a hop.
func (t *teller) inputs(s *step) []leg { return t.w.plan.inputs(t.w.plan.rareOf(s)) }

func (t *teller) number(name domain.AccountID) int32 {
	n, _ := t.w.plan.accountNo(name)
	return n
}

// row is what the evidence says of a step.
func (t *teller) row(s *step) Row {
	r := t.w.plan.row(s)
	if r.Evidence == (domain.Evidence{}) && t.evidence != nil {
		r.Evidence = t.evidence(r.ID)
	}
	return r
}

func (t *teller) name(pool poolNo) string { return string(t.w.plan.accountOf(pool).name) }

func (t *teller) assetOf(pool poolNo) domain.Asset { return t.w.plan.assets[t.w.plan.assetOf(pool)] }

func (t *teller) money(pool poolNo, exact fixed) string { return t.moneyOf(t.assetOf(pool), exact) }

// moneyOf prints an amount; "about" where it had to be rounded for that.
func (t *teller) moneyOf(asset domain.Asset, exact fixed) string {
	about := ""
	if _, frac := snap(&exact); frac != 0 {
		about = "about "
	}
	return about + asset.Format(nearest(&exact)) + " " + string(asset.Code)
}

// lacks says what is not known of the accounts on the way.
func (t *teller) lacks(kept []bool) []string {
	on := map[int32]bool{}
	for i, g := range t.seen {
		if kept[i] && g.warning == nil {
			t.want(&t.seen[i], on)
		}
	}
	var list []string
	for _, m := range t.w.showMissing() {
		if !on[t.number(m.Account)] {
			continue
		}
		when := "on " + m.First.String()
		if m.Last != m.First {
			when = "between " + m.First.String() + " and " + m.Last.String()
		}
		list = append(list, fmt.Sprintf("Not known: %s paid %s %s more than was seen to come in, %s. Ask for its statement.",
			m.Account, m.Asset.Format(m.Amount), m.Asset.Code, when))
	}
	for _, amount := range t.w.showPresumed() {
		list = append(list, fmt.Sprintf("Presumed: in the whole case %s from payers whom nobody has described was taken for the holders' own and drawn before claims.", money(amount)))
	}
	return list
}

// ends says where the money is in the end: all of it, or what is at one
// account.
func (t *teller) ends(name domain.AccountID) []string {
	var list []string
	for _, v := range t.w.show().Victims {
		if v.Victim != t.w.plan.victims[t.victim] {
			continue
		}
		text := fmt.Sprintf("%s reported %s %s, of which %s was the victim's own.", v.Victim, v.Asset.Format(v.Reported), v.Asset.Code, v.Asset.Format(v.Own))
		list = append(list, text+places(v, name))
	}
	return list
}

func places(v Victim, name domain.AccountID) string {
	text, found := "", name == ""
	if found && !v.Returned.IsZero() {
		text = fmt.Sprintf(" Returned: %s.", v.Asset.Format(v.Returned))
	}
	for _, place := range v.Places {
		if name == "" || name == place.Account {
			found = true
			text += fmt.Sprintf(" At %s: %s (%s).", place.Account, v.Asset.Format(place.Claim), strings.ReplaceAll(string(place.State), "_", " "))
		}
	}
	if !found {
		text += fmt.Sprintf(" At %s: nothing now.", name)
	}
	return text
}
