// Package camt reads account statements in ISO 20022 XML: camt.053 (a booked
// statement) and camt.052 (a report of the day so far), versions .02 to .13,
// bare or inside an envelope, matched by the local names of elements. Each
// entry, or each payment inside an entry whose amounts add up to it, becomes
// one row; opening and closing balances become balance rows, and a statement
// that does not add up is warned of.
//
// It takes as a movement only what is booked: pending entries are noise and a
// warning. It refuses camt.054, which repeats entries of the statement; a
// document type declaration; and elements beyond its limits. An IBAN whose
// check digits are wrong costs its own entry, never the file.
//
//	<Ntry><Amt Ccy="EUR">8.85</Amt><CdtDbtInd>CRDT</CdtDbtInd> … </Ntry>
//
// of the statement of iban:NL26VAYB8060476890 is a transfer of 8.85 EUR to it.
package camt

import (
	"bytes"
	"io"
	"strings"

	"clew/domain"
	"clew/importers/tokens"
)

// Names of the elements that hold statements, reports and notifications.
const (
	statements    = "BkToCstmrStmt"
	reports       = "BkToCstmrAcctRpt"
	notifications = "BkToCstmrDbtCdtNtfctn"
)

// Detect says how sure it is that the file is an account statement in
// ISO 20022 XML.
func Detect(head []byte, _ string) int {
	if tokens.IsUTF16(head) {
		head = bytes.ReplaceAll(head, []byte{0}, nil)
	}
	text := string(head)
	if !strings.Contains(text, "<") {
		return 0
	}
	for _, mark := range []string{statements, reports, notifications, "xsd:camt.052.", "xsd:camt.053.", "xsd:camt.054."} {
		if strings.Contains(text, mark) {
			return 97
		}
	}
	return 0
}

// Read reads a message to its end and gives every entry and balance to out.
func Read(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	m := newMessage(tokens.NewScanner(in), options, out)
	if err := m.read(); err != nil {
		return err
	}
	if m.statements == 0 {
		return domain.Usage("the file holds no account statement (no Stmt or Rpt element): clew reads camt.053 and camt.052; ask the bank to send the statement again")
	}
	return m.book.Close()
}
