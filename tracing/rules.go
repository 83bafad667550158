package tracing

import (
	"fmt"
	"strings"

	"clew/domain"
)

// A rule is told by two things: who goes first when a pool is drawn upon, and
// how those share who go at the same time. To add one: a function, a row of
// the table, a story.
type rule struct {
	name      Rule
	also      string // what else it is called
	takes     string // what a draw takes
	authority string
	rank      func(o owner) int // 0 goes before 1
	among     sharing
}

// sharing is how the lots of one rank share a draw.
type sharing int

const (
	oldest     sharing = iota // oldest place in the pool first, whole units
	newest                    // newest place first, whole units
	proportion                // every owner in proportion, exact fractions
)

// ranks is how many ranks a rule may have.
const ranks = 2

var rules = []rule{
	{FIFO, "Clayton's Case", "oldest lot first, owner ignored",
		"Devaynes v Noble (1816); Re Tydings (Bankr. W.D. Mo. 2020, an exemption case)", together, oldest},
	{LIFO, "", "newest lot first",
		"reported (press) for the 225 million USDT complaint, D.D.C. 2025", together, newest},
	{ProRata, "haircut, rolling charge", "every owner in proportion",
		"Ontario v Greymac (1986); described by Woolf LJ in Barlow Clowes (1992), where pari passu was applied", together, proportion},
	{LIBR, "lowest intermediate balance, rolling form", "own lots first, whatever their age; then all claims in proportion",
		"Re Hallett's Estate (1880); James Roscoe v Winder (1915); Greymac", ownFirst, proportion},
	{OwnFirst, "Hallett, then Clayton between victims", "own lots first, then claims, oldest first",
		"", ownFirst, oldest},
	{ProceedsFirst, "drugs-in first-out, PIFO", "claims first, oldest first, then own lots",
		"US v Banco Cafetero (2d Cir. 1986)", claimsFirst, oldest},
	{Poison, "", "marks everything that a touched pool pays: an exposure, never a ledger",
		"not conservative", together, oldest},
}

func together(owner) int { return 0 }

// ownFirst is Hallett's presumption: the wrongdoer spends his own money
// first. It does not run against the innocent, whose own money stands with
// the claims.
func ownFirst(o owner) int {
	if o.claimed() || o.has(innocent) {
		return 1
	}
	return 0
}

func claimsFirst(o owner) int {
	if o.claimed() {
		return 0
	}
	return 1
}

// ranks says whether some lots go before others, whoever came first.
func (r *rule) ranks() bool { return r.name == LIBR || r.name == OwnFirst || r.name == ProceedsFirst }

// presumes says whether the rule treats own money of unknown payers as the
// holder's to the victims' good, so that the answer must say how much.
func (r *rule) presumes() bool { return r.name == LIBR || r.name == OwnFirst }

// Described is a rule in words.
type Described struct {
	Rule      Rule
	Also      string
	Takes     string
	Authority string
}

// Rules tells every rule, in the order of the definitions.
func Rules() []Described {
	var list []Described
	for _, r := range rules {
		list = append(list, Described{r.name, r.also, r.takes, r.authority})
	}
	return list
}

func findRule(name Rule) (*rule, error) {
	var names []string
	for i := range rules {
		if rules[i].name == name {
			return &rules[i], nil
		}
		names = append(names, string(rules[i].name))
	}
	return nil, domain.Usage("rule %q is not one of %s", fmt.Sprintf("%.40s", string(name)), strings.Join(names, ", "))
}
