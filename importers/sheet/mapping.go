package sheet

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"clew/domain"
)

// mapping is what a mapping file says. Its zero values are the defaults.
type mapping struct {
	name, title, source string

	separator byte
	encoding  string
	skip      int
	noHeader  bool
	sheet     string
	order     string

	numbers numbers
	dates   []layout
	times   []layout
	zone    *time.Location // nil: not said

	account          domain.AccountID
	asset            string
	accountKind      string
	counterpartyKind string

	positiveOut bool
	inWords     []string // in the column direction
	outWords    []string
	outNegative bool
	feeNegative bool
	feeIncluded bool
	noBalances  bool
	continues   bool

	noise, pending, returns []test
	clean                   map[role][]replacement
	columns                 map[role][]column

	recognise []string
	fileName  *regexp.Regexp
}

// role is what a column says.
type role string

// roles are the columns that a mapping may name.
var roles = []role{"date", "time", "amount", "in", "out", "direction", "asset", "account", "counterparty", "bank",
	"balance", "balance_asset", "ref", "id", "note", "fee", "fee_asset", "received", "received_asset"}

// column is a column by its heading, or by its number from 1.
type column struct {
	heading string
	number  int
	node    *yaml.Node
}

func (c column) String() string {
	if c.number > 0 {
		return "number " + strconv.Itoa(c.number)
	}
	return strconv.Quote(c.heading)
}

// test is a condition on a row: an expression on one column, or on the whole
// row, its cells joined by " | ".
type test struct {
	column  *column
	pattern *regexp.Regexp
}

// replacement changes a cell before it is read: what find finds becomes with,
// or only what pick's first group finds is kept.
type replacement struct {
	find, pick *regexp.Regexp
	with       string
}

func (r replacement) apply(text string) string {
	if r.pick == nil {
		return r.find.ReplaceAllString(text, r.with)
	}
	found := r.pick.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return found[1]
}

// keys are what may stand in a mapping file, each with how it is read.
// docs/reference/mapping.md explains every one.
var keys = map[string]func(*mapping, field) error{
	"name":              func(m *mapping, f field) (err error) { m.name, err = f.text(); return },
	"title":             func(m *mapping, f field) (err error) { m.title, err = f.text(); return },
	"source":            func(m *mapping, f field) (err error) { m.source, err = f.text(); return },
	"delimiter":         readDelimiter,
	"encoding":          readEncoding,
	"skip":              func(m *mapping, f field) (err error) { m.skip, err = f.count(0, 10_000); return },
	"header":            func(m *mapping, f field) (err error) { m.noHeader, err = not(f.yes()); return },
	"sheet":             func(m *mapping, f field) (err error) { m.sheet, err = f.text(); return },
	"order":             func(m *mapping, f field) (err error) { m.order, err = f.choice(oldestFirst, newestFirst); return },
	"decimal":           readDecimal,
	"grouping":          readGrouping,
	"dates":             func(m *mapping, f field) (err error) { m.dates, err = readLayouts(f); return },
	"times":             func(m *mapping, f field) (err error) { m.times, err = readLayouts(f); return },
	"zone":              readZone,
	"account":           readAccount,
	"asset":             func(m *mapping, f field) (err error) { m.asset, err = f.text(); return },
	"account_kind":      func(m *mapping, f field) (err error) { m.accountKind, err = readKind(f); return },
	"counterparty_kind": func(m *mapping, f field) (err error) { m.counterpartyKind, err = readKind(f); return },
	"positive":          readPositive,
	"direction":         readDirection,
	"out_negative":      func(m *mapping, f field) (err error) { m.outNegative, err = f.yes(); return },
	"fee_negative":      func(m *mapping, f field) (err error) { m.feeNegative, err = f.yes(); return },
	"fee_included":      func(m *mapping, f field) (err error) { m.feeIncluded, err = f.yes(); return },
	"balances":          func(m *mapping, f field) (err error) { m.noBalances, err = not(f.yes()); return },
	"continues":         func(m *mapping, f field) (err error) { m.continues, err = f.yes(); return },
	"noise":             func(m *mapping, f field) (err error) { m.noise, err = readTests(f); return },
	"pending":           func(m *mapping, f field) (err error) { m.pending, err = readTests(f); return },
	"returns":           func(m *mapping, f field) (err error) { m.returns, err = readTests(f); return },
	"clean":             readClean,
	"columns":           readColumns,
	"recognise":         func(m *mapping, f field) (err error) { m.recognise, err = f.list(); return },
	"file_name":         func(m *mapping, f field) (err error) { m.fileName, err = f.pattern(); return },
}

func not(yes bool, err error) (bool, error) { return !yes && err == nil, err }

// Keys lists every key of a mapping file, and every column that it may name as
// "columns.ROLE".
func Keys() []string {
	list := slices.Collect(maps.Keys(keys))
	for _, r := range roles {
		list = append(list, "columns."+string(r))
	}
	slices.Sort(list)
	return list
}

// parseMapping reads a mapping file and says what is wrong with it.
func parseMapping(text []byte) (*mapping, error) {
	list, err := document(text)
	if err != nil {
		return nil, err
	}
	m := &mapping{name: "mapped", separator: ',', encoding: "utf-8", numbers: numbers{decimal: '.'},
		accountKind: "bank", counterpartyKind: "bank", clean: map[role][]replacement{}, columns: map[role][]column{}}
	for _, f := range list {
		read, known := keys[f.key]
		if !known {
			return nil, wrong(f.node, "the key %q is not known%s; the keys are %s", f.key, meant(f.key), strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
		}
		if err := read(m, f); err != nil {
			return nil, err
		}
	}
	return m, m.check()
}

// meant guesses at a misspelled key.
func meant(key string) string {
	for known := range keys {
		if strings.EqualFold(known, key) || strings.TrimSuffix(known, "s") == strings.TrimSuffix(key, "s") {
			return ": do you mean " + strconv.Quote(known) + "?"
		}
	}
	return ""
}

// check says what the mapping lacks, or says twice.
func (m *mapping) check() error {
	amount, in, out := m.has("amount"), m.has("in"), m.has("out")
	switch {
	case !m.has("date"):
		return domain.Usage("the mapping file: columns.date is missing: which column has the day?")
	case len(m.dates) == 0:
		return domain.Usage("the mapping file: dates is missing: how are days written, for example DD.MM.YYYY?")
	case !amount && !in && !out:
		return domain.Usage("the mapping file: columns.amount is missing, and columns.in and columns.out too: where are the amounts?")
	case amount && (in || out):
		return domain.Usage("the mapping file: it names columns.amount, and columns.in or columns.out as well: only one of the two can be")
	case m.has("direction") != (len(m.inWords)+len(m.outWords) > 0):
		return domain.Usage("the mapping file: columns.direction and direction go together: direction says which words of that column mean in and out")
	case m.has("direction") && !amount:
		return domain.Usage("the mapping file: columns.direction goes with columns.amount only")
	case !m.has("asset") && m.asset == "":
		return domain.Usage("the mapping file: the asset is missing: name it (asset: EUR), or its column (columns.asset)")
	case m.has("asset") && m.asset != "":
		return domain.Usage("the mapping file: it names the asset and a column for it: only one of the two can be")
	case m.has("account") && m.account != "":
		return domain.Usage("the mapping file: it names the account and a column for it: only one of the two can be")
	case m.has("received") != m.has("received_asset"):
		return domain.Usage("the mapping file: columns.received and columns.received_asset go together")
	case m.numbers.decimal == m.numbers.grouping:
		return domain.Usage("the mapping file: decimal and grouping are both %q", m.numbers.decimal)
	}
	return m.checkHeadings()
}

// checkHeadings says that columns of a table without a header need numbers.
func (m *mapping) checkHeadings() error {
	if !m.noHeader {
		return nil
	}
	for _, list := range m.columns {
		for _, c := range list {
			if c.number == 0 {
				return wrong(c.node, "column %s: a table without a header has its columns by number, from 1", c)
			}
		}
	}
	return nil
}

func (m *mapping) has(r role) bool { return len(m.columns[r]) > 0 }
