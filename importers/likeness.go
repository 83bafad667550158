package importers

import (
	"regexp"
	"slices"
	"strings"

	"clew/domain"
)

// likeness is a kind of file that is known here and that no format reads.
type likeness struct {
	shows func(head string) bool // whether its first bytes look like it
	what  string                 // what it is
	next  string                 // what to do
}

// What to do about a kind of file. A statement says all that was booked to an
// account and what was left; a message says what was sent.
const (
	askForStatement = "it says what was sent, not what was booked nor what was left: ask the bank for the statement of the account, as camt.053, MT940 or CSV. " +
		"What only the message knows goes into a row of the canonical table (columns time, from, to, amount, asset, ref)"
	moveNothing = "it moves no money: ask the bank for the statement of the account, as camt.053, MT940 or CSV"
	describe    = "ask for camt.053, MT940 or CSV; else bring its rows into a table and name the columns in a mapping file (--map)"
)

// likenesses lists them; the first that fits is named. The marks are those that
// each format's own description gives to its beginning.
var likenesses = []likeness{
	{begins("\x1f\x8b"), "compressed (gzip)", "unpack it first"},
	{begins("BZh"), "compressed (bzip2)", "unpack it first"},
	{begins("7z\xbc\xaf"), "compressed (7-Zip)", "unpack it first"},
	{begins("Rar!"), "compressed (RAR)", "unpack it first"},
	{begins("PK\x03\x04"), "a ZIP archive, or a document that is kept as one", "unpack it first, and import what lies in it; a table must be saved as XLSX or CSV"},
	{begins("\xff\xfe", "\xfe\xff"), "UTF-16 text", "save it as UTF-8"},
	{begins("\x89PNG", "\xff\xd8\xff", "II*\x00", "MM\x00*"), "a picture", "type its rows into the table that 'clew template' prints"},
	{looks(`^\x{feff}?\s*(?i:<!doctype html|<html)`), "a web page", "download the table itself as CSV, or save it as XLSX or CSV"},
	{looks(`(?m)^(From|Subject|Received|MIME-Version): `), "an e-mail", "save the file that is attached to it, and import that"},
	{looks(`xsd:camt\.029\.|xsd:pacs\.004\.`), "a bank's answer to a recall (camt.029, pacs.004)", "read it with 'clew freeze read CASE FILE'"},
	{looks(`xsd:camt\.05[5678]\.`), "a request to cancel or give back a payment (camt.055 to camt.058)", "it moves no money: record the request with 'clew freeze request', and what became of it as its steps"},
	{looks(`xsd:pacs\.0(02|28)\.|xsd:pain\.002\.`), "a report on a payment's state (pacs.002, pacs.028, pain.002)", moveNothing},
	{looks(`xsd:pacs\.00[3789]\.|xsd:pacs\.010\.|xsd:pain\.00[18]\.`), "a payment message (ISO 20022)", askForStatement},
	{looks(`\{2:[IO](103|202|205|101|102|910|900)`), "a SWIFT payment message", askForStatement},
	{looks(`\{(1500|1510|1520)\}`), "a Fedwire message", askForStatement},
	{looks(`^101[ 0-9]{20}[0-9]{6}`), "an ACH file (Nacha)", askForStatement},
	{looks(`^01,[^,\n]*,[^,\n]*,[0-9]{6},[0-9]{4},`), "a cash management file (BAI2)", describe},
	{looks(`OFXHEADER|<OFX>`), "an OFX download (QFX, Money)", describe},
	{looks(`^!Type:|^!Account`), "a Quicken download (QIF)", describe},
	{begins("\xf9\xbe\xb4\xd9"), "raw blocks of Bitcoin", "they are gigabytes about everybody: take the transactions of the addresses that are of interest from an explorer or a node, as the canonical table"},
}

// begins says whether a file begins with one of some bytes.
func begins(with ...string) func(string) bool {
	return func(head string) bool {
		return slices.ContainsFunc(with, func(mark string) bool { return strings.HasPrefix(head, mark) })
	}
}

// looks says whether the beginning of a text fits an expression.
func looks(expression string) func(string) bool { return regexp.MustCompile(expression).MatchString }

// unknown is the refusal of a file that no format recognises.
func unknown(head []byte, name string) error {
	if len(head) == 0 {
		return domain.Usage("%s is empty: look whether it was saved or sent whole", name)
	}
	text := string(head)
	for _, l := range likenesses {
		if l.shows(text) {
			return domain.Usage("%s is %s, which is not imported as it is: %s (if it is something else, name it with --format)", name, l.what, l.next)
		}
	}
	return domain.Usage("%s: its format is not recognised: name it with --format (%s), or, if it is a table, say what its columns mean in a mapping file (--map), which 'clew template %s' drafts", name, names(Formats()), name)
}
