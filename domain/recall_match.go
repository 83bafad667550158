package domain

import (
	"fmt"
	"slices"
	"strings"
)

// OpenRecall is a request that an answer may belong to.
type OpenRecall struct {
	Case   CaseID
	Freeze *Freeze
}

// RecallChoice is a request that an answer may belong to, why, and the step
// that it would take there.
type RecallChoice struct {
	Case    CaseID     `json:"case"`
	Freeze  FreezeID   `json:"freeze"`
	Agrees  []string   `json:"agrees"`            // what both sides name alike
	Differs []string   `json:"differs,omitempty"` // what speaks against it
	Step    StepFreeze `json:"step"`
}

// RecallMatch is an answer and where it belongs. Where it is Sure there is one
// choice and its step may be taken. Otherwise a person chooses, or nothing
// fits, and the warnings say why.
type RecallMatch struct {
	Answer   RecallAnswer   `json:"answer"`
	Choices  []RecallChoice `json:"choices"`
	Sure     bool           `json:"sure"`
	Warnings []string       `json:"warnings,omitempty"`
}

// NotProvided is what a payment bears as its end-to-end identification where
// its sender gave none (ISO 20022): it names nothing.
const NotProvided = "NOTPROVIDED"

// MatchRecalls finds the request of each answer. UETRs and message ids repeat
// even in official samples, so one identifier alone is never enough: two must
// agree of cancellation id, transaction id, UETR, end-to-end id and the
// payment's amount, one of them an identifier, and nothing may speak against
// it. Message ids and days support a match and can speak against one; they do
// not make it.
func MatchRecalls(answers []RecallAnswer, open []OpenRecall) []RecallMatch {
	matches := make([]RecallMatch, 0, len(answers))
	for _, a := range answers {
		matches = append(matches, a.match(open))
	}
	return matches
}

func (a RecallAnswer) match(open []OpenRecall) RecallMatch {
	m := RecallMatch{Answer: a, Warnings: slices.Clone(a.Warnings)}
	var found []likeness
	for _, o := range open {
		if l := a.compare(o); l.named {
			found = append(found, l)
		}
	}
	found = a.ruleOut(found)
	steps, doubt := a.steps()
	m.Warnings = append(m.Warnings, doubt...)
	for _, l := range found {
		for _, step := range steps {
			m.Choices = append(m.Choices, l.choice(a, step))
		}
		m.Warnings = append(m.Warnings, l.warnings(a)...)
	}
	clear := len(found) == 1 && found[0].sure() && len(steps) == 1
	m.Sure = clear && (a.Outcome != RecallReturned || a.Returned != nil) && !a.happened().IsZero()
	m.Warnings = append(m.Warnings, a.doubts(found)...)
	return m
}

// likeness is how an answer and a request go together.
type likeness struct {
	OpenRecall
	named   bool // at least one identifier agrees
	own     bool // our own cancellation id does
	strong  int
	agrees  []string
	differs []string
}

func (l likeness) sure() bool { return l.strong >= 2 && len(l.differs) == 0 }

// compare looks at everything that both sides name.
func (a RecallAnswer) compare(o OpenRecall) likeness {
	l, wire := likeness{OpenRecall: o}, Wire{}
	if o.Freeze.Request.Wire != nil {
		wire = *o.Freeze.Request.Wire
	}
	l.ownID(a)
	l.identifier("transaction id", a.TransactionID, wire.TransactionID)
	l.identifier("UETR", strings.ToLower(a.UETR), strings.ToLower(wire.UETR))
	if a.EndToEnd != NotProvided && wire.EndToEnd != NotProvided {
		l.identifier("end-to-end id", a.EndToEnd, wire.EndToEnd)
	}
	l.remark("message id", a.OriginalID, wire.MessageID)
	l.amount(a, wire.Amount)
	if !a.SettledOn.IsZero() && !wire.SettledOn.IsZero() {
		l.remark("settlement date", a.SettledOn.Day().String(), wire.SettledOn.Day().String())
	}
	if state := o.Freeze.State; state == StateDraft || state == StateUnknown {
		l.differs = append(l.differs, "it was never submitted")
	}
	return l
}

// ownID compares with the name that the request went out under, or with the
// other side's name for it. Another name is no objection: a bank may have sent
// the recall under a number of its own.
func (l *likeness) ownID(a RecallAnswer) {
	names := []string{CancellationID(l.Case, l.Freeze.Request.Freeze), l.Freeze.Request.Reference}
	for _, told := range []string{a.CancellationID, a.Case} {
		if told != "" && slices.Contains(names, told) {
			l.named, l.own = true, true
			l.strong++
			l.agrees = append(l.agrees, "cancellation id")
			return
		}
	}
}

// identifier compares a name that tells payments apart.
func (l *likeness) identifier(what, told, ours string) {
	if told == "" || ours == "" {
		return
	}
	if told == ours {
		l.named = true
		l.strong++
	}
	l.remark(what, told, ours)
}

// remark compares what supports a match without making it.
func (l *likeness) remark(what, told, ours string) {
	switch {
	case told == "" || ours == "":
	case told == ours:
		l.agrees = append(l.agrees, what)
	default:
		l.differs = append(l.differs, what)
	}
}

// amount compares what was paid. A return that does not repeat it must not be
// more; less is a part and says nothing.
func (l *likeness) amount(a RecallAnswer, paid *Amount) {
	told := a.Amount
	if told == nil {
		told = a.Returned
	}
	asset := Asset{l.Freeze.Request.Asset, l.Freeze.Request.Digits}
	switch {
	case a.Returned != nil && a.Returned.Asset != asset:
		l.differs = append(l.differs, "currency")
	case told == nil || paid == nil:
	case *told == *paid:
		l.strong++
		l.agrees = append(l.agrees, "amount")
	case a.Amount == nil && less(told, paid):
	default:
		l.differs = append(l.differs, "amount")
	}
}

// ruleOut leaves away the requests that do not bear our own cancellation id,
// if one does; and those against which something speaks, if there is one that
// is sure. One that merely says less of itself stays, for a person to see.
func (a RecallAnswer) ruleOut(found []likeness) []likeness {
	if slices.ContainsFunc(found, func(l likeness) bool { return l.own }) {
		found = slices.DeleteFunc(found, func(l likeness) bool { return !l.own })
	}
	if slices.ContainsFunc(found, likeness.sure) {
		found = slices.DeleteFunc(found, func(l likeness) bool { return len(l.differs) > 0 })
	}
	return found
}

// steps says what the answer comes to. Reasons that come to different steps
// leave the choice to a person.
func (a RecallAnswer) steps() (steps []RecallStep, doubts []string) {
	switch a.Outcome {
	case RecallAccepted:
		return []RecallStep{{Step: StepAnswer, Answer: AnswerMatched}}, nil
	case RecallReturned:
		return []RecallStep{{Step: StepReturn}}, nil
	case RecallUnclear:
		return nil, []string{fmt.Sprintf("The status %s says nothing of a recall that clew knows: read the message.", quoted(a.Status))}
	}
	for _, code := range a.Codes {
		step, known := a.stepFor(code)
		if !known {
			doubts = append(doubts, fmt.Sprintf("The reason %s is none that clew knows: read the message.", quoted(code)))
		}
		if !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		step, _ := a.stepFor(a.Status)
		steps = append(steps, step)
	}
	if len(steps) > 1 {
		doubts = append(doubts, fmt.Sprintf("The reasons %s come to different steps: choose one.", strings.Join(a.Codes, ", ")))
	}
	return steps, doubts
}

// stepFor is the step of one reason under the answer's outcome.
func (a RecallAnswer) stepFor(code string) (RecallStep, bool) {
	reason, known := FindRecallReason(code)
	switch {
	case code == "FTNA": // a status that is a reason as well: passed on to the next bank
		return RecallStep{Step: StepAcknowledge, As: AckPassedOn}, true
	case a.Outcome == RecallRejected && known:
		return reason.If, true
	case a.Outcome == RecallRejected:
		return RecallStep{Step: StepReject}, false
	case known:
		return reason.While, true
	}
	return RecallStep{Step: StepAcknowledge}, false
}

// choice makes the step of the freeze that the answer would be there.
func (l likeness) choice(a RecallAnswer, step RecallStep) RecallChoice {
	taken := StepFreeze{Step: step.Step, As: step.As, Answer: step.Answer, News: News{
		Freeze: l.Freeze.Request.Freeze, At: a.happened(), By: a.From, Told: strings.TrimSpace(a.Message + " " + a.MessageID), Reference: a.ReturnID,
	}}
	switch step.Step {
	case StepReject:
		taken.Text = a.reasons()
	case StepReturn:
		taken.Amount, taken.Route, taken.Note = a.Returned, a.route(), a.reasons()
		if wire := l.Freeze.Request.Wire; wire != nil {
			taken.To = string(wire.Originator)
		}
	default:
		taken.Note = a.reasons()
	}
	return RecallChoice{l.Case, l.Freeze.Request.Freeze, l.agrees, l.differs, taken}
}

// happened is when the news happened: a return on the day it was settled.
func (a RecallAnswer) happened() When {
	if a.Outcome == RecallReturned && !a.ReturnedOn.IsZero() {
		return a.ReturnedOn
	}
	return a.At
}

func (a RecallAnswer) route() Route {
	if len(a.Codes) == 0 {
		return RouteRecall
	}
	return RouteOfReturn(a.Codes[0])
}

// maxReasons bounds the reasons that are repeated in a step. Messages have one
// or two.
const maxReasons = 10

// reasons says why, in the words of the standard. The bank's own words stay in
// the file: they may name people.
func (a RecallAnswer) reasons() string {
	parts := []string{}
	if a.Status != "" {
		parts = append(parts, a.Status)
	}
	for _, code := range a.Codes[:min(len(a.Codes), maxReasons)] {
		if reason, known := FindRecallReason(code); known && a.Outcome != RecallReturned {
			code += " (" + reason.Meaning + ")"
		}
		parts = append(parts, code)
	}
	if a.Outcome == RecallAccepted && a.Returned != nil {
		parts = append(parts, fmt.Sprintf("announces %s %s", a.Returned, a.Returned.Asset.Code))
	}
	return strings.Join(parts, ", ")
}

// warnings says what is to be known of a match with this request.
func (l likeness) warnings(a RecallAnswer) []string {
	var list []string
	name := fmt.Sprintf("freeze %s of case %s", l.Freeze.Request.Freeze, l.Case)
	if len(l.differs) > 0 {
		list = append(list, fmt.Sprintf("The answer agrees with %s in %s, but this speaks against it: %s.", name, strings.Join(l.agrees, ", "), strings.Join(l.differs, ", ")))
	} else if l.strong < 2 {
		list = append(list, fmt.Sprintf("The answer agrees with %s in %s only: that is not enough to be sure.", name, strings.Join(l.agrees, ", ")))
	}
	wire := l.Freeze.Request.Wire
	if a.Outcome != RecallReturned {
		return list
	}
	if wire == nil || wire.Originator == "" {
		list = append(list, fmt.Sprintf("To which account the money went back is not recorded in %s: say it.", name))
	}
	if paid := a.Amount; paid == nil && wire != nil && less(a.Returned, wire.Amount) || a.Partial() {
		list = append(list, fmt.Sprintf("%s %s come back of a payment that was more: it is a part.", a.Returned, a.Returned.Asset.Code))
	}
	return list
}

// doubts says what is to be known of the match as a whole.
func (a RecallAnswer) doubts(found []likeness) []string {
	var list []string
	switch {
	case len(found) == 0:
		list = append(list, fmt.Sprintf("No request fits %s: none bears its case, UETR, transaction id or end-to-end id.", a.called()))
	case len(found) > 1:
		list = append(list, fmt.Sprintf("%d requests fit %s: choose one.", len(found), a.called()))
	}
	if a.Outcome == RecallReturned && a.Returned == nil {
		list = append(list, "How much came back could not be read: say it.")
	}
	if a.happened().IsZero() {
		list = append(list, "When it was answered could not be read: say it.")
	}
	return list
}

// called names the answer for a warning.
func (a RecallAnswer) called() string {
	name := strings.TrimSpace(a.Message + " " + a.MessageID)
	return fmt.Sprintf("the answer %s (line %d)", name, a.Line)
}
