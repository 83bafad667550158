// Package stablecoin reads what a stablecoin's issuer did to single addresses,
// as chain events: USDT on Ethereum blacklists an address (AddedBlackList),
// lets it go (RemovedBlackList), destroys what it holds (DestroyedBlackFunds).
// Each becomes news of a freeze, named for ever by transaction and log index.
//
// It refuses a line of another contract than Tether's, an address that is
// none, and an amount that is no whole number of smallest units. Supply events
// (Issue, Redeem, Params, Deprecate) concern no address: they are noise.
//
//	AddedBlackList 2017-11-28T16:39:10 0x9faf… → hold, account eip155:1:0x9faf…, USDT
package stablecoin

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"clew/domain"
	"clew/importers/lines"
)

// maxRows bounds one file: all such events of USDT on Ethereum until 2023 are
// fewer than two thousand.
const maxRows = 1 << 20

// contract is USDT on Ethereum (CAIP-10 address in lower case).
const contract = "0xdac17f958d2ee523a2206206994597c13d831ec7"

// Mechanism is the row of domain/mechanisms.yaml that these holds belong to.
const Mechanism = "stablecoin-issuer"

// usdt counts as the contract does.
var usdt = domain.Asset{Code: "USDT", Digits: 6}

// steps are the events that concern an address.
var steps = map[string]struct {
	step    domain.FreezeStep
	address string // the column that names it
}{
	"AddedBlackList":      {domain.StepHold, "_user"},
	"RemovedBlackList":    {domain.StepRelease, "_user"},
	"DestroyedBlackFunds": {domain.StepSeize, "_blacklisteduser"},
}

// supply are the contract's other events.
var supply = []string{"Issue", "Redeem", "Params", "Deprecate", "Transfer", "Approval", "Pause", "Unpause"}

// needed are the columns without which the file is another one.
var needed = []string{"event_name", "txhash", "log_index", "timestamp", "contract_address", "_user", "_blacklisteduser", "_balance"}

// Detect says how sure it is that a file which begins so is such a list: 90 by
// its columns.
func Detect(head []byte, _ string) int {
	record, err := lines.NewTable(lines.NewReader(bytes.NewReader(head)), ',').Next()
	if err != nil || record.Problem != "" || missing(columnsOf(record.Fields)) != "" {
		return 0
	}
	return 90
}

func columnsOf(fields []string) map[string]int {
	columns := map[string]int{}
	for i, name := range fields {
		columns[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	return columns
}

func missing(columns map[string]int) string {
	for _, name := range needed {
		if _, ok := columns[name]; !ok {
			return name
		}
	}
	return ""
}

// Read reads the list to its end.
func Read(in io.Reader, _ domain.ReadOptions, out func(domain.Item) error) error {
	t := lines.NewTable(lines.NewReader(in), ',')
	header, err := t.Next()
	switch {
	case err == io.EOF:
		return domain.Usage("the file is empty: export it again")
	case err != nil:
		return err
	}
	columns := columnsOf(header.Fields)
	if name := missing(columns); header.Problem != "" || name != "" {
		return domain.Usage("the first line does not name the columns of a list of USDT events (%s is missing): export it again", name)
	}
	for rows := 1; ; rows++ {
		record, err := t.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case rows > maxRows:
			return domain.Usage("the file has more than %d rows: split it", maxRows)
		}
		if err := out(itemOf(row{record, columns})); err != nil {
			return err
		}
	}
}

// row is one event while it is read.
type row struct {
	lines.Record
	columns map[string]int
}

func (r row) cell(name string) string {
	at, ok := r.columns[name]
	if !ok || at >= len(r.Fields) {
		return ""
	}
	return strings.TrimSpace(r.Fields[at])
}

// itemOf says what became of one line.
func itemOf(r row) domain.Item {
	if r.Problem != "" {
		return domain.Reject{Evidence: domain.Evidence{Line: r.Line}, Reason: r.Problem}
	}
	event := r.cell("event_name")
	if r.Blank() || slices.Contains(supply, event) {
		return domain.Noise{Line: r.Line}
	}
	news, wrong := newsOf(r)
	if wrong != nil {
		return domain.Reject{Evidence: domain.Evidence{Line: r.Line}, Field: wrong.Field, Reason: wrong.Reason}
	}
	return news
}

func bad(field, format string, args ...any) *domain.FieldError {
	return &domain.FieldError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

func newsOf(r row) (domain.FreezeNews, *domain.FieldError) {
	n := domain.FreezeNews{Evidence: domain.Evidence{Line: r.Line}, Asset: usdt, Scope: domain.ScopeAccount, Mechanism: Mechanism, Responding: "Tether"}
	kind, known := steps[r.cell("event_name")]
	if !known {
		return n, bad("event_name", "%q is no event of the contract that concerns an address", r.cell("event_name"))
	}
	if address := strings.ToLower(r.cell("contract_address")); address != contract {
		return n, bad("contract_address", "%s is not USDT on Ethereum (%s): there is false USDT", address, contract)
	}
	var wrong *domain.FieldError
	n.Step = kind.step
	if n.Account, wrong = account(kind.address, r.cell(kind.address)); wrong != nil {
		return n, wrong
	}
	if n.News, wrong = newsOfLine(r); wrong != nil || n.Step != domain.StepSeize {
		return n, wrong
	}
	n.Amount, wrong = units(r.cell("_balance"))
	n.Destroyed = true
	return n, wrong
}

func newsOfLine(r row) (news domain.News, wrong *domain.FieldError) {
	tx, index := strings.ToLower(r.cell("txhash")), r.cell("log_index")
	if !hex(tx, 64) {
		return news, bad("txhash", "%q is no transaction's hash", tx)
	}
	if index == "" || len(index) > 9 || strings.Trim(index, "0123456789") != "" {
		return news, bad("log_index", "%q is no whole number", index)
	}
	at, err := domain.ParseWhen(strings.TrimSuffix(r.cell("timestamp"), "Z") + "Z") // blocks are stamped in UTC
	if err != nil || at.Bare {
		return news, bad("timestamp", "%q is no time like 2017-11-28T16:39:10", r.cell("timestamp"))
	}
	news = domain.News{At: at, Told: "Ethereum, event log of the USDT contract", Reference: tx + "#" + index}
	if sender := strings.ToLower(r.cell("msg.sender")); hex(sender, 40) {
		news.By = "eip155:1:" + sender
	}
	return news, nil
}

func hex(text string, digits int) bool {
	rest, ok := strings.CutPrefix(text, "0x")
	return ok && len(rest) == digits && strings.Trim(rest, "0123456789abcdef") == ""
}

func account(field, address string) (domain.AccountID, *domain.FieldError) {
	if !hex(strings.ToLower(address), 40) {
		return "", bad(field, "%q is no address of Ethereum", address)
	}
	id, err := domain.ParseAccount("eip155:1:" + address)
	if err != nil {
		return "", bad(field, "%s", err)
	}
	return id, nil
}

// units reads a count of smallest units. Exports write it as a number with
// nothing behind the point. An empty address has nothing to destroy: no sum.
func units(text string) (*domain.Amount, *domain.FieldError) {
	whole, err := domain.ParseAmount(text, domain.Asset{Code: usdt.Code})
	if err != nil {
		return nil, bad("_balance", "%s", err)
	}
	if whole.Units.Sign() <= 0 {
		return nil, bad("_balance", "%s: nothing was destroyed", text)
	}
	return &domain.Amount{Units: whole.Units, Asset: usdt}, nil
}
