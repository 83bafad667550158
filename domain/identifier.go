package domain

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// By what else than accounts the same people are met again in another case:
// devices, telephones, addresses of mail and of the web.

// IdentifierSort says what an identifier is.
type IdentifierSort string

// The sorts of identifiers.
const (
	Device   IdentifierSort = "device" // a fingerprint, an IMEI, an installation's id
	Phone    IdentifierSort = "phone"
	Email    IdentifierSort = "email"
	IPNumber IdentifierSort = "ip"
	Handle   IdentifierSort = "handle"   // a name in a messenger or a network
	Document IdentifierSort = "document" // a passport's or a company's number
	Site     IdentifierSort = "site"     // where a platform is on the web
)

// IdentifierSorts lists them.
func IdentifierSorts() []IdentifierSort {
	return []IdentifierSort{Device, Phone, Email, IPNumber, Handle, Document, Site}
}

// IdentifierNoted is recorded when it becomes known that a person, a victim,
// an account's holder or the case as a whole goes with a device, a telephone,
// an address. Its value is sealed; the same value in another case is found by
// its keyed hash.
type IdentifierNoted struct {
	Identifier string         `json:"identifier"` // its name within the case: I1, I2 …
	About      Whose          `json:"about"`
	Sort       IdentifierSort `json:"sort"`
	Value      Personal       `json:"value"`
	Source     string         `json:"source"`
	Assessment bool           `json:"assessment,omitempty"`
}

// IdentifierWithdrawn is recorded when an identifier turns out to be nobody's.
type IdentifierWithdrawn struct {
	Identifier string `json:"identifier"`
	Reason     string `json:"reason"`
}

func (IdentifierNoted) Kind() string     { return "identifier.noted.v1" }
func (IdentifierWithdrawn) Kind() string { return "identifier.withdrawn.v1" }

// identify takes note of an identifier, or of its end.
func (k *Keeping) identify(event Event) {
	switch e := event.(type) {
	case IdentifierNoted:
		k.Identifiers, k.identifiers = append(k.Identifiers, e), k.identifiers+1
	case IdentifierWithdrawn:
		k.Identifiers = slices.DeleteFunc(slices.Clone(k.Identifiers), func(i IdentifierNoted) bool { return i.Identifier == e.Identifier })
	}
}

// NoteIdentifier says by what else somebody is met.
type NoteIdentifier struct {
	About      Whose          `json:"about"`
	Sort       IdentifierSort `json:"sort"`
	Value      string         `json:"value"`
	Source     string         `json:"source"`
	Assessment bool           `json:"assessment,omitempty"`
}

// Decide records the identifier once.
func (n NoteIdentifier) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if n.About.File != "" || n.About.Event != 0 {
		return nil, Usage("an identifier is a person's, a victim's, an account's holder's or the whole case's, not %s", n.About)
	}
	if _, err := PlainIdentifier(n.Sort, n.Value); err != nil {
		return nil, err
	}
	if err := checkText("source", n.Source); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(c.Identifiers, n.is) {
		return nil, nil
	}
	name := "I" + decimalOf(uint64(c.identifiers)+1)
	return []Event{IdentifierNoted{name, n.About, n.Sort, Personal{Clear: n.Value}, n.Source, n.Assessment}}, nil
}

// is says whether this very thing was noted before.
func (n NoteIdentifier) is(known IdentifierNoted) bool {
	return known.About == n.About && known.Sort == n.Sort && known.Value.Clear == n.Value && known.Source == n.Source && known.Assessment == n.Assessment
}

// WithdrawIdentifier takes an identifier back.
type WithdrawIdentifier struct {
	Identifier string `json:"identifier"`
	Reason     string `json:"reason"`
}

// Decide records the withdrawal of an identifier that stands.
func (w WithdrawIdentifier) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("reason", w.Reason); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.Identifiers, func(i IdentifierNoted) bool { return i.Identifier == w.Identifier }) {
		return nil, NotFound("case %s has no identifier %s that stands: 'clew identifier list %s' shows them", c.ID, w.Identifier, c.ID)
	}
	return []Event{IdentifierWithdrawn(w)}, nil
}

// PlainIdentifier is an identifier without what two spellings of one differ
// in: it is what is compared, never what is shown.
func PlainIdentifier(sort IdentifierSort, text string) (string, error) {
	plain := strings.ToLower(strings.TrimSpace(text))
	switch sort {
	case Phone:
		plain = plainPhone(plain)
	case Device, Document:
		plain = only(plain, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	case Email:
	case Handle:
		plain = strings.TrimLeft(plain, "@")
	case IPNumber:
		number, err := netip.ParseAddr(plain)
		if err != nil {
			return "", Usage("the value is no IP number: write it like 203.0.113.7 or 2001:db8::1")
		}
		plain = number.Unmap().WithZone("").String()
	case Site:
		plain = plainSite(plain)
	default:
		return "", Usage("identifier %q is not one of %s", sort, listOf(IdentifierSorts()))
	}
	if len(plain) < leastIdentifier {
		return "", Usage("the value of the %s is too short to tell one from another: at least %d letters or digits", sort, leastIdentifier)
	}
	if err := checkName(string(sort), plain, maxTitle); err != nil {
		return "", Usage("the value of the %s cannot be kept: it is too long, or has characters that do not show", sort)
	}
	return plain, nil
}

// leastIdentifier keeps a mistyped scrap from meeting another.
const leastIdentifier = 3

// plainPhone leaves the digits of a number, with the country's code after +.
func plainPhone(text string) string {
	digits := only(text, unicode.IsDigit)
	if abroad, is := strings.CutPrefix(digits, "00"); is {
		return "+" + abroad
	}
	if strings.HasPrefix(text, "+") {
		return "+" + digits
	}
	return digits
}

// plainSite leaves the host and the path, if there is one.
func plainSite(text string) string {
	for _, scheme := range []string{"https://", "http://", "www."} {
		text = strings.TrimPrefix(text, scheme)
	}
	return strings.TrimRight(text, "/")
}

func only(text string, keep func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, text)
}
