package casework

import (
	"cmp"

	"clew/domain"
)

// Wording says how a movement should read, field by field and as a person
// writes it: nil leaves a field as it is, and an empty fee, reference, note or
// sum that arrived takes it away.
//
//	Wording{Amount: new("500.00")}.Over(m, register) // the same movement, of 500.00
type Wording struct {
	Time, From, To, Amount, Asset, Fee, ToAmount, ToAsset, Ref, Note *string
}

// Given lists the fields that it says, by the names that errors call them by.
func (w Wording) Given() []string {
	var names []string
	for _, field := range []struct {
		name string
		said *string
	}{{"time", w.Time}, {"from", w.From}, {"to", w.To}, {"amount", w.Amount}, {"asset", w.Asset}, {"fee", w.Fee},
		{"to-amount", w.ToAmount}, {"to-asset", w.ToAsset}, {"ref", w.Ref}, {"note", w.Note}} {
		if field.said != nil {
			names = append(names, field.name)
		}
	}
	return names
}

// Over lays it over a movement. What cannot be read is a *domain.FieldError
// that names the field, so that whoever asked can be shown the place.
func (w Wording) Over(m domain.Movement, register domain.Assets) (domain.Movement, error) {
	for _, lay := range []func(*domain.Movement, domain.Assets) error{w.layPlace, w.layAmount, w.layFee, w.layReceived, w.layTexts} {
		if err := lay(&m, register); err != nil {
			return m, err
		}
	}
	return m, nil
}

// lay reads a field that is said; nothing else touches what stands.
func lay[T any](name string, said *string, to *T, parse func(string) (T, error)) error {
	if said == nil {
		return nil
	}
	value, err := parse(*said)
	if err != nil {
		return &domain.FieldError{Field: name, Reason: err.Error()}
	}
	*to = value
	return nil
}

func (w Wording) layPlace(m *domain.Movement, _ domain.Assets) error {
	return cmp.Or(lay("time", w.Time, &m.When, domain.ParseWhen), lay("from", w.From, &m.From, domain.ParseAccount), lay("to", w.To, &m.To, domain.ParseAccount))
}

// layAmount reads the amount; a new asset alone makes the same digits another
// money.
func (w Wording) layAmount(m *domain.Movement, register domain.Assets) error {
	if w.Amount == nil && w.Asset == nil {
		return nil
	}
	asset, text := m.Amount.Asset, m.Amount.String()
	if err := lay("asset", w.Asset, &asset, register.Find); err != nil {
		return err
	}
	if w.Amount != nil {
		text = *w.Amount
	}
	return lay("amount", &text, &m.Amount, amountOf(asset))
}

func amountOf(asset domain.Asset) func(string) (domain.Amount, error) {
	return func(text string) (domain.Amount, error) { return domain.ParseAmount(text, asset) }
}

func (w Wording) layFee(m *domain.Movement, _ domain.Assets) error {
	said := w.Fee
	switch {
	case said != nil && *said == "", said == nil && !m.Fee.Given():
		m.Fee = domain.Amount{}
		return nil
	case said == nil && (m.Fee.Asset == m.Amount.Asset || w.Asset == nil):
		return nil
	case said == nil:
		said = new(m.Fee.String())
	}
	return lay("fee", said, &m.Fee, amountOf(m.Amount.Asset))
}

// layReceived reads what arrived. A transfer of which something else arrives
// is a conversion, and the other way round.
func (w Wording) layReceived(m *domain.Movement, register domain.Assets) error {
	if w.ToAmount == nil && w.ToAsset == nil {
		return nil
	}
	if w.ToAmount != nil && *w.ToAmount == "" && m.Kind == domain.Conversion {
		m.Kind, m.Received = domain.Transfer, domain.Amount{}
		return nil
	}
	asset, text := m.Received.Asset, m.Received.String()
	code := cmp.Or(said(w.ToAsset), string(asset.Code), string(m.Amount.Asset.Code))
	if err := lay("to-asset", &code, &asset, register.Find); err != nil {
		return err
	}
	if w.ToAmount != nil {
		text = *w.ToAmount
	}
	if err := lay("to-amount", &text, &m.Received, amountOf(asset)); err != nil {
		return err
	}
	if m.Kind == domain.Transfer {
		m.Kind = domain.Conversion
	}
	return nil
}

func said(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func (w Wording) layTexts(m *domain.Movement, _ domain.Assets) error {
	reference := func(text string) (string, error) { return domain.ParseReference("ref", text) }
	return cmp.Or(lay("ref", w.Ref, &m.Ref, reference), lay("note", w.Note, &m.Note, domain.ParseNote))
}
