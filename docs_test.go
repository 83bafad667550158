package clew_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"os"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clew/domain"
	"clew/indicators"
	"clew/tracing"
)

// update rewrites the pages that are made from the code, and the output that
// the README and the tutorial show:
//
//	go test . -update
var update = flag.Bool("update", false, "rewrite what is made from the code")

// page reads a page of the docs.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v: this page is promised to the reader", err)
	}
	return string(text)
}

// keep compares a page with what the code makes of it, or rewrites it.
func keep(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := page(t, name); got != want {
		t.Errorf("%s is not what the code makes (%s): run 'go test . -update' and read what changed", name, firstDifference(got, want))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d says %q, the code %q", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("it has %d lines, the code makes %d", len(a), len(b))
}

// inWords says what a field's type looks like in JSON. A type that is not
// here has to be explained before it can be recorded.
var inWords = map[string]string{
	"map[AssetCode]string": "how much of each asset one unit is worth: `{\"EUR\":\"1.0843\"}`",
	"CaseID":               "a case's name",
	"VictimID":             "a victim's reference, never a name",
	"MovementID":           "a movement's name: 26 letters and digits",
	"AccountID":            "an account's normalised name",
	"AccountKind":          "a kind of account: the prefix of its names",
	"AssetCode":            "an asset's code",
	"VictimCategory":       "`scam_target` or `trafficked_person`",
	"Scam":                 "a typology",
	"SHA256":               "a file's SHA-256, lower-case hex",
	"When":                 "RFC 3339 in UTC, or a bare date",
	"Amount":               "an amount: `{\"value\":\"500.00\",\"asset\":\"EUR\"}`, with exactly the asset's digits",
	"Evidence":             "a place in a file: `{\"file\",\"line\",\"page\"}`",
	"Personal":             "personal text: `{\"clear\"}`, or `{\"sealed\",\"key\"}` once encrypted",
	"Observed":             "a whole observation: `{\"kind\",\"event\"}`",
	"FreezeID":             "a freeze's name within its case",
	"FreezeScope":          "`payment`, `amount`, `debit_block` or `account`",
	"Acknowledgement":      "`indemnity_required`, `consent_pending` or `passed_on`; absent for a plain one",
	"FreezeAnswerCode":     "`matched`, `no_such_account`, `already_empty` or `out_of_scope`",
	"Route":                "`recall`, `consent`, `administrative` or `court`",
	"Wire":                 "the payment as banks name it: `{\"originating_bank\",\"originator\",\"beneficiary_bank\",\"bic\",\"intermediary\",\"uetr\",\"end_to_end\",\"transaction_id\",\"message_id\",\"settled_on\",\"amount\",\"further_credit\",\"recall_sent\"}`",
	"ReimbursementID":      "a reimbursement's name within its case",
	"[]VictimShare":        "a list of `{\"victim\",\"amount\",\"payer\"}`",
	"[]VictimID":           "a list of victims",
	"[]MovementID":         "a list of movements",
	"[]SHA256":             "a list of files",
	"[]string":             "a list of texts",
	"[]Leg":                "a list of `{\"account\",\"address\",\"amount\"}` in transaction order",
	"PersonID":             "a person's reference, never a name",
	"PersonCategory":       "`suspect`, `convicted`, `victim`, `witness` or `other`",
	"Whose":                "whose it is, one of `{\"victim\",\"person\",\"account\",\"file\",\"event\"}`; none: the case's as a whole",
	"[]HandlingCondition":  "a list of `egmont`, `interpol`, `court_seal`, `intelligence`, `police_only`",
	"UserID":               "a user's name",
	"SecretHash":           "the SHA-256 of a secret, lower-case hex",
	"SignInMeans":          "`link`, `token` or `provider`",
	"SignOutReason":        "`asked` or `idle`",
	"[]CaseID":             "a list of cases",
	"[]Outlet":             "a list of `paper`, `fiu`, `bundle`, `report`, `hit`",
	"IdentifierSort":       "`device`, `phone`, `email`, `ip`, `handle`, `document` or `site`",
	"[]Lure":               "a list of lures: words of `clew scam words`, or `other: …`",
	"OperationID":          "an operation's code name, in capitals",
	"NoticeColour":         "`red`, `yellow`, `blue`, `black`, `green`, `orange`, `purple`, `silver` or `un`",
	"CentreID":             "a scam centre's reference",
	"Crime":                "a crime: a word of `clew scam words`, or `other: …`",
	"string":               "text",
	"bool":                 "true or false",
	"int":                  "a whole number",
	"int64":                "a whole number",
	"uint8":                "a whole number",
}

// The catalogue of events is made from domain/events.go: the sentence above
// each struct, its fields, and the comment beside each.
func TestTheEventCatalogueIsTheCode(t *testing.T) {
	structs, docs := eventStructs(t)
	var out bytes.Buffer
	out.WriteString(`# Events

Everything that clew knows is one of these facts. They are recorded once, in order, and never changed: a
correction is another fact. The name of a kind and the shape behind it are frozen as soon as one is recorded
([ADR 0009](../adr/0009-event-renaming.md)). Amounts and large integers are strings.

This page is made from ` + "`domain/events.go`" + ` by ` + "`go test . -update`" + `.

| kind | recorded when |
|---|---|
`)
	kinds := kindNames(t)
	for _, kind := range domain.Kinds() {
		name := kinds[kind]
		fmt.Fprintf(&out, "| [`%s`](#%s) | %s |\n", kind, strings.ReplaceAll(kind, ".", ""), recordedWhen(docs[name]))
	}
	fmt.Fprintf(&out, "\n## Observation\n\n%s These fields stand in every event that observes a movement.\n\n", oneLine(docs["Observation"]))
	writeFields(t, &out, structs["Observation"])
	fmt.Fprintf(&out, "\n## News\n\n%s These fields stand in every event about a freeze.\n\n", oneLine(docs["News"]))
	writeFields(t, &out, structs["News"])
	for _, kind := range domain.Kinds() {
		name := kinds[kind]
		fmt.Fprintf(&out, "\n## %s\n\n%s\n\n", kind, recordedSentence.ReplaceAllString(oneLine(docs[name]), "Recorded "))
		writeFields(t, &out, structs[name])
	}
	keep(t, "docs/reference/events.md", out.String())
}

// eventStructs finds the structs of domain/events.go and their comments.
func eventStructs(t *testing.T) (map[string]*ast.StructType, map[string]string) {
	t.Helper()
	structs, docs := map[string]*ast.StructType{}, map[string]string{}
	for _, s := range house(t) {
		if s.room != "domain" || s.test {
			continue
		}
		for _, d := range s.file.Decls {
			general, ok := d.(*ast.GenDecl)
			if !ok || len(general.Specs) != 1 {
				continue
			}
			if spec, ok := general.Specs[0].(*ast.TypeSpec); ok {
				if shape, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name], docs[spec.Name.Name] = shape, general.Doc.Text()
				}
			}
		}
	}
	return structs, docs
}

// kindNames maps each kind to the Go type that bears it, by way of its golden
// JSON.
func kindNames(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	for _, kind := range domain.Kinds() {
		event, err := domain.DecodeEvent(kind, []byte(page(t, "testdata/events/"+kind+".json")))
		if err != nil {
			t.Fatalf("the golden event of %s cannot be read, so its type is not known here: %v", kind, err)
		}
		names[kind] = reflect.TypeOf(event).Name()
	}
	return names
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

var recordedSentence = regexp.MustCompile(`^\w+ is recorded `)

var whenSentence = regexp.MustCompile(`^\w+ is recorded (when|for|after|before)? ?(.*?)\.( |$)`)

// recordedWhen is the first sentence of an event's comment, without its start.
func recordedWhen(doc string) string {
	found := whenSentence.FindStringSubmatch(oneLine(doc))
	if found == nil {
		return oneLine(doc)
	}
	return strings.TrimPrefix(found[2], "when ")
}

func writeFields(t *testing.T, out *bytes.Buffer, shape *ast.StructType) {
	t.Helper()
	if shape == nil {
		t.Fatal("an event has no struct in domain/: the catalogue cannot be made")
	}
	out.WriteString("| field | holds | |\n|---|---|---|\n")
	for _, field := range shape.Fields.List {
		if len(field.Names) == 0 {
			embedded, _ := typeName(field.Type)
			fmt.Fprintf(out, "| … | the fields of %s [%s](#%[2]s) | |\n", article(embedded), strings.ToLower(embedded))
			continue
		}
		holds, pointer := typeName(field.Type)
		words, known := inWords[holds]
		if !known {
			t.Errorf("domain field %s has the type %s: say in docs_test.go (inWords) what it looks like in JSON", field.Names[0].Name, holds)
		}
		name, options, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
		remark := strings.TrimSpace(field.Comment.Text())
		if pointer || strings.HasPrefix(options, "omit") {
			remark = strings.TrimPrefix(remark+"; may be absent", "; ")
		}
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", name, words, remark)
	}
}

// article comes before the name of what an event embeds; news has none.
func article(embedded string) string {
	if embedded == "Observation" {
		return "an"
	}
	return "the"
}

// typeName writes a field's type as the source does, without the pointer.
func typeName(of ast.Expr) (name string, pointer bool) {
	switch of := of.(type) {
	case *ast.StarExpr:
		name, _ = typeName(of.X)
		return name, true
	case *ast.ArrayType:
		name, _ = typeName(of.Elt)
		return "[]" + name, false
	case *ast.MapType:
		key, _ := typeName(of.Key)
		value, _ := typeName(of.Value)
		return "map[" + key + "]" + value, false
	case *ast.Ident:
		return of.Name, false
	case *ast.SelectorExpr:
		return qualified(of), false
	}
	return fmt.Sprintf("%T", of), false
}

// allRules are the rules as docs must name them.
var allRules = []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR, tracing.OwnFirst, tracing.ProceedsFirst, tracing.Poison}

func TestEveryRuleIsExplained(t *testing.T) {
	text := page(t, "docs/rules.md")
	for _, rule := range allRules {
		if !strings.Contains(text, "\n## `"+string(rule)+"`") {
			t.Errorf("docs/rules.md has no section for the rule %s: say what it means for a reader without a law degree", rule)
		}
	}
}

// The glossary's words are the code's: what stands here is in JSON, on the
// screen and in events, so a reader must be able to look it up.
func TestTheGlossaryHasTheWordsOfTheCode(t *testing.T) {
	text := page(t, "docs/words.md")
	words := []string{"account", "asset", "case", "claim", "end", "evidence", "frontier", "home", "lot", "missing",
		"movement", "own", "paid_back", "pool", "rejected", "repeated", "reported", "returned", "unexplained", "untraced", "victim", "worth"}
	for _, state := range []tracing.State{tracing.AtLarge, tracing.Held, tracing.Seized, tracing.Restored, tracing.CashedOut,
		tracing.AtService, tracing.Unaccounted, tracing.Fees} {
		words = append(words, string(state))
	}
	for _, kind := range domain.AccountKinds() {
		words = append(words, string(kind)+":")
	}
	for _, scam := range domain.Scams() {
		words = append(words, string(scam))
	}
	for _, word := range words {
		if !strings.Contains(text, "`"+word+"`") && !strings.Contains(text, "**"+word+"**") {
			t.Errorf("docs/words.md does not explain %q, which the code uses", word)
		}
	}
}

var linkTarget = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

// A link that leads nowhere costs a reader under time pressure a minute.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	for _, name := range below(t, ".md") {
		for _, found := range linkTarget.FindAllStringSubmatch(page(t, name), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			if _, err := os.Stat(path.Join(path.Dir(name), found[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", name, found[1])
			}
		}
	}
}

// themes are what decisions are listed under, in the order in which a reader
// meets them, and what each is about.
var themes = []struct{ name, about string }{
	{"What the walk means", "What a claim, a date and a share of a smallest unit are, before anything is counted."},
	{"The log", "What is recorded, in which order, and why nothing of it is lost."},
	{"Trust", "How somebody outside checks that nothing was changed."},
	{"Personal data", "What is encrypted, what is not, and how it is erased."},
	{"Reading files", "How a bank's file becomes movements, and what happens to a line that does not."},
	{"Speed of the log", "How recording, importing and rebuilding came to be as fast as they are."},
	{"Speed of the walk", "How a case of millions of movements is traced on one machine, with the same answer."},
	{"Mule accounts", "What is looked for, who sets the thresholds, and how often it is right."},
	{"Across cases", "What two teams learn of one another, and what they do not."},
	{"The larger picture", "What is counted over all cases, and by whose words."},
	{"The server", "Who comes in, what a program may ask, and what it is told."},
	{"Screens and reports", "What a person sees, and what a prosecutor is handed."},
	{"The house", "What clew is built with."},
	{noTheme, "Say **Theme.** below the heading of the page, in the words of one of the headings above."},
}

const noTheme = "Not under a theme yet"

var themeLine = regexp.MustCompile(`(?m)^\*\*Theme\.\*\* (.+)\.$`)

// themeOf is what a decision says that it belongs to.
func themeOf(t *testing.T, name string) string {
	found := themeLine.FindStringSubmatch(page(t, name))
	if found == nil {
		return noTheme
	}
	for _, theme := range themes {
		if theme.name == found[1] {
			return found[1]
		}
	}
	t.Errorf("%s has the theme %q, which docs_test.go does not list: take one of those, or add it there", name, found[1])
	return noTheme
}

// The list of decisions is made from the pages: from their headings, and from
// what each says its theme is.
func TestEveryDecisionIsListed(t *testing.T) {
	const end = "The list is made from the pages by `go test . -update`.\n"
	const index = "docs/adr/README.md"
	text, _, found := strings.Cut(page(t, index), end)
	if !found {
		t.Fatalf("%s does not say how its list is made", index)
	}
	text += end
	rows := map[string]string{}
	for _, name := range below(t, ".md") {
		if path.Dir(name) != "docs/adr" || name == index {
			continue
		}
		number, _, _ := strings.Cut(path.Base(name), "-")
		title, _, _ := strings.Cut(strings.TrimPrefix(page(t, name), "# "), "\n")
		rows[themeOf(t, name)] += fmt.Sprintf("| %s | [%s](%s) |\n", number, title, path.Base(name))
	}
	for _, theme := range themes {
		if rows[theme.name] != "" {
			text += fmt.Sprintf("\n## %s\n\n%s\n\n| number | decision |\n|---|---|\n%s", theme.name, theme.about, rows[theme.name])
		}
	}
	keep(t, index, text)
}

func TestEveryPageIsInTheIndex(t *testing.T) {
	index := page(t, "docs/README.md")
	for _, name := range below(t, ".md") {
		short, inDocs := strings.CutPrefix(name, "docs/")
		if inDocs && short != "README.md" && path.Dir(short) != "adr" && !strings.Contains(index, "]("+short+")") {
			t.Errorf("docs/README.md does not list %s", short)
		}
	}
	if !strings.Contains(index, "](adr/README.md)") {
		t.Error("docs/README.md does not lead to the decisions")
	}
}

func TestEveryDependencyIsAccountedFor(t *testing.T) {
	text := page(t, "docs/adr/0010-dependencies.md")
	for dependency := range dependencies {
		if !strings.Contains(text, "`"+dependency+"`") {
			t.Errorf("docs/adr/0010-dependencies.md says nothing about %s: what does it save, what does it cost, which room uses it?", dependency)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if found := regexp.MustCompile("^\\| `([^`]+)`").FindStringSubmatch(line); found != nil && dependencies[found[1]] == nil {
			t.Errorf("docs/adr/0010-dependencies.md speaks of %s, which no room may use", found[1])
		}
	}
}

func TestEveryDecisionSaysWhatItMust(t *testing.T) {
	for _, name := range below(t, ".md") {
		if path.Dir(name) != "docs/adr" || path.Base(name) == "README.md" {
			continue
		}
		text := strings.ToLower(page(t, name))
		for _, part := range []string{"question", "choice", "why", "given up", "change our mind"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s does not say its %q: docs/adr/README.md has the form", name, part)
			}
		}
	}
}

// sourceLine is a row of testdata/SOURCES.md: path, source, commit, licence.
var sourceLine = regexp.MustCompile("^\\| `([^`]+)` \\|")

// Whoever reads a test must be able to see where its sample came from and
// whether it may be passed on.
func TestEverySampleHasASource(t *testing.T) {
	var listed []string
	for _, line := range strings.Split(page(t, "testdata/SOURCES.md"), "\n") {
		if found := sourceLine.FindStringSubmatch(line); found != nil {
			listed = append(listed, found[1])
			if _, err := os.Stat(strings.TrimSuffix(found[1], "*")); err != nil {
				t.Errorf("testdata/SOURCES.md lists %s, which is not there", found[1])
			}
		}
	}
	covered := func(name string) bool {
		return slices.ContainsFunc(listed, func(entry string) bool {
			folder, deep := strings.CutSuffix(entry, "*")
			return name == entry || deep && strings.HasPrefix(name, folder)
		})
	}
	for _, name := range below(t, "") {
		ours := strings.HasSuffix(name, ".go") || strings.Contains(name, "/fuzz/") || path.Base(name) == "SOURCES.md"
		if strings.Contains("/"+name, "/testdata/") && !ours && !covered(name) {
			t.Errorf("%s has no line in testdata/SOURCES.md: write its source, commit and licence (or 'written for clew')", name)
		}
	}
}

// The page of indicators is made from the table and its thresholds.
func TestThePageOfIndicatorsIsTheTable(t *testing.T) {
	var out bytes.Buffer
	out.WriteString(`# Indicators

What ` + "`clew mules`" + ` looks for. A finding names the account, the indicator and its version, the thresholds, and the very
movements that show it. It is a reason to look, never a verdict, and blocks nothing: the holder may be a victim, may act
under force, or may keep a shop. There is no total and no score; a strength is 50 at the threshold and 100 at twice it,
or at the most there can be.

Each looks at what passed through one account in one asset, in the order of time and then of the log; a bare date counts
as the day's first moment. Balances, returns and payments to oneself are not looked at; a leg of a hop has no other
account. Amounts are measured only in dollars and in what is near them (EUR, GBP, AUD, CAD, CHF, SGD, NZD, USDT, USDC).
An older version is asked for as ` + "`--indicator fan-in@1`" + `.

Not looked for yet: cycles, scatter-gather, layer decay and layer index, convergence hub and dilution, payback, the
victim's side, exchanges in and out, an account too new for its volume, and on chains peel chains, CoinJoins and change
outputs.

This page is made from ` + "`indicators/table.go` and `indicators/thresholds.yaml` by `go test . -update`" + `.
`)
	thresholds := indicators.Standard()
	for _, row := range indicators.Table() {
		fmt.Fprintf(&out, "\n## %s\n\nVersion %d. %s\n\nInnocent explanations: %s\n\n| threshold | value | source |\n|---|---|---|\n", row.Name, row.Version, row.Formula, row.Innocent)
		for _, one := range thresholds {
			if one.Indicator == row.Name {
				fmt.Fprintf(&out, "| `%s` | %d | %s |\n", one.Name, one.Value, one.Source)
			}
		}
	}
	keep(t, "docs/reference/indicators.md", out.String())
}
