package explorer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"clew/domain"
	"clew/importers/lines"
)

// etherColumn is a column of Etherscan's exports that is read.
type etherColumn int

const (
	ethHash etherColumn = iota
	ethUnix
	ethDate
	ethFrom
	ethTo
	ethContract
	ethIn
	ethOut
	ethFee
	ethStatus
	ethError
	ethMethod
	ethType
	ethParent
	ethValue
	ethTokenName
	ethTokenSymbol
	ethTokenID
	ethChain
	etherColumns
)

// etherNames are the headers under which Etherscan has exported each column
// over the years, in small letters and without blanks and underscores.
var etherNames = map[string]etherColumn{
	"txhash": ethHash, "transactionhash": ethHash, "hash": ethHash,
	"unixtimestamp": ethUnix, "datetime(utc)": ethDate, "datetime": ethDate,
	"from": ethFrom, "to": ethTo, "txto": ethTo, "contractaddress": ethContract,
	"valuein(eth)": ethIn, "valueout(eth)": ethOut, "txnfee(eth)": ethFee,
	"status": ethStatus, "errcode": ethError, "method": ethMethod, "type": ethType, "parenttxfrom": ethParent,
	"tokenvalue": ethValue, "value": ethValue, "tokenname": ethTokenName, "tokensymbol": ethTokenSymbol, "tokenid": ethTokenID,
	"chainid": ethChain,
}

// etherExport is one of the three kinds of export.
type etherExport int

const (
	etherNone etherExport = iota
	etherTransactions
	etherInternal
	etherTokens
)

// DetectEtherscan says how sure it is that a file which begins so is an export
// of Etherscan: 90 by its columns.
func DetectEtherscan(head []byte, _ string) int {
	record, err := lines.NewTable(lines.NewReader(bytes.NewReader(head)), ',').Next()
	if err != nil || record.Problem != "" {
		return 0
	}
	if _, _, err := etherHeader(record.Fields); err != nil {
		var foreign *foreignChain
		if errors.As(err, &foreign) {
			return 60
		}
		return 0
	}
	return 90
}

// ReadEtherscan reads an export of Etherscan to its end.
func ReadEtherscan(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	t := lines.NewTable(lines.NewReader(in), ',')
	record, err := t.Next()
	switch {
	case err == io.EOF:
		return domain.Usage("the file is empty: export it again")
	case err != nil:
		return err
	case record.Problem != "":
		return domain.Usage("the first line should name the columns, but it %s", record.Problem)
	}
	columns, export, err := etherHeader(record.Fields)
	if err != nil {
		return domain.Usage("%s", err)
	}
	e := &etherscan{file: newFile(options, out), columns: columns, export: export}
	return e.records(t)
}

// etherscan is an export while it is read.
type etherscan struct {
	*file
	columns []etherColumn // of each field; -1 for one that is not read
	export  etherExport
	cells   [etherColumns]string
}

func (e *etherscan) records(t *lines.Table) error {
	for {
		record, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = e.count()
		}
		if err != nil {
			return err
		}
		e.record(record)
		if e.failed != nil {
			return e.failed
		}
	}
}

func (e *etherscan) record(record lines.Record) {
	switch {
	case record.Problem != "":
		e.reject(record.Line, bad("", "the line %s", record.Problem))
	case record.Blank():
		e.tell(domain.Noise{Line: record.Line})
	// Between 2018 and 2020 rows had one field more than the header: the method.
	case len(record.Fields) != len(e.columns) && len(record.Fields) != len(e.columns)+1:
		e.reject(record.Line, bad("", "the line has %d fields where the header has %d", len(record.Fields), len(e.columns)))
	case !utf8.ValidString(strings.Join(record.Fields, "")):
		e.reject(record.Line, bad("", "the line is not valid UTF-8: export the file again"))
	default:
		e.cells = [etherColumns]string{}
		for i, c := range e.columns {
			if c >= 0 {
				e.cells[c] = strings.TrimSpace(record.Fields[i])
			}
		}
		e.row(record.Line)
	}
}

// foreignChain is an export in Etherscan's layout of another chain.
type foreignChain struct{ coin string }

func (f *foreignChain) Error() string {
	return fmt.Sprintf("the values are in %s, so this is another chain's explorer: only Ethereum's exports are read as they are; describe its columns in a mapping file (--format mapped --map FILE)", f.coin)
}

// etherHeader finds the columns, and by them which of the exports it is.
func etherHeader(fields []string) (columns []etherColumn, export etherExport, err error) {
	var names []string
	for _, field := range fields {
		name := strings.NewReplacer(" ", "", "_", "").Replace(strings.ToLower(strings.TrimSpace(field)))
		c, ok := etherNames[name]
		if !ok {
			c = -1
		}
		if ok && slices.Contains(columns, c) {
			return nil, etherNone, fmt.Errorf("the column %.60q stands twice", field)
		}
		columns, names = append(columns, c), append(names, name)
	}
	export, err = exportOf(columns, names)
	return columns, export, err
}

func exportOf(columns []etherColumn, names []string) (etherExport, error) {
	has := func(wanted ...etherColumn) bool {
		for _, c := range wanted {
			if !slices.Contains(columns, c) {
				return false
			}
		}
		return true
	}
	timed := has(ethHash, ethFrom, ethTo) && (has(ethUnix) || has(ethDate))
	switch {
	case timed && has(ethTokenID):
		return etherNone, errors.New("this is an export of single tokens (ERC-721 or ERC-1155): these are no money, and clew does not count them")
	case timed && has(ethParent, ethContract, ethIn, ethOut, ethStatus):
		return etherInternal, nil
	case timed && has(ethValue, ethContract, ethTokenSymbol):
		return etherTokens, nil
	case timed && has(ethContract, ethIn, ethOut, ethFee, ethStatus):
		return etherTransactions, nil
	}
	for _, name := range names {
		coin, found := strings.CutPrefix(name, "valuein(")
		if timed && found && coin != "eth)" {
			return etherNone, &foreignChain{strings.ToUpper(strings.TrimSuffix(coin, ")"))}
		}
	}
	return etherNone, errors.New("the first line does not have the columns of an Etherscan export of transactions, internal transactions or ERC-20 transfers: export it again, or describe its columns in a mapping file (--format mapped --map FILE)")
}
