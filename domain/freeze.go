package domain

// A freeze is a state machine with amounts, not a number. A request never
// moves money by itself. Requested, held, seized and restored are different
// ledgers and are never added to one another. What is held may exceed the
// known loss; it is neither capped nor booked to anybody.

// FreezeID names a freeze within its case: "F1", "F2" …
type FreezeID string

// FreezeState is where a freeze stands.
type FreezeState string

// The states of a freeze's life and its side exits.
const (
	StateUnknown      FreezeState = "" // nothing is recorded of it
	StateDraft        FreezeState = "draft"
	StateSubmitted    FreezeState = "submitted"
	StateAcknowledged FreezeState = "acknowledged"
	StateAnswered     FreezeState = "answered"
	StateHeld         FreezeState = "held"
	StateReleased     FreezeState = "released" // all that was held
	StateExpired      FreezeState = "expired"
	StateReturned     FreezeState = "returned" // to the victim's bank
	StateSeized       FreezeState = "seized"   // or destroyed by a stablecoin's issuer
	StateRestored     FreezeState = "restored" // to victims, or reissued for them
	StateTransferred  FreezeState = "transferred"
	StateRejected     FreezeState = "rejected"
	StateWithdrawn    FreezeState = "withdrawn"
	StateContested    FreezeState = "contested"
	StateDecided      FreezeState = "decided"
)

// FreezeScope says what a hold keeps from leaving.
type FreezeScope string

// The scopes of a hold (TRACING, point 13).
const (
	ScopePayment    FreezeScope = "payment"     // a recall: as much as one payment brought
	ScopeAmount     FreezeScope = "amount"      // a lien on so much
	ScopeDebitBlock FreezeScope = "debit_block" // nothing leaves of what is there now
	ScopeAccount    FreezeScope = "account"     // nothing leaves, later credits neither: a blacklisted address
)

// FreezeScopes lists every scope.
func FreezeScopes() []FreezeScope {
	return []FreezeScope{ScopePayment, ScopeAmount, ScopeDebitBlock, ScopeAccount}
}

// Bounded says whether the scope holds a stated amount. The others hold all
// that is there.
func (s FreezeScope) Bounded() bool { return s == ScopePayment || s == ScopeAmount }

// FreezeStep is one step of a freeze, named by its verb on the command line.
type FreezeStep string

// The steps. Our own acts come first; the rest is news of what others did.
const (
	StepRequest     FreezeStep = "request"
	StepApprove     FreezeStep = "approve"
	StepSubmit      FreezeStep = "submit"
	StepWithdraw    FreezeStep = "withdraw"
	StepAcknowledge FreezeStep = "acknowledge"
	StepAnswer      FreezeStep = "answer"
	StepHold        FreezeStep = "hold"
	StepExtend      FreezeStep = "extend"
	StepRelease     FreezeStep = "release"
	StepExpire      FreezeStep = "expire"
	StepReturn      FreezeStep = "return"
	StepSeize       FreezeStep = "seize"
	StepRestore     FreezeStep = "restore"
	StepTransfer    FreezeStep = "transfer"
	StepReject      FreezeStep = "reject"
	StepContest     FreezeStep = "contest"
	StepDecide      FreezeStep = "decide"
)

// Acknowledgement is what an acknowledgement asks of us or tells us.
type Acknowledgement string

// The kinds of acknowledgement; a plain one is empty.
const (
	AckPlain     Acknowledgement = ""
	AckIndemnity Acknowledgement = "indemnity_required"
	AckConsent   Acknowledgement = "consent_pending"
	AckPassedOn  Acknowledgement = "passed_on"
)

// FreezeAnswerCode is what the institution found.
type FreezeAnswerCode string

// The answers.
const (
	AnswerMatched      FreezeAnswerCode = "matched"
	AnswerNoAccount    FreezeAnswerCode = "no_such_account"
	AnswerAlreadyEmpty FreezeAnswerCode = "already_empty"
	AnswerOutOfScope   FreezeAnswerCode = "out_of_scope"
)

// Route is how money came back to the victim's bank.
type Route string

// The routes of a return.
const (
	RouteRecall         Route = "recall"
	RouteConsent        Route = "consent"
	RouteAdministrative Route = "administrative"
	RouteCourt          Route = "court"
)

// Wire is the payment that a request speaks of, as banks name it.
type Wire struct {
	OriginatingBank string    `json:"originating_bank,omitempty"`
	Originator      AccountID `json:"originator,omitempty"`
	BeneficiaryBank string    `json:"beneficiary_bank,omitempty"`
	BIC             string    `json:"bic,omitempty"`
	Intermediary    string    `json:"intermediary,omitempty"`
	UETR            string    `json:"uetr,omitempty"`
	EndToEnd        string    `json:"end_to_end,omitempty"`
	TransactionID   string    `json:"transaction_id,omitempty"`
	MessageID       string    `json:"message_id,omitempty"`
	SettledOn       When      `json:"settled_on,omitzero"`
	Amount          *Amount   `json:"amount,omitempty"`
	FurtherCredit   string    `json:"further_credit,omitempty"`
	RecallSent      When      `json:"recall_sent,omitzero"`
}

// FreezeRequested is recorded when a request is drafted, or when a hold is
// heard of that nobody asked for (Unasked): the bank's own, another agency's,
// an event on a chain.
type FreezeRequested struct {
	Freeze     FreezeID    `json:"freeze"`
	At         When        `json:"at"`
	By         string      `json:"by"` // the drafter
	Unasked    bool        `json:"unasked,omitempty"`
	Account    AccountID   `json:"account"`
	Asset      AssetCode   `json:"asset"`
	Digits     uint8       `json:"digits"`
	Scope      FreezeScope `json:"scope"`
	Amount     *Amount     `json:"amount,omitempty"` // requested; nil where the scope has none
	Traced     *Amount     `json:"traced,omitempty"` // victims' money there when this was drafted, under Rule
	Rule       string      `json:"rule,omitempty"`
	Victims    []VictimID  `json:"victims,omitempty"` // whose claims come first (TRACING 13)
	Payment    MovementID  `json:"payment,omitempty"` // of scope payment
	Mechanism  string      `json:"mechanism"`
	Basis      string      `json:"basis,omitempty"` // legal basis
	Requesting string      `json:"requesting,omitempty"`
	Responding string      `json:"responding,omitempty"`
	Contact    string      `json:"contact,omitempty"`
	Country    string      `json:"country,omitempty"` // of the responding side
	Priority   string      `json:"priority,omitempty"`
	Deadline   When        `json:"deadline,omitzero"`
	OrderDue   When        `json:"order_due,omitzero"` // when a legal-assistance request or order must be there
	Language   string      `json:"language,omitempty"`
	Reference  string      `json:"reference,omitempty"` // the other side's, the recall's, a txid
	Reason     string      `json:"reason,omitempty"`    // of a recall: DUPL, TECH, FRAD …
	Operation  string      `json:"operation,omitempty"`
	Disclosure string      `json:"disclosure,omitempty"`
	Evidence   []SHA256    `json:"evidence,omitempty"`
	Wire       *Wire       `json:"wire,omitempty"`
	Warnings   []string    `json:"warnings,omitempty"` // criteria of the mechanism that were not met
}

// News is what every later step bears: when it happened, who told it, and, of
// news that does not follow from where the freeze stood, why it is unexpected.
type News struct {
	Freeze     FreezeID `json:"freeze"`
	At         When     `json:"at"`
	By         string   `json:"by,omitempty"`   // who did it: we, or the institution
	Told       string   `json:"told,omitempty"` // where the news comes from
	Reference  string   `json:"reference,omitempty"`
	Note       string   `json:"note,omitempty"`
	Unexpected string   `json:"unexpected,omitempty"`
}

// FreezeApproved is recorded when a second person approves a request.
type FreezeApproved struct{ News }

// FreezeSubmitted is recorded when a request goes out. Urgent says that it
// went before its approval, which is then still due.
type FreezeSubmitted struct {
	News
	Urgent bool `json:"urgent,omitempty"`
}

// FreezeWithdrawn is recorded when we take a request back.
type FreezeWithdrawn struct {
	News
	Reason string `json:"reason"`
}

// FreezeAcknowledged is recorded when the other side has it.
type FreezeAcknowledged struct {
	News
	As Acknowledgement `json:"as,omitempty"`
}

// FreezeAnswered is recorded when the institution says what it found.
type FreezeAnswered struct {
	News
	Answer FreezeAnswerCode `json:"answer"`
	Onward []MovementID     `json:"onward,omitempty"` // already_empty: the hops by which it left
}

// FreezeHeld is recorded when money is held. The amount may be less or more
// than was asked; nil where the scope holds all that is there and no sum was
// told.
type FreezeHeld struct {
	News
	Amount *Amount     `json:"amount,omitempty"`
	Scope  FreezeScope `json:"scope,omitempty"` // where it differs from the request's
	Until  When        `json:"until,omitzero"`
}

// FreezeExtended is recorded when a hold will last longer.
type FreezeExtended struct {
	News
	Until When `json:"until"`
}

// FreezeReleased is recorded when a hold ends, or a part of it: nil is all.
type FreezeReleased struct {
	News
	Amount *Amount `json:"amount,omitempty"`
}

// FreezeExpired is recorded when a hold has lapsed.
type FreezeExpired struct{ News }

// FreezeReturned is recorded when held money went back to the victim's
// bank.
type FreezeReturned struct {
	News
	Amount Amount    `json:"amount"`
	Route  Route     `json:"route"`
	To     AccountID `json:"to"` // where it went: a home of the victim, as a rule
	// Movement is the recorded movement that shows it, if there is one: the
	// walk then draws from the held lots for it and moves nothing twice.
	Movement MovementID `json:"movement,omitempty"`
}

// FreezeSeized is recorded when held money is taken by order, or
// destroyed by a stablecoin's issuer.
type FreezeSeized struct {
	News
	Amount    Amount     `json:"amount"`
	Destroyed bool       `json:"destroyed,omitempty"`
	Movement  MovementID `json:"movement,omitempty"` // as in FreezeReturned
}

// FreezeRestored is recorded when seized money reaches victims. Shares
// say who received what; whose lots they were is the trace's to say.
type FreezeRestored struct {
	News
	Amount Amount        `json:"amount"`
	Shares []VictimShare `json:"shares"`
	Method string        `json:"method"` // trace, pari passu (gross, net, rising tide), or the court's list
}

// VictimShare is what one victim receives of a recovered sum, or, where the
// victim was reimbursed and that part of the claim has passed on, the payer in
// his place.
type VictimShare struct {
	Victim VictimID `json:"victim"`
	Amount Amount   `json:"amount"`
	Payer  string   `json:"payer,omitempty"` // receives in the victim's place
}

// FreezeTransferred is recorded when seized money goes to another
// jurisdiction.
type FreezeTransferred struct {
	News
	Amount Amount `json:"amount"`
	To     string `json:"to"` // the jurisdiction
}

// FreezeRejected is recorded when the other side refuses.
type FreezeRejected struct {
	News
	Reason string `json:"reason"`
}

// FreezeContested is recorded when a holder fights it.
type FreezeContested struct {
	News
	Grievance string `json:"grievance"`
}

// FreezeDecided is recorded when a court or authority has decided about a
// contested freeze.
type FreezeDecided struct {
	News
	Decision string `json:"decision"`
	Stands   bool   `json:"stands"`
}

// FreezeLimitSet is recorded when an installation decides above which amount a
// request needs a second person's approval. Without one every request does.
type FreezeLimitSet struct {
	Limit  Amount `json:"limit"`
	Reason string `json:"reason"`
}

func (FreezeLimitSet) Kind() string     { return "freeze.limit_set.v1" }
func (FreezeRequested) Kind() string    { return "freeze.requested.v1" }
func (FreezeApproved) Kind() string     { return "freeze.approved.v1" }
func (FreezeSubmitted) Kind() string    { return "freeze.submitted.v1" }
func (FreezeWithdrawn) Kind() string    { return "freeze.withdrawn.v1" }
func (FreezeAcknowledged) Kind() string { return "freeze.acknowledged.v1" }
func (FreezeAnswered) Kind() string     { return "freeze.answered.v1" }
func (FreezeHeld) Kind() string         { return "freeze.held.v1" }
func (FreezeExtended) Kind() string     { return "freeze.extended.v1" }
func (FreezeReleased) Kind() string     { return "freeze.released.v1" }
func (FreezeExpired) Kind() string      { return "freeze.expired.v1" }
func (FreezeReturned) Kind() string     { return "freeze.returned.v1" }
func (FreezeSeized) Kind() string       { return "freeze.seized.v1" }
func (FreezeRestored) Kind() string     { return "freeze.restored.v1" }
func (FreezeTransferred) Kind() string  { return "freeze.transferred.v1" }
func (FreezeRejected) Kind() string     { return "freeze.rejected.v1" }
func (FreezeContested) Kind() string    { return "freeze.contested.v1" }
func (FreezeDecided) Kind() string      { return "freeze.decided.v1" }
