package papers

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Request is all that the papers of one request may say. What the log knows is
// in Freeze; the rest is for the caller to resolve. A field that is empty is
// not known; the papers say so.
type Request struct {
	Case      domain.CaseID
	Title     string
	Freeze    domain.Freeze
	Mechanism string    // its title; the name in Freeze stands for it otherwise
	Made      time.Time // when this paper is made: the caller's clock
	Reason    string    // of a recall, one of Reasons
	Summary   string    // what happened, in the officer's words
	Victims   []Victim
	Lots      []tracing.Owner // whose the traced money is: the pool's Traced, in the freeze's asset
	Steps     []Step          // by which it came there, in order
	Accounts  map[domain.AccountID]Account
	From, To  Agency // who asks, and who is asked
	Payment   Payment
	Reporting Reporting // of a goAML report
	FIU       FIU       // whose lookups a goAML report uses; zero: the generic ones
	Letters   Letters   // templates of letters; zero: those that clew ships with
}

// Victim is a victim as this recipient may know him.
type Victim struct {
	ID      domain.VictimID
	Name    string
	City    string
	State   string
	Country string // ISO 3166-1 alpha-2
}

// Step is one movement by which traced money came to the account.
type Step struct {
	Movement domain.Movement
	Victim   domain.VictimID
	Share    *domain.Amount // the victim's part of it under the rule
	Local    *domain.Amount // what it was in the FIU's currency, at a rate that was recorded
	Text     string         // the step as a sentence; empty: made from the movement
}

// Account is what is known of the holder and the institution of an account.
type Account struct {
	Holder      string
	Victim      domain.VictimID // whose name Holder is, if a victim's
	Institution string
	BIC         string
	Code        string // the institution's number in its country, where it has no BIC
	Branch      string
	City        string
	Country     string // ISO 3166-1 alpha-2
	Status      AccountStatus
	StatusAt    domain.When
}

// Agency is one side of a request.
type Agency struct {
	Name    string
	Officer string
	Address string
	Phone   string
	Email   string
}

// contact is all that helps to reach an agency, one line each.
func (a Agency) contact() string {
	return lines(a.Officer, a.Address, a.Phone, a.Email)
}

// Payment is what the log does not keep of the payment that is recalled.
type Payment struct {
	MessageName   string // the message that carried it: pacs.008.001.08, MT103
	InstructionID string
}

// Reasons lists the codes for which a payment is recalled (ISO 20022
// ExternalCancellationReason1Code).
func Reasons() []string {
	return []string{"DUPL", "AGNT", "CURR", "CUST", "UPAY", "CUTA", "TECH", "FRAD"}
}

// wire is the payment as the request knows it.
func (r Request) wire() domain.Wire {
	if r.Freeze.Request.Wire == nil {
		return domain.Wire{}
	}
	return *r.Freeze.Request.Wire
}

// bank is an institution on the way of a payment.
type bank struct{ name, bic string }

// bankOf takes the bank's name and BIC from what was recorded with the
// payment, where either may stand in one field, then from what is known of the
// account.
func bankOf(account Account, recorded ...string) bank {
	var b bank
	for _, text := range append(recorded, account.BIC, account.Institution) {
		switch {
		case text == "":
		case isBIC(text) && b.bic == "":
			b.bic = text
		case !isBIC(text) && b.name == "":
			b.name = text
		}
	}
	return b
}

// originating is the bank that sent the payment.
func (r Request) originating() bank {
	wire := r.wire()
	return bankOf(r.Accounts[wire.Originator], wire.OriginatingBank)
}

// beneficiary is the bank of the account.
func (r Request) beneficiary() bank {
	wire := r.wire()
	return bankOf(r.Accounts[r.Freeze.Request.Account], wire.BIC, wire.BeneficiaryBank)
}

// String is the bank in one line.
func (b bank) String() string {
	if b.name == "" || b.bic == "" {
		return b.name + b.bic
	}
	return b.name + " (" + b.bic + ")"
}

// bicShape is a BIC by ISO 9362: the country is its fifth and sixth letter.
var bicShape = regexp.MustCompile(`^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$`)

func isBIC(text string) bool { return bicShape.MatchString(text) }

// countryOf is the country of an account: as it is known, or as its IBAN or
// its bank's BIC shows.
func (r Request) countryOf(id domain.AccountID) string {
	account := r.Accounts[id]
	switch {
	case account.Country != "":
		return account.Country
	case id == r.Freeze.Request.Account && r.Freeze.Request.Country != "":
		return r.Freeze.Request.Country
	case id.Kind() == domain.KindIBAN:
		return number(id)[:2]
	}
	b := bankOf(account)
	if id == r.Freeze.Request.Account {
		b = r.beneficiary()
	}
	if b.bic == "" {
		return ""
	}
	return b.bic[4:6]
}

// number is an account as people outside write it: without the prefix that
// only clew gives it. Addresses on a chain keep theirs, which names the chain.
func number(id domain.AccountID) string {
	plain := []domain.AccountKind{domain.KindIBAN, domain.KindBank, domain.KindCard, domain.KindWallet, domain.KindVASP}
	if kind := id.Kind(); slices.Contains(plain, kind) {
		return strings.TrimPrefix(string(id), string(kind)+":")
	}
	return string(id)
}

// onChain says whether an account is an address on a chain: it has no bank.
func onChain(id domain.AccountID) bool {
	return slices.Contains([]domain.AccountKind{domain.KindEVM, domain.KindBitcoin, domain.KindTron}, id.Kind())
}

// asset is the freeze's.
func (r Request) asset() domain.Asset {
	return domain.Asset{Code: r.Freeze.Request.Asset, Digits: r.Freeze.Request.Digits}
}

// money is an amount with its asset, or nothing.
func money(a *domain.Amount) string {
	if a == nil || !a.Given() {
		return ""
	}
	return a.String() + " " + string(a.Asset.Code)
}

func when(w domain.When) string {
	if w.IsZero() {
		return ""
	}
	return w.String()
}

// lines joins the texts that are there, one to a line.
func lines(texts ...string) string { return join("\n", texts...) }

func join(between string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), between)
}
