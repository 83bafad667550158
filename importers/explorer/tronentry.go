package explorer

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"clew/domain"

	"github.com/btcsuite/btcd/btcutil/base58"
)

// tronEntry has the fields of every kind of entry that is read. Which kind it
// is, is told by the one of TokenInfo, RawData and Metadata that is there.
type tronEntry struct {
	// A TRC-20 transfer: /v1/accounts/{address}/transactions/trc20.
	TransactionID string      `json:"transaction_id"`
	Milliseconds  json.Number `json:"block_timestamp"`
	From          string      `json:"from"`
	To            string      `json:"to"`
	Value         string      `json:"value"`
	Type          string      `json:"type"`
	TokenInfo     *tronToken  `json:"token_info"`
	Unconfirmed   bool        `json:"_unconfirmed"`
	// A transaction: /v1/accounts/{address}/transactions.
	TxID     string            `json:"txID"`
	Ret      []tronResult      `json:"ret"`
	RawData  *tronRaw          `json:"raw_data"`
	Internal []json.RawMessage `json:"internal_transactions"`
	// A transfer in the history that the Trust Wallet's servers give.
	ID       string        `json:"id"`
	Coin     int           `json:"coin"`
	Fee      string        `json:"fee"`
	Seconds  json.Number   `json:"date"`
	Status   string        `json:"status"`
	Metadata *tronMetadata `json:"metadata"`
}

type tronToken struct {
	Address  string       `json:"address"`
	Name     string       `json:"name"`
	Symbol   string       `json:"symbol"`
	Decimals *json.Number `json:"decimals"`
}

type tronResult struct {
	ContractRet string      `json:"contractRet"`
	Fee         json.Number `json:"fee"`
}

type tronRaw struct {
	Contract []struct {
		Type      string `json:"type"`
		Parameter struct {
			Value tronValue `json:"value"`
		} `json:"parameter"`
	} `json:"contract"`
}

// tronValue is what a contract of a transaction moves: TransferContract has an
// amount and a payee, TriggerSmartContract a value that goes to a contract.
type tronValue struct {
	Owner     string      `json:"owner_address"`
	To        string      `json:"to_address"`
	Amount    json.Number `json:"amount"`
	Contract  string      `json:"contract_address"`
	CallValue json.Number `json:"call_value"`
	CallToken json.Number `json:"call_token_value"`
}

type tronMetadata struct {
	Value    string `json:"value"`
	Symbol   string `json:"symbol"`
	Decimals int    `json:"decimals"`
}

// tokenTransfer reads a transfer of a TRC-20 token.
func (t *trongrid) tokenTransfer(e tronEntry) {
	switch {
	case e.Type == "Approval": // It allows a transfer and moves nothing.
		t.tell(domain.Noise{Line: t.entries})
		return
	case e.Type != "Transfer":
		t.reject(t.entries, bad("type", "type %.40q is not Transfer: what it moved is not known", e.Type))
		return
	case e.Unconfirmed:
		t.reject(t.entries, bad("_unconfirmed", "the network has not confirmed the transaction, so it may still come to nothing: download the list again later (its confirmed entry, if there is one, is read)"))
		return
	}
	m, wrong := t.frame(e.TransactionID, "block_timestamp", e.Milliseconds, time.Millisecond)
	if wrong == nil {
		m.From, m.To, wrong = t.parties(e.From, e.To)
	}
	var asset domain.Asset
	if wrong == nil {
		asset, wrong = t.tokenOf(*e.TokenInfo)
	}
	if wrong == nil {
		m.Amount, wrong = smallest("value", e.Value, asset)
	}
	if wrong != nil {
		t.reject(t.entries, wrong)
		return
	}
	t.introduce(asset, e.TokenInfo.Name, e.TokenInfo.Decimals == nil, t.entries)
	m.SourceID = t.transferID(strings.ToLower(e.TransactionID), m)
	m.Note = note("tx "+e.TransactionID, printable(e.TokenInfo.Name+" ("+e.TokenInfo.Symbol+")"))
	t.finish(m, t.entries)
}

// tokenOf finds the token by its contract.
func (t *trongrid) tokenOf(info tronToken) (domain.Asset, *domain.FieldError) {
	contract, err := tronAddress(info.Address)
	if err != nil && !errors.Is(err, errChecksum) {
		return domain.Asset{}, bad("token_info", "token_info.address %s, so which token this is is not known", err)
	}
	digits := -1
	if info.Decimals != nil {
		n, err := strconv.ParseUint(info.Decimals.String(), 10, 8)
		if err != nil {
			return domain.Asset{}, bad("token_info", "token_info.decimals %.40q is no count of decimals", info.Decimals.String())
		}
		digits = int(n)
	}
	return t.token("tron:mainnet/trc20:"+contract, digits)
}

// transaction reads a transaction of TRX: a payment, or a call of a contract
// with what it was given. A transaction that failed moved only its fee.
func (t *trongrid) transaction(e tronEntry) {
	m, wrong := t.frame(e.TxID, "block_timestamp", e.Milliseconds, time.Millisecond)
	switch {
	case wrong != nil:
	case e.Unconfirmed:
		wrong = bad("_unconfirmed", "the network has not confirmed the transaction: download the list again later")
	case len(e.RawData.Contract) != 1:
		wrong = bad("raw_data", "raw_data has %d contracts, where a transaction has one", len(e.RawData.Contract))
	default:
		wrong = t.contract(e, &m)
	}
	if wrong != nil {
		t.reject(t.entries, wrong)
		return
	}
	if len(e.Internal) > 0 {
		t.warn(t.entries, fmt.Sprintf("transaction %s moved value in %d internal transactions, which are not read: look them up in the explorer", e.TxID, len(e.Internal)))
	}
	m.SourceID = strings.ToLower(e.TxID)
	m.Ref = m.SourceID
	t.finish(m, t.entries)
}

// contract reads what the transaction's one contract did.
func (t *trongrid) contract(e tronEntry, m *domain.Movement) (wrong *domain.FieldError) {
	contract := e.RawData.Contract[0]
	value, payee, amount := contract.Parameter.Value, "", json.Number("")
	switch contract.Type {
	case "TransferContract":
		payee, amount = value.To, value.Amount
	case "TriggerSmartContract":
		payee, amount = value.Contract, value.CallValue
		if amount == "" {
			amount = "0"
		}
	default:
		return bad("type", "contract %.60q is not read: what it moved, and its fee, are not recorded", contract.Type)
	}
	if value.CallToken != "" && value.CallToken != "0" {
		return bad("call_token_value", "the call was given TRC-10 tokens, which are not read")
	}
	trx, err := t.register.Find("TRX")
	if err != nil {
		return bad("asset", "%s", err)
	}
	if m.From, m.To, wrong = t.parties(value.Owner, payee); wrong != nil {
		return wrong
	}
	if m.Amount, wrong = smallest("amount", amount.String(), trx); wrong != nil {
		return wrong
	}
	return result(e.Ret, contract.Type, m)
}

// result takes the fee, and takes the value back if the transaction failed. A
// payment that the network has taken into a block cannot have failed, so it
// may go without a result; a call may not.
func result(ret []tronResult, contract string, m *domain.Movement) (wrong *domain.FieldError) {
	m.Note = contract
	if len(ret) != 1 {
		if contract == "TransferContract" && len(ret) == 0 {
			return nil
		}
		return bad("ret", "ret has %d results, where a transaction has one: whether the value moved is not known", len(ret))
	}
	if ret[0].Fee != "" {
		if m.Fee, wrong = smallest("fee", ret[0].Fee.String(), m.Amount.Asset); wrong != nil {
			return wrong
		}
	}
	if m.Fee.IsZero() {
		m.Fee = domain.Amount{}
	}
	switch state := ret[0].ContractRet; {
	case state == "SUCCESS", state == "" && contract == "TransferContract":
	case state == "":
		return bad("ret", "contractRet is missing: whether the value moved is not known")
	default:
		m.Note = note(contract, "failed: "+state+", tried to move "+m.Amount.String()+" TRX")
		m.Amount.Units = domain.Units{}
	}
	return nil
}

// walletTransfer reads a transfer of TRX from a wallet's history.
func (t *trongrid) walletTransfer(e tronEntry) {
	var trx domain.Asset
	m, wrong := t.frame(e.ID, "date", e.Seconds, time.Second)
	switch {
	case wrong != nil:
	case e.Coin != 195:
		wrong = bad("coin", "coin %d is not TRON (195)", e.Coin)
	case e.Type != "transfer" || e.Metadata.Symbol != "TRX" || e.Metadata.Decimals != 6:
		wrong = bad("type", "type %.40q of %.40q is no transfer of TRX, and is not read", e.Type, e.Metadata.Symbol)
	case e.Status != "completed":
		wrong = bad("status", "status %.40q is not completed: whether the value moved is not known", e.Status)
	default:
		m.From, m.To, wrong = t.parties(e.From, e.To)
	}
	if wrong == nil {
		trx, wrong = t.token("TRX", -1)
	}
	if wrong == nil {
		m.Amount, wrong = smallest("metadata", e.Metadata.Value, trx)
	}
	if wrong == nil && e.Fee != "" && e.Fee != "0" {
		m.Fee, wrong = smallest("fee", e.Fee, trx)
	}
	if wrong != nil {
		t.reject(t.entries, wrong)
		return
	}
	m.SourceID = strings.ToLower(e.ID)
	m.Ref = m.SourceID
	t.finish(m, t.entries)
}

// frame begins a movement with what all entries have: the transaction's hash
// and its time.
func (t *trongrid) frame(tx, field string, stamp json.Number, unit time.Duration) (m domain.Movement, wrong *domain.FieldError) {
	m.Kind = domain.Transfer
	if raw, err := hex.DecodeString(tx); err != nil || len(raw) != 32 {
		return m, bad("transaction_id", "transaction %.80q is no transaction hash (64 hexadecimal digits)", tx)
	}
	units, err := strconv.ParseInt(stamp.String(), 10, 48)
	if err != nil || units <= 0 {
		return m, bad(field, "%s %.40q is no time", field, stamp.String())
	}
	perSecond := int64(time.Second / unit)
	m.When, wrong = instant(field, time.Unix(units/perSecond, units%perSecond*int64(unit)))
	return m, wrong
}

// smallest reads a whole number of smallest units.
func smallest(field, text string, asset domain.Asset) (domain.Amount, *domain.FieldError) {
	whole, err := domain.ParseAmount(text, domain.Asset{Code: asset.Code})
	switch {
	case err != nil:
		return whole, bad(field, "%s", err)
	case strings.ContainsAny(text, ".+"):
		return whole, bad(field, "%s %.60q is not a whole number of smallest units", field, text)
	}
	return domain.Amount{Units: whole.Units, Asset: asset}, nil
}

// maxWrongSums bounds how many addresses are warned of by name.
const maxWrongSums = 100

// parties reads payer and payee. An address whose checksum is wrong is taken
// as it stands, because it is what the evidence says; but no such address
// exists, so a person is told.
func (t *trongrid) parties(from, to string) (payer, payee domain.AccountID, wrong *domain.FieldError) {
	for _, p := range []struct {
		field, address string
		account        *domain.AccountID
	}{{"from", from, &payer}, {"to", to, &payee}} {
		address, err := tronAddress(p.address)
		switch {
		case errors.Is(err, errChecksum) && !t.wrongSums[address] && len(t.wrongSums) < maxWrongSums:
			t.wrongSums[address] = true
			t.warn(t.entries, fmt.Sprintf("the checksum of the address %s is wrong, so no such account exists: was it changed or made anonymous? It is taken as it stands", address))
		case err != nil && !errors.Is(err, errChecksum):
			return "", "", bad(p.field, "%s %s", p.field, err)
		}
		*p.account = domain.AccountID("tron:" + address)
	}
	return payer, payee, nil
}

// errChecksum says that an address has the right shape and the wrong checksum.
var errChecksum = errors.New("has a wrong checksum")

// tronAddress reads an address of TRON, in base58 or as 41 and 40 hexadecimal
// digits, and gives it in base58.
func tronAddress(text string) (string, error) {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == 21 && raw[0] == 0x41 {
		return base58.CheckEncode(raw[1:], raw[0]), nil
	}
	raw, version, err := base58.CheckDecode(limited(text))
	switch {
	case err == nil && version == 0x41 && len(raw) == 20:
		return text, nil
	case errors.Is(err, base58.ErrChecksum) && len(text) == 34 && text[0] == 'T':
		return text, errChecksum
	}
	return "", fmt.Errorf("%.60q is no TRON address (T and 33 characters, or 41 and 40 hexadecimal digits)", text)
}

// limited keeps a text of any length from the decoder, whose work grows with
// its square.
func limited(text string) string { return text[:min(len(text), 64)] }
