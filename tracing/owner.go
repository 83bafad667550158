package tracing

import "clew/domain"

// owner says whose a lot is: a claim, by its number from 0 on, or nobody's
// claim ("own"), a negative number that bears what is known of how the money
// came.
type owner int32

// What own money may bear.
const (
	// unexplained: nobody has seen it come (points 4 and 11).
	unexplained owner = 1 << iota
	// innocent: it was paid by, or lay with, an innocent third party or a
	// coerced holder. The presumption of libr runs against the wrongdoer only,
	// so it stays innocent wherever a wrongdoer passes it on.
	innocent
	// presumed: its payer is an account that nobody has described. It is
	// treated as the holder's, and the answer says how much that was.
	presumed
	// counted: presumed money that the answer has counted already.
	counted
)

// own is nobody's claim, with these marks.
func own(marks owner) owner { return -1 - marks }

// claimed says whether the lot belongs to a claim.
func (o owner) claimed() bool { return o >= 0 }

// marks are what own money bears; nothing of a claim.
func (o owner) marks() owner {
	if o.claimed() {
		return 0
	}
	return -1 - o
}

// has says whether own money bears a mark.
func (o owner) has(mark owner) bool { return o.marks()&mark != 0 }

// plain makes all own money one: what returns and claims ask for.
func (o owner) plain() owner {
	if o.claimed() {
		return o
	}
	return own(0)
}

// standing is what people have said about an account's holder, as far as
// libr's presumption asks (TRACING, Rules).
type standing struct {
	described bool // somebody has said something about the holder
	innocent  bool // an innocent third party, or one who acts under force
}

func standingOf(a Account) standing {
	blameless := a.Innocent || a.Coerced
	told := a.Described || blameless || a.Shared || a.Victim != "" || a.NotVictim != ""
	return standing{described: told, innocent: blameless}
}

// stranger is a payer of whom nothing is known, not even the account.
var stranger = standing{}

// paid is what own money becomes when a payer of this standing has paid it.
// A claim keeps its owner.
func (o owner) paid(by standing) owner {
	switch {
	case o.claimed() || o.has(innocent):
		return o
	case by.innocent:
		return own(o.marks()&unexplained | innocent)
	case by.described:
		return own(o.marks() & unexplained)
	case o.has(counted):
		return o
	}
	return own(o.marks()&unexplained | presumed)
}

// held is what own money becomes in the hands of a holder of this standing.
func (o owner) held(by standing) owner {
	if o.claimed() || !by.innocent {
		return o
	}
	return own(o.marks()&unexplained | innocent)
}

// claim is one reported scam payment.
type claim struct {
	victim int32 // number in plan.victims
	loss   int32 // number in plan.losses
}

// loss is one victim's claims in one asset: a line of the answer.
type loss struct {
	victim int32
	asset  domain.Asset
}
