package explorer

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"

	"clew/domain"
)

// ethereum is the chain's name in CAIP-2.
const ethereum = "eip155:1"

// row reads one row by the kind of its export.
func (e *etherscan) row(line int) {
	m, wrong := e.common()
	switch {
	case wrong != nil:
		e.reject(line, wrong)
	case e.export == etherTransactions:
		e.transaction(m, line)
	case e.export == etherInternal:
		e.internal(m, line)
	default:
		e.tokens(m, line)
	}
}

// common reads what all exports have: the transaction, the time, the accounts.
func (e *etherscan) common() (m domain.Movement, wrong *domain.FieldError) {
	m.Kind = domain.Transfer
	if chain := e.cells[ethChain]; chain != "" && chain != "1" {
		return m, bad("ChainId", "ChainId %.20q is another chain than Ethereum (1): describe the columns in a mapping file", chain)
	}
	if !hexBytes(e.cells[ethHash], 32) {
		return m, bad("Txhash", "Txhash %.80q is no transaction hash (0x and 64 hexadecimal digits)", e.cells[ethHash])
	}
	if m.When, wrong = etherTime(e.cells[ethUnix], e.cells[ethDate]); wrong != nil {
		return m, wrong
	}
	if m.From, wrong = etherAccount("From", e.cells[ethFrom]); wrong != nil {
		return m, wrong
	}
	to, field := e.cells[ethTo], "To"
	if to == "" && e.export != etherTokens { // A contract is created: the value goes to it.
		to, field = e.cells[ethContract], "ContractAddress"
	}
	m.To, wrong = etherAccount(field, to)
	return m, wrong
}

func (e *etherscan) hash() string { return strings.ToLower(e.cells[ethHash]) }

func hexBytes(text string, n int) bool {
	digits, found := strings.CutPrefix(strings.ToLower(text), "0x")
	raw, err := hex.DecodeString(digits)
	return found && err == nil && len(raw) == n
}

func etherAccount(field, address string) (domain.AccountID, *domain.FieldError) {
	if !hexBytes(address, 20) {
		return "", bad(field, "%s %.80q is no Ethereum address (0x and 40 hexadecimal digits)", field, address)
	}
	return domain.AccountID(ethereum + ":" + strings.ToLower(address)), nil
}

// etherDates are the ways in which Etherscan has written UTC.
var etherDates = []string{time.DateTime, "1/2/2006 3:04:05 PM"}

// etherTime reads the two columns of the time, which must agree. A spreadsheet
// may have spoilt one of them (1.5E+09); then the other counts.
func etherTime(unix, date string) (domain.When, *domain.FieldError) {
	var written time.Time
	for _, layout := range etherDates {
		if t, err := time.Parse(layout, date); err == nil {
			written = t
		}
	}
	seconds, err := strconv.ParseUint(unix, 10, 33)
	switch {
	case err != nil && written.IsZero():
		return domain.When{}, bad("UnixTimestamp", "neither UnixTimestamp %.40q nor DateTime %.40q can be read", unix, date)
	case err != nil:
		return instant("DateTime", written)
	case !written.IsZero() && written.Unix() != int64(seconds):
		return domain.When{}, bad("UnixTimestamp", "UnixTimestamp %s and DateTime %s differ: were they changed? Export the file again", unix, date)
	}
	return instant("UnixTimestamp", time.Unix(int64(seconds), 0))
}

// transaction reads a row of the export of transactions. The payer of the
// transaction pays its fee, whether it moved value or not.
//
// Status: empty is success. Error(0) is a transaction that failed: the value
// stayed where it was, and Value_OUT says only what was tried. Error(1) is a
// transaction that succeeded while a call inside it failed: its own value
// moved.
func (e *etherscan) transaction(m domain.Movement, line int) {
	ether, err := e.register.Find("ETH")
	if err != nil {
		e.reject(line, bad("asset", "%s", err))
		return
	}
	moved, wrong := etherMoved(e.cells[ethStatus], e.cells[ethError])
	if wrong == nil {
		m.Amount, wrong = e.value(ether)
	}
	if wrong == nil && e.cells[ethFee] != "" {
		m.Fee, wrong = etherAmount("TxnFee(ETH)", e.cells[ethFee], ether)
	}
	if wrong != nil {
		e.reject(line, wrong)
		return
	}
	m.SourceID, m.Ref = e.hash(), e.hash()
	m.Note = note("", e.cells[ethMethod])
	if !moved {
		m.Note = note(m.Note, "failed: "+e.cells[ethError]+", tried to move "+m.Amount.String()+" ETH")
		m.Amount.Units = domain.Units{}
	}
	if m.Fee.IsZero() {
		m.Fee = domain.Amount{}
	}
	e.finish(m, line)
}

func etherMoved(status, failure string) (bool, *domain.FieldError) {
	switch {
	case status == "" && failure == "", status == "Error(1)":
		return true, nil
	case status == "Error(0)":
		return false, nil
	case status == "":
		return false, bad("ErrCode", "ErrCode is %.60q, but Status says nothing: whether the value moved is not known", failure)
	}
	return false, bad("Status", "Status %.40q is none of those known (empty, Error(0), Error(1)): whether the value moved is not known", status)
}

// internal reads a row of the export of internal transactions: value that a
// contract moved. They have no fee of their own. Status 0 is success; 1 is a
// call that failed and was undone, which moved nothing.
func (e *etherscan) internal(m domain.Movement, line int) {
	ether, err := e.register.Find("ETH")
	if err != nil {
		e.reject(line, bad("asset", "%s", err))
		return
	}
	switch status := e.cells[ethStatus]; {
	case status == "1", without(e.cells[ethType]):
		e.tell(domain.Noise{Line: line})
		return
	case status != "0" && status != "" || e.cells[ethError] != "":
		e.reject(line, bad("Status", "Status %.40q with ErrCode %.60q is neither success (0) nor failure (1): whether the value moved is not known", status, e.cells[ethError]))
		return
	}
	var wrong *domain.FieldError
	if m.Amount, wrong = e.value(ether); wrong != nil {
		e.reject(line, wrong)
		return
	}
	m.SourceID = e.transferID(e.hash(), m)
	m.Note = note("tx "+e.hash(), e.cells[ethType])
	e.finish(m, line)
}

// without names the kinds of call that never move value.
func without(kind string) bool { return kind == "delegatecall" || kind == "staticcall" }

// tokens reads a row of the export of ERC-20 transfers. Its fee is in the
// export of transactions.
func (e *etherscan) tokens(m domain.Movement, line int) {
	contract := strings.ToLower(e.cells[ethContract])
	if !hexBytes(contract, 20) {
		e.reject(line, bad("ContractAddress", "ContractAddress %.80q is no Ethereum address, so which token this is is not known", contract))
		return
	}
	asset, wrong := e.token(ethereum+"/erc20:"+contract, -1)
	if wrong == nil {
		m.Amount, wrong = etherAmount("TokenValue", e.cells[ethValue], asset)
	}
	if wrong != nil {
		e.reject(line, wrong)
		return
	}
	e.introduce(asset, e.cells[ethTokenName], true, line)
	m.SourceID = e.transferID(e.hash(), m)
	m.Note = note("tx "+e.hash(), printable(e.cells[ethTokenName]+" ("+e.cells[ethTokenSymbol]+")"))
	e.finish(m, line)
}

// value reads the two columns of a value: what came to the exported address,
// and what left it. Only a payment to itself may have both, and then the same.
func (e *etherscan) value(ether domain.Asset) (domain.Amount, *domain.FieldError) {
	in, wrong := etherAmount("Value_IN(ETH)", e.cells[ethIn], ether)
	if wrong != nil {
		return in, wrong
	}
	out, wrong := etherAmount("Value_OUT(ETH)", e.cells[ethOut], ether)
	switch {
	case wrong != nil:
		return out, wrong
	case in.IsZero() || in == out:
		return out, nil
	case out.IsZero():
		return in, nil
	}
	return in, bad("Value_IN(ETH)", "Value_IN %s and Value_OUT %s are both stated and differ: one payment has one value", in, out)
}

// grouped is a number with thousands set apart by commas, as some exports
// have it. The groups must be whole: 1,5 is no grouped number.
var grouped = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$`)

func etherAmount(field, text string, asset domain.Asset) (domain.Amount, *domain.FieldError) {
	if grouped.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	amount, err := domain.ParseAmount(text, asset)
	if err != nil {
		return amount, bad(field, "%s", err)
	}
	return amount, nil
}

// note joins what is worth saying beside the movement, if it can be shown.
func note(parts ...string) string {
	var said []string
	for _, part := range parts {
		if clean, err := domain.ParseNote(part); err == nil && clean != "" {
			said = append(said, clean)
		}
	}
	return strings.Join(said, "; ")
}
