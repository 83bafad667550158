package domain

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// CaseID names a case, VictimID a victim. A victim is a reference, never a
// name in clear: the person's data is Personal.
type (
	CaseID   string
	VictimID string
)

// MovementID names a movement for ever. It is made from what identifies the
// row (case, source and the source's own id; or its content and which of
// several equal rows it is), so the same row gets the same name on any machine.
type MovementID string

// MovementKind says what sort of movement it is.
type MovementKind string

// The kinds of movement. A fee is not one of them: it rides on its movement.
const (
	Opening    MovementKind = "opening"
	Balance    MovementKind = "balance"
	Transfer   MovementKind = "transfer"
	Conversion MovementKind = "conversion" // Received of another asset, or less of the same: a deduction
	Return     MovementKind = "return"
	Hop        MovementKind = "hop" // a UTXO transaction
)

// Leg is one input or output of a hop. Account is the pool: the output itself
// ("txid:n"), its address, or a wallet, as the case has chosen.
type Leg struct {
	Account AccountID `json:"account"`
	Address string    `json:"address,omitempty"` // the label of an output
	Amount  Amount    `json:"amount"`
}

// SHA256 is a file's hash, in lower-case hex.
type SHA256 string

// Evidence is the very line of the very file that shows a fact; File is empty
// where a person recorded it by hand.
type Evidence struct {
	File SHA256 `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // from 1; the entry's number where the format has no lines
	Page string `json:"page,omitempty"` // sheet or page, where the format has one
}

// Movement is one transfer, hop, conversion, return, opening or balance, as
// the evidence tells it. It passes no verdict on the money.
type Movement struct {
	ID       MovementID
	Kind     MovementKind
	When     When
	From     AccountID  // empty for an opening, a balance and a hop
	To       AccountID  // empty for a hop
	Amount   Amount     // what leaves From; only a balance may be negative
	Received Amount     // what arrives, where that differs; not Given otherwise
	Fee      Amount     // drawn from From right after, to sink:fees; not Given if there is none
	Of       MovementID // what a return gives back; empty when it is not known
	OfSource string     // what the source calls the movement in Of
	Inputs   []Leg      // of a hop, in transaction order
	Outputs  []Leg
	Source   string   // who tells it: a bank, an explorer, a person; the case for canonical tables
	SourceID string   // the source's own reference, unique per case and source
	Victim   VictimID // who reported it, where the row itself says so; later reports are events of their own
	Scam     Scam
	Opens    bool   // of a balance: it opens a statement
	Ref      string // the payment's reference across institutions: UETR, end-to-end id, txid#index
	Note     string
	Evidence Evidence
}

// Arrives is what reaches the payee.
func (m Movement) Arrives() Amount {
	if m.Received.Given() {
		return m.Received
	}
	return m.Amount
}

// Content is everything that makes two tellings of a row the same or not: the
// parsed values without the note, the evidence and the movement's own name.
func (m Movement) Content() [32]byte {
	var room [512]byte
	h := contentHash(room[:0]).text(string(m.Kind)).when(m.When)
	h = h.text(m.nameless(m.From), m.nameless(m.To)).amount(m.Amount, m.Received, m.Fee)
	h = h.text(m.OfSource, m.Ref, string(m.Victim), string(m.Scam))
	if m.Opens {
		h = h.text("opens")
	}
	return sha256.Sum256(h.legs(m.Inputs).legs(m.Outputs))
}

// unknownAccount begins the name of an account that nobody has named.
const unknownAccount = "unknown:"

// Unknown is the account that stands for a counterparty nobody has named: one
// of its own for each movement, never a shared "unknown".
func (id MovementID) Unknown() AccountID { return AccountID(unknownAccount + id) }

// Unnamed gives the movement that stands for an account which no document
// names: nobody can be asked for the statement of such a one.
func (id AccountID) Unnamed() (movement MovementID, unnamed bool) {
	name, unnamed := strings.CutPrefix(string(id), unknownAccount)
	return MovementID(name), unnamed
}

// nameless leaves out the name that the movement itself gave its counterparty.
func (m *Movement) nameless(account AccountID) string {
	own, made := strings.CutPrefix(string(account), unknownAccount)
	if made && m.ID != "" && own == string(m.ID) {
		return ""
	}
	return string(account)
}

// Identify names a row. With the source's own id, that and the source are its
// identity; without, its content and which of several equal rows of the file
// it is (from 1), so that two equal withdrawals stay two.
func Identify(c CaseID, source, sourceID string, content [32]byte, nth int) MovementID {
	var room [256]byte
	h := contentHash(room[:0]).text("clew movement v1", string(c), source)
	if sourceID != "" {
		h = h.text("id", sourceID)
	} else {
		h = h.text("content").blob(content[:]).number(nth)
	}
	sum := sha256.Sum256(h)
	return Digest(sum[:16]).Name()
}

// contentHash collects values, each with its length before it, so that no two
// different rows give the same bytes. Rows are hashed by the million: its
// bytes lie in room on the caller's stack, so it is handed on, never pointed at.
type contentHash []byte

func (h contentHash) text(values ...string) contentHash {
	for _, v := range values {
		h = append(binary.AppendUvarint(h, uint64(len(v))), v...)
	}
	return h
}

func (h contentHash) blob(value []byte) contentHash {
	return append(binary.AppendUvarint(h, uint64(len(value))), value...)
}

func (h contentHash) number(n int) contentHash {
	var room [20]byte
	return h.blob(strconv.AppendInt(room[:0], int64(n), 10))
}

func (h contentHash) when(w When) contentHash {
	var room [whenRoom]byte
	return h.blob(w.append(room[:0]))
}

func (h contentHash) amount(values ...Amount) contentHash {
	var room [amountRoom]byte
	for _, v := range values {
		h = h.text(string(v.Asset.Code)).blob(v.append(room[:0]))
	}
	return h
}

func (h contentHash) legs(legs []Leg) contentHash {
	h = h.number(len(legs))
	for _, leg := range legs {
		h = h.text(string(leg.Account)).amount(leg.Amount)
	}
	return h
}

// sameRef is how far apart two institutions may date one payment.
const sameRef = 48 * time.Hour

// SamePayment says whether two movements agree on accounts, asset, amount and,
// within two days, time: one payment if they bear the same reference, possible
// doubles otherwise (CONTRACT, Same or not).
func SamePayment(a, b Movement) bool {
	apart := a.When.Time.Sub(b.When.Time).Abs()
	return a.Kind == b.Kind && a.From == b.From && a.To == b.To && a.Amount == b.Amount && apart <= sameRef
}

// CheckMovement says what is wrong with a movement that no evidence can make
// right (CONTRACT, The canonical table), or nil.
func CheckMovement(m Movement) *FieldError {
	switch {
	case m.When.IsZero():
		return &FieldError{"time", "is missing: write RFC 3339 (2024-01-05T10:00:00Z) or a date"}
	case m.Kind == Hop:
		return checkHop(m)
	case m.To == "":
		return &FieldError{"to", "is missing: write the account that was credited"}
	case !m.Amount.Given():
		return &FieldError{"amount", "is missing"}
	case m.From == "" && m.Kind != Opening && m.Kind != Balance:
		return &FieldError{"from", "is missing: only an opening or a balance has no payer"}
	case m.Amount.Units.Sign() < 0 && m.Kind != Balance:
		return &FieldError{"amount", "is negative: only a balance may be; turn payer and payee around instead"}
	case m.Fee.Given() && m.Fee.Units.Sign() < 0:
		return &FieldError{"fee", "is negative"}
	case m.Fee.Given() && m.Fee.Units.Sign() > 0 && m.From == "":
		return &FieldError{"fee", "needs a payer in 'from'"}
	case (m.Of != "" || m.OfSource != "") && m.Kind != Return:
		return &FieldError{"of", "goes with kind return only"}
	}
	return checkReceived(m)
}

func checkReceived(m Movement) *FieldError {
	got := m.Received
	switch {
	case !got.Given():
		if m.Kind == Conversion {
			return &FieldError{"to_amount", "is missing: a conversion says what arrives"}
		}
		return nil
	case m.Kind != Conversion:
		return &FieldError{"to_amount", "goes with a transfer only, not with kind " + string(m.Kind)}
	case got.Units.Sign() <= 0 || m.Amount.Units.Sign() <= 0:
		return &FieldError{"to_amount", "and amount must both be more than 0 in a conversion"}
	case got.Asset.Code == m.Amount.Asset.Code && m.Amount.Units.Less(got.Units):
		return &FieldError{"to_amount", "is more than the amount, of the same asset: a deduction cannot add money"}
	}
	return nil
}

func checkHop(m Movement) *FieldError {
	if len(m.Inputs) == 0 || len(m.Outputs) == 0 {
		return &FieldError{"inputs", "and outputs need at least one entry each"}
	}
	in, out := Amount{Asset: m.Inputs[0].Amount.Asset}, Amount{Asset: m.Inputs[0].Amount.Asset}
	var err error
	for _, leg := range m.Inputs {
		if in, err = in.Add(leg.Amount); err != nil || leg.Amount.Units.Sign() < 0 {
			return &FieldError{"inputs", "must be of one asset, none negative, and their sum must fit 128 bits"}
		}
	}
	for _, leg := range m.Outputs {
		if out, err = out.Add(leg.Amount); err != nil || leg.Amount.Units.Sign() < 0 {
			return &FieldError{"outputs", "must be of one asset, none negative, and their sum must fit 128 bits"}
		}
	}
	if in.Units.Less(out.Units) {
		return &FieldError{"outputs", "are more than the inputs: a hop cannot make money"}
	}
	return nil
}
