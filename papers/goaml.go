package papers

import (
	"fmt"
	"regexp"
	"strings"

	"clew/domain"
)

// The report to an FIU: goAML 5.0.2 (UNODC), one transaction for each movement
// by which the money came to the account. Its codes are the FIU's own (fiu.yaml).
// Both sides of a transaction are other people's customers (t_from, t_to): the
// side "my client" is for a bank that reports its own.

// Reporting is who reports to the FIU, and how.
type Reporting struct {
	Entity     int    // the number under which the FIU knows who reports, from 1
	Branch     string // rentity_branch
	Report     string // the kind of report; empty: the FIU's usual one
	Currency   string // in which it counts, where the lookups do not say
	UserCode   string // of the person at the FIU's portal; else the name
	FirstName  string
	LastName   string
	Email      string
	Occupation string
	Indicators []string // codes of the FIU; empty: by the typologies of the payments
}

// The shapes of the schema.
var (
	text8000 = shape{most: 8000}
	text255  = shape{most: 255}
	text100  = shape{most: 100}
	text50   = shape{most: 50}
	country2 = shape{pattern: regexp.MustCompile(`^[A-Z]{2}$`), words: "country code of ISO 3166-1"}
	oneChar  = shape{most: 1}
	// decimal13 is sql_decimal: 13 digits after the point, at most 7.9e15. A sum
	// of 16 digits may be above it, so 15 are taken.
	decimal13 = shape{pattern: regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,13})?$`), words: "amount that the schema takes"}
)

// goAML drafts the report.
func goAML(r Request) (draft, error) {
	if r.FIU.Name == "" {
		r.FIU = StandardFIUs()[0]
	}
	if err := r.FIU.settle(); err != nil {
		return draft{}, domain.Usage("lookups of FIU %.40q: %v", r.FIU.Name, err)
	}
	g := &report{request: r, fiu: r.FIU}
	g.in("report", func() {
		g.head()
		g.person()
		g.need(field{"reason", "summary of the incident", r.Summary, text8000})
		g.need(field{"action", "action that is asked", g.action(), text8000})
		g.transactions()
		g.indicators()
	})
	return draft{bytes: g.document(), missing: g.missing, discloses: g.discloses}, nil
}

// report is the report as it is written.
type report struct {
	form
	request   Request
	fiu       FIU
	discloses []domain.VictimID
}

func (g *report) head() {
	r := g.request
	entity := ""
	if r.Reporting.Entity > 0 {
		entity = fmt.Sprint(r.Reporting.Entity)
	}
	g.text("schema_version", "5.0.2")
	g.need(field{"rentity_id", "number of who reports at the FIU", entity, shape{}})
	g.may(field{"rentity_branch", "branch of who reports", r.Reporting.Branch, text255})
	g.need(field{"submission_code", "FIU's code for the way of submission", g.fiu.Submission, shape{}})
	g.need(field{"report_code", "FIU's code for this kind of report", first(r.Reporting.Report, g.fiu.Report), shape{}})
	g.need(field{"entity_reference", "reference of the request", reference(r), text255})
	g.may(field{"fiu_ref_number", "reference of the other side", r.Freeze.Request.Reference, text255})
	g.need(field{"submission_date", "time at which the report is made", strings.TrimSuffix(moment(r.Made), "Z"), shape{}})
	g.need(field{"currency_code_local", "currency in which the FIU counts", g.local(), isoCode})
}

// local is the currency in which the report counts.
func (g *report) local() string { return first(g.request.Reporting.Currency, g.fiu.Currency) }

// person writes who reports, by name or by the code at the FIU's portal.
func (g *report) person() {
	p := g.request.Reporting
	if p.FirstName == "" && p.LastName == "" && p.UserCode != "" {
		g.need(field{"reporting_user_code", "user code of who reports", p.UserCode, text50})
		return
	}
	g.in("reporting_person", func() {
		g.need(field{"first_name", "first name of who reports", p.FirstName, g.name(100)})
		g.need(field{"last_name", "last name of who reports", p.LastName, g.name(100)})
		g.may(field{"email", "e-mail address of who reports", p.Email, text255})
		g.may(field{"occupation", "occupation of who reports", p.Occupation, text255})
	})
}

// name is the shape of a name: some FIUs take plain letters only.
func (g *report) name(most int) shape {
	return shape{most, g.fiu.names, "name that the FIU takes (" + g.fiu.Names + "): transliterate it"}
}

// action says what is asked, in one sentence for each thing.
func (g *report) action() string {
	asked := g.request.Freeze.Request
	if asked.Account == "" {
		return ""
	}
	text := fmt.Sprintf("Hold on account %s asked, of scope %s", number(asked.Account), asked.Scope)
	if amount := money(asked.Amount); amount != "" {
		text += ", for " + amount
	}
	text += "."
	if traced := money(asked.Traced); traced != "" {
		text += fmt.Sprintf(" Traced to victims there: %s under the rule %s.", traced, first(asked.Rule, "(not stated)"))
	}
	if asked.Basis != "" {
		text += " Legal basis: " + oneLine(asked.Basis) + "."
	}
	return text
}

// indicators writes why it is suspicious, in the FIU's codes.
func (g *report) indicators() {
	codes := gaps{}
	for _, code := range g.request.Reporting.Indicators {
		codes.add(code)
	}
	for _, step := range g.request.Steps {
		if code := g.fiu.Indicators[string(step.Movement.Scam)]; code != "" && len(g.request.Reporting.Indicators) == 0 {
			codes.add(code)
		}
	}
	g.in("report_indicators", func() {
		if len(codes) == 0 {
			g.lack("indicator", "the FIU's code for what is suspicious is not known")
		}
		for _, code := range codes {
			g.need(field{"indicator", "indicator", code, text50})
		}
	})
}

// transactions writes each movement. Openings and balances are states, not
// transactions.
func (g *report) transactions() {
	written := 0
	for _, step := range g.request.Steps {
		if kind := step.Movement.Kind; kind == domain.Opening || kind == domain.Balance {
			continue
		}
		g.in("transaction", func() { g.transaction(step) })
		written++
	}
	if written == 0 {
		g.lack("transaction", "no movement by which the money came to the account is known")
	}
}

func (g *report) transaction(step Step) {
	m := step.Movement
	what := " of movement " + string(m.ID)
	g.need(field{"transactionnumber", "name of a movement", string(m.ID), text100})
	g.may(field{"internal_ref_number", "reference" + what, m.Ref, text100})
	if !g.need(field{"transaction_location", "place" + what, g.place(m), text255}) {
		g.text("transaction_location", "")
	}
	g.need(field{"transaction_description", "description" + what, step.sentence(), text8000})
	g.need(field{"date_transaction", "time" + what, g.time(m.When), shape{}})
	g.need(field{"transmode_code", "FIU's code for how money moved: " + means(m), g.fiu.Modes[means(m)], shape{}})
	g.need(field{"transmode_comment", "FIU's comment on how money moved", g.fiu.ModeComment, oneChar})
	g.amountLocal(step)
	if m.Kind == domain.Hop {
		g.in("involved_parties", func() { g.parties(m) })
		return
	}
	g.in("t_from", func() { g.side("from", m.From, side{m, m.Amount}) })
	g.in("t_to", func() { g.side("to", m.To, side{m, m.Arrives()}) })
}

// place is where a transaction was made: the institution of who paid.
func (g *report) place(m domain.Movement) string {
	account := g.request.Accounts[m.From]
	return join(", ", g.bank(m.From).name, account.Branch, account.City)
}

// earliest is the first moment that the schema takes (sql_date).
const earliest = 1753

func (g *report) time(w domain.When) string {
	if w.IsZero() || w.Time.Year() < earliest {
		return ""
	}
	return strings.TrimSuffix(moment(w.Time), "Z")
}

// means says how a movement moved money, in the words of the lookups.
func means(m domain.Movement) string {
	has := func(kind domain.AccountKind) bool { return m.From.Kind() == kind || m.To.Kind() == kind }
	switch {
	case m.Kind == domain.Hop || onChain(m.From) || onChain(m.To):
		return "crypto"
	case has(domain.KindCash):
		return "cash"
	case has(domain.KindCard):
		return "card"
	}
	return "transfer"
}

// amountLocal writes what the movement was in the FIU's currency. clew never
// converts on its own: without a recorded rate it is missing.
func (g *report) amountLocal(step Step) {
	amount := step.Movement.Amount
	if step.Local != nil {
		amount = *step.Local
	}
	if local := g.local(); local == "" || string(amount.Asset.Code) != local {
		g.lack("amount_local", fmt.Sprintf("what %s of movement %s was in %s is not known", money(&step.Movement.Amount), step.Movement.ID, first(local, "the FIU's currency")))
		return
	}
	g.need(field{"amount_local", "amount of movement " + string(step.Movement.ID), exact(amount), decimal13})
}

// exact is an amount without zeros at its end that the schema may have no room
// for; it is never rounded.
func exact(a domain.Amount) string {
	text := a.String()
	if a.Asset.Digits > 13 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
