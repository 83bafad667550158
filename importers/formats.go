package importers

import (
	"io"
	"strings"

	"clew/domain"
	"clew/importers/camt"
	"clew/importers/canonical"
	"clew/importers/explorer"
	"clew/importers/mt940"
	"clew/importers/pdf"
	"clew/importers/sheet"
	"clew/importers/stablecoin"
	"clew/importers/typed"
)

// Formats lists every format that can be read, in the order in which help
// and errors name them.
func Formats() []Format {
	list := []Format{
		{Name: "clew", Title: "the canonical table, as CSV or JSON lines", Detect: canonical.Detect, Read: canonical.Read},
		{Name: "etherscan", Title: "Etherscan's CSV exports: transactions, internal transactions, ERC-20 transfers", Source: "etherscan", Detect: explorer.DetectEtherscan, Read: explorer.ReadEtherscan},
		{Name: "trongrid", Title: "TronGrid's JSON: TRC-20 transfers, transactions of TRX", Source: "trongrid", Detect: explorer.DetectTronGrid, Read: explorer.ReadTronGrid},
		{Name: "usdt-freezes", Title: "events of the USDT contract on Ethereum: addresses frozen, let go, their money destroyed", Source: "ethereum", Detect: stablecoin.Detect, Read: stablecoin.Read},
		{Name: "camt", Title: "account statement in ISO 20022 XML (camt.053, camt.052)", Detect: camt.Detect, Read: camt.Read},
		{Name: "mt940", Title: "account statement in SWIFT MT940 or MT942", Detect: mt940.Detect, Read: mt940.Read},
		{Name: "mapped", Title: "any bank's or exchange's table, CSV or XLSX, by a mapping file (--map)", Detect: sheet.Detect, Read: sheet.Read},
		{Name: "typed", Title: "a paper statement, typed into the table that 'clew template' prints", Detect: typed.Detect, Read: typed.Read},
		{Name: "pdf", Title: "a PDF: refused, with what to ask the bank for", Detect: pdf.Detect, Read: pdf.Read},
	}
	for _, l := range sheet.Layouts() {
		list = append(list, Format{Name: l.Name, Title: l.Title, Detect: l.Detect, Read: l.Read})
	}
	return list
}

// Template is the table for statements that exist on paper only, with the name
// under which it is best kept. It is read as format typed.
func Template() (name string, body []byte) { return "typed.csv", []byte(typed.Template()) }

// DraftMapping drafts the mapping file of a table that nobody has mapped yet,
// for a person to check, and says whether the file is likely a table. The draft
// is read as format mapped.
func DraftMapping(in io.Reader, name, sheetName string) (draft string, likely bool, err error) {
	return sheet.Draft(in, name, sheetName)
}

// Find gives the format of a name (--format).
func Find(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, domain.Usage("format %q is not known: use one of %s", name, names(Formats()))
}

// Detect recognises a format from the first bytes of a file and its name. The
// surest wins; where none is sure, or two are equally, a person must say.
func Detect(head []byte, name string) (Format, error) {
	var best []Format
	most := 1
	for _, f := range Formats() {
		switch sure := f.Detect(head, name); {
		case sure > most:
			best, most = []Format{f}, sure
		case sure == most:
			best = append(best, f)
		}
	}
	switch len(best) {
	case 0:
		return Format{}, unknown(head, name)
	case 1:
		return best[0], nil
	}
	return Format{}, domain.Usage("%s could be any of %s: name one with --format", name, names(best))
}

func names(formats []Format) string {
	var list []string
	for _, f := range formats {
		list = append(list, f.Name)
	}
	return strings.Join(list, ", ")
}
