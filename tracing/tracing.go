// Package tracing answers one question: where is each victim's money? It walks
// a case's movements in order and moves lots, each an amount with one owner,
// from pool to pool by one of the rules that courts know. The definitions
// stand in docs/reference/tracing.md; where that page and this code differ,
// one of them has a bug.
//
// It is pure: the same Input gives the same Answer on any machine. It refuses
// nothing that was recorded; what is not known (money that was paid and never
// seen to come, statements that do not add up) is a value with a name in the
// answer. At every step what left a pool must have arrived somewhere: a walk
// whose sums fail stops with an error, for a stopped trace is better than a
// wrong one.
//
//	answer, err := tracing.Trace(tracing.Input{Rows: rows, Rule: tracing.FIFO})
package tracing

import (
	"time"

	"clew/domain"
)

// Row is one movement as the case knows it, ready to be walked: corrected,
// joined and with its accounts identified.
type Row struct {
	domain.Movement
	Position uint64          // of its first record in the log: the tie among equal times
	Victim   domain.VictimID // who reported this payment; "" for nobody
	Scam     domain.Scam
	// Statement marks a balance that opens a statement. If it is the first
	// thing known of its pool it is walked as an opening, else as a balance.
	Statement bool
}

// Account is what people have said about an account. The zero value says
// nothing.
type Account struct {
	As        domain.AccountKind // the kind, where the name's prefix does not tell it
	Victim    domain.VictimID    // described as this victim's: a home of his
	NotVictim domain.VictimID    // described as not this victim's: never a home of his
	Shared    bool               // held by several: never a home
	Innocent  bool               // an innocent third party's: libr's presumption does not run against it
	Coerced   bool               // its holder acts under force: the same
	Described bool               // somebody has said something about its holder
}

// Input is everything that the walk needs.
type Input struct {
	Rule Rule
	// All that is known, in any order, whatever At says: homes depend on all
	// reports. Either rows, of which a case is made, or a case that has been
	// made once for many walks.
	Rows     []Row
	Case     *Case
	Accounts map[domain.AccountID]Account
	Holds    []HoldStep
	At       time.Time // walk what had happened by then, inclusive; zero: all
}

// HoldStep is one step of a freeze that acts on a pool (TRACING, point 13): it
// is walked in the order of the movements, by time and then by position.
type HoldStep struct {
	Freeze   string            // unique over the cases that are walked as one
	Step     domain.FreezeStep // hold, release, expire, return, seize, restore or transfer
	When     domain.When
	Position uint64
	Account  domain.AccountID
	Asset    domain.Asset
	Scope    domain.FreezeScope
	Amount   domain.Units        // of hold and release: nothing stands for all
	Victims  []domain.VictimID   // whose claims are reserved first
	Claims   []domain.MovementID // the payments whose claims are reserved first; empty: all of Victims
	To       domain.AccountID    // of a return
	// Movement shows a return or a seizure as a recorded movement: the walk
	// draws from the reserved lots for that row, and this step moves nothing.
	Movement domain.MovementID
	Shares   []domain.VictimShare // of a restoration: who received
}

// State says what has become of the money at a place.
type State string

// The states of a place (CONTRACT, JSON).
const (
	AtLarge     State = "at_large"
	Held        State = "held"
	Seized      State = "seized"
	Restored    State = "restored"
	CashedOut   State = "cashed_out"
	AtService   State = "at_service"
	Unaccounted State = "unaccounted"
	Fees        State = "fees"
)

// Answer is the walk's result, rounded for showing. Lists are sorted by code
// point: by name, then asset, then state.
type Answer struct {
	Rule     Rule
	Victims  []Victim
	Accounts []Pool
	Missing  []Missing
	Warnings []Warning
	// Presumed is, under libr and own-first-fifo, the own money from payers
	// nobody has described that was drawn before claims because it was taken
	// for the holder's; one amount an asset. Empty under the other rules.
	Presumed []domain.Amount
	// Exposed lists, under poison only, every account that it marks: paid by
	// a reported payment, or by a pool that is marked. What they hold stands in
	// Accounts. It is an exposure, never a ledger.
	Exposed []domain.AccountID
}

// Victim is one victim's part of the answer in one asset. Own is the sum of
// Returned and every place's Claim, to the unit.
type Victim struct {
	Victim   domain.VictimID
	Asset    domain.Asset
	Reported domain.Units // what he paid
	Own      domain.Units // what of it was his
	Returned domain.Units
	PaidBack domain.Units // reached his homes after his first report from accounts poison marks
	Scams    []domain.Scam
	Places   []Place
}

// Place is where a part of a victim's claim lies now.
type Place struct {
	Account domain.AccountID
	Asset   domain.Asset // the pool's
	Claim   domain.Units // in the victim's asset
	State   State
}

// Pool is one account's holding of one asset. Untraced plus all of Traced is
// Balance, to the unit.
type Pool struct {
	Account     domain.AccountID
	Asset       domain.Asset
	Balance     domain.Units
	Untraced    domain.Units
	Unexplained domain.Units // the part of Untraced whose coming nobody has seen
	Held        domain.Units
	Overdraft   domain.Units // known to be owed, while Balance is nothing
	Frontier    bool
	Traced      []Owner
}

// Owner is one victim's part of a pool, in the pool's asset.
type Owner struct {
	Victim domain.VictimID
	Units  domain.Units
}

// Missing says that a pool paid more than was ever seen to come in: which
// statement to ask for. First and Last are the movements' times between which
// it happened.
type Missing struct {
	Account     domain.AccountID
	Asset       domain.Asset
	Amount      domain.Units
	First, Last domain.When
}

// Warning is something that the reader of the answer must know.
type Warning struct {
	Code     string // for example own_transfer
	Movement domain.MovementID
	Account  domain.AccountID
	Amount   domain.Amount // not Given where the warning has no amount
	Text     string        // a whole sentence
}

// The codes of warnings.
const (
	WarnOwnTransfer  = "own_transfer"    // a reported payment arrived at the victim's own home
	WarnEndBalance   = "balance_of_end"  // a balance of an end was ignored
	WarnReturn       = "return_beyond"   // a return took more than its movement delivered
	WarnReturnOf     = "return_unknown"  // what a return gives back is not known
	WarnGap          = "gap"             // a stated balance differs from what the movements give (G15)
	WarnBreach       = "breach"          // money left that should have been held
	WarnHoldEnd      = "hold_of_end"     // a hold on an end cannot be walked
	WarnRestored     = "restored_beyond" // more was restored than was seized
	WarnPossibleTwin = "possible_double" // two tellings that may be one payment
	WarnReport       = "report_ignored"  // a report of what is no payment
	WarnCoerced      = "coerced_holder"  // libr's presumption does not run against one who acts under force
)

// Trace walks the case under one rule. It fails where a row is none that can
// be walked (domain.CheckMovement), where a sum does not fit 128 bits, and,
// which would be a fault of clew, where money was lost or made.
func Trace(in Input) (Answer, error) {
	if _, err := findRule(in.Rule); err != nil {
		return Answer{}, err
	}
	ready, err := Prepare(in)
	if err != nil {
		return Answer{}, err
	}
	walked, err := ready.Walk(in.Rule)
	if err != nil {
		return Answer{}, err
	}
	return walked.Answer(), nil
}

// Prepared is a case made ready for walks, one after the other; Walked is a
// walk of it that is over. Trace is the two and the answer: who asks for them
// by themselves can tell what each of the three costs.
type (
	Prepared struct{ plan *plan }
	Walked   struct{ walk *walk }
)

// Prepare makes a case ready. The rule of the input does not matter.
func Prepare(in Input) (*Prepared, error) {
	p, err := makePlan(in)
	return &Prepared{p}, err
}

// Walk walks the case to the input's moment.
func (p *Prepared) Walk(name Rule) (*Walked, error) {
	rule, err := findRule(name)
	if err != nil {
		return nil, err
	}
	w := newWalk(p.plan, rule)
	return &Walked{w}, w.run()
}

// Answer shows where the walk has left the money.
func (w *Walked) Answer() Answer { return w.walk.show() }

// Rule names a way to draw lots from a pool.
type Rule string

// The rules (TRACING, Rules).
const (
	FIFO          Rule = "fifo"
	LIFO          Rule = "lifo"
	ProRata       Rule = "pro-rata"
	LIBR          Rule = "libr"
	OwnFirst      Rule = "own-first-fifo"
	ProceedsFirst Rule = "proceeds-first"
	Poison        Rule = "poison"
)
