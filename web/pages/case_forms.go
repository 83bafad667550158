package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// caseActs are what the forms of a case file do, by their names.
var caseActs = map[string]string{"note": "NoteCase", "victim": "AddVictim", "person": "RegisterPerson", "finding": "NoteFinding",
	"reimburse": "RecordReimbursement", "unreimburse": "WithdrawReimbursement", "hold": "PlaceLegalHold", "lift": "LiftLegalHold",
	"restrict": "Restrict", "review": "SetReview", "link": "LinkCase", "close": "CloseCase"}

// keeps are the forms that a closed case takes too.
var keeps = []string{"hold", "lift", "restrict", "review"}

// formList is what somebody may say of a case as a whole.
type formList []titledForm

// of gives the forms of these names, in this order.
func (l formList) of(names ...string) (list []titledForm) {
	for _, name := range names {
		for _, f := range l {
			if f.Name == name {
				list = append(list, f)
			}
		}
	}
	return list
}

func (l formList) offers(name string) bool { return len(l.of(name)) > 0 }

// caseForms are the forms that the reader may send, with what was typed into
// the one that came last. Whom the address names, his form is filled in.
func (s *screens) caseForms(r *http.Request, a asked, file *domain.CaseFile, last sent) formList {
	if a.Past() {
		return nil
	}
	who, all := whoIs(r), append(peopleForms(), keepingForms(file)...)
	if !s.hides(r) {
		known := typed(r.URL.Query())
		all.change("victim", known.get("victim"), file, last)
		all.change("person", known.get("person"), file, last)
	}
	var list formList
	for _, f := range all {
		if file.Closed && !listed(keeps, f.Name) || !who.May(caseActs[f.Name], a.Case) {
			continue
		}
		f.Action, f.Hidden = a.To("file"), append(f.Hidden, option{"does", f.Name})
		if last.typed.get("does") == f.Name {
			f.Wrong = last.wrong
			for i := range f.Fields {
				f.Fields[i] = last.typed.field(f.Fields[i])
			}
		}
		list = append(list, f)
	}
	return list
}

// peopleForms are about victims, persons, and the case itself.
func peopleForms() formList {
	country := field{Name: "country", Label: "Country", Hint: "Two letters, like NL."}
	name, contact := field{Name: "name", Label: "Name", Hint: "Encrypted."}, field{Name: "contact", Label: "Contact", Hint: "Encrypted."}
	assessment := field{Name: "assessment", Label: "An assessment, not a fact", Kind: "check"}
	return formList{
		{"Write a note", &form{Name: "note", Submit: "Record the note", Fields: []field{{Name: "text", Label: "The note", Hint: "It is encrypted.", Kind: "area", Needed: true}}}},
		{"Register a victim", &form{Name: "victim", Submit: "Register", Fields: []field{
			{Name: "victim", Label: "Reference", Hint: "V3, 2024-0815: never a name.", Needed: true},
			{Name: "category", Label: "Sort", Kind: "select", Options: wordOptions("", domain.ScamTarget, domain.TraffickedPerson)}, name, contact, country}}},
		{"Register a person", &form{Name: "person", Submit: "Register", Fields: []field{
			{Name: "person", Label: "Reference", Hint: "P1, S-4: never a name.", Needed: true},
			{Name: "category", Label: "Is", Kind: "select", Options: wordOptions("", domain.PersonCategories()...)}, name, contact,
			{Name: "account", Label: "Holds the account"}, {Name: "victim", Label: "Is the victim", Hint: "Where he is one of the case's victims: his reference."},
			{Name: "basis", Label: "On what basis"}, assessment}}},
		{"Note a finding", &form{Name: "finding", Submit: "Record the finding", Fields: append(whoseFields("About", "the case as a whole"),
			field{Name: "text", Label: "What was found out", Hint: "It is encrypted.", Kind: "area", Needed: true},
			field{Name: "source", Label: "Where it is from", Needed: true}, assessment)}},
		{"Walk it as one with another case", &form{Name: "link", Submit: "Link them", Fields: []field{{Name: "other", Label: "The other case", Needed: true}, {Name: "reason", Label: "Why"}}}},
		{"Close the case", &form{Name: "close", Submit: "Close it", Fields: []field{{Name: "reason", Label: "Why", Hint: "It takes no more facts then.", Needed: true}}}},
	}
}

// keepingForms are about what others made good, and how data is kept.
func keepingForms(file *domain.CaseFile) formList {
	why, authority := field{Name: "reason", Label: "Why", Needed: true}, field{Name: "authority", Label: "By whose order", Needed: true}
	list := formList{
		{"Record a reimbursement", &form{Name: "reimburse", Submit: "Record the reimbursement", Fields: []field{
			{Name: "victim", Label: "Victim", Hint: "Who was paid: a reference such as V3.", Needed: true}, {Name: "payer", Label: "Who paid", Hint: "A bank, an insurer, a fund.", Needed: true},
			{Name: "amount", Label: "Amount", Hint: "With a point and without grouping.", Needed: true}, {Name: "asset", Label: "Asset", Needed: true},
			{Name: "at", Label: "Paid on", Hint: "A date, or RFC 3339 with its zone.", Needed: true}, {Name: "reference", Label: "The payer's own number"},
			{Name: "basis", Label: "On what basis", Hint: "The law or the contract it was paid under."}}}},
		{"Place a legal hold", &form{Name: "hold", Submit: "Place the hold", Fields: append(whoseFields("What is kept", "the whole case"),
			authority, why, field{Name: "until", Label: "Looked at again on", Hint: "It does not end by itself."})}},
		{"Keep somebody's data for evidence alone, or end that", &form{Name: "restrict", Submit: "Record it", Fields: append(whoseFields("Whose data", ""),
			field{Name: "basis", Label: "On what basis", Hint: "The law, or the decision.", Needed: true}, field{Name: "reason", Label: "Why"},
			field{Name: "lifted", Label: "It is used as before again", Kind: "check"})}},
		{"Set when keeping its data is reviewed", &form{Name: "review", Submit: "Set the day", Fields: []field{{Name: "due", Label: "By which day", Hint: "Like 2027-06-30.", Needed: true},
			{Name: "reason", Label: "Why it is still needed", Hint: "Or what the last review found.", Needed: true}}}},
	}
	if len(file.Reimbursed) > 0 {
		var which []option
		for _, r := range file.Reimbursed {
			which = append(which, option{string(r.Reimbursement), string(r.Reimbursement) + ": " + r.Amount.String() + " " + string(r.Amount.Asset.Code) + ", " + r.Payer + " to " + string(r.Victim)})
		}
		list = append(list, titledForm{"Take a reimbursement back", &form{Name: "unreimburse", Submit: "Take it back",
			Fields: []field{{Name: "reimbursement", Label: "Which", Kind: "select", Options: which}, why}}})
	}
	if len(file.Holds) > 0 {
		var which []option
		for _, h := range file.Holds {
			which = append(which, option{h.Hold, h.Hold + " on " + h.Of.String() + ", by " + h.Authority})
		}
		list = append(list, titledForm{"Lift a legal hold", &form{Name: "lift", Submit: "Lift the hold", Fields: []field{{Name: "hold", Label: "Which", Kind: "select", Options: which}, authority, why}}})
	}
	return list
}

// whoseFields ask whose data it is: a sort, and which of it.
func whoseFields(label, whole string) []field {
	sorts := []option{{"victim", "a victim"}, {"person", "a person"}, {"account", "the holder of an account"}, {"file", "a file"}, {"event", "one event's text"}}
	if whole != "" {
		sorts = append([]option{{"", whole}}, sorts...)
	}
	return []field{{Name: "sort", Label: label, Kind: "select", Options: sorts},
		{Name: "which", Label: "Which one", Hint: "A reference, an account, the beginning of a file's SHA-256, an event's position."}}
}

// change fills the form of somebody who is registered, so that nothing that is
// not typed over is lost: what is recorded takes the place of what was.
func (l formList) change(name, reference string, file *domain.CaseFile, last sent) {
	for at := range l {
		f := &l[at]
		if f.Name != name {
			continue
		}
		if last.typed.get("does") == name && last.typed.get("seen") != "" {
			reference = last.typed.get(name)
		}
		said, seen, known := registered(name, reference, file)
		if !known {
			continue
		}
		for i := range f.Fields {
			f.Fields[i].Value = said[f.Fields[i].Name]
		}
		f.Title, f.Submit, f.Open = "Change "+reference, "Record the change", true
		f.Fields = append([]field{}, f.Fields[1:]...)
		f.Hidden = []option{{name, reference}, {"seen", seen}}
		f.Says = "All of it takes the place of what is recorded now."
	}
}

// registered is what is recorded of somebody, by the names of the form's
// fields, and a digest of it: by that a form says what its sender had seen.
func registered(name, reference string, file *domain.CaseFile) (said map[string]string, seen string, known bool) {
	if name == "victim" {
		v, known := file.Victims[domain.VictimID(reference)]
		said = map[string]string{"category": string(v.Category), "name": clearOf(v.Name), "contact": clearOf(v.Contact), "country": v.Country}
		return said, digestOf(said), known
	}
	p, known := file.Persons[domain.PersonID(reference)]
	said = map[string]string{"category": string(p.Category), "name": clearOf(p.Name), "contact": clearOf(p.Contact), "account": string(p.Account),
		"victim": string(p.Victim), "basis": p.Basis, "assessment": yesOr(p.Assessment)}
	return said, digestOf(said), known
}

func yesOr(yes bool) string {
	if yes {
		return "yes"
	}
	return ""
}

func digestOf(said map[string]string) string {
	text, err := json.Marshal(said) // its names in order
	if err != nil {
		panic(err) // texts alone
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// sayOfCase records what a person says of a case as a whole.
func (s *screens) sayOfCase(r *http.Request, typed typed) (to, notice string, err error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return "", "", err
	}
	if err := mayDo(r, caseActs[typed.get("does")], a.Case); err != nil {
		return "", "", err
	}
	if typed.get("does") == "link" {
		return s.linkCases(r, a, typed)
	}
	command, err := s.ofCase(r, file, typed)
	if err != nil {
		return "", "", err
	}
	_, err = s.Desk.Do(r.Context(), typed.by(r), a.Case, command)
	return a.To("file"), "It is recorded.", err
}

// ofCase is the command about a case that was typed.
func (s *screens) ofCase(r *http.Request, file *domain.CaseFile, typed typed) (domain.Command, error) {
	switch typed.get("does") {
	case "victim":
		return typed.victim(file)
	case "person":
		return typed.person(file)
	case "finding":
		of, err := typed.whose(file)
		return domain.NoteFinding{About: of, Text: typed.get("text"), Source: typed.get("source"), Assessment: typed.get("assessment") == "yes"}, err
	case "reimburse":
		return s.reimbursement(r, file, typed)
	case "unreimburse":
		return domain.WithdrawReimbursement{Reimbursement: domain.ReimbursementID(typed.get("reimbursement")), Reason: typed.get("reason")}, nil
	case "close":
		return domain.CloseCase{Reason: typed.get("reason")}, nil
	case "hold", "lift", "restrict", "review":
		return typed.keeping(file)
	}
	return domain.NoteCase{Text: typed.get("text")}, nil
}

func (t typed) victim(file *domain.CaseFile) (domain.Command, error) {
	id, err := domain.ParseVictim(t.get("victim"))
	if err != nil {
		return nil, domain.Usage("Reference: %v", err)
	}
	command := domain.AddVictim{Victim: id, Category: domain.VictimCategory(t.get("category")), Name: t.get("name"), Contact: t.get("contact"), Country: strings.ToUpper(t.get("country"))}
	return command, t.stillSo("victim", string(id), command, file)
}

func (t typed) person(file *domain.CaseFile) (domain.Command, error) {
	id, err := domain.ParsePerson(t.get("person"))
	if err != nil {
		return nil, domain.Usage("Reference: %v", err)
	}
	command := domain.RegisterPerson{Person: id, Category: domain.PersonCategory(t.get("category")), Name: t.get("name"), Contact: t.get("contact"),
		Victim: domain.VictimID(t.get("victim")), Assessment: t.get("assessment") == "yes", Basis: t.get("basis")}
	if t.get("account") != "" {
		if command.Account, err = domain.ParseAccount(t.get("account")); err != nil {
			return nil, domain.Usage("Holds the account: %v", err)
		}
	}
	return command, t.stillSo("person", string(id), command, file)
}

// stillSo refuses to write over what the sender of a form has not seen: a
// registration takes the place of the last one, with every field of it.
func (t typed) stillSo(name, reference string, command domain.Command, file *domain.CaseFile) error {
	events, err := command.Decide(file)
	_, seen, known := registered(name, reference, file)
	switch {
	case err != nil || len(events) == 0 || !known || seen == t.get("seen"):
		return nil // the command itself says what is wrong with it
	case t.get("seen") == "":
		return domain.Conflict("Reference: %s is registered already: choose \"Change\" beside it, or another reference", reference)
	}
	return domain.Conflict("somebody has changed what is recorded of %s since you looked at it: look at it again, and change that", reference)
}

// whose reads whose data it is. Whom the case does not know is refused: a hold
// on a name that is typed wrong would keep nothing.
func (t typed) whose(file *domain.CaseFile) (of domain.Whose, err error) {
	which := t.get("which")
	switch t.get("sort") {
	case "victim":
		of.Victim = domain.VictimID(which)
		if _, known := file.Victims[of.Victim]; !known {
			return of, domain.Usage("Which one: the case has no victim %q", which)
		}
	case "person":
		of.Person = domain.PersonID(which)
		if _, known := file.Persons[of.Person]; !known {
			return of, domain.Usage("Which one: the case has no person %q", which)
		}
	case "account":
		if of.Account, err = domain.ParseAccount(which); err != nil {
			return of, domain.Usage("Which one: %v", err)
		}
	case "file":
		of.File, err = fileNamed(file, which)
	case "event":
		if of.Event, err = strconv.ParseUint(which, 10, 63); err != nil || of.Event == 0 {
			return of, domain.Usage("Which one: %q is no position of the log: it is a whole number from 1", which)
		}
	}
	return of, err
}

// fileNamed finds a file of the case by the beginning of its SHA-256.
func fileNamed(file *domain.CaseFile, start string) (found domain.SHA256, err error) {
	for sum := range file.Files {
		if len(start) < 6 || !strings.HasPrefix(string(sum), strings.ToLower(start)) {
			continue
		}
		if found != "" {
			return "", domain.Usage("Which one: more than one file's SHA-256 begins with %q: give more of it", start)
		}
		found = sum
	}
	if found == "" {
		return "", domain.Usage("Which one: the case has no file whose SHA-256 begins with %q: give at least 6 letters of it; the page Files shows them", start)
	}
	return found, nil
}

func (s *screens) reimbursement(r *http.Request, file *domain.CaseFile, t typed) (domain.Command, error) {
	var command domain.RecordReimbursement
	command.Payer, command.ReimbursementRecorded.Reference, command.Basis = t.get("payer"), t.get("reference"), t.get("basis")
	command.Victim = domain.VictimID(t.get("victim"))
	if _, known := file.Victims[command.Victim]; !known {
		return nil, domain.Usage("Victim: the case has no victim %q", t.get("victim"))
	}
	register, err := s.Views.Assets(r.Context(), projections.Head)
	if err != nil {
		return nil, err
	}
	asset, err := register.Find(t.get("asset"))
	if err != nil {
		return nil, domain.Usage("Asset: %v", err)
	}
	if command.Amount, err = domain.ParseAmount(t.get("amount"), asset); err != nil {
		return nil, domain.Usage("Amount: %v", err)
	}
	if command.At, err = t.when("at"); err != nil {
		return nil, domain.Usage("Paid on: %v", err)
	}
	return command, nil
}

// keeping is what was typed about how data is kept.
func (t typed) keeping(file *domain.CaseFile) (domain.Command, error) {
	switch t.get("does") {
	case "lift":
		return domain.LiftLegalHold{Hold: t.get("hold"), Authority: t.get("authority"), Reason: t.get("reason")}, nil
	case "review":
		due, err := t.when("due")
		if err != nil || due.IsZero() {
			return nil, domain.Usage("By which day: give a date, like 2027-06-30")
		}
		return domain.SetReview{Due: due, Reason: t.get("reason")}, nil
	}
	of, err := t.whose(file)
	if err != nil {
		return nil, err
	}
	if t.get("does") == "restrict" {
		if of.Event > 0 {
			return nil, domain.Usage("Whose data: one event's text is erased or not: say whose it is")
		}
		return domain.Restrict{PersonalRestricted: domain.PersonalRestricted{Of: of, Basis: t.get("basis"), Reason: t.get("reason"), Lifted: t.get("lifted") == "yes"}}, nil
	}
	until, err := t.when("until")
	if err != nil {
		return nil, domain.Usage("Looked at again on: %v", err)
	}
	return domain.PlaceLegalHold{Of: of, Authority: t.get("authority"), Reason: t.get("reason"), Until: until}, nil
}

// linkCases needs a person who may link both: what is walked as one is seen as
// one.
func (s *screens) linkCases(r *http.Request, a asked, typed typed) (to, notice string, err error) {
	other, err := domain.ParseCase(typed.get("other"))
	if err != nil {
		return "", "", domain.Usage("The other case: %v", err)
	}
	if who := whoIs(r); !who.May("LinkCase", other) {
		return "", "", domain.Usage("The other case: %s is not yours to link, or there is none of this name", other)
	}
	var outcome casework.Outcome
	if outcome, err = s.Desk.Link(r.Context(), typed.by(r), a.Case, other, typed.get("reason")); err != nil {
		return "", "", err
	}
	if outcome.Nothing {
		return a.To("file"), "They were linked before.", nil
	}
	return a.To("file"), "The two cases are walked as one from now on.", nil
}
