package domain

import (
	"strconv"
	"unicode/utf8"
)

// Nearly every event of a log observes a movement, and package encoding/json
// takes five times as long for one as the hash that seals it. So these kinds
// are written by hand: the same bytes, which tests and a fuzz target hold
// against encoding/json. Every other event goes through that package.

// ObservedKind is the kind of event that records a movement of a kind; "" for
// a kind that there is not.
func ObservedKind(kind MovementKind) string {
	switch kind {
	case Opening:
		return OpeningObserved{}.Kind()
	case Balance:
		return BalanceObserved{}.Kind()
	case Transfer:
		return TransferObserved{}.Kind()
	case Conversion:
		return ConversionObserved{}.Kind()
	case Return:
		return ReturnObserved{}.Kind()
	case Hop:
		return HopObserved{}.Kind()
	}
	return ""
}

// AppendObserved appends the canonical JSON of the event that records a
// movement: EncodeEvent(Observe(m)).
func AppendObserved(text []byte, m *Movement) []byte {
	j := jsonText{append(text, '{')}
	j.observation(m)
	switch m.Kind {
	case Opening, Balance:
		j.key(`,"account":`).string(string(m.To))
		j.key(`,"amount":`).amount(&m.Amount)
		j.flag(`,"opens":true`, m.Opens && m.Kind == Balance)
	case Hop:
		j.key(`,"inputs":`).legs(m.Inputs)
		j.key(`,"outputs":`).legs(m.Outputs)
	default:
		j.payment(m)
	}
	return append(j.text, '}')
}

// jsonText is JSON while it is written.
type jsonText struct{ text []byte }

// key writes what stands before a value.
func (j *jsonText) key(name string) *jsonText {
	j.text = append(j.text, name...)
	return j
}

// given writes a key and its text, unless there is none.
func (j *jsonText) given(key, value string) {
	if value != "" {
		j.key(key).string(value)
	}
}

func (j *jsonText) flag(member string, on bool) {
	if on {
		j.key(member)
	}
}

// observation writes what every observed movement bears.
func (j *jsonText) observation(m *Movement) {
	j.key(`"id":`).string(string(m.ID))
	j.key(`,"when":"`)
	j.text = append(m.When.append(j.text), '"')
	j.key(`,"source":`).string(m.Source)
	j.given(`,"source_id":`, m.SourceID)
	j.given(`,"ref":`, m.Ref)
	j.given(`,"note":`, m.Note)
	j.key(`,"evidence":`).evidence(&m.Evidence)
}

func (j *jsonText) evidence(e *Evidence) {
	j.text = append(j.text, '{')
	begun := len(j.text)
	j.given(`,"file":`, string(e.File))
	if e.Line != 0 {
		j.key(`,"line":`)
		j.text = strconv.AppendInt(j.text, int64(e.Line), 10)
	}
	j.given(`,"page":`, e.Page)
	if len(j.text) > begun { // the first member has no comma before it
		j.text = append(j.text[:begun], j.text[begun+1:]...)
	}
	j.text = append(j.text, '}')
}

// payment writes what a transfer, a conversion and a return have.
func (j *jsonText) payment(m *Movement) {
	j.key(`,"from":`).string(string(m.From))
	j.key(`,"to":`).string(string(m.To))
	j.key(`,"amount":`).amount(&m.Amount)
	if m.Kind == Conversion {
		j.key(`,"received":`).amount(&m.Received)
	}
	if m.Fee.Given() {
		j.key(`,"fee":`).amount(&m.Fee)
	}
	if m.Kind == Return {
		j.given(`,"of":`, string(m.Of))
		j.given(`,"of_source":`, m.OfSource)
		return
	}
	j.given(`,"victim":`, string(m.Victim))
	j.given(`,"scam":`, string(m.Scam))
}

// amount writes what Amount.MarshalJSON does, which has always escaped the
// signs of HTML in an asset's code. No code has one; the bytes are the same
// all the same.
func (j *jsonText) amount(a *Amount) {
	j.key(`{"value":"`)
	j.text = append(a.append(j.text), '"')
	j.key(`,"asset":`).escaped(string(a.Asset.Code), true)
	j.text = append(j.text, '}')
}

func (j *jsonText) legs(legs []Leg) {
	if legs == nil {
		j.key("null")
		return
	}
	j.text = append(j.text, '[')
	for i := range legs {
		j.flag(",", i > 0)
		j.key(`{"account":`).string(string(legs[i].Account))
		j.given(`,"address":`, legs[i].Address)
		j.key(`,"amount":`).amount(&legs[i].Amount)
		j.text = append(j.text, '}')
	}
	j.text = append(j.text, ']')
}

func (j *jsonText) string(s string) { j.escaped(s, false) }

// escaped writes a text as a JSON string. Nearly all have nothing to escape
// and are copied in one piece.
func (j *jsonText) escaped(s string, html bool) {
	j.text = append(j.text, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && (!html || c != '<' && c != '>' && c != '&') {
				i++
				continue
			}
			j.text = appendEscape(append(j.text, s[start:i]...), c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if escape := runeEscape(r, size); escape != "" {
			j.text = append(append(j.text, s[start:i]...), escape...)
			start = i + size
		}
		i += size
	}
	j.text = append(append(j.text, s[start:]...), '"')
}

// runeEscape is what stands for bytes that are not UTF-8, and for the two line
// ends that JavaScript has and JSON has not.
func runeEscape(r rune, size int) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return `\ufffd`
	case r == '\u2028':
		return `\u2028`
	case r == '\u2029':
		return `\u2029`
	}
	return ""
}

func appendEscape(text []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(text, '\\', c)
	case '\b':
		return append(text, `\b`...)
	case '\f':
		return append(text, `\f`...)
	case '\n':
		return append(text, `\n`...)
	case '\r':
		return append(text, `\r`...)
	case '\t':
		return append(text, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(text, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
