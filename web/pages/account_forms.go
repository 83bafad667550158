package pages

import (
	"net/http"
	"strings"

	"clew/domain"
)

// forms are what people may say about an account.
func (p *profile) forms(a asked, file *domain.CaseFile, typed typed, wrong string) {
	if file.Closed {
		return
	}
	at := a.To("account", "name", string(p.Name))
	which := typed.get("does")
	of := func(does string) (form, func(field) field) {
		if which == does {
			return form{Name: does, Action: at, Wrong: wrong, Hidden: []option{{"does", does}}}, typed.field
		}
		return form{Name: does, Action: at, Hidden: []option{{"does", does}}}, func(f field) field { return f }
	}
	describe, keep := of("describe")
	describe.Submit = "Record the description"
	describe.Fields = []field{
		keep(field{Name: "holder", Label: "Holder", Hint: "Personal data: it is encrypted, and opened for those who may read the case."}),
		keep(field{Name: "institution", Label: "Institution"}),
		keep(field{Name: "country", Label: "Country", Hint: "Two letters, like NL."}),
		keep(field{Name: "as", Label: "Kind", Kind: "select", Options: kindOptions()}),
		keep(field{Name: "victim", Label: "It belongs to the victim", Hint: "Money that reaches it is returned."}),
		keep(field{Name: "innocent", Label: "Its holder is an innocent third party", Kind: "select", Options: yesNoOptions}),
		keep(field{Name: "coerced", Label: "Its holder acts under force", Kind: "select", Options: yesNoOptions}),
		keep(field{Name: "shared", Label: "It is held by several", Kind: "select", Options: yesNoOptions}),
		keep(field{Name: "basis", Label: "Who says so", Needed: true}),
	}
	label, keep := of("label")
	label.Submit = "Attach the label"
	label.Fields = []field{keep(field{Name: "label", Label: "Known as", Needed: true}), keep(field{Name: "source", Label: "Who says so", Needed: true}),
		keep(field{Name: "confidence", Label: "How sure, in the source's own words"}),
		keep(field{Name: "assessment", Label: "An assessment, not a fact", Kind: "check"})}
	same, keep := of("same")
	same.Submit = "Record that the two are one"
	same.Fields = []field{keep(field{Name: "as", Label: "The name it is walked under from now on", Needed: true}), keep(field{Name: "basis", Label: "Who says so", Needed: true})}
	p.Describe, p.Label, p.Same = &describe, &label, &same
	var labels []option
	for _, name := range p.Names {
		for _, l := range file.Labels[name] {
			labels = append(labels, option{string(name) + "\n" + l.Label, l.Label})
		}
	}
	if len(labels) > 0 {
		unlabel, keep := of("unlabel")
		unlabel.Submit = "Take it back"
		unlabel.Fields = []field{keep(field{Name: "label", Label: "Label", Kind: "select", Options: labels}), keep(field{Name: "reason", Label: "Why", Needed: true})}
		p.Unlabel = &unlabel
	}
}

// yesNoOptions: what is left out stays as it was said before.
var yesNoOptions = []option{{"", "as said before"}, {"yes", "yes"}, {"no", "no"}}

func kindOptions() []option {
	list := []option{{"", "as said before, or by its name"}}
	for _, kind := range domain.AccountKinds() {
		list = append(list, option{string(kind), string(kind) + ": " + kindWord(kind)})
	}
	return list
}

// sayOfAccount records what a person says about an account.
func (s *screens) sayOfAccount(r *http.Request, typed typed) (to, notice string, err error) {
	a, _, err := s.caseOf(r)
	if err != nil {
		return "", "", err
	}
	account, err := domain.ParseAccount(r.URL.Query().Get("name"))
	if err != nil {
		return "", "", domain.Usage("the address does not name an account: %v", err)
	}
	acts := map[string]string{"label": "AttachLabel", "unlabel": "WithdrawLabel", "same": "IdentifyAccounts"}
	if err := mayDo(r, acts[typed.get("does")], a.Case); err != nil {
		return "", "", err
	}
	var command domain.Command
	switch typed.get("does") {
	case "label":
		command = domain.AttachLabel{Account: account, Label: typed.get("label"), Source: typed.get("source"), Confidence: typed.get("confidence"), Assessment: typed.get("assessment") == "yes"}
	case "unlabel":
		name, label, _ := strings.Cut(strings.ReplaceAll(typed.get("label"), "\r", ""), "\n")
		command = domain.WithdrawLabel{Account: domain.AccountID(name), Label: label, Reason: typed.get("reason")}
	case "same":
		as, wrong := domain.ParseAccount(typed.get("as"))
		if wrong != nil {
			return "", "", domain.Usage("The name it is walked under: %v", wrong)
		}
		command = domain.IdentifyAccounts{Account: account, As: as, Basis: typed.get("basis")}
	default:
		command = typed.description(account)
	}
	_, err = s.Desk.Do(r.Context(), typed.by(r), a.Case, command)
	return a.Account(account), "It is recorded.", err
}

func (t typed) description(account domain.AccountID) domain.DescribeAccount {
	return domain.DescribeAccount{Account: account, Holder: t.get("holder"), Institution: t.get("institution"), Country: strings.ToUpper(t.get("country")),
		As: domain.AccountKind(t.get("as")), Victim: domain.VictimID(t.get("victim")), Shared: t.yesNo("shared"), Innocent: t.yesNo("innocent"),
		Coerced: t.yesNo("coerced"), Basis: t.get("basis")}
}

func (t typed) yesNo(name string) *bool {
	switch t.get(name) {
	case "yes":
		return new(true)
	case "no":
		return new(false)
	}
	return nil
}
