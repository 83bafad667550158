package domain

// Event is a past-tense fact with a frozen name on disk. A new optional field
// of an event must mean its absence by default; any other change of shape is a
// new kind and an upcaster (upcast.go).
type Event interface {
	// Kind is the name on disk. It is never reused.
	Kind() string
}

// CaseOpened is recorded when an investigator opens a case.
type CaseOpened struct {
	Case     CaseID    `json:"case"`
	Title    string    `json:"title"`
	Currency AssetCode `json:"currency,omitempty"` // of the marked extra column; "" for none
}

// CaseNoted is recorded when a person writes something down about the case.
type CaseNoted struct {
	Text Personal `json:"text"`
}

// CaseLinked is recorded when two cases are to be walked as one: their pools
// are one pool where they name the same account and asset.
type CaseLinked struct {
	Other  CaseID `json:"other"`
	Reason string `json:"reason,omitempty"`
}

// CaseClosed is recorded when work on the case ends. It takes no more facts.
type CaseClosed struct {
	Reason string `json:"reason,omitempty"`
}

// EvidenceFiled is recorded when a file was kept, before its first row is.
type EvidenceFiled struct {
	File   SHA256 `json:"file"`
	Name   string `json:"name"` // as the person's machine called it, without folders
	Size   int64  `json:"size"`
	Format string `json:"format"`
	Map    SHA256 `json:"map,omitempty"`    // the mapping file by which it was read, kept as well
	Source string `json:"source,omitempty"` // who made it: a bank, an explorer
}

// LineRejected is recorded for every row of a file that could not be taken,
// so that nothing is left out in silence.
type LineRejected struct {
	Evidence Evidence `json:"evidence"`
	Field    string   `json:"field,omitempty"`
	Reason   string   `json:"reason"`
}

// AccountDescribed is recorded when a person says whose an account is or what
// kind it has. A field that is absent says nothing and leaves what was said.
type AccountDescribed struct {
	Account     AccountID   `json:"account"`
	Holder      *Personal   `json:"holder,omitempty"`
	Institution string      `json:"institution,omitempty"`
	Country     string      `json:"country,omitempty"` // ISO 3166-1 alpha-2
	As          AccountKind `json:"as,omitempty"`      // the kind, where the name's prefix does not tell it
	Victim      VictimID    `json:"victim,omitempty"`  // a home of this victim
	NotVictim   VictimID    `json:"not_victim,omitempty"`
	Shared      *bool       `json:"shared,omitempty"`   // held by several: never a home
	Innocent    *bool       `json:"innocent,omitempty"` // an innocent third party's
	Coerced     *bool       `json:"coerced,omitempty"`  // its holder acts under force
	Basis       string      `json:"basis,omitempty"`
	Opened      When        `json:"opened,omitzero"` // the day on which the account was opened
}

// AccountIdentified is recorded when a person decides that two names are one
// account. Account is walked under the name As from then on.
type AccountIdentified struct {
	Account AccountID `json:"account"`
	As      AccountID `json:"as"`
	Basis   string    `json:"basis,omitempty"`
}

// VictimRegistered is recorded when a victim becomes known. The reference is
// in clear, the person is not.
type VictimRegistered struct {
	Victim   VictimID       `json:"victim"`
	Category VictimCategory `json:"category"`
	Name     *Personal      `json:"name,omitempty"`
	Contact  *Personal      `json:"contact,omitempty"`
	Country  string         `json:"country,omitempty"`
}

// Observation is what every observed movement bears: its name, its time and
// where the evidence says so.
type Observation struct {
	ID       MovementID `json:"id"`
	When     When       `json:"when"` // when the bank or the chain says it happened
	Source   string     `json:"source"`
	SourceID string     `json:"source_id,omitempty"`
	Ref      string     `json:"ref,omitempty"`
	Note     string     `json:"note,omitempty"`
	Evidence Evidence   `json:"evidence"` // the very line of the very file
}

// OpeningObserved is recorded when evidence shows money that was there.
type OpeningObserved struct {
	Observation
	Account AccountID `json:"account"`
	Amount  Amount    `json:"amount"`
}

// BalanceObserved is recorded when a statement or explorer states what an
// account holds. It may be negative. Opens marks the one that opens a
// statement: money that was there, unless an earlier statement is known.
type BalanceObserved struct {
	Observation
	Account AccountID `json:"account"`
	Amount  Amount    `json:"amount"`
	Opens   bool      `json:"opens,omitempty"`
}

// TransferObserved is recorded when evidence shows that money moved. It
// repeats what the evidence says and passes no verdict on the money: package
// tracing decides later, and may decide again under another rule.
type TransferObserved struct {
	Observation
	From   AccountID `json:"from"`
	To     AccountID `json:"to"`
	Amount Amount    `json:"amount"`
	Fee    *Amount   `json:"fee,omitempty"`
	Victim VictimID  `json:"victim,omitempty"` // who reported it, where the row itself says so
	Scam   Scam      `json:"scam,omitempty"`
}

// ConversionObserved is recorded when x of one asset left and y of another
// arrived, or less of the same: a deduction.
type ConversionObserved struct {
	Observation
	From     AccountID `json:"from"`
	To       AccountID `json:"to"`
	Amount   Amount    `json:"amount"`
	Received Amount    `json:"received"`
	Fee      *Amount   `json:"fee,omitempty"`
	Victim   VictimID  `json:"victim,omitempty"`
	Scam     Scam      `json:"scam,omitempty"`
}

// ReturnObserved is recorded when a movement was given back: a recall
// honoured, a storno, a failed transfer, a chargeback.
type ReturnObserved struct {
	Observation
	From     AccountID  `json:"from"`
	To       AccountID  `json:"to"`
	Amount   Amount     `json:"amount"`
	Fee      *Amount    `json:"fee,omitempty"`
	Of       MovementID `json:"of,omitempty"` // empty: which one is not known
	OfSource string     `json:"of_source,omitempty"`
}

// HopObserved is recorded for a UTXO transaction: inputs and outputs in
// transaction order; what the outputs lack is the fee.
type HopObserved struct {
	Observation
	Inputs  []Leg `json:"inputs"`
	Outputs []Leg `json:"outputs"`
}

// MovementCorrected is recorded when a person finds that the evidence was read
// or written wrongly. Now is the whole movement as it should read; it keeps
// its name, and its first position for ties.
type MovementCorrected struct {
	Movement MovementID `json:"movement"`
	Now      Observed   `json:"now"`
	Reason   string     `json:"reason"`
}

// MovementWithdrawn is recorded when a movement turns out not to have been.
type MovementWithdrawn struct {
	Movement MovementID `json:"movement"`
	Reason   string     `json:"reason"`
}

// MovementJoined is recorded when two tellings are found to be one payment:
// by the same reference from two sources, or by a person. Kept stands; Other
// becomes further evidence for it.
type MovementJoined struct {
	Kept  MovementID `json:"kept"`
	Other MovementID `json:"other"`
	Basis string     `json:"basis,omitempty"`
}

// MovementSeparated is recorded when a person decides that two look-alikes
// are two payments, or undoes a join.
type MovementSeparated struct {
	One   MovementID `json:"one"`
	Other MovementID `json:"other"`
	Basis string     `json:"basis,omitempty"`
}

// PaymentReported is recorded when a victim says: this payment I made to the
// scam. It makes a claim of the money that the movement carries.
type PaymentReported struct {
	Movement MovementID `json:"movement"`
	Victim   VictimID   `json:"victim"`
	Scam     Scam       `json:"scam,omitempty"`
	Evidence Evidence   `json:"evidence,omitzero"`
}

// ReportWithdrawn is recorded when a report turns out to be wrong.
type ReportWithdrawn struct {
	Movement MovementID `json:"movement"`
	Victim   VictimID   `json:"victim"`
	Reason   string     `json:"reason"`
}

// LabelAttached is recorded when somebody says what an account is known as:
// an exchange's deposit address, a sanctioned wallet, a mule.
type LabelAttached struct {
	Account    AccountID `json:"account"`
	Label      string    `json:"label"`
	Source     string    `json:"source"`
	Confidence string    `json:"confidence,omitempty"`
	Assessment bool      `json:"assessment,omitempty"` // an assessment, not a fact (LED art. 7)
}

// LabelWithdrawn is recorded when a label no longer stands.
type LabelWithdrawn struct {
	Account AccountID `json:"account"`
	Label   string    `json:"label"`
	Reason  string    `json:"reason"`
}

// AssetRegistered is recorded when an asset becomes known with its decimals.
type AssetRegistered struct {
	Asset   AssetCode `json:"asset"`
	Digits  uint8     `json:"digits"`
	Name    string    `json:"name,omitempty"`
	Basis   string    `json:"basis,omitempty"`   // who says so: a person, the file that stated the decimals
	Assumed bool      `json:"assumed,omitempty"` // no file stated the decimals
}

// RuleLocked is recorded when the rule by which a case is traced is chosen.
// Changing it later is another such event that anyone can see.
type RuleLocked struct {
	Rule      string `json:"rule"`
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
}

// RatePublished is recorded when somebody published what one unit of an asset
// was worth in others on a day. It serves a marked column only.
type RatePublished struct {
	Base   AssetCode            `json:"base"`
	Day    When                 `json:"day"`   // a bare date
	Rates  map[AssetCode]string `json:"rates"` // one unit of the base is so much of each
	Source string               `json:"source"`
}

// Kinds on disk. HOUSE: a name is frozen once recorded.

func (CaseOpened) Kind() string         { return "case.opened.v1" }
func (CaseNoted) Kind() string          { return "case.noted.v1" }
func (CaseLinked) Kind() string         { return "case.linked.v1" }
func (CaseClosed) Kind() string         { return "case.closed.v1" }
func (EvidenceFiled) Kind() string      { return "evidence.filed.v1" }
func (LineRejected) Kind() string       { return "line.rejected.v1" }
func (AccountDescribed) Kind() string   { return "account.described.v1" }
func (AccountIdentified) Kind() string  { return "account.identified.v1" }
func (VictimRegistered) Kind() string   { return "victim.registered.v1" }
func (OpeningObserved) Kind() string    { return "opening.observed.v1" }
func (BalanceObserved) Kind() string    { return "balance.observed.v1" }
func (TransferObserved) Kind() string   { return "transfer.observed.v1" }
func (ConversionObserved) Kind() string { return "conversion.observed.v1" }
func (ReturnObserved) Kind() string     { return "return.observed.v1" }
func (HopObserved) Kind() string        { return "hop.observed.v1" }
func (MovementCorrected) Kind() string  { return "movement.corrected.v1" }
func (MovementWithdrawn) Kind() string  { return "movement.withdrawn.v1" }
func (MovementJoined) Kind() string     { return "movement.joined.v1" }
func (MovementSeparated) Kind() string  { return "movement.separated.v1" }
func (PaymentReported) Kind() string    { return "payment.reported.v1" }
func (ReportWithdrawn) Kind() string    { return "report.withdrawn.v1" }
func (LabelAttached) Kind() string      { return "label.attached.v1" }
func (LabelWithdrawn) Kind() string     { return "label.withdrawn.v1" }
func (AssetRegistered) Kind() string    { return "asset.registered.v1" }
func (RuleLocked) Kind() string         { return "rule.locked.v1" }
func (RatePublished) Kind() string      { return "rate.published.v1" }
