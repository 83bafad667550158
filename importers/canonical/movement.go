package canonical

import (
	"strings"

	"clew/domain"
)

// parts reads the parts of rows. It remembers the accounts and assets that it
// has read, because a file names few of them many times.
type parts struct {
	register domain.Assets
	accounts map[string]domain.AccountID
	assets   map[string]domain.Asset
	filled   domain.Movement // the row at hand; one for all, for it is half a kilobyte
}

// remembered bounds what is kept in mind of one file. Beyond it the memory
// starts afresh: it saves time and decides nothing.
const remembered = 10_000

func newParts(register domain.Assets) *parts {
	return &parts{register: register, accounts: map[string]domain.AccountID{}, assets: map[string]domain.Asset{}}
}

// someone stands for a counterparty that the row calls unknown while the row
// is checked; casework gives it a name of its own (CONTRACT, Accounts).
const someone domain.AccountID = "unknown"

// steps fill in a movement, each from its columns. Their order is the order in
// which a person is told what is wrong.
var steps = [...]func(*parts, *cells, *domain.Movement) *domain.FieldError{
	(*parts).kind, (*parts).when, (*parts).ids, (*parts).payerAndPayee, (*parts).money, (*parts).fee, (*parts).received, (*parts).report,
}

// movement reads one row, or says what is wrong with which field of it.
func (p *parts) movement(c *cells) (domain.Movement, *domain.FieldError) {
	p.filled = domain.Movement{}
	for _, step := range steps {
		if wrong := step(p, c, &p.filled); wrong != nil {
			return p.filled, wrong
		}
	}
	if wrong := domain.CheckMovement(p.filled); wrong != nil {
		return p.filled, whole(wrong)
	}
	if wrong := checkReport(p.filled); wrong != nil {
		return p.filled, wrong
	}
	return nameless(p.filled)
}

// nameless takes the stand-in for unknown counterparties out again.
func nameless(m domain.Movement) (domain.Movement, *domain.FieldError) {
	switch {
	case m.To == someone && (m.From == someone || m.From == ""):
		return m, wrong(colTo, "is unknown, and so is the payer: a movement names at least one account")
	case m.To == someone:
		m.To = ""
	case m.From == someone:
		m.From = ""
	}
	return m, nil
}

// wrong says what is wrong with a column; the reason goes on after its name.
func wrong(c column, reason string) *domain.FieldError {
	return &domain.FieldError{Field: names[c], Reason: names[c] + " " + reason}
}

// unreadable is a column whose parser says what is wrong in a whole sentence.
func unreadable(c column, err error) *domain.FieldError {
	return &domain.FieldError{Field: names[c], Reason: err.Error()}
}

// whole makes the reason of a check a whole sentence.
func whole(wrong *domain.FieldError) *domain.FieldError {
	return &domain.FieldError{Field: wrong.Field, Reason: wrong.Error()}
}

func (p *parts) kind(c *cells, m *domain.Movement) *domain.FieldError {
	switch kind := domain.MovementKind(strings.ToLower(c[colKind])); kind {
	case "":
		m.Kind = domain.Transfer
	case domain.Transfer, domain.Opening, domain.Balance, domain.Return:
		m.Kind = kind
	case domain.Hop:
		return wrong(colKind, "hop has inputs and outputs: write it as a JSON line")
	case domain.Conversion:
		return wrong(colKind, "conversion is written as a transfer with to_amount, and to_asset where that differs")
	default:
		return wrong(colKind, "is none of transfer, opening, balance, return")
	}
	return nil
}

func (p *parts) when(c *cells, m *domain.Movement) *domain.FieldError {
	if c[colTime] == "" {
		return nil // CheckMovement says what is missing.
	}
	when, err := domain.ParseWhen(c[colTime])
	if err != nil {
		return unreadable(colTime, err)
	}
	m.When = when
	return nil
}

func (p *parts) ids(c *cells, m *domain.Movement) *domain.FieldError {
	var err error
	if m.SourceID, err = domain.ParseReference("id", c[colID]); err != nil {
		return unreadable(colID, err)
	}
	if m.Ref, err = domain.ParseReference("ref", c[colRef]); err != nil {
		return unreadable(colRef, err)
	}
	if m.OfSource, err = domain.ParseReference("of", c[colOf]); err != nil {
		return unreadable(colOf, err)
	}
	if m.OfSource != "" && m.OfSource == m.SourceID {
		return wrong(colOf, "is the row's own id: a return gives back another movement")
	}
	if m.Note, err = domain.ParseNote(c[colNote]); err != nil {
		return unreadable(colNote, err)
	}
	return nil
}

func (p *parts) payerAndPayee(c *cells, m *domain.Movement) *domain.FieldError {
	var err error
	if m.From, err = p.account(c[colFrom]); err != nil {
		return unreadable(colFrom, err)
	}
	if m.To, err = p.account(c[colTo]); err != nil {
		return unreadable(colTo, err)
	}
	if m.Kind != domain.Opening && m.Kind != domain.Balance {
		return nil
	}
	if m.From != "" && m.From != m.To {
		return wrong(colFrom, "goes with a payment: an "+string(m.Kind)+" is about the account in 'to' alone; leave it empty, or make the row a transfer")
	}
	m.From = ""
	return nil
}

// account reads the name of an account; nothing is no account, and what calls
// itself unknown is someone.
func (p *parts) account(text string) (domain.AccountID, error) {
	if text == "" {
		return "", nil
	}
	if known, ok := p.accounts[text]; ok {
		return known, nil
	}
	text = strings.Clone(text) // the row's own memory is not kept
	account, err := domain.ParseAccount(text)
	if err != nil {
		return "", err
	}
	if strings.EqualFold(string(account), string(someone)) {
		account = someone
	}
	if len(p.accounts) >= remembered {
		clear(p.accounts)
	}
	p.accounts[text] = account
	return account, nil
}

func (p *parts) money(c *cells, m *domain.Movement) *domain.FieldError {
	if c[colAsset] == "" {
		return wrong(colAsset, "is missing: write EUR, BTC, USDT … or a token's SYMBOL@chain")
	}
	asset, err := p.asset(c[colAsset])
	if err != nil {
		return unreadable(colAsset, err)
	}
	if c[colAmount] == "" {
		return wrong(colAmount, "is missing")
	}
	if m.Amount, err = domain.ParseAmount(c[colAmount], asset); err != nil {
		return unreadable(colAmount, err)
	}
	return nil
}

func (p *parts) asset(text string) (domain.Asset, error) {
	if known, ok := p.assets[text]; ok {
		return known, nil
	}
	text = strings.Clone(text)
	asset, err := p.register.Find(text)
	if err != nil {
		return asset, err
	}
	if len(p.assets) >= remembered {
		clear(p.assets)
	}
	p.assets[text] = asset
	return asset, nil
}

// fee reads the fee. A fee of nothing is no fee: the row says the same as one
// that leaves it out.
func (p *parts) fee(c *cells, m *domain.Movement) *domain.FieldError {
	if c[colFee] == "" {
		return nil
	}
	fee, err := domain.ParseAmount(c[colFee], m.Amount.Asset)
	if err != nil {
		return unreadable(colFee, err)
	}
	if !fee.IsZero() {
		m.Fee = fee
	}
	return nil
}

// received reads what arrives. A transfer with it is a conversion, or of the
// same asset a deduction.
func (p *parts) received(c *cells, m *domain.Movement) *domain.FieldError {
	if c[colToAmount] == "" {
		if c[colToAsset] != "" {
			return wrong(colToAmount, "is missing: to_asset says what arrives, but not how much")
		}
		return nil
	}
	asset, err := m.Amount.Asset, error(nil)
	if c[colToAsset] != "" {
		asset, err = p.asset(c[colToAsset])
	}
	if err != nil {
		return unreadable(colToAsset, err)
	}
	if m.Received, err = domain.ParseAmount(c[colToAmount], asset); err != nil {
		return unreadable(colToAmount, err)
	}
	if m.Kind == domain.Transfer {
		m.Kind = domain.Conversion
	}
	return nil
}

// report reads who reported the payment, and of what kind the scam is.
func (p *parts) report(c *cells, m *domain.Movement) *domain.FieldError {
	var err error
	if m.Scam, err = domain.ParseScam(c[colScam]); err != nil {
		return unreadable(colScam, err)
	}
	if c[colVictim] == "" {
		if m.Scam != domain.ScamUnstated {
			return wrong(colScam, "is stated, but no victim reported the payment: fill in 'victim', or leave it empty")
		}
		return nil
	}
	if m.Victim, err = domain.ParseVictim(c[colVictim]); err != nil {
		return unreadable(colVictim, err)
	}
	return nil
}

// checkReport holds a reported payment against CONTRACT, The canonical table:
// only a transfer can be reported, and only one that moved something.
func checkReport(m domain.Movement) *domain.FieldError {
	switch {
	case m.Victim == "":
		return nil
	case m.Kind != domain.Transfer && m.Kind != domain.Conversion:
		return wrong(colVictim, "goes with a transfer only, not with kind "+string(m.Kind))
	case m.Amount.Units.Sign() <= 0:
		return wrong(colAmount, "of a reported payment must be more than 0")
	}
	return nil
}
