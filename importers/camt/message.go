package camt

import (
	"fmt"
	"io"
	"strconv"

	"clew/domain"
	"clew/importers/statement"
	"clew/importers/tokens"
)

// message is one file, read once from its beginning to its end.
type message struct {
	*tokens.Scanner
	options    domain.ReadOptions
	out        func(domain.Item) error
	book       *statement.Book
	kind       string // camt.053 or camt.052, once it is known
	statements int
	zoneless   bool // it was said that a time has no zone
	at         paper
}

// paper is the statement at hand.
type paper struct {
	name    string // what it is called in warnings
	account domain.AccountID
	origin  string // who tells its entries
	line    int
	begun   bool
	stated  int // how many entries the statement says it has; -1 if it does not
	paged   bool
	entries int
	pending map[string]int // entries that are not booked, by status
	opening *balance       // OPBD, or PRCD as long as there is no OPBD
}

func newMessage(in *tokens.Scanner, options domain.ReadOptions, out func(domain.Item) error) *message {
	return &message{Scanner: in, options: options, out: out, book: statement.NewBook(out)}
}

// read goes through the file. Envelopes and business headers are passed
// through: a statement is where its element is.
func (m *message) read() error {
	for {
		token, err := m.Next()
		if err == io.EOF && m.Depth() == 0 {
			return nil
		}
		if err != nil {
			return m.Torn(err)
		}
		if token.Kind == tokens.Start {
			if err := m.element(token); err != nil {
				return err
			}
		}
	}
}

// element reads what is a statement's, and lets the walk go into all else.
func (m *message) element(start tokens.Token) error {
	switch start.Name {
	case statements:
		m.kind = "camt.053"
	case reports:
		m.kind = "camt.052"
	case notifications:
		return domain.Usage("line %d: the file is a camt.054 notification: it repeats entries that the account's statement has, and no balances; ask the bank for the statement (camt.053) of the same days", m.Line())
	case "GrpHdr":
		return m.header(start)
	case "Stmt", "Rpt":
		if m.kind != "" {
			return m.paper()
		}
	}
	return nil
}

// header looks whether the message goes on in another file.
func (m *message) header(start tokens.Token) error {
	header, err := m.tree(start)
	if err != nil {
		return err
	}
	return m.pages(header.at("MsgPgntn"), header.line, "message")
}

// pages warns that there are more pages than this file.
func (m *message) pages(pagination *element, line int, what string) error {
	if pagination == nil || !isFalse(pagination.says("LastPgInd")) && pagination.says("PgNb") == "1" {
		return nil
	}
	if isFalse(pagination.says("LastPgInd")) {
		return m.warn(line, "the %s is page %s of several: import the pages after it as well", what, pagination.says("PgNb"))
	}
	return m.warn(line, "the %s is the last of %s pages: import the pages before it as well", what, pagination.says("PgNb"))
}

func isFalse(text string) bool { return text == "false" || text == "0" }
func isTrue(text string) bool  { return text == "true" || text == "1" }

func (m *message) warn(line int, format string, args ...any) error {
	return m.out(domain.Warning{Line: line, Reason: fmt.Sprintf(format, args...)})
}

// paper reads one statement or report.
func (m *message) paper() error {
	m.statements++
	m.at = paper{name: "the statement", line: m.Line(), stated: -1, pending: map[string]int{}}
	for above := m.Depth() - 1; m.Depth() > above; {
		token, err := m.Next()
		if err != nil {
			return m.Torn(err)
		}
		if token.Kind == tokens.Start {
			if err := m.part(token); err != nil {
				return err
			}
		}
	}
	return m.finish()
}

// part reads one part of a statement. The standard prescribes their order:
// identification, account, balances, summary, entries.
func (m *message) part(start tokens.Token) error {
	if start.Name == "Ntry" {
		return m.entry()
	}
	if !isPart(start.Name) {
		return m.Skip()
	}
	e, err := m.tree(start)
	if err != nil {
		return err
	}
	switch e.name {
	case "Id":
		m.at.name = "statement " + statement.Note(e.text)
	case "Acct":
		return m.account(e)
	case "Bal":
		return m.balance(e)
	case "TxsSummry":
		if stated, err := strconv.Atoi(e.says("TtlNtries", "NbOfNtries")); err == nil {
			m.at.stated = stated
		}
	case "StmtPgntn", "RptPgntn":
		m.at.paged = isFalse(e.says("LastPgInd")) || e.says("PgNb") != "1"
		return m.pages(&e, e.line, "statement")
	}
	return nil
}

func isPart(name string) bool {
	switch name {
	case "Id", "Acct", "Bal", "TxsSummry", "StmtPgntn", "RptPgntn":
		return true
	}
	return false
}

// account says whose statement it is.
func (m *message) account(e element) error {
	iban, other := e.says("Id", "IBAN"), e.says("Id", "Othr", "Id")
	if other == "" {
		other = e.says("Id", "PrtryAcct", "Id") // before version .02
	}
	m.at.account = statement.Account(iban)
	if iban == "" {
		m.at.account = statement.Account(other)
	}
	switch {
	case m.at.account == "":
		return nil
	case iban != "" && m.at.account.Kind() != domain.KindIBAN:
		return m.warn(e.line, "the statement's own account %s is no valid IBAN: its check digits or its length are wrong; it is taken as it stands, %s", iban, m.at.account)
	case m.options.Account != "" && m.options.Account != m.at.account:
		return m.warn(e.line, "the statement says that it is of %s, not of %s: what the statement says is taken", m.at.account, m.options.Account)
	}
	return nil
}

// begin opens the statement in the book, before its first balance or entry.
func (m *message) begin() error {
	if m.at.begun {
		return nil
	}
	m.at.begun = true
	if m.at.account == "" {
		m.at.account = m.options.Account
	}
	m.at.origin = firstText(m.options.Source, m.kind+" "+string(m.at.account))
	return m.book.Begin(statement.Head{Name: m.at.name, Account: m.at.account, Source: m.at.origin, Interim: m.kind == "camt.052", Line: m.at.line})
}

// finish ends a statement: what it says of itself must be what was read.
func (m *message) finish() error {
	if err := m.begin(); err != nil {
		return err
	}
	for _, status := range []string{"PDNG", "INFO", "FUTR"} {
		if n := m.at.pending[status]; n > 0 {
			if err := m.warn(m.Line(), "%s has %d entries with status %s: they are not booked and so not recorded; import the statement on which they are booked", m.at.name, n, status); err != nil {
				return err
			}
		}
	}
	if m.at.stated >= 0 && m.at.stated != m.at.entries && !m.at.paged {
		if err := m.warn(m.Line(), "%s says that it has %d entries, but it has %d: ask the bank for the statement again", m.at.name, m.at.stated, m.at.entries); err != nil {
			return err
		}
	}
	if err := m.settleOpening(); err != nil {
		return err
	}
	return m.book.End()
}
