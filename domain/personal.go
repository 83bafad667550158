package domain

import (
	"encoding/base64"
	"strings"
)

// Personal is data about a person: a name, a contact, free text about them.
// It is a type of its own from the first event on, so that each piece can be
// encrypted under that person's key, and erased, without changing any event.
// Exactly one of the two is set: Clear, or Sealed with the Key that opens it.
type Personal struct {
	Clear  string `json:"clear,omitempty"`
	Sealed []byte `json:"sealed,omitempty"`
	Key    string `json:"key,omitempty"`
}

func samePersonal(a, b *Personal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Clear == b.Clear
}

func personal(text string) *Personal {
	if text == "" {
		return nil
	}
	return &Personal{Clear: text}
}

// Sealing changes one personal text: it seals it, or opens it. Field names the
// place: the event's kind and the field.
type Sealing func(of Whose, field string, text Personal) (Personal, error)

// sealedPrefix opens a sealed text where an event has plain text: the kinds
// that were frozen before texts were sealed stay as they are.
const sealedPrefix = "clew/sealed:"

// ParsePersonal reads a text field that may be sealed.
func ParsePersonal(text string) Personal {
	rest, is := strings.CutPrefix(text, sealedPrefix)
	if !is {
		return Personal{Clear: text}
	}
	key, code, _ := strings.Cut(rest, ":")
	sealed, err := base64.RawURLEncoding.DecodeString(code)
	if err != nil || key == "" || len(sealed) == 0 {
		return Personal{Clear: text}
	}
	return Personal{Sealed: sealed, Key: key}
}

// InText is a personal text as it stands in a text field.
func (p Personal) InText() string {
	if len(p.Sealed) == 0 {
		return p.Clear
	}
	return sealedPrefix + p.Key + ":" + base64.RawURLEncoding.EncodeToString(p.Sealed)
}

// EachPersonal passes every personal text of an event through a function and
// answers with the event as it then reads. It is the one list of what is
// personal: docs/trust/privacy.md is made from it.
func EachPersonal(event Event, change Sealing) (Event, error) {
	w := texts{kind: event.Kind() + " ", change: change}
	if m, ok := MovementOf(event); ok {
		return w.movement(event, m)
	}
	if step, ok := event.(freezeEvent); ok {
		changed := w.freeze(step)
		return changed, w.err
	}
	changed := w.smallFact(event)
	return changed, w.err
}

// texts passes the texts of one event on, up to the first error.
type texts struct {
	kind   string
	change Sealing
	err    error
}

// text passes a text on, where there is one.
func (w *texts) text(of Whose, field string, text *string) {
	if *text == "" || w.err != nil {
		return
	}
	changed, err := w.change(of, w.kind+field, ParsePersonal(*text))
	if w.err = err; err == nil {
		*text = changed.InText()
	}
}

// personal passes a personal field on, and leaves the event that it came from
// as it is.
func (w *texts) personal(of Whose, field string, p **Personal) {
	if *p == nil || w.err != nil {
		return
	}
	changed, err := w.change(of, w.kind+field, **p)
	if w.err = err; err == nil {
		*p = &changed
	}
}

// noteOf is whose a movement's note is: the file's that it was read from.
func noteOf(m Movement) Whose { return Whose{File: m.Evidence.File} }

// movement passes on the note of what a source told.
func (w *texts) movement(event Event, m Movement) (Event, error) {
	if m.Note == "" {
		return event, nil
	}
	w.text(noteOf(m), "note", &m.Note)
	return Observe(m), w.err
}

func (w *texts) smallFact(event Event) Event {
	free := Whose{}
	switch e := event.(type) {
	case CaseOpened:
		w.text(free, "title", &e.Title)
		return e
	case CaseNoted:
		note := &e.Text
		w.personal(free, "text", &note)
		e.Text = *note
		return e
	case CaseLinked:
		w.text(free, "reason", &e.Reason)
		return e
	case CaseAssigned:
		contact := &e.Contact
		w.personal(free, "contact", &contact)
		e.Contact = *contact
		w.text(free, "reason", &e.Reason)
		return e
	case CaseClosed:
		w.text(free, "reason", &e.Reason)
		return e
	case EvidenceFiled:
		w.text(Whose{File: e.File}, "name", &e.Name)
		return e
	case LineRejected:
		w.text(Whose{File: e.Evidence.File}, "reason", &e.Reason)
		return e
	case FreezeLimitSet:
		w.text(free, "reason", &e.Reason)
		return e
	case IndicatorSet:
		w.text(free, "reason", &e.Reason)
		return e
	case ReimbursementWithdrawn:
		w.text(free, "reason", &e.Reason)
		return e
	case RuleLocked:
		w.text(free, "reason", &e.Reason)
		return e
	}
	return w.aboutPeople(w.aboutMovements(event))
}

func (w *texts) aboutMovements(event Event) Event {
	free := Whose{}
	switch e := event.(type) {
	case MovementCorrected:
		w.text(noteOf(e.Now.Movement), "now.note", &e.Now.Movement.Note)
		w.text(free, "reason", &e.Reason)
		return e
	case MovementWithdrawn:
		w.text(free, "reason", &e.Reason)
		return e
	case MovementJoined:
		w.text(free, "basis", &e.Basis)
		return e
	case MovementSeparated:
		w.text(free, "basis", &e.Basis)
		return e
	case ReportWithdrawn:
		w.text(Whose{Victim: e.Victim}, "reason", &e.Reason)
		return e
	case AccountIdentified:
		w.text(free, "basis", &e.Basis)
		return e
	case LabelWithdrawn:
		w.text(free, "reason", &e.Reason)
		return e
	}
	return event
}

func (w *texts) aboutPeople(event Event) Event {
	switch e := event.(type) {
	case AccountDescribed:
		of := Whose{Account: e.Account}
		if e.Victim != "" {
			of = Whose{Victim: e.Victim}
		}
		w.personal(of, "holder", &e.Holder)
		w.text(of, "basis", &e.Basis)
		return e
	case VictimRegistered:
		w.personal(Whose{Victim: e.Victim}, "name", &e.Name)
		w.personal(Whose{Victim: e.Victim}, "contact", &e.Contact)
		return e
	case PersonRegistered:
		of := e.whose()
		w.personal(of, "name", &e.Name)
		w.personal(of, "contact", &e.Contact)
		w.text(of, "basis", &e.Basis)
		return e
	case FindingNoted:
		text := &e.Text
		w.personal(e.About, "text", &text)
		e.Text = *text
		return e
	case IdentifierNoted:
		value := &e.Value
		w.personal(e.About, "value", &value)
		e.Value = *value
		return e
	case IdentifierWithdrawn:
		w.text(Whose{}, "reason", &e.Reason)
		return e
	}
	return w.aboutKeeping(event)
}

// aboutKeeping passes on what is said of how personal data is kept. Why
// something was erased or restricted is never erased with it.
func (w *texts) aboutKeeping(event Event) Event {
	free := Whose{}
	switch e := event.(type) {
	case ReviewSet:
		w.text(free, "reason", &e.Reason)
		return e
	case HandlingSet:
		w.text(free, "reason", &e.Reason)
		return e
	case LegalHoldPlaced:
		w.text(free, "reason", &e.Reason)
		return e
	case LegalHoldLifted:
		w.text(free, "reason", &e.Reason)
		return e
	case PersonalRestricted:
		w.text(free, "reason", &e.Reason)
		return e
	case PersonalErased:
		w.text(free, "reason", &e.Reason)
		return e
	}
	return w.aboutLarger(event)
}

// aboutLarger passes on what is said of the larger picture: how a suspect
// works, and why something is taken back.
func (w *texts) aboutLarger(event Event) Event {
	free := Whose{}
	switch e := event.(type) {
	case NoticeLinked:
		w.personal(e.Of, "modus_operandi", &e.ModusOperandi)
		return e
	case ScamWithdrawn:
		w.text(Whose{Victim: e.Victim}, "reason", &e.Reason)
		return e
	case OperationLeft:
		w.text(free, "reason", &e.Reason)
		return e
	case NoticeUnlinked:
		w.text(e.Of, "reason", &e.Reason)
		return e
	case CentreWithdrawn:
		w.text(free, "reason", &e.Reason)
		return e
	case CentreUnlinked:
		w.text(e.Of, "reason", &e.Reason)
		return e
	case CrimeUnflagged:
		w.text(e.Of, "reason", &e.Reason)
		return e
	}
	return event
}

// freeze passes on the texts of a step of a freeze.
func (w *texts) freeze(event freezeEvent) Event {
	free := Whose{}
	switch e := event.(type) {
	case FreezeRequested:
		w.text(free, "contact", &e.Contact)
		if e.Wire != nil && e.Wire.FurtherCredit != "" {
			wire := *e.Wire
			w.text(free, "wire.further_credit", &wire.FurtherCredit)
			e.Wire = &wire
		}
		return e
	case FreezeWithdrawn:
		w.news(&e.News)
		w.text(free, "reason", &e.Reason)
		return e
	case FreezeRejected:
		w.news(&e.News)
		w.text(free, "reason", &e.Reason)
		return e
	case FreezeContested:
		w.news(&e.News)
		w.text(free, "grievance", &e.Grievance)
		return e
	case FreezeDecided:
		w.news(&e.News)
		w.text(free, "decision", &e.Decision)
		return e
	}
	return w.step(event)
}

// step passes on the news of a step that says nothing else about people.
func (w *texts) step(event Event) Event {
	switch e := event.(type) {
	case FreezeApproved:
		w.news(&e.News)
		return e
	case FreezeSubmitted:
		w.news(&e.News)
		return e
	case FreezeAcknowledged:
		w.news(&e.News)
		return e
	case FreezeAnswered:
		w.news(&e.News)
		return e
	case FreezeHeld:
		w.news(&e.News)
		return e
	case FreezeExtended:
		w.news(&e.News)
		return e
	case FreezeReleased:
		w.news(&e.News)
		return e
	case FreezeExpired:
		w.news(&e.News)
		return e
	}
	return w.outcome(event)
}

// outcome passes on the news of where the money went.
func (w *texts) outcome(event Event) Event {
	switch e := event.(type) {
	case FreezeReturned:
		w.news(&e.News)
		return e
	case FreezeSeized:
		w.news(&e.News)
		return e
	case FreezeRestored:
		w.news(&e.News)
		return e
	case FreezeTransferred:
		w.news(&e.News)
		return e
	}
	return event
}

func (w *texts) news(n *News) {
	w.text(Whose{}, "told", &n.Told)
	w.text(Whose{}, "note", &n.Note)
}
