package papers

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"clew/domain"
)

// The Financial Fraud Kill Chain sheet: what IC3 and FinCEN's Rapid Response
// Program ask for, then the rest of the request, then how the money came to
// the account.

// sheet is a sheet ready to be printed.
type sheet struct {
	Reference string
	Case      string
	Made      string
	Sections  []section
	Steps     []string
	LeftOut   int // steps that are not printed
	Missing   []string
}

type section struct {
	Title string
	Rows  []row
}

// row is one line of the sheet. Gap says what is not known of it.
type row struct {
	Label string
	Lines []string
	Gap   string
}

// maxSheetSteps bounds the steps that a sheet prints: nobody reads more. The
// sheet says how many it leaves out; goAML takes all.
const maxSheetSteps = 200

// asked is a row of the sheet before it is filled. What may be absent is left
// out when it is: there need be no intermediary.
type asked struct {
	label, key string
	optional   bool
}

// ffkcRows are the sections of the sheet. Fields of the kill chain: FBI, IC3.
func ffkcRows(r Request) map[string][]asked {
	bounded := r.Freeze.Request.Scope.Bounded()
	return map[string][]asked{
		"Incident and wire": {
			{"Summary of the incident", "summary", false}, {"Victim", "victims", false}, {"Name of the victim", "victim_names", false},
			{"City and state of the victim", "victim_places", false}, {"Originating bank", "originating_bank", false},
			{"Originating account", "originating_account", false}, {"Beneficiary name", "holder", false}, {"Beneficiary bank", "bank", false},
			{"Beneficiary account", "account", false}, {"Beneficiary bank location", "bank_place", false}, {"Intermediary bank", "intermediary", true},
			{"SWIFT number", "bank_bic", false}, {"Date", "payment_date", false}, {"Amount", "payment_amount", false},
			{"For further credit", "further_credit", true}, {"Recall sent", "recall_sent", false}, {"Criteria not met", "criteria", true},
		},
		"Request": {
			{"Reference", "reference", false}, {"Case", "case", false}, {"Title", "title", true}, {"Mechanism", "mechanism", false},
			{"Scope", "scope", false}, {"Amount asked", "amount", !bounded}, {"Asset", "asset", false}, {"Traced", "traced", false}, {"Rule", "rule", false},
			{"Lots", "lots", false}, {"Held so far", "held", true}, {"Legal basis", "basis", false}, {"Requesting agency", "requesting", false},
			{"Contact there", "requesting_contact", false}, {"Responding agency", "responding", false}, {"Contact there", "contact", false},
			{"Country", "country", false}, {"Their reference", "other_reference", true}, {"Priority", "priority", false}, {"Deadline", "deadline", false},
			{"Order due", "order_due", true}, {"Language", "language", false}, {"Operation", "operation", true}, {"Disclosure class", "disclosure", false},
			{"Evidence (SHA-256)", "evidence", false},
		},
		"Payment": {
			{"UETR", "uetr", false}, {"End-to-end id", "end_to_end", true}, {"Transaction id", "transaction_id", true},
			{"Message id", "message_id", true}, {"Other references", "transactions", true},
		},
	}
}

// newSheet fills the sheet.
func newSheet(r Request) sheet {
	known := map[string]fact{}
	for _, f := range facts(r) {
		known[f.key] = f
	}
	s := sheet{Reference: reference(r), Case: join(": ", string(r.Case), r.Title), Made: date(r)}
	missing, rows := gaps{}, ffkcRows(r)
	for _, title := range []string{"Incident and wire", "Request", "Payment"} {
		filled := section{Title: title}
		for _, a := range rows[title] {
			f := known[a.key]
			if f.text == "" && a.optional {
				continue
			}
			filled.Rows = append(filled.Rows, newRow(a.label, f))
			if lack := f.lacks(); lack != "" {
				missing.add(lack)
			}
		}
		s.Sections = append(s.Sections, filled)
	}
	if s.Made == "" {
		missing.add(known["made"].lacks())
	}
	s.Steps, s.LeftOut = sheetSteps(r)
	s.Missing = missing
	return s
}

func newRow(label string, f fact) row {
	r := row{Label: label}
	if f.text != "" {
		r.Lines = strings.Split(f.text, "\n")
	}
	switch {
	case f.of != "":
		r.Gap = f.of
	case f.text == "":
		r.Gap = f.title
	}
	return r
}

// sheetSteps are the steps by which the money came to the account, as
// sentences.
func sheetSteps(r Request) (steps []string, leftOut int) {
	for _, step := range r.Steps[:min(len(r.Steps), maxSheetSteps)] {
		steps = append(steps, step.sentence())
	}
	return steps, len(r.Steps) - len(steps)
}

// sentence tells a step.
func (s Step) sentence() string {
	text := oneLine(shown(s.Text))
	if text == "" {
		m := s.Movement
		text = fmt.Sprintf("%s: %s to %s, %s", m.When, payers(m.From, m.Inputs), payers(m.To, m.Outputs), money(&m.Amount))
		if m.Received.Given() {
			text += fmt.Sprintf(", of which %s %s arrived", m.Received, m.Received.Asset.Code)
		}
		if m.Ref != "" {
			text += ", reference " + m.Ref
		}
		text += "."
	}
	if share := money(s.Share); share != "" {
		text += fmt.Sprintf(" Of it %s of %s.", share, first(string(s.Victim), "the victims"))
	}
	return text
}

// payers names one side of a movement; a hop has several.
func payers(one domain.AccountID, legs []domain.Leg) string {
	if one != "" || len(legs) == 0 {
		return first(number(one), "an account that is not known")
	}
	name := number(legs[0].Account)
	if len(legs) > 1 {
		name += fmt.Sprintf(" and %d more", len(legs)-1)
	}
	return name
}

// ffkcText prints the sheet as text.
func ffkcText(r Request) (draft, error) {
	s, out := newSheet(r), &bytes.Buffer{}
	fmt.Fprintf(out, "FINANCIAL FRAUD KILL CHAIN\nReference %s\nMade %s\n", marked(s.Reference, "reference"), marked(s.Made, "date of the paper"))
	if len(s.Missing) > 0 {
		fmt.Fprintf(out, "\nDRAFT. Still missing:\n")
		for _, m := range s.Missing {
			fmt.Fprintf(out, "  - %s\n", oneLine(m))
		}
	}
	for _, part := range s.Sections {
		fmt.Fprintf(out, "\n%s\n", strings.ToUpper(part.Title))
		for _, row := range part.Rows {
			fmt.Fprintf(out, "  %-30s %s\n", row.Label+":", strings.Join(row.plain(), "\n"+strings.Repeat(" ", 33)))
		}
	}
	printSteps(out, s)
	return draft{bytes: out.Bytes(), missing: s.Missing, discloses: disclosed(r)}, nil
}

func printSteps(out *bytes.Buffer, s sheet) {
	if len(s.Steps) == 0 {
		return
	}
	fmt.Fprintf(out, "\nHOW THE MONEY CAME TO THE ACCOUNT\n")
	for i, step := range s.Steps {
		fmt.Fprintf(out, "%4d. %s\n", i+1, oneLine(step))
	}
	if s.LeftOut > 0 {
		fmt.Fprintf(out, "      and %d steps more, which are not printed here\n", s.LeftOut)
	}
}

// plain are the lines of a row, with the mark where something is missing.
func (r row) plain() []string {
	if r.Gap == "" {
		return r.Lines
	}
	return append(r.Lines[:len(r.Lines):len(r.Lines)], marked("", r.Gap))
}

// marked is a text, or the mark of what is missing.
func marked(text, what string) string {
	if text == "" {
		return "[MISSING: " + what + "]"
	}
	return text
}

// oneLine keeps what people wrote from breaking the form.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

//go:embed ffkc.html
var ffkcHTML string

// ffkcForm is the page; html/template escapes all that it is given.
var ffkcForm = template.Must(template.New("ffkc").Parse(ffkcHTML))

// ffkcPage prints the sheet as a page.
func ffkcPage(r Request) (draft, error) {
	s, out := newSheet(r), &bytes.Buffer{}
	if err := ffkcForm.Execute(out, s); err != nil {
		return draft{}, fmt.Errorf("FFKC page: %w", err)
	}
	return draft{bytes: out.Bytes(), missing: s.Missing, discloses: disclosed(r)}, nil
}
