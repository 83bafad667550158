package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// queueBody is the freezes that wait for something, most urgent first.
type queueBody struct {
	Queue   table
	Over    table // those that wait for nothing any more, of one case
	Remarks []string
	Request string // address of the form; "" where no case is chosen
	Answers *form
	Case    domain.CaseID
}

// queue draws the freezes of one case, or of all that somebody may read.
func (s *screens) queue(r *http.Request) (page, error) { return s.queuePage(r, nil, "") }

func (s *screens) queuePage(r *http.Request, typed typed, wrong string) (page, error) {
	a, err := s.askedOf(r)
	if err != nil {
		return page{}, err
	}
	p := page{Name: "freezes", Title: "Freeze queue", Tab: "freezes", Asked: a}
	if a.Case != "" {
		if p.Asked, p.File, err = s.caseOf(r); err != nil {
			return page{}, err
		}
	}
	rows, err := s.views(r).FreezeQueue(r.Context(), projections.QueueAsk{Ask: a.query, Now: s.Now(), Mechanisms: s.Desk.Mechanisms})
	if err != nil {
		return page{}, err
	}
	who := gate.Who(r.Context())
	rows = slices.DeleteFunc(rows, func(row projections.QueueRow) bool { return !who.May("Reading", row.Case) })
	body := queueBody{Queue: s.queueTable(a, rows), Case: a.Case}
	for _, row := range rows {
		for _, remark := range remarks(row) {
			body.Remarks = append(body.Remarks, fmt.Sprintf("%s %s: %s.", row.Case, row.Freeze, remark))
		}
	}
	if a.Case != "" {
		body.Over, err = s.overTable(r, a, rows)
		body.Request = a.To("freezes/new")
		body.Answers = &form{Action: a.To("freezes/answers"), Files: true, Submit: "Read the answers", Wrong: wrong, Fields: []field{
			{Name: "file", Label: "A bank's answer", Hint: "camt.029 or pacs.004, as it came. A step is taken only where it is sure which request it belongs to.", Kind: "file", Needed: true}}}
	}
	p.Body = body
	return p, err
}

// queueTable says what to do, where, and by when.
func (s *screens) queueTable(a asked, rows []projections.QueueRow) table {
	t := &table{ID: "queue", Dense: true, Caption: "Freezes that wait for something", Says: "Where most is expected to be lost within the next hour comes first. Clocks run by the server's time.",
		Columns: columns("Freeze", "What waits", "Next", "Account", "Asked>", "Traced there>", "Expected there>", "Lost per hour>", "Since the loss", "Lapses", "There", "Others"),
		Empty:   "No freeze waits for anything."}
	for _, row := range rows {
		mark := ""
		if row.Overdue || row.Lapsed || row.Late {
			mark = "late"
		}
		t.addMarked(mark, s.queueCells(asked{Case: row.Case, query: a.query}, row)...)
	}
	return t.without("Others", "There", "Lapses")
}

func (s *screens) queueCells(a asked, q projections.QueueRow) []cell {
	account := a.account(q.Account)
	account.Sub = join(", ", q.Institution, q.Country)
	asks := cell{Text: "all that is there"}
	if q.Asked != nil {
		asks = units(q.Asset, *q.Asked, "")
	}
	next := dueClock(q.Deadline, s.Now(), "no clock runs")
	due := cell{Clock: &next}
	name := linked(string(q.Freeze), a.To("freezes/"+string(q.Freeze)))
	name.Sub = string(q.Case)
	name = cell{Parts: []cell{name, {Sub: "by " + q.Mechanism}}}
	state := cell{Parts: []cell{{Text: words(q.Next)}, {Sub: "is " + words(string(q.State))}}} // each in a line of its own: no day is broken
	if !q.Since.IsZero() {
		state.Parts = append(state.Parts, cell{Sub: "since " + q.Since.Day().Format(time.DateOnly)}) // the freeze's page has the time
	}
	lapses := clockAt(q.Lapses, s.Now(), "", none)
	return []cell{name, state, due, account, asks, units(q.Asset, q.Traced, a.Account(q.Account)), units(q.Asset, q.Expected, ""), units(q.Asset, q.PerHour, ""),
		{Text: sinceWords(q.SinceNow)}, {Clock: &lapses}, thereNow(q), orNone(strings.Join(q.Others, "; "))}
}

// thereNow says what time it is where the account is held.
func thereNow(q projections.QueueRow) cell {
	if q.Local == nil {
		return cell{Text: notKnown}
	}
	c := cell{Text: q.Local.Time.Format("Mon 15:04"), Sub: "closed"}
	if q.Local.Open {
		c.Sub = "open"
	}
	if !q.Local.HolidayKnown {
		c.Sub += ", holidays not known"
	}
	return c
}

func sinceWords(d *time.Duration) string {
	if d == nil {
		return notKnown
	}
	return shortDuration(*d)
}

// shortDuration is a time in its two largest units.
func shortDuration(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// dueClock counts to a deadline.
func dueClock(due *domain.Due, now time.Time, absent string) clock {
	if due == nil {
		return clock{Absent: cmp.Or(absent, "no clock runs")}
	}
	what := due.What
	if !due.Known {
		what += " (holidays of that country are not known)"
	}
	return clockAt(due.At, now, what, "")
}

// soon is how near a deadline is when it is marked.
const soon = 4 * time.Hour

// clockAt counts to a moment.
func clockAt(at domain.When, now time.Time, what, absent string) clock {
	if at.IsZero() {
		return clock{Absent: absent}
	}
	left := at.End().Sub(now)
	c := clock{At: at, What: what, Ticks: left > 0, Words: "in " + shortDuration(left)}
	switch {
	case left < 0:
		c.Class, c.Words = "late", "overdue by "+shortDuration(left)
	case left < soon:
		c.Class = "soon"
	}
	return c
}

// remarks are what an officer has to know before he takes up the telephone.
func remarks(q projections.QueueRow) []string {
	var list []string
	add := func(said bool, text string) {
		if said {
			list = append(list, text)
		}
	}
	add(q.Care, "the holder may act under force: care before contact")
	add(q.Contact != "", "call "+q.Contact+" at "+cmp.Or(q.Institution, "the institution"))
	add(q.Late, "the order was due "+whenWords(q.OrderDue))
	add(q.Lapsed, "the hold has lapsed: ask whether the money is still there, and extend it")
	add(len(q.Others) > 0, "others are on it: "+strings.Join(q.Others, "; "))
	return list
}

// overTable lists the freezes of a case that wait for nothing any more.
func (s *screens) overTable(r *http.Request, a asked, waiting []projections.QueueRow) (table, error) {
	t := table{ID: "over", Caption: "Freezes that are over", Columns: columns("Freeze", "State", "Account", "Held, at most>", "Returned>", "Seized>", "Restored>"), Empty: "None is over."}
	all, err := s.views(r).Freezes(r.Context(), a.query)
	for _, f := range all {
		if slices.ContainsFunc(waiting, func(q projections.QueueRow) bool { return q.Freeze == f.ID && q.Case == f.Case }) {
			continue
		}
		t.add(linked(string(f.ID), a.To("freezes/"+string(f.ID))), cell{Text: words(string(f.State))}, a.account(f.Account), units(f.Asset(), f.Sums.Held, ""),
			units(f.Asset(), f.Sums.Returned, ""), units(f.Asset(), f.Sums.Seized, ""), units(f.Asset(), f.Sums.Restored, ""))
	}
	return t, err
}

// freezeBody is one freeze with its steps and what can be done next.
type freezeBody struct {
	*projections.FreezeFile
	Facts     []fact
	Sums      []figure
	Steps     table
	Deadlines table
	Forms     []stepForm
	Odd       []stepForm // news that does not follow from where it stands
	Papers    []paperForm
	Coerced   bool
	Due       bool   // its approval is still due
	Earlier   string // address of what a hold would have kept earlier; "" where nothing was held
}

// stepForm is a step that can be taken now.
type stepForm struct {
	Step  domain.FreezeStep
	Says  string
	Ours  bool
	Open  bool
	Form  *form
	Drift string // why it is not for the person who looks
}

func (s *screens) freeze(r *http.Request) (page, error) { return s.freezePage(r, nil, "") }

func (s *screens) freezePage(r *http.Request, typed typed, wrong string) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	f, err := s.freezeOf(r, a)
	if err != nil {
		return page{}, err
	}
	body := freezeBody{FreezeFile: f, Facts: a.freezeFacts(f), Sums: sumsOf(f), Steps: stepsTable(f), Deadlines: s.deadlines(f),
		Coerced: isYes(file.Accounts[f.Account].Coerced), Due: f.Urgent && f.Approver == ""}
	if !f.FirstHeldAt.IsZero() {
		body.Earlier = a.To("freezes/" + string(f.ID) + "/earlier")
	}
	if !file.Closed && !a.Past() {
		body.Forms, body.Odd = s.stepForms(r, a, f, sent{typed, wrong})
		body.Papers = s.paperForms(a, f)
	}
	return page{Name: "freeze", Title: "Freeze " + string(f.ID), Tab: "freezes", Asked: a, File: file, Body: body}, nil
}

func (s *screens) freezeOf(r *http.Request, a asked) (*projections.FreezeFile, error) {
	list, err := s.views(r).Freezes(r.Context(), a.query)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		if string(f.ID) == r.PathValue("freeze") {
			return f, nil
		}
	}
	return nil, domain.NotFound("case %s has no freeze %s, or had none at the moment that the address asks for", a.Case, r.PathValue("freeze"))
}

func (a asked) freezeFacts(f *projections.FreezeFile) []fact {
	q := f.Request
	list := []fact{{"Account", a.account(f.Account)}, {"State", cell{Text: words(string(f.State)), Chip: stateClass(f.State)}}, {"Keeps", cell{Text: scopeWords(f.Scope)}}}
	add := func(name string, c cell, said bool) {
		if said {
			list = append(list, fact{name, c})
		}
	}
	asks := cell{Text: "all that is there"}
	if q.Amount != nil {
		asks = amount(*q.Amount, "")
	}
	add("Asked for", asks, !q.Unasked)
	add("Asked for", cell{Text: "nobody had asked for it"}, q.Unasked)
	if q.Traced != nil {
		list = append(list, fact{"Victims' money there when it was drafted", cell{Sum: &sum{q.Traced.String(), q.Traced.Asset.Code}, Link: a.Account(f.Account), Sub: "by rule " + q.Rule}})
	}
	var victims []string
	for _, v := range q.Victims {
		victims = append(victims, string(v))
	}
	add("Victims", cell{Text: strings.Join(victims, ", ")}, len(victims) > 0)
	add("Mechanism", cell{Text: q.Mechanism}, true)
	add("Legal basis", cell{Text: q.Basis}, q.Basis != "")
	add("Asked by", cell{Text: q.Requesting}, q.Requesting != "")
	add("Asked of", cell{Text: join(", ", q.Responding, q.Country)}, q.Responding+q.Country != "")
	add("Contact", cell{Text: q.Contact}, q.Contact != "")
	add("Reference", cell{Text: q.Reference}, q.Reference != "")
	add("Drafted by", cell{Text: q.By}, q.By != "")
	add("Approved by", cell{Text: cmp.Or(f.Approver, "nobody yet")}, !q.Unasked)
	add("Sent by", cell{Text: cmp.Or(f.Submitter, "nobody yet")}, !q.Unasked)
	add("Answer", cell{Text: words(string(f.Answer))}, f.Answer != "")
	add("Acknowledged", cell{Text: words(string(f.As))}, f.As != "")
	add("Held until", at(whenWords(f.Until)), !f.Until.IsZero())
	return list
}

// stateClass is how a state is framed.
func stateClass(state domain.FreezeState) string {
	switch state {
	case domain.StateHeld, domain.StateSeized:
		return "held"
	case domain.StateReturned, domain.StateRestored:
		return "good"
	case domain.StateRejected, domain.StateExpired, domain.StateContested:
		return "bad"
	}
	return "plain"
}

func scopeWords(s domain.FreezeScope) string {
	switch s {
	case domain.ScopePayment:
		return "as much as one payment brought: a recall"
	case domain.ScopeAmount:
		return "so much: a lien"
	case domain.ScopeDebitBlock:
		return "all that is there now"
	case domain.ScopeAccount:
		return "all that is there, and what comes later: a blacklisted address"
	}
	return notKnown
}

// sumsOf are what the steps told: different ledgers, never added up.
func sumsOf(f *projections.FreezeFile) []figure {
	asset, s := f.Asset(), f.Sums
	var list []figure
	for _, one := range []struct {
		name string
		u    domain.Units
	}{{"Held, at most", s.Held}, {"Held now", s.HeldNow}, {"Released", s.Released}, {"Returned", s.Returned}, {"Seized", s.Seized}, {"Restored", s.Restored}, {"Transferred", s.Transferred}} {
		list = append(list, figure{Name: one.name, Sums: []sum{{asset.Format(one.u), asset.Code}}})
	}
	return list
}

func stepsTable(f *projections.FreezeFile) table {
	t := &table{ID: "steps", Caption: "Steps, in the order in which they were learnt", Columns: columns("Step", "When", "Amount>", "By", "Told by", "Reference", "Note", "Not expected"), Empty: "None."}
	for _, s := range f.Steps {
		sum := cell{Text: none}
		if s.Amount != nil {
			sum = amount(*s.Amount, "")
		}
		n := s.News
		t.add(cell{Text: words(string(s.Step))}, at(whenWords(n.At)), sum, text(n.By), orNone(n.Told), orNone(n.Reference), orNone(n.Note), orNone(n.Unexpected))
	}
	return t.without("Amount", "Told by", "Reference", "Note", "Not expected")
}

// deadlines are the freeze's clocks under its mechanism. A mechanism that this
// installation does not know any more has none but those stated.
func (s *screens) deadlines(f *projections.FreezeFile) table {
	t := table{ID: "deadlines", Caption: "Deadlines", Says: "Counted by the server's clock.", Columns: columns("What", "By when", "Counted", "What it ends"), Empty: "No clock runs."}
	mechanism, err := s.mechanisms().Find(f.Request.Mechanism)
	if err != nil {
		mechanism = domain.Mechanism{Name: f.Request.Mechanism}
	}
	for _, d := range mechanism.Deadlines(f.Freeze, cmp.Or(f.Request.Reason, "FRAD")) {
		due := dueClock(&d, s.Now(), "")
		due.What = ""
		ends := "a wait"
		if d.Lapses {
			ends = "the hold itself"
		}
		mark := ""
		if due.Class == "late" {
			mark = "late"
		}
		known := d.Basis
		if !d.Known {
			known += " (holidays of that country are not known)"
		}
		t.addMarked(mark, cell{Text: d.What}, cell{Clock: &due}, cell{Text: known}, cell{Text: ends})
	}
	return t
}

// mechanisms are this installation's.
func (s *screens) mechanisms() domain.Mechanisms {
	if s.Desk.Mechanisms == nil {
		return domain.StandardMechanisms()
	}
	return s.Desk.Mechanisms
}

// answersBody is what became of a file of answers.
type answersBody struct{ Answers table }

// readAnswers reads a bank's answers and takes the steps that are sure.
func (s *screens) readAnswers(w http.ResponseWriter, r *http.Request) {
	p, err := s.answered(r)
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	s.draw(w, r, http.StatusOK, p)
}

func (s *screens) answered(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	in, _, err := r.FormFile("file")
	if err != nil {
		return page{}, domain.Usage("no file came with the form: choose the bank's answer and send it again")
	}
	defer in.Close()
	list, err := s.Desk.ReadAnswers(r.Context(), gate.By(r), a.Case, casework.AnswerFile{In: in})
	if err != nil {
		return page{}, err
	}
	t := table{ID: "answers", Caption: "What became of each answer", Columns: columns("Line>", "Answer", "Belongs to", "Step taken", "To know"), Empty: "The file has no answer."}
	for _, one := range list {
		t.add(a.answerCells(one)...)
	}
	return page{Name: "answers", Title: "Answers", Tab: "freezes", Asked: a, File: file, Body: answersBody{t}}, nil
}

func (a asked) answerCells(one casework.Answered) []cell {
	belongs, taken := cell{Text: "not sure: nothing was taken"}, cell{Text: none}
	var perhaps []cell
	for _, c := range one.Choices {
		perhaps = append(perhaps, cell{Text: string(c.Freeze), Link: a.To("freezes/" + string(c.Freeze)),
			Sub: join("; ", "agrees: "+strings.Join(c.Agrees, ", "), "differs: "+cmp.Or(strings.Join(c.Differs, ", "), none))})
	}
	if len(perhaps) > 0 {
		belongs = cell{Parts: perhaps}
	}
	if one.Taken {
		taken = cell{Text: words(string(one.Choices[0].Step.Step)), Chip: "good"}
	}
	return []cell{number(one.Answer.Line), {Text: join(" ", one.Answer.Message, string(one.Answer.Outcome), strings.Join(one.Answer.Codes, " "))}, belongs, taken,
		orNone(strings.Join(one.Warnings, "; "))}
}
