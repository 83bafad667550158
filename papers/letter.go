package papers

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"clew/domain"
)

// Letters are templates of the lien letter by language. A template is Go's
// text/template with words of its own: fact "key" is what is known, or
// nothing; need "key" "mark" is the same, or the mark in brackets, and then it
// is missing; scope is the hold's scope, onChain says whether the account is an
// address on a chain; steps are the sentences by which the money came there. docs/reference/papers.md lists the keys.
type Letters struct{ texts map[string]string }

//go:embed letters/*.txt
var letterFiles embed.FS

// StandardLetters are those that clew ships with: en, de, fr, es, pt.
func StandardLetters() Letters {
	texts := map[string]string{}
	entries, err := letterFiles.ReadDir("letters")
	if err != nil {
		panic("papers: the embedded letters are damaged: " + err.Error())
	}
	for _, entry := range entries {
		text, err := letterFiles.ReadFile("letters/" + entry.Name())
		if err != nil {
			panic("papers: the embedded letters are damaged: " + err.Error())
		}
		texts[strings.TrimSuffix(entry.Name(), ".txt")] = string(text)
	}
	return Letters{texts}
}

// maxTemplate bounds a user's template: a letter has a few pages.
const maxTemplate = 64 << 10

// With is the letters with one more, or with another one for its language. A
// template that asks for a fact that there is none of is refused here, not
// when minutes count.
func (l Letters) With(language, text string) (Letters, error) {
	name := strings.ToLower(strings.TrimSpace(language))
	if name == "" || len(name) > 20 || len(text) > maxTemplate {
		return l, domain.Usage("letter %.40q: it needs a language (en, pt-br) and at most %d bytes", language, maxTemplate)
	}
	for _, scope := range domain.FreezeScopes() {
		for _, r := range []Request{{}, sampleRequest()} {
			r.Freeze.Request.Scope = scope
			if _, err := newWriter(r).write(name, text); err != nil {
				return l, err
			}
		}
	}
	texts := maps.Clone(l.standard().texts)
	texts[name] = text
	return Letters{texts}, nil
}

// Languages lists the languages that there is a letter in.
func (l Letters) Languages() []string { return slices.Sorted(maps.Keys(l.standard().texts)) }

func (l Letters) standard() Letters {
	if l.texts == nil {
		return StandardLetters()
	}
	return l
}

// find gives the template for a language: its own, or that of the language
// without its region. A request without a language is written in English.
func (l Letters) find(language string) (string, string, error) {
	name := strings.ToLower(strings.TrimSpace(language))
	if name == "" {
		name = "en"
	}
	texts := l.standard().texts
	base, _, _ := strings.Cut(name, "-")
	for _, n := range []string{name, base} {
		if text, ok := texts[n]; ok {
			return n, text, nil
		}
	}
	return "", "", domain.Usage("there is no letter in language %.40q: use one of %s, or add a template of your own", language, strings.Join(l.Languages(), ", "))
}

// letter drafts the lien letter.
func letter(r Request) (draft, error) {
	language, text, err := r.Letters.find(r.Freeze.Request.Language)
	if err != nil {
		return draft{}, err
	}
	return newWriter(r).write(language, text)
}

// writer fills a template and notes what it lacked.
type writer struct {
	request Request
	facts   map[string]fact
	missing gaps
	names   bool // the letter bears the victims' names
}

func newWriter(r Request) *writer {
	w := &writer{request: r, facts: map[string]fact{}}
	for _, f := range facts(r) {
		w.facts[f.key] = f
	}
	return w
}

func (w *writer) write(language, text string) (draft, error) {
	form, err := template.New(language).Funcs(template.FuncMap{
		"fact": w.fact, "need": w.need,
		"onChain": func() bool { return onChain(w.request.Freeze.Request.Account) },
		"scope":   func() string { return string(w.request.Freeze.Request.Scope) },
		"steps":   func() []string { steps, _ := sheetSteps(w.request); return steps },
	}).Parse(text)
	if err != nil {
		return draft{}, domain.Usage("letter %s: %v", language, err)
	}
	var out strings.Builder
	if err := form.Execute(&out, nil); err != nil {
		return draft{}, domain.Usage("letter %s: %v", language, err)
	}
	d := draft{bytes: []byte(out.String()), missing: w.missing}
	if w.names {
		d.discloses = disclosed(w.request)
	}
	return d, nil
}

// fact is what is known, or nothing.
func (w *writer) fact(key string) (string, error) {
	f, ok := w.facts[key]
	if !ok {
		return "", fmt.Errorf("there is no fact %.40q: use one of %s", key, strings.Join(slices.Sorted(maps.Keys(w.facts)), ", "))
	}
	w.names = w.names || key == "victim_names" && f.text != ""
	return f.text, nil
}

// need is what is known, or the mark, and then it is missing.
func (w *writer) need(key, mark string) (string, error) {
	text, err := w.fact(key)
	if err != nil {
		return "", err
	}
	if lack := w.facts[key].lacks(); lack != "" {
		w.missing.add(lack)
	}
	if text == "" {
		return "[" + mark + "]", nil
	}
	return text, nil
}

// sampleRequest knows something of everything, so that a template is tried in
// all its parts.
func sampleRequest() Request {
	amount := &domain.Amount{Units: domain.NewUnits(1), Asset: domain.Asset{Code: "EUR", Digits: 2}}
	day := domain.Date(2026, 1, 1)
	return Request{
		Case: "C", Title: "t", Summary: "s", Made: day.Time, From: Agency{Name: "a", Email: "e"}, To: Agency{Name: "b"}, Victims: []Victim{{ID: "V", Name: "n", City: "c"}},
		Freeze: domain.Freeze{FirstHeldAt: day, Request: domain.FreezeRequested{
			Freeze: "F", Account: "bank:1", Asset: "EUR", Digits: 2, Scope: domain.ScopeAmount, Amount: amount, Traced: amount, Rule: "fifo", Mechanism: "m", Basis: "b",
			Contact: "c", Country: "DE", Priority: "p", Deadline: day, OrderDue: day, Language: "en", Reference: "r", Operation: "o", Disclosure: "d",
			Evidence: []domain.SHA256{"e"}, Warnings: []string{"w"},
			Wire: &domain.Wire{OriginatingBank: "o", Originator: "bank:2", BeneficiaryBank: "b", BIC: "INVNDEFF", Intermediary: "i", UETR: "u", EndToEnd: "e",
				TransactionID: "t", MessageID: "m", SettledOn: day, Amount: amount, FurtherCredit: "f", RecallSent: day},
		}},
		Accounts: map[domain.AccountID]Account{"bank:1": {Holder: "h", City: "c"}},
		Steps:    []Step{{Text: "s", Movement: domain.Movement{To: "bank:1", Ref: "x"}}},
	}
}
