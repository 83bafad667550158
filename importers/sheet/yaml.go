package sheet

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"clew/domain"
)

// The bounds of a mapping file. The longest shipped one has 40 lines; a list
// has at most a dozen entries.
const (
	maxMapping = 64 << 10
	maxList    = 100
	maxPattern = 500
)

// field is one key of a mapping file with its value.
type field struct {
	key  string
	node *yaml.Node
}

// wrong says what is wrong with a mapping file, where, and why.
func wrong(node *yaml.Node, format string, args ...any) error {
	line := 1
	if node != nil {
		line = node.Line
	}
	return domain.Usage("the mapping file, line %d: %s", line, fmt.Sprintf(format, args...))
}

// document reads the text of a mapping file into its top-level keys. Anchors
// and aliases are refused: a few lines of them can unfold to gigabytes.
func document(text []byte) ([]field, error) {
	if len(text) > maxMapping {
		return nil, domain.Usage("the mapping file has %d bytes, more than %d: it is no mapping file", len(text), maxMapping)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, domain.Usage("the mapping file is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(root.Content) == 0 {
		return nil, domain.Usage("the mapping file is empty: it must say at least 'columns' and 'dates' (docs/reference/mapping.md)")
	}
	if bad := anchored(&root); bad != nil {
		return nil, wrong(bad, "anchors and aliases are not read: write the value out")
	}
	return fields(root.Content[0])
}

func anchored(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return node
	}
	for _, kid := range node.Content {
		if bad := anchored(kid); bad != nil {
			return bad
		}
	}
	return nil
}

// fields gives the keys of a YAML mapping, each once.
func fields(node *yaml.Node) ([]field, error) {
	if node.Kind != yaml.MappingNode {
		return nil, wrong(node, "here stand keys with values, like 'delimiter: \";\"'")
	}
	var list []field
	for i := 0; i+1 < len(node.Content); i += 2 {
		f := field{node.Content[i].Value, node.Content[i+1]}
		if slices.ContainsFunc(list, func(other field) bool { return other.key == f.key }) {
			return nil, wrong(node.Content[i], "%q stands here twice", f.key)
		}
		list = append(list, f)
	}
	return list, nil
}

// text is a value that is one text; an empty one says nothing.
func (f field) text() (string, error) {
	if f.node.Kind != yaml.ScalarNode || f.node.Tag == "!!null" {
		return "", wrong(f.node, "%q needs a text", f.key)
	}
	return f.node.Value, nil
}

// list is a value that is one text or a list of them.
func (f field) list() ([]string, error) {
	nodes := f.node.Content
	if f.node.Kind == yaml.ScalarNode {
		nodes = []*yaml.Node{f.node}
	}
	if f.node.Kind == yaml.MappingNode || len(nodes) > maxList {
		return nil, wrong(f.node, "%q needs a text or a list of at most %d", f.key, maxList)
	}
	var list []string
	for _, node := range nodes {
		text, err := field{f.key, node}.text()
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}

// yes is a value that is true or false.
func (f field) yes() (bool, error) {
	var answer bool
	if f.node.Kind != yaml.ScalarNode || f.node.Tag != "!!bool" || f.node.Decode(&answer) != nil {
		return false, wrong(f.node, "%q is true or false", f.key)
	}
	return answer, nil
}

// count is a value that is a number from least to most.
func (f field) count(least, most int) (int, error) {
	n := 0
	if f.node.Kind != yaml.ScalarNode || f.node.Tag != "!!int" || f.node.Decode(&n) != nil || n < least || n > most {
		return 0, wrong(f.node, "%q is a number from %d to %d", f.key, least, most)
	}
	return n, nil
}

// choice is a value that is one of some words.
func (f field) choice(words ...string) (string, error) {
	text, err := f.text()
	if err == nil && !slices.Contains(words, text) {
		err = wrong(f.node, "%q is %q: write one of %s", f.key, text, strings.Join(words, ", "))
	}
	return text, err
}

// pattern is a value that is a regular expression (Go's RE2: no text can make
// one run for ever).
func (f field) pattern() (*regexp.Regexp, error) {
	text, err := f.text()
	if err != nil {
		return nil, err
	}
	if len(text) > maxPattern {
		return nil, wrong(f.node, "%q has an expression of %d characters, more than %d", f.key, len(text), maxPattern)
	}
	expression, err := regexp.Compile(text)
	if err != nil {
		return nil, wrong(f.node, "%q is no regular expression: %v", f.key, err)
	}
	return expression, nil
}
