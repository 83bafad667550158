package clew_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"clew/domain"
)

const privacyPage = "docs/trust/privacy.md"

// whyClear says of every plain text that is recorded in clear why it is. A new
// text field is sealed (domain/personal.go), or has its reason here.
var whyClear = map[string]string{
	"source":                       "an institution or a kind of file: it is a part of what names a movement",
	"source_id":                    "the source's own reference: it is a part of what names a movement",
	"ref":                          "a payment's reference across institutions: two tellings are joined by it",
	"of_source":                    "as source_id",
	"reference":                    "another institution's file number",
	"address":                      "an address on a chain",
	"page":                         "a sheet's or page's name: it is a part of the place in a file",
	"field":                        "a column's name",
	"format":                       "one of clew's formats",
	"institution":                  "a bank, an exchange",
	"country":                      "two letters",
	"indicator":                    "a name of clew's own table",
	"threshold":                    "a name of clew's own table",
	"label":                        "what an account is known as: a category, not a name",
	"confidence":                   "a degree",
	"asset.registered.v1 name":     "a token's name",
	"basis":                        "a law, a contract, a decision or a file",
	"rule":                         "one of clew's rules",
	"authority":                    "a law, a court, an office",
	"originator":                   "an agency, or an account",
	"mechanism":                    "one of clew's mechanisms",
	"requesting":                   "an agency",
	"responding":                   "an institution",
	"priority":                     "a degree",
	"language":                     "two letters",
	"freeze.requested.v1 reason":   "of a recall: a code",
	"key.adopted.v1 reason":        "about a key",
	"key.adopted.v1 note":          "signed words about a key",
	"key.adopted.v1 key":           "a public key",
	"operation":                    "an operation's code name",
	"disclosure":                   "a degree",
	"warnings":                     "clew's own words",
	"unexpected":                   "clew's own words",
	"by":                           "an account on the machine, or an institution",
	"method":                       "one of clew's methods",
	"payer":                        "a bank, an insurer, a fund",
	"freeze.transferred.v1 to":     "a jurisdiction",
	"hold":                         "its name within the case",
	"keys":                         "names of keys, drawn by chance",
	"bic":                          "a bank's code",
	"uetr":                         "a payment's reference",
	"end_to_end":                   "a payment's reference",
	"transaction_id":               "a payment's reference",
	"message_id":                   "a payment's reference",
	"typology":                     "a kind of scam: a category, not a name",
	"lures":                        "what victims were reached by: categories, not names",
	"run_from":                     "two letters",
	"lead":                         "an agency",
	"operation.described.v1 title": "an operation's name",
	"notice":                       "an agency's reference",
	"colour":                       "one of INTERPOL's",
	"centre":                       "a place's reference",
	"place":                        "a town, a compound",
	"crime":                        "a category",
	"team":                         "a team of the installation",
	"identifier":                   "its name within the case",
	"user":                         "who works with clew, as beside every record of his",
	"role":                         "one of clew's roles",
	"identity":                     "by which the identity provider knows somebody who works with clew: he is found by it",
	"token":                        "a token's name, not its secret",
	"means":                        "one of clew's means",
	"why":                          "one of clew's reasons",
	"originating_bank":             "a bank", "beneficiary_bank": "a bank", "intermediary": "a bank",
}

// references are fields whose type says that they hold no free text.
var references = strings.Fields(`case currency other file map account as victim not_victim category id from to scam of kind movement kept one
	asset base freeze scope rule payment answer route reimbursement person about victims onward evidence conditions consent
	when at day due until deadline order_due settled_on recall_sent issued amount fee received traced limit value
	inputs outputs shares wire now event rates shared innocent coerced opens bare line size digits assumed unasked urgent destroyed stands
	assessment lifted sort silent hash link session expires read_only cases`)

// The table of fields is made from the golden events: what is sealed is what
// domain.EachPersonal seals.
func TestEveryFieldOfEveryEventIsSealedOrHasItsReason(t *testing.T) {
	var table bytes.Buffer
	table.WriteString("| kind | sealed | texts in clear |\n|---|---|---|\n")
	for _, kind := range domain.Kinds() {
		sealed, clear := fieldsOf(t, kind)
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", kind, inCode(sealed), inCode(clear))
	}
	table.WriteString("\n| text in clear | because it is |\n|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(whyClear)) {
		fmt.Fprintf(&table, "| `%s` | %s |\n", name, whyClear[name])
	}
	between(t, privacyPage, "fields", table.String())
}

func inCode(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// fieldsOf sorts the fields of a kind's golden event.
func fieldsOf(t *testing.T, kind string) (sealed, clear []string) {
	t.Helper()
	body, err := os.ReadFile("testdata/events/" + kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	event, err := domain.DecodeEvent(kind, body)
	if err != nil {
		t.Fatal(err)
	}
	_, err = domain.EachPersonal(event, func(_ domain.Whose, field string, text domain.Personal) (domain.Personal, error) {
		sealed = append(sealed, strings.TrimPrefix(field, kind+" "))
		return text, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var content any
	if err := json.Unmarshal(body, &content); err != nil {
		t.Fatal(err)
	}
	for _, path := range textsIn("", content) {
		path = strings.Replace(path, "now.event.", "now.", 1)
		if !slices.ContainsFunc(sealed, func(s string) bool { return path == s || strings.HasPrefix(path, s+".") }) && !slices.Contains(clear, path) {
			clear = append(clear, path)
		}
	}
	return sealed, withReason(t, kind, clear)
}

// withReason leaves out what is a reference by its type, and demands a reason
// of everything else.
func withReason(t *testing.T, kind string, paths []string) (clear []string) {
	t.Helper()
	for _, path := range paths {
		name := path[strings.LastIndex(path, ".")+1:]
		_, because := whyClear[name]
		_, here := whyClear[kind+" "+path]
		switch {
		case because || here:
			clear = append(clear, path)
		case slices.Contains(references, name):
			continue
		default:
			t.Errorf("%s: the text %s is neither sealed (domain/personal.go) nor has it a reason to be in clear (privacy_test.go)", kind, path)
		}
	}
	return clear
}

// textsIn lists the places of a golden event that hold text.
func textsIn(path string, content any) (paths []string) {
	switch content := content.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(content)) {
			inner := strings.TrimPrefix(path+"."+name, ".")
			if path == "rates" {
				inner = path
			}
			paths = append(paths, textsIn(inner, content[name])...)
		}
	case []any:
		for _, one := range content {
			paths = append(paths, textsIn(path, one)...)
		}
	case string:
		return []string{path}
	}
	return paths
}

// between keeps the part of a page between <!-- name --> and <!-- end of name -->
// as it should be.
func between(t *testing.T, file, name, want string) {
	t.Helper()
	text := page(t, file)
	first, last := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(text, first)
	_, after, ended := strings.Cut(rest, last)
	if !found || !ended {
		t.Fatalf("%s has no part between %s and %s", file, first, last)
	}
	now := before + first + want + last + after
	if now == text {
		return
	}
	if !*update {
		t.Errorf("%s: what stands after %s is not what the code says: run 'go test . -update' and read what changed", file, strings.TrimSpace(first))
		return
	}
	if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The table of handling conditions is the code's.
func TestTheTableOfHandlingConditionsIsTheCode(t *testing.T) {
	var table bytes.Buffer
	table.WriteString("| condition |")
	for _, outlet := range domain.Outlets() {
		fmt.Fprintf(&table, " %s |", outlet)
	}
	table.WriteString("\n|---|" + strings.Repeat("---|", len(domain.Outlets())) + "\n")
	for _, condition := range domain.HandlingConditions() {
		fmt.Fprintf(&table, "| `%s` |", condition)
		for _, outlet := range domain.Outlets() {
			fmt.Fprintf(&table, " %s |", domain.HandlingAt(condition, outlet))
		}
		table.WriteString("\n")
	}
	between(t, privacyPage, "handling", table.String())
}
