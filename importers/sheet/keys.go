package sheet

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"clew/domain"
)

func readDelimiter(m *mapping, f field) error {
	text, err := f.text()
	switch {
	case err != nil:
		return err
	case text == "tab" || text == "\t":
		m.separator = '\t'
	case len(text) == 1 && text != `"` && text != "\n" && text != "\r":
		m.separator = text[0]
	default:
		return wrong(f.node, "%q is %q: write one character, or tab", f.key, text)
	}
	return nil
}

func readEncoding(m *mapping, f field) (err error) {
	m.encoding, err = f.choice(encodingNames()...)
	return err
}

func readDecimal(m *mapping, f field) error {
	text, err := f.choice(".", ",")
	if err == nil {
		m.numbers.decimal = rune(text[0])
	}
	return err
}

func readGrouping(m *mapping, f field) error {
	text, err := f.choice(".", ",", " ", "'", "none")
	if err == nil && text != "none" {
		m.numbers.grouping = rune(text[0])
	}
	return err
}

func readLayouts(f field) ([]layout, error) {
	texts, err := f.list()
	if err != nil {
		return nil, err
	}
	var list []layout
	for _, text := range texts {
		l, err := parseLayout(text)
		if err != nil {
			return nil, wrong(f.node, "%q: %v", f.key, err)
		}
		list = append(list, l)
	}
	return list, nil
}

func readZone(m *mapping, f field) error {
	text, err := f.text()
	if err != nil {
		return err
	}
	if m.zone, err = parseZone(text); err != nil {
		return wrong(f.node, "%q: %v", f.key, err)
	}
	return nil
}

func readAccount(m *mapping, f field) error {
	text, err := f.text()
	if err != nil {
		return err
	}
	if m.account, err = domain.ParseAccount(text); err != nil {
		return wrong(f.node, "%q: %v", f.key, err)
	}
	return nil
}

// asWritten is the kind of accounts whose cells bear the prefix themselves.
const asWritten = "as-written"

func readKind(f field) (string, error) {
	words := []string{asWritten}
	for _, kind := range domain.AccountKinds() {
		words = append(words, string(kind))
	}
	return f.choice(words...)
}

func readPositive(m *mapping, f field) error {
	text, err := f.choice("in", "out")
	m.positiveOut = text == "out"
	return err
}

// readDirection reads which words of the column direction mean in and out.
func readDirection(m *mapping, f field) error {
	list, err := fields(f.node)
	if err != nil {
		return err
	}
	for _, word := range list {
		switch word.key {
		case "in":
			m.inWords, err = word.list()
		case "out":
			m.outWords, err = word.list()
		default:
			err = wrong(word.node, "the key %q is not known in %q: it has in and out", word.key, f.key)
		}
		if err != nil {
			return err
		}
	}
	for _, word := range m.inWords {
		if slices.Contains(m.outWords, word) {
			return wrong(f.node, "%q: the word %q means both in and out", f.key, word)
		}
	}
	return nil
}

// readTests reads conditions: expressions on the row, or on one column.
func readTests(f field) ([]test, error) {
	nodes := []*yaml.Node{f.node}
	if f.node.Kind == yaml.SequenceNode {
		nodes = f.node.Content
	}
	if len(nodes) > maxList {
		return nil, wrong(f.node, "%q has more than %d conditions", f.key, maxList)
	}
	var list []test
	for _, node := range nodes {
		t, err := readTest(field{f.key, node})
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func readTest(f field) (t test, err error) {
	if f.node.Kind == yaml.ScalarNode {
		t.pattern, err = f.pattern()
		return t, err
	}
	parts, err := fields(f.node)
	if err != nil {
		return t, err
	}
	for _, part := range parts {
		switch part.key {
		case "column":
			var c column
			c, err = readColumn(part)
			t.column = &c
		case "match":
			t.pattern, err = part.pattern()
		default:
			err = wrong(part.node, "the key %q is not known in %q: a condition has column and match", part.key, f.key)
		}
		if err != nil {
			return t, err
		}
	}
	if t.column == nil || t.pattern == nil {
		return t, wrong(f.node, "%q: a condition is an expression, or has column and match", f.key)
	}
	return t, nil
}

// readClean reads what is taken out of cells before they are read.
func readClean(m *mapping, f field) error {
	list, err := fields(f.node)
	if err != nil {
		return err
	}
	for _, part := range list {
		if !slices.Contains(roles, role(part.key)) {
			return wrong(part.node, "%q: %q is no column that can be named: they are %s", f.key, part.key, roleNames())
		}
		if m.clean[role(part.key)], err = readReplacements(part); err != nil {
			return err
		}
	}
	return nil
}

func readReplacements(f field) ([]replacement, error) {
	if f.node.Kind != yaml.SequenceNode || len(f.node.Content) > maxList {
		return nil, wrong(f.node, "%q needs a list of at most %d, each with find and replace", f.key, maxList)
	}
	var list []replacement
	for _, node := range f.node.Content {
		r, err := readReplacement(field{f.key, node})
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func readReplacement(f field) (r replacement, err error) {
	parts, err := fields(f.node)
	if err != nil {
		return r, err
	}
	replaced := false
	for _, part := range parts {
		switch part.key {
		case "find":
			r.find, err = part.pattern()
		case "replace":
			r.with, err = part.text()
			replaced = true
		case "pick":
			r.pick, err = part.pattern()
		default:
			err = wrong(part.node, "the key %q is not known in %q: it has find and replace, or pick", part.key, f.key)
		}
		if err != nil {
			return r, err
		}
	}
	if r.pick != nil && r.pick.NumSubexp() < 1 {
		return r, wrong(f.node, "%q: pick needs a group in brackets: what is in it is kept", f.key)
	}
	if (r.find == nil) == (r.pick == nil) || r.pick != nil && replaced || r.find != nil && !replaced {
		return r, wrong(f.node, "%q: an entry has find and replace, or pick", f.key)
	}
	return r, nil
}

// readColumns reads which column says what.
func readColumns(m *mapping, f field) error {
	list, err := fields(f.node)
	if err != nil {
		return err
	}
	for _, part := range list {
		if !slices.Contains(roles, role(part.key)) {
			return wrong(part.node, "%q is no column that can be named: they are %s", part.key, roleNames())
		}
		columns, err := readColumnList(part)
		if err != nil {
			return err
		}
		m.columns[role(part.key)] = columns
	}
	return nil
}

// readColumnList reads one column; of a note, any number of them.
func readColumnList(f field) ([]column, error) {
	nodes := []*yaml.Node{f.node}
	if f.node.Kind == yaml.SequenceNode && f.key == "note" {
		nodes = f.node.Content
	}
	if len(nodes) > maxList {
		return nil, wrong(f.node, "%q has more than %d columns", f.key, maxList)
	}
	var list []column
	for _, node := range nodes {
		c, err := readColumn(field{f.key, node})
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func readColumn(f field) (column, error) {
	if f.node.Kind == yaml.ScalarNode && f.node.Tag == "!!int" {
		number, err := f.count(1, 512)
		return column{number: number, node: f.node}, err
	}
	heading, err := f.text()
	if err == nil && strings.TrimSpace(heading) == "" {
		err = wrong(f.node, "%q needs a heading, or a column's number from 1", f.key)
	}
	return column{heading: strings.TrimSpace(heading), node: f.node}, err
}

func roleNames() string {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}
