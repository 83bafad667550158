package pages

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/papers"
	"clew/projections"
	"clew/web/gate"
)

// stepWords is what a step is called on a button, what it needs, and whose it
// is.
type stepWords struct {
	step    domain.FreezeStep
	button  string
	says    string
	ours    bool
	asks    []string // fields, beside those that every piece of news has
	another bool     // not by the drafter
}

// stepTable has a row for every step that a form can take.
var stepTable = []stepWords{
	{step: domain.StepApprove, button: "Approve it", says: "A second person says yes. The drafter cannot.", ours: true, another: true},
	{step: domain.StepSubmit, button: "It went out", says: "Say that the request was sent. clew sends nothing.", ours: true, asks: []string{"urgent"}},
	{step: domain.StepWithdraw, button: "Take it back", says: "The request was an error.", ours: true, asks: []string{"text"}},
	{step: domain.StepAcknowledge, button: "They have it", says: "The other side has received it.", asks: []string{"as"}},
	{step: domain.StepAnswer, button: "They answered", says: "What the institution found.", asks: []string{"answer", "onward"}},
	{step: domain.StepHold, button: "They hold money", says: "Without an amount: all that is there.", asks: []string{"amount", "until", "scope"}},
	{step: domain.StepExtend, button: "It lasts longer", says: "The hold was prolonged.", asks: []string{"until"}},
	{step: domain.StepRelease, button: "They let go", says: "Without an amount: all of it.", asks: []string{"amount"}},
	{step: domain.StepExpire, button: "It has lapsed", says: "The hold ended by itself."},
	{step: domain.StepReturn, button: "Money went back", says: "To the victim's bank.", asks: []string{"amount", "route", "to", "movement"}},
	{step: domain.StepSeize, button: "It was seized", says: "Taken by order, or destroyed by the issuer.", asks: []string{"amount", "movement", "destroyed"}},
	{step: domain.StepRestore, button: "It was restored", says: "Seized money reaches victims.", asks: []string{"amount", "method", "shares"}},
	{step: domain.StepTransfer, button: "It went abroad", says: "To another jurisdiction.", asks: []string{"amount", "to"}},
	{step: domain.StepReject, button: "They refused", says: "The other side says no.", asks: []string{"text"}},
	{step: domain.StepContest, button: "The holder contests it", says: "He fights the freeze.", asks: []string{"text"}},
	{step: domain.StepDecide, button: "It was decided", says: "A court or authority has decided.", asks: []string{"text", "stands"}},
}

// sent is a form that came back with a mistake.
type sent struct {
	typed typed
	wrong string
}

// stepForms are the steps that follow now, ours first, and the news that does
// not follow: that is never refused.
func (s *screens) stepForms(r *http.Request, a asked, f *projections.FreezeFile, last sent) (list, odd []stepForm) {
	who := gate.Who(r.Context())
	possible := domain.PossibleSteps(f.State)
	for _, row := range stepTable {
		follows := slices.Contains(possible, row.step)
		if row.step == domain.StepApprove && f.Approver != "" || row.ours && !follows || !who.May(actOf(row.step), a.Case) {
			continue
		}
		one := stepForm{Step: row.step, Says: row.says, Ours: row.ours, Form: s.stepForm(a, f, row, last)}
		one.Open = one.Form.Wrong != ""
		if row.another && f.Request.By == who.Name {
			one.Drift = "You drafted it: another person has to approve it."
		}
		if follows {
			list = append(list, one)
			continue
		}
		odd = append(odd, one)
	}
	return list, odd
}

// actOf is the row of the roles' table by which a step is taken.
func actOf(step domain.FreezeStep) string {
	switch step {
	case domain.StepSubmit:
		return "submit"
	case domain.StepRestore:
		return "Restitute"
	}
	return "StepFreeze"
}

func (s *screens) stepForm(a asked, f *projections.FreezeFile, row stepWords, last sent) *form {
	keep := func(x field) field { return x }
	shown := &form{Name: string(row.step), Action: a.To("freezes/" + string(f.ID) + "/" + string(row.step)), Submit: row.button}
	if last.typed.get("step") == string(row.step) {
		keep, shown.Wrong = last.typed.field, last.wrong
	}
	shown.Hidden = []option{{"step", string(row.step)}}
	for _, name := range row.asks {
		shown.Fields = append(shown.Fields, keep(stepField(name, f)))
	}
	shown.Fields = append(shown.Fields, keep(field{Name: "at", Label: "When it happened", Hint: "2024-03-05T09:00:00Z or 2024-03-05; nothing: now."}))
	if !row.ours {
		shown.Fields = append(shown.Fields, keep(field{Name: "told", Label: "Who told it"}))
	}
	shown.Fields = append(shown.Fields, keep(field{Name: "reference", Label: "Their reference"}), keep(field{Name: "note", Label: "Note"}))
	return shown
}

// stepField is a field of a step by its name.
func stepField(name string, f *projections.FreezeFile) field {
	asset := string(f.Asset().Code)
	fields := map[string]field{
		"amount":    {Label: "How much, in " + asset, Hint: "With a point and without grouping: 1234.50"},
		"until":     {Label: "Until"},
		"scope":     {Label: "It keeps", Kind: "select", Options: scopeOptions("as the request says")},
		"as":        {Label: "They ask for", Kind: "select", Options: wordOptions("nothing more", domain.AckIndemnity, domain.AckConsent, domain.AckPassedOn)},
		"answer":    {Label: "The answer", Kind: "select", Options: wordOptions("", domain.AnswerMatched, domain.AnswerNoAccount, domain.AnswerAlreadyEmpty, domain.AnswerOutOfScope)},
		"onward":    {Label: "Movements by which it left", Hint: "Of an account that is already empty: their names, with blanks between."},
		"route":     {Label: "By", Kind: "select", Options: wordOptions("", domain.RouteRecall, domain.RouteConsent, domain.RouteAdministrative, domain.RouteCourt)},
		"to":        {Label: "Where it went", Hint: "An account; of a transfer abroad the jurisdiction.", Needed: true},
		"movement":  {Label: "The recorded movement that shows it", Hint: "Its name, if there is one: then nothing is moved twice."},
		"destroyed": {Label: "Tokens destroyed by their issuer", Kind: "check"},
		"urgent":    {Label: "Urgent: before its approval, which is then still due", Kind: "check"},
		"stands":    {Label: "The freeze stands", Kind: "check"},
		"text":      {Label: "Why", Needed: true},
		"method":    {Label: "Shared", Kind: "select", Options: methodOptions()},
		"shares":    {Label: "Who received what", Hint: "Of a court's list, one a line: V1=300.00", Kind: "area"},
	}
	x := fields[name]
	x.Name = name
	return x
}

func scopeOptions(first string) []option {
	list := []option{{"", first}}
	for _, s := range domain.FreezeScopes() {
		list = append(list, option{string(s), words(string(s)) + ": " + scopeWords(s)})
	}
	return list
}

func methodOptions() []option {
	var list []option
	for _, m := range casework.RestitutionMethods() {
		list = append(list, option{m, m})
	}
	return list
}

func wordOptions[T ~string](first string, values ...T) []option {
	var list []option
	if first != "" {
		list = append(list, option{"", first})
	}
	for _, v := range values {
		list = append(list, option{string(v), words(string(v))})
	}
	return list
}

// step takes a step of a freeze.
func (s *screens) step(step domain.FreezeStep) act {
	return func(r *http.Request, typed typed) (to, notice string, err error) {
		a, _, err := s.caseOf(r)
		if err != nil {
			return "", "", err
		}
		f, err := s.freezeOf(r, a)
		if err != nil {
			return "", "", err
		}
		command, err := s.command(r, a, f, typed)
		if err != nil {
			return "", "", err
		}
		command.Step = step
		if step == domain.StepRestore && command.Method != "court" {
			err = s.restitute(r, a, command, typed)
		} else {
			_, err = s.Desk.StepFreeze(r.Context(), typed.by(r), a.Case, command)
		}
		if err != nil {
			return "", "", err
		}
		return a.To("freezes/" + string(f.ID)), "It is recorded: " + words(string(step)) + ".", nil
	}
}

// restitute shares a seized sum among the victims by a method.
func (s *screens) restitute(r *http.Request, a asked, c domain.StepFreeze, typed typed) error {
	if c.Amount == nil {
		return domain.Usage("How much: say what was restored in all")
	}
	_, _, err := s.Desk.Restitute(r.Context(), typed.by(r), a.Case, casework.Restitution{News: c.News, Amount: *c.Amount, Method: c.Method})
	return err
}

// command makes a step of what was typed.
func (s *screens) command(r *http.Request, a asked, f *projections.FreezeFile, typed typed) (c domain.StepFreeze, err error) {
	c = domain.StepFreeze{As: domain.Acknowledgement(typed.get("as")), Answer: domain.FreezeAnswerCode(typed.get("answer")), Route: domain.Route(typed.get("route")),
		Scope: domain.FreezeScope(typed.get("scope")), Method: typed.get("method"), Text: typed.get("text"), To: typed.get("to"),
		Urgent: typed.get("urgent") == "yes", Stands: typed.get("stands") == "yes"}
	c.Freeze, c.Told, c.Reference, c.Note = f.ID, typed.get("told"), typed.get("reference"), typed.get("note")
	if typed.get("destroyed") == "yes" {
		c.Method = "destroyed"
	}
	if c.Amount, err = typed.amount("amount", f.Asset()); err != nil {
		return c, domain.Usage("How much: %v", err)
	}
	if c.At, err = typed.when("at"); err != nil {
		return c, domain.Usage("When it happened: %v", err)
	}
	if c.Until, err = typed.when("until"); err != nil {
		return c, domain.Usage("Until: %v", err)
	}
	if c.Shares, err = typed.shares(f.Asset()); err != nil {
		return c, err
	}
	return c, s.movementsOf(r, a, typed, &c)
}

// movementsOf finds the movements that a step names.
func (s *screens) movementsOf(r *http.Request, a asked, typed typed, c *domain.StepFreeze) (err error) {
	for _, name := range strings.Fields(typed.get("onward")) {
		id, err := s.Views.FindMovement(r.Context(), a.Case, name)
		if err != nil {
			return err
		}
		c.Onward = append(c.Onward, id)
	}
	if name := typed.get("movement"); name != "" {
		if c.Movement, err = s.Views.FindMovement(r.Context(), a.Case, name); err != nil {
			return err
		}
	}
	if typed.get("step") != string(domain.StepReturn) {
		return nil
	}
	account, err := domain.ParseAccount(c.To)
	if err != nil {
		return domain.Usage("Where it went: %v", err)
	}
	c.To = string(account)
	return nil
}

// amount reads an amount; nil where none was typed.
func (t typed) amount(name string, asset domain.Asset) (*domain.Amount, error) {
	if t.get(name) == "" {
		return nil, nil
	}
	amount, err := domain.ParseAmount(t.get(name), asset)
	return &amount, err
}

func (t typed) when(name string) (domain.When, error) {
	if t.get(name) == "" {
		return domain.When{}, nil
	}
	return domain.ParseWhen(t.get(name))
}

// shares reads V1=100.00, one a line.
func (t typed) shares(asset domain.Asset) ([]domain.VictimShare, error) {
	var list []domain.VictimShare
	for _, text := range strings.Fields(t.get("shares")) {
		name, rest, found := strings.Cut(text, "=")
		if !found {
			return nil, domain.Usage("Who received what: %q is not of the form V1=100.00", text)
		}
		victim, err := domain.ParseVictim(name)
		if err != nil {
			return nil, domain.Usage("Who received what: %v", err)
		}
		sum, payer, _ := strings.Cut(rest, "@")
		amount, err := domain.ParseAmount(sum, asset)
		if err != nil {
			return nil, domain.Usage("Who received what: %v", err)
		}
		list = append(list, domain.VictimShare{Victim: victim, Amount: amount, Payer: payer})
	}
	return list, nil
}

// requestBody is the form of a new request, with what each mechanism asks.
type requestBody struct {
	Form       *form
	Mechanisms table
}

func (s *screens) request(r *http.Request) (page, error) { return s.requestPage(r, nil, "") }

func (s *screens) requestPage(r *http.Request, sent typed, wrong string) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	if sent == nil {
		sent = typed(r.URL.Query()) // what another screen knows already
	}
	f := &form{Action: a.To("freezes/new"), Submit: "Draft the request", Wrong: wrong, MoreSays: "What a recall, an order or a kill chain asks for"}
	for _, x := range s.requestFields(file) {
		f.Fields = append(f.Fields, sent.field(x))
	}
	return page{Name: "request", Title: "Request a freeze", Tab: "freezes", Asked: a, File: file, Body: requestBody{f, s.mechanismTable()}}, nil
}

func (s *screens) requestFields(file *domain.CaseFile) []field {
	ways := []option{}
	for _, m := range s.mechanisms() {
		ways = append(ways, option{m.Name, cmp.Or(m.Title, m.Name)})
	}
	return []field{
		{Name: "account", Label: "Account", Hint: "Where it is to be held.", Needed: true},
		{Name: "asset", Label: "Asset", Needed: true},
		{Name: "amount", Label: "How much", Hint: "With a point and without grouping. Nothing: all that is there."},
		{Name: "mechanism", Label: "By which mechanism", Kind: "select", Options: ways, Needed: true},
		{Name: "scope", Label: "It keeps", Kind: "select", Options: scopeOptions("by the amount: a lien, or all that is there")},
		{Name: "payment", More: true, Label: "The payment that is recalled", Hint: "Of a recall: the movement's name, or the first letters of it."},
		{Name: "responding", Label: "Who is asked", Hint: "The institution or agency."},
		{Name: "country", Label: "Their country", Hint: "Two letters, like NL."},
		{Name: "contact", Label: "Whom to call there, and how"},
		{Name: "requesting", Label: "Your agency"},
		{Name: "basis", Label: "Legal basis"},
		{Name: "reference", Label: "A reference", Hint: "The other side's number, the recall's, a transaction's."},
		{Name: "deadline", More: true, Label: "An answer is needed by"},
		{Name: "order_due", More: true, Label: "The order must be there by"},
		{Name: "recall_sent", More: true, Label: "The originating bank sent its recall on"},
		{Name: "settled_on", More: true, Label: "The payment was settled on"},
		{Name: "originating_bank", More: true, Label: "Originating bank", Hint: "Name or BIC."},
		{Name: "beneficiary_bank", More: true, Label: "Beneficiary bank", Hint: "Name or BIC."},
		{Name: "uetr", More: true, Label: "UETR of the payment"},
		{Name: "reason", More: true, Label: "Reason of a recall", Kind: "select", Options: []option{{"", "no recall"}, {"FRAD", "FRAD: fraud"}, {"TECH", "TECH: a technical fault"}, {"DUPL", "DUPL: sent twice"}}},
	}
}

func (s *screens) mechanismTable() table {
	t := table{ID: "mechanisms", Caption: "What each mechanism asks for", Says: "Criteria warn and never block: you may know better, and a late request may still hold something.",
		Columns: columns("Mechanism", "Who starts it", "It asks for", "Clocks")}
	for _, m := range s.mechanisms() {
		var clocks []string
		for _, c := range m.Clocks {
			clocks = append(clocks, c.What+": "+c.Words())
		}
		t.add(cell{Text: m.Title, Sub: m.Name}, text(m.Starts), orNone(strings.Join(m.Criteria.Words(), "; ")), orNone(strings.Join(clocks, "; ")))
	}
	return t
}

// draftFreeze drafts a request.
func (s *screens) draftFreeze(r *http.Request, typed typed) (to, notice string, err error) {
	a, _, err := s.caseOf(r)
	if err != nil {
		return "", "", err
	}
	asked, err := s.draft(r, a, typed)
	if err != nil {
		return "", "", err
	}
	request, _, err := s.Desk.RequestFreeze(r.Context(), typed.by(r), a.Case, asked)
	if err != nil {
		return "", "", err
	}
	notice = fmt.Sprintf("Freeze %s is a draft. Another person approves it; then say that it went out, or at once where minutes count.", request.Freeze)
	for _, warning := range request.Warnings {
		notice += " Criterion not met: " + warning
	}
	return a.To("freezes/" + string(request.Freeze)), notice, nil
}

// draft makes a request of what was typed.
func (s *screens) draft(r *http.Request, a asked, typed typed) (asked casework.Asked, err error) {
	q := &asked.Request
	q.Mechanism, q.Scope, asked.Reason = typed.get("mechanism"), domain.FreezeScope(typed.get("scope")), typed.get("reason")
	q.Responding, q.Contact, q.Requesting, q.Basis = typed.get("responding"), typed.get("contact"), typed.get("requesting"), typed.get("basis")
	q.Country, q.Reference = strings.ToUpper(typed.get("country")), typed.get("reference")
	if q.Account, err = domain.ParseAccount(typed.get("account")); err != nil {
		return asked, domain.Usage("Account: %v", err)
	}
	register, err := s.Views.Assets(r.Context(), projections.Head)
	if err != nil {
		return asked, err
	}
	asset, err := register.Find(typed.get("asset"))
	if err != nil {
		return asked, domain.Usage("Asset: %v", err)
	}
	q.Asset, q.Digits = asset.Code, asset.Digits
	if q.Amount, err = typed.amount("amount", asset); err != nil {
		return asked, domain.Usage("How much: %v", err)
	}
	if name := typed.get("payment"); name != "" {
		if q.Payment, err = s.Views.FindMovement(r.Context(), a.Case, name); err != nil {
			return asked, domain.Usage("The payment that is recalled: %v", err)
		}
	}
	q.Scope = scopeOf(q)
	return asked, typed.wire(q)
}

// scopeOf settles what a request keeps where nobody has said it.
func scopeOf(q *domain.FreezeRequested) domain.FreezeScope {
	switch {
	case q.Scope != "":
		return q.Scope
	case q.Payment != "":
		return domain.ScopePayment
	case q.Amount != nil:
		return domain.ScopeAmount
	}
	return domain.ScopeDebitBlock
}

// wire reads the times of a request and what its bank will ask for.
func (t typed) wire(q *domain.FreezeRequested) (err error) {
	wire := domain.Wire{OriginatingBank: t.get("originating_bank"), BeneficiaryBank: t.get("beneficiary_bank"), UETR: t.get("uetr")}
	for _, one := range []struct {
		name, label string
		to          *domain.When
	}{{"deadline", "An answer is needed by", &q.Deadline}, {"order_due", "The order must be there by", &q.OrderDue},
		{"recall_sent", "The recall was sent on", &wire.RecallSent}, {"settled_on", "The payment was settled on", &wire.SettledOn}} {
		if *one.to, err = t.when(one.name); err != nil {
			return domain.Usage("%s: %v", one.label, err)
		}
	}
	if wire != (domain.Wire{}) {
		q.Wire = &wire
	}
	return nil
}

// paperForm is a paper that can be taken out.
type paperForm struct{ Kind, Says, To string }

// paperForms are the papers of a freeze.
func (s *screens) paperForms(a asked, f *projections.FreezeFile) []paperForm {
	var list []paperForm
	for _, kind := range papers.Kinds() {
		list = append(list, paperForm{kind.Name, kind.Title, a.To("freezes/" + string(f.ID) + "/papers/" + kind.Name)})
	}
	return list
}

// paper drafts a paper from the trace. Every field that is not known is marked
// in its place, and nothing is sent.
func (s *screens) paper(w http.ResponseWriter, r *http.Request) {
	if err := s.writePaper(w, r); err != nil {
		gate.Fail(w, r, err)
	}
}

func (s *screens) writePaper(w http.ResponseWriter, r *http.Request) error {
	a, file, err := s.caseOf(r)
	if err != nil {
		return err
	}
	if err := s.takesAway(); err != nil {
		return err
	}
	id := domain.FreezeID(r.PathValue("freeze"))
	kind := r.PathValue("kind")
	paper, err := s.Desk.Paper(r.Context(), a.Case, id, casework.PaperAsked{Kind: kind, Officer: gate.Who(r.Context()).Name})
	if err != nil {
		return err
	}
	if err := s.disclosed(r, file, id, kind); err != nil {
		return err
	}
	w.Header().Set("Content-Type", paper.MediaType)
	w.Header().Set("Content-Disposition", attachment(string(a.Case)+"-"+string(id)+"-"+paper.File))
	w.Write(paper.Bytes) // who has gone does not read it
	return nil
}

// rejects writes the rejected lines of a file, or of all files, as a table for
// a spreadsheet.
func (s *screens) rejects(w http.ResponseWriter, r *http.Request) {
	a, _, err := s.caseOf(r)
	if err == nil {
		err = s.takesAway()
	}
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	var rows [][]string
	err = s.views(r).Rejects(r.Context(), a.Case, domain.SHA256(r.URL.Query().Get("file")), func(position uint64, line domain.LineRejected) error {
		rows = append(rows, []string{fmt.Sprint(position), string(line.Evidence.File), line.Evidence.Page, fmt.Sprint(line.Evidence.Line), line.Field, line.Reason})
		return nil
	})
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", attachment(string(a.Case)+"-rejects.csv"))
	writeCSV(w, append([][]string{{"position", "file", "page", "line", "field", "reason"}}, rows...))
}

func attachment(name string) string {
	return `attachment; filename="` + strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r < ' ' || r > '~' {
			return '_'
		}
		return r
	}, name) + `"`
}

// writeCSV writes rows so that a spreadsheet runs nothing of them as a formula.
func writeCSV(out io.Writer, rows [][]string) {
	for _, row := range rows {
		for i, c := range row {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				c = "'" + c
			}
			row[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		fmt.Fprintf(out, "%s\r\n", strings.Join(row, ","))
	}
}
