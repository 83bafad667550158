package mt940

import (
	"fmt"
	"regexp"
	"strings"

	"clew/domain"
	"clew/importers/statement"
)

// text is what :86: says of a payment. Names of persons are left where they
// are: in the evidence.
type text struct {
	other     party
	reference string
	note      string
	foreign   string // the amount before conversion: "USD10,00"
	returned  bool
}

// party is how a text names the other account.
type party struct {
	text string
	bank string // the bank's code, where the account's number needs it
	iban bool   // the text says that it is an IBAN
}

var (
	ibanShape   = regexp.MustCompile(`^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$`)
	numberShape = regexp.MustCompile(`^[A-Z0-9][A-Z0-9./-]*\d[A-Z0-9./-]*$`)
	digits      = regexp.MustCompile(`^\d+$`)
)

// account gives the other account's name; odd says what is strange about it.
// A text that is called an IBAN must be one. Where a field may hold any
// account's number, what looks like a wrong IBAN is taken as it stands.
func (p party) account() (name domain.AccountID, odd string, err error) {
	switch {
	case p.text == "":
		return "", "", nil
	case p.iban:
		name, err = statement.IBAN(p.text)
		return name, "", err
	}
	name = statement.Account(p.text)
	switch {
	case name.Kind() == domain.KindIBAN:
		return name, "", nil
	case ibanShape.MatchString(p.text):
		return name, fmt.Sprintf("%s looks like an IBAN, but its check digits or its length are wrong: it is taken as it stands, %s", p.text, name), nil
	case p.bank != "":
		return statement.Account(p.bank + "/" + p.text), "", nil
	}
	return name, "", nil
}

// readText reads the texts of an entry and its supplementary details.
func readText(texts []string, details string) text {
	whole := strings.Join(texts, "\n")
	var t text
	switch separator := structured(whole); {
	case separator != "":
		t = subfields(strings.ReplaceAll(whole, "\n", ""), separator)
	case slashed.MatchString(strings.TrimSpace(whole)):
		t = keywords(strings.ReplaceAll(whole, "\n", ""))
	default:
		t = free(whole)
	}
	if t.other.text == "" && ibanShape.MatchString(details) {
		t.other = party{text: details}
	}
	if found := original.FindStringSubmatch(details + "/" + strings.ReplaceAll(whole, "\n", "")); found != nil && t.foreign == "" {
		t.foreign = found[1]
	}
	return t
}

// original is the original amount, as SWIFT's usage guidelines write it.
var original = regexp.MustCompile(`/OCMT/([A-Z]{3}\d[\d,]*)/`)

var structuredText = regexp.MustCompile(`^\d{3}([^0-9A-Za-z\s/])\d{2}`)

// structured gives the separator of a text in numbered subfields, as German
// and Austrian banks write it ("166?00…?20…"), or nothing.
func structured(text string) string {
	if found := structuredText.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// wide is how many characters a subfield of text may have: one that is full
// goes on in the next within a word.
const wide = 27

// subfields reads a text in numbered subfields (DFÜ agreement, annex 3, MT940:
// ?20 to ?29 and ?60 to ?63 purpose, ?30 and ?31 bank and account of the other
// side, ?32 and ?33 its name, ?38 its IBAN).
func subfields(whole, separator string) text {
	var t text
	var purpose strings.Builder
	bank, account := "", ""
	for _, part := range strings.Split(whole, separator)[1:] {
		if len(part) < 2 || !isDigit(part[0]) || !isDigit(part[1]) {
			purpose.WriteString(separator + part) // the separator as a letter of the text
			continue
		}
		switch number, value := part[:2], part[2:]; {
		case number >= "20" && number <= "29", number >= "60" && number <= "63":
			purpose.WriteString(value)
			if len([]rune(value)) < wide {
				purpose.WriteString(" ")
			}
		case number == "30":
			bank = strings.TrimSpace(value)
		case number == "31":
			account = strings.TrimSpace(value)
		case number == "38" && ibanShape.MatchString(strings.TrimSpace(value)):
			t.other = party{text: strings.TrimSpace(value), iban: true}
		}
	}
	if t.other.text == "" && numberShape.MatchString(account) {
		t.other = party{text: account}
		if digits.MatchString(bank) {
			t.other.bank = bank
		}
	}
	return purposes(t, purpose.String())
}

// maxReference is how long an end-to-end reference may be (ISO 20022, Max35Text).
// A longer text has run into what follows it, and is no reference.
const maxReference = 35

// plussed finds the keywords that stand within a SEPA purpose.
var plussed = regexp.MustCompile(`(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)\+`)

// purposes reads the purpose of a SEPA payment with its keywords.
func purposes(t text, purpose string) text {
	t.note = statement.Note(purpose)
	marks := plussed.FindAllStringSubmatchIndex(purpose, -1)
	for i, mark := range marks {
		end := len(purpose)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		value := strings.TrimSpace(purpose[mark[1]:end])
		switch purpose[mark[2]:mark[3]] {
		case "EREF":
			if len([]rune(value)) <= maxReference {
				t.reference = statement.Reference(value)
			}
		case "SVWZ":
			t.note = statement.Note(value)
		case "IBAN":
			if first := firstWord(value); t.other.text == "" && ibanShape.MatchString(first) {
				t.other = party{text: first, iban: true}
			}
		}
	}
	return t
}

func firstWord(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

var (
	slashed = regexp.MustCompile(`^/[A-Z0-9]{2,8}/`)
	// slash finds the keywords that Dutch banks write between slashes.
	slash = regexp.MustCompile(`/(TRTP|TRCD|IBAN|BIC|NAME|REMI|EREF|PREF|RREF|ORDP|BENM|CNTP|CSID|MARF|ISDT|SVCL|PURP|RTRN|UETR|USTD|STRD|ULTC|ULTD|ULTB|ADDR|ID|OCMT|CHGS|CHGS1|EXCH|INIT|SWOD|SWOC|CPRP|CREF)/`)
)

// keywords reads a text in keywords between slashes.
func keywords(whole string) text {
	var t text
	var remittance []string
	marks := slash.FindAllStringSubmatchIndex(whole, -1)
	for i, mark := range marks {
		end := len(whole)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		value := strings.Trim(strings.TrimSpace(whole[mark[1]:end]), "/")
		switch whole[mark[2]:mark[3]] {
		case "EREF":
			t.reference = orElse(t.reference, statement.Reference(value))
		case "UETR":
			t.reference = statement.Reference(value)
		case "REMI", "USTD", "STRD":
			remittance = append(remittance, strings.TrimPrefix(strings.TrimPrefix(value, "USTD//"), "STRD/"))
		case "RTRN":
			t.returned = true
		case "IBAN", "CNTP":
			account, _, _ := strings.Cut(value, "/")
			if account = strings.TrimSpace(account); t.other.text == "" && account != "" {
				t.other = party{text: account, iban: ibanShape.MatchString(account)}
			}
		}
	}
	t.note = statement.Note(remittance...)
	return t
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

// labelled is an account in free text, as one bank labels it.
var labelled = regexp.MustCompile(`(?:^|\n)REK: *([A-Z]{2}\d{2}[A-Z0-9]{11,30})`)

// free reads a text without structure. An account is taken from it only where
// it is labelled and its check digits are right.
func free(whole string) text {
	t := text{note: statement.Note(whole)}
	if found := labelled.FindStringSubmatch(whole); found != nil {
		if _, err := statement.IBAN(found[1]); err == nil {
			t.other = party{text: found[1], iban: true}
		}
	}
	return t
}
