package pages

import (
	"fmt"
	"html/template"
	"strings"

	"clew/domain"
	"clew/tracing"
)

// table is rows under a caption. One template draws them all, so each has its
// caption, the scope of its heads, and its amounts on the right.
type table struct {
	ID      string
	Caption string
	Says    string // under the caption: what the numbers are made of
	Columns []column
	Rows    []line
	Empty   string // said where there are no rows
	More    *link  // to the rows that are not shown
	Dense   bool
}

type column struct {
	Name  string
	Right bool
}

type line struct {
	Cells []cell
	Mark  string // the row's class
}

// cell is what stands in one place of a table. An empty cell would leave its
// reader guessing: what is not known is said.
type cell struct {
	Text  string
	Link  string
	Sub   string // below, smaller
	Chip  string // a class: the text stands in a frame
	Kind  string // a class of kinds of account: a dot before the name
	Sum   *sum   // an amount, in place of Text
	Parts []cell // several under one another, in place of Text
	Wide  bool   // a sentence
	Time  bool   // a moment, which is not broken
	Clock *clock // a time that is counted down, in place of Text
}

// Class is how a cell may break its lines.
func (c cell) Class() string {
	switch {
	case c.Kind != "" && c.Kind != "victim":
		return "acct"
	case c.Wide:
		return "text"
	case c.Time:
		return "nowrap"
	case c.Text == none || c.Text == notKnown:
		return "quiet"
	}
	return ""
}

// sum is an amount with its asset.
type sum struct {
	Amount string
	Asset  domain.AssetCode
}

type link struct{ Text, To string }

// columns makes heads; a name that ends in > stands on the right.
func columns(names ...string) []column {
	var list []column
	for _, name := range names {
		plain, right := strings.CutSuffix(name, ">")
		list = append(list, column{plain, right})
	}
	return list
}

func (t *table) add(cells ...cell) { t.Rows = append(t.Rows, line{Cells: cells}) }

func (t *table) addMarked(mark string, cells ...cell) {
	t.Rows = append(t.Rows, line{Cells: cells, Mark: mark})
}

// without leaves out the columns of these names in which every cell is dull.
func (t *table) without(names ...string) table {
	short := *t
	short.Columns, short.Rows = nil, make([]line, len(t.Rows))
	for i, row := range t.Rows {
		short.Rows[i] = line{Mark: row.Mark}
	}
	for c, head := range t.Columns {
		if listed(names, head.Name) && t.dull(c) {
			continue
		}
		short.Columns = append(short.Columns, head)
		for i, row := range t.Rows {
			short.Rows[i].Cells = append(short.Rows[i].Cells, row.Cells[c])
		}
	}
	return short
}

func (t *table) dull(column int) bool {
	for _, row := range t.Rows {
		if !row.Cells[column].dull() {
			return false
		}
	}
	return true
}

// dull is a cell that says nothing, or nothing but zeros.
func (c cell) dull() bool {
	switch {
	case c.Sum != nil:
		return strings.Trim(c.Sum.Amount, "0.") == ""
	case c.Clock != nil:
		return c.Clock.At.IsZero() && c.Clock.Absent == none
	case len(c.Parts) > 0:
		return false
	}
	return c.Text == "" || c.Text == notKnown || c.Text == none
}

func listed[T comparable](list []T, one T) bool {
	for _, each := range list {
		if each == one {
			return true
		}
	}
	return false
}

// What is said where there is nothing to say.
const (
	notKnown = "not known"
	none     = "none"
)

// text is a cell of words; empty words are said to be not known.
func text(words string) cell {
	if words == "" {
		return cell{Text: notKnown}
	}
	return cell{Text: words}
}

// orNone is a cell of words that may be absent.
func orNone(words string) cell {
	if words == "" {
		return cell{Text: none}
	}
	return cell{Text: words}
}

// at is a cell with a moment.
func at(words string) cell { return cell{Text: words, Time: true} }

func linked(words, to string) cell { return cell{Text: words, Link: to} }

func number[N int | int64 | uint64](n N) cell { return cell{Text: fmt.Sprint(n)} }

// units is a cell with an amount; a link opens its reason.
func units(asset domain.Asset, u domain.Units, to string) cell {
	return cell{Sum: &sum{asset.Format(u), asset.Code}, Link: to}
}

func amount(a domain.Amount, to string) cell {
	if !a.Given() {
		return cell{Text: notKnown}
	}
	return cell{Sum: &sum{a.String(), a.Asset.Code}, Link: to}
}

// account is a cell with an account's name, which leads to its page.
func (a asked) account(name domain.AccountID) cell {
	if name == "" {
		return cell{Text: none}
	}
	return cell{Text: string(name), Link: a.Account(name), Kind: kindClass(name.Kind())}
}

// kindClass is the colour of a kind of account, the same as in the flow
// picture.
func kindClass(kind domain.AccountKind) string {
	switch kind {
	case domain.KindIBAN, domain.KindBank, domain.KindCard:
		return "bank"
	case domain.KindVASP, domain.KindService:
		return "exchange"
	case domain.KindWallet, domain.KindEVM, domain.KindBitcoin, domain.KindTron:
		return "chain"
	case domain.KindUnknown:
		return "unknown"
	}
	return "out"
}

// kindWord says a kind in words.
func kindWord(kind domain.AccountKind) string {
	words := map[domain.AccountKind]string{
		domain.KindIBAN: "bank account", domain.KindBank: "bank account", domain.KindCard: "payment card", domain.KindWallet: "e-wallet",
		domain.KindVASP: "customer's account at an exchange", domain.KindCash: "cash", domain.KindMerchant: "shop", domain.KindMixer: "mixer",
		domain.KindGambling: "gambling", domain.KindService: "pooled service", domain.KindSink: "where clew puts what has no account",
		domain.KindEVM: "address on a chain", domain.KindBitcoin: "address on a chain", domain.KindTron: "address on a chain",
	}
	if word := words[kind]; word != "" {
		return word
	}
	return "kind not known"
}

// owners says whose money it is; each part opens its reason.
func (a asked) owners(asset domain.Asset, account domain.AccountID, list []tracing.Owner) cell {
	if len(list) == 0 {
		return cell{Text: none}
	}
	parts := cell{}
	for i, owner := range list {
		if i == maxOwners {
			parts.Parts = append(parts.Parts, linked(fmt.Sprintf("and %d more", len(list)-i), a.Account(account)))
			break
		}
		parts.Parts = append(parts.Parts, cell{Text: string(owner.Victim) + " ", Sum: &sum{asset.Format(owner.Units), asset.Code}, Link: a.Reason(owner.Victim, account)})
	}
	return parts
}

// maxOwners is how many victims stand in one cell of a table; the account's
// page has them all.
const maxOwners = 4

// thin separates thousands: unlike a comma or a point it means the same to
// every reader (ISO 80000-1), and it never breaks a line.
const thin = "\u202f"

// grouped writes an amount with its thousands apart. Zeros at the end of a long
// fraction are dimmed, not left out: the digits are the asset's.
func grouped(text string) template.HTML {
	whole, fraction, found := strings.Cut(text, ".")
	sign := ""
	if rest, minus := strings.CutPrefix(whole, "-"); minus {
		sign, whole = "−", rest
	}
	for _, r := range whole + fraction {
		if r < '0' || r > '9' {
			return template.HTML(template.HTMLEscapeString(text))
		}
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + thin + whole[at:]
	}
	if !found {
		return template.HTML(sign + whole)
	}
	short := strings.TrimRight(fraction, "0")
	if len(fraction) <= 6 {
		short = fraction
	}
	if zeros := fraction[len(short):]; zeros != "" {
		return template.HTML(sign + whole + "." + short + `<span class="z">` + zeros + `</span>`)
	}
	return template.HTML(sign + whole + "." + fraction)
}

// shortAsset writes a token known by its contract so that it fits a line; the
// whole name stands in the title.
func shortAsset(code domain.AssetCode) string {
	at := strings.LastIndexByte(string(code), ':')
	if at < 0 || len(code) < 24 {
		return string(code)
	}
	name := string(code)[at+1:]
	if len(name) < 14 {
		return string(code)
	}
	return name[:6] + "…" + name[len(name)-4:]
}

// clock is a moment that something waits for. Words say how far it is; a script
// may count them down from the server's time.
type clock struct {
	At     domain.When
	Words  string
	Class  string // late, soon or ""
	What   string
	Absent string // said where there is no such moment
	Ticks  bool
}
