package papers

import (
	"time"

	"clew/domain"
	"clew/tracing"
)

// Report is all that a report of a case says: what each victim lost, where the
// money lies by which rule, who can still stop it, what is not known and whom
// to ask for it, and how anybody can check all of this. Whoever makes one has
// asked the same questions as the screens do; nothing is computed here but the
// sums under a table, and of those a test asks that they add up.
//
//	page, err := report.Page(papers.WithStyle())
type Report struct {
	Case  domain.CaseID
	Title string
	Cases []domain.CaseID // that are walked as one, itself first
	Made  time.Time
	By    string
	To    string // who receives it; "" where nobody was named
	Basis string // on which he may
	Clew  string // the version that made it

	Position uint64    // of the log: what was recorded up to it
	At       time.Time // what had happened by then; zero: all
	Choice   RuleChoice

	Losses    []Loss             // by victim, then asset
	Spreads   []RuleSpread       // the same under every rule, in the same order
	Victims   []VictimPart       // by name
	Holdings  []Holding          // what every account holds
	Targets   []StopTarget       // where a hold would do most, best first
	Freezes   []FreezePart       // by name
	Inquiries []Inquiry          // what to ask next, the largest sums of an asset first
	Homes     []tracing.Missing  // what victims paid from, and nobody saw come in
	Timeline  []Happening        // in the order of time
	Untold    int                // happenings that are left out
	Files     []FilePart         // in the order of filing
	Warnings  []string           // what to know before this is relied on
	Withheld  []WithheldEvidence // what must not leave, and why
	Log       LogHead
	Picture   *Picture // nil: there is nothing to draw
}

// Picture is the flow picture, as package picture has drawn it.
type Picture struct {
	SVG    []byte
	Lost   domain.Asset   // whose losses it shows
	Others []domain.Asset // that were lost as well
}

// RuleChoice is the rule that the report goes by, and who chose it.
type RuleChoice struct {
	tracing.Described
	Chosen   bool               // it is the one locked for the case
	Lock     *domain.RuleLocked // nil: nobody has locked one
	Presumed []domain.Amount    // under libr and own-first-fifo: taken for the holder's own
	Presumes bool               // the rule is one of the two
}

// Loss is one victim's ledger in one asset. Own is the sum of Returned and of
// all states.
type Loss struct {
	Victim   domain.VictimID
	Asset    domain.Asset
	Reported domain.Units
	PaidBack domain.Units
	Net      domain.Units
	Own      domain.Units
	Returned domain.Units
	States   map[tracing.State]domain.Units
	Scams    []domain.Scam

	Received   domain.Units  // of recovered sums
	Reimbursed domain.Units  // by payers
	InCurrency domain.Amount // not Given where nothing is known
}

// Stoppable is what of it can still be stopped, or has been.
func (l Loss) Stoppable() domain.Units {
	return l.States[tracing.AtLarge].Plus(l.States[tracing.Held]).Plus(l.States[tracing.Seized])
}

// RuleSpread is what of one victim's money can still be stopped, or has been,
// under each rule.
type RuleSpread struct {
	Victim      domain.VictimID
	Asset       domain.Asset
	Under       []UnderRule // in the order of the rules
	Least, Most UnderRule
}

// UnderRule is what one rule finds.
type UnderRule struct {
	Rule  tracing.Rule
	Units domain.Units
}

// VictimPart is one victim's own part of the report.
type VictimPart struct {
	Victim   domain.VictimID
	Name     string // "" unless it was asked for, with a recipient and a basis
	Country  string
	Payments []Paid
	Hidden   int // payments that only withheld files show
	Places   []VictimPlace
	Steps    []tracing.Sentence // how it went; nil: left out
	Unsaid   int                // steps that are left out
}

// Paid is a payment that he reported.
type Paid struct {
	When     domain.When
	From, To domain.AccountID
	Amount   domain.Amount
	Scam     domain.Scam
	Evidence []domain.Evidence
}

// VictimPlace is where a part of his claim lies.
type VictimPlace struct {
	tracing.Place
	Of domain.Asset // that the claim is in
}

// Holding is what one account holds of one asset, and who keeps the account.
type Holding struct {
	tracing.Pool
	Keeper Keeper
}

// Keeper is who could stop or tell something at an account, as far as anybody
// has said.
type Keeper struct {
	Institution string
	Country     string
}

// StopTarget is an account where a hold would still do something.
type StopTarget struct {
	Account     domain.AccountID
	Asset       domain.Asset
	Keeper      Keeper
	Traced      domain.Units
	Least, Most domain.Units // over the rules
	Seen        time.Time
}

// FreezePart is one freeze as it stands.
type FreezePart struct {
	ID          domain.FreezeID
	Account     domain.AccountID
	Asset       domain.Asset
	State       domain.FreezeState
	Mechanism   string
	Responding  string
	Asked       *domain.Amount // nil: all that is there
	Sums        domain.FreezeSums
	SubmittedAt domain.When
	FirstHeldAt domain.When
	Until       domain.When // when the hold lapses; zero: no date is known
	Next        string      // what it waits for; "" where it is over
	Due         domain.When // by when; zero: no clock runs
	Overdue     bool
}

// The reasons to ask.
const (
	AskFrontier = "frontier" // traced money is there, and nothing later is known
	AskMissing  = "missing"  // more was paid than was ever seen to come in
	AskGap      = "gap"      // a statement does not add up
)

// Inquiry is a statement to ask for: of which account, for which days, and how
// much money that would explain.
type Inquiry struct {
	Why      string
	Account  domain.AccountID
	Movement domain.MovementID // stands for an account that no document names; else ""
	Keeper   Keeper
	From, To domain.When // To zero: up to the day of asking
	Amount   domain.Amount
}

// Happening is one line of the timeline.
type Happening struct {
	When       domain.When // when it happened, or became known
	RecordedAt time.Time
	Actor      string
	Position   uint64
	Text       string
}

// FilePart is one evidence file.
type FilePart struct {
	Name     string
	SHA256   domain.SHA256
	Size     int64
	Format   string
	Source   string
	Position uint64 // at which it was filed
	Lines    []PageLines
	Taken    int    // rows that are in the log
	Rejected uint64 // lines that could not be taken
}

// PageLines are the lines that were taken from one sheet or page of a file; a
// format without such has one, without a name.
type PageLines struct {
	Page  string
	Lines []Range
}

// Range is a stretch of lines, first and last.
type Range struct{ First, Last int }

// WithheldEvidence is a file that must not leave the case.
type WithheldEvidence struct {
	File domain.SHA256
	Why  string
	Rows int // that were read from it
}

// LogHead says which log the report was made from.
type LogHead struct {
	Origin string
	Size   uint64
	Root   string // base64
	Note   string // the last signed checkpoint; "" where none is kept
	Signed uint64 // its size
	Keys   []string
	Seen   []string // by which witnesses, and when
}
