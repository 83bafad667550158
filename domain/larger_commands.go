package domain

import (
	"reflect"
	"slices"
)

// DescribeScam says by what scam a victim was reached.
type DescribeScam struct{ ScamDescribed }

// Decide records what is new of it.
func (d DescribeScam) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	event := d.ScamDescribed
	if err := event.normalise(c); err != nil {
		return nil, err
	}
	if event.Typology == "" && len(event.Lures) == 0 && event.Country == "" && event.RunFrom == "" {
		return nil, Usage("say at least one thing about the scam: its typology, its lures, the victim's country, or where it is run from")
	}
	told := slices.ContainsFunc(c.Scams, func(known ScamDescribed) bool { return reflect.DeepEqual(known, event) })
	if stands := c.Described(event.Victim, event.Movement); told && reflect.DeepEqual(stands, OverlayScams(stands, event)) {
		return nil, nil
	}
	return []Event{event}, nil
}

// normalise checks each field and writes it as it is kept.
func (s *ScamDescribed) normalise(c *CaseFile) (err error) {
	if s.Victim != "" && s.Movement != "" {
		return Usage("a scam is described of a payment, of a victim or of the case: name one of them")
	}
	if s.Typology != "" {
		if s.Typology, err = ParseTypology(string(s.Typology)); err != nil {
			return err
		}
	}
	lures := make([]Lure, 0, len(s.Lures))
	for _, text := range s.Lures {
		lure, err := ParseLure(string(text))
		if err != nil {
			return err
		}
		lures = append(lures, lure)
	}
	slices.Sort(lures)
	s.Lures = slices.Compact(lures)
	if len(s.Lures) == 0 {
		s.Lures = nil
	}
	if s.Country, err = parseCountry(s.Country); err != nil {
		return err
	}
	if s.RunFrom, err = parseCountry(s.RunFrom); err != nil {
		return err
	}
	return checkText("source", s.Source)
}

// WithdrawScam takes back what was described of a scam.
type WithdrawScam struct {
	Victim   VictimID   `json:"victim,omitempty"`
	Movement MovementID `json:"movement,omitempty"`
	Reason   string     `json:"reason"`
}

// Decide withdraws what stands.
func (w WithdrawScam) Decide(c *CaseFile) ([]Event, error) {
	if err := c.withdrawing(w.Reason); err != nil {
		return nil, err
	}
	same := func(s ScamDescribed) bool { return s.Victim == w.Victim && s.Movement == w.Movement }
	if !slices.ContainsFunc(c.Scams, same) {
		return nil, NotFound("case %s has no description of a scam that stands there: 'clew case show %s' shows what was said", c.ID, c.ID)
	}
	return []Event{ScamWithdrawn(w)}, nil
}

// withdrawing says why nothing can be taken back, or nil.
func (c *CaseFile) withdrawing(reason string) error {
	if err := c.working(); err != nil {
		return err
	}
	return checkText("reason", reason)
}

// DescribeOperation says what an operation is. Nothing new: no event.
func DescribeOperation(known map[OperationID]OperationDescribed, said OperationDescribed) ([]Event, error) {
	operation, err := ParseOperation(string(said.Operation))
	if err != nil {
		return nil, err
	}
	said.Operation = operation
	if err := checkName("title", said.Title, maxTitle); err != nil {
		return nil, Usage("operation %s: %v", operation, err)
	}
	if err := checkText("source", said.Source); err != nil {
		return nil, err
	}
	if !said.From.IsZero() && !said.Until.IsZero() && said.Until.Time.Before(said.From.Time) {
		return nil, Usage("operation %s cannot end on %s, before it begins on %s", operation, said.Until, said.From)
	}
	if known[operation] == said {
		return nil, nil
	}
	return []Event{said}, nil
}

// JoinOperation says that a case is worked in an operation.
type JoinOperation struct{ OperationJoined }

// Decide joins once.
func (j JoinOperation) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	operation, err := ParseOperation(string(j.Operation))
	if err != nil {
		return nil, err
	}
	if err := checkText("source", j.Source); err != nil {
		return nil, err
	}
	if c.in(operation) {
		return nil, nil
	}
	return []Event{OperationJoined{operation, j.Source}}, nil
}

// in says whether a case is worked in an operation.
func (c *CaseFile) in(operation OperationID) bool {
	return slices.ContainsFunc(c.Operations, func(o OperationJoined) bool { return o.Operation == operation })
}

// LeaveOperation takes a case out of an operation.
type LeaveOperation struct {
	Operation OperationID `json:"operation"`
	Reason    string      `json:"reason"`
}

// Decide leaves what was joined.
func (l LeaveOperation) Decide(c *CaseFile) ([]Event, error) {
	if err := c.withdrawing(l.Reason); err != nil {
		return nil, err
	}
	operation, err := ParseOperation(string(l.Operation))
	if err != nil {
		return nil, err
	}
	if !c.in(operation) {
		return nil, NotFound("case %s is not in operation %s: 'clew stats operations' shows which case is in which", c.ID, operation)
	}
	return []Event{OperationLeft{operation, l.Reason}}, nil
}

// LinkNotice says that a notice concerns the case.
type LinkNotice struct {
	NoticeLinked
	Modus string `json:"modus,omitempty"` // the modus operandi, in clear; it is sealed when recorded
}

// Decide links it once; more about the same link takes the place of it.
func (l LinkNotice) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	event := l.NoticeLinked
	event.ModusOperandi = personal(l.Modus)
	var err error
	if event.Colour, err = ParseNoticeColour(string(l.Colour)); err != nil {
		return nil, err
	}
	if event.Notice, err = ParseReference("notice", l.Notice); err != nil || event.Notice == "" {
		return nil, Usage("a notice needs its reference, like A-1234/5-2026 (%v)", err)
	}
	if event.Issued.IsZero() {
		return nil, Usage("notice %s: say when it was issued", event.Notice)
	}
	if err := checkText("source", l.Source); err != nil {
		return nil, err
	}
	if err := c.knows(l.Of); err != nil {
		return nil, err
	}
	for _, known := range c.Notices {
		if known.link() == event.link() && sameNotice(known, event) {
			return nil, nil
		}
	}
	return []Event{event}, nil
}

func sameNotice(a, b NoticeLinked) bool {
	same := samePersonal(a.ModusOperandi, b.ModusOperandi)
	a.ModusOperandi, b.ModusOperandi = nil, nil
	return same && a == b
}

// knows says why somebody or something is not of the case, or nil. Accounts
// and files are named as they are.
func (c *CaseFile) knows(of Whose) error {
	if _, known := c.Victims[of.Victim]; of.Victim != "" && !known {
		return NotFound("case %s has no victim %s: register him first ('clew victim add')", c.ID, of.Victim)
	}
	if _, known := c.Persons[of.Person]; of.Person != "" && !known {
		return NotFound("case %s has no person %s: register him first ('clew person add')", c.ID, of.Person)
	}
	if of.Event > 0 {
		return Usage("name a victim, a person, an account or a file, or nothing for the case as a whole")
	}
	return nil
}

// UnlinkNotice takes the link to a notice back.
type UnlinkNotice struct {
	Notice string `json:"notice"`
	Of     Whose  `json:"of"`
	Reason string `json:"reason"`
}

// Decide unlinks what is linked.
func (u UnlinkNotice) Decide(c *CaseFile) ([]Event, error) {
	if err := c.withdrawing(u.Reason); err != nil {
		return nil, err
	}
	if !linked(c.Notices, link{u.Notice, u.Of}) {
		return nil, NotFound("case %s has no notice %s about %s: 'clew notice show %s' lists them", c.ID, u.Notice, u.Of.Tied(), c.ID)
	}
	return []Event{NoticeUnlinked(u)}, nil
}

func linked[L interface{ link() link }](list []L, sought link) bool {
	return slices.ContainsFunc(list, func(one L) bool { return one.link() == sought })
}

// DescribeCentre says where a scam centre is. Nothing new: no event.
func DescribeCentre(known map[CentreID]CentreDescribed, said CentreDescribed) ([]Event, error) {
	var err error
	if said.Centre, err = ParseCentre(string(said.Centre)); err != nil {
		return nil, err
	}
	if err := checkName("place", said.Place, maxTitle); err != nil {
		return nil, Usage("centre %s: %v", said.Centre, err)
	}
	if said.Country, err = parseCountry(said.Country); err != nil || said.Country == "" {
		return nil, Usage("centre %s needs its country, a code of two letters", said.Centre)
	}
	if err := checkText("source", said.Source); err != nil {
		return nil, err
	}
	if known[said.Centre] == said {
		return nil, nil
	}
	return []Event{said}, nil
}

// WithdrawCentre says that there is no such centre.
func WithdrawCentre(known map[CentreID]CentreDescribed, gone CentreWithdrawn) ([]Event, error) {
	if err := checkText("reason", gone.Reason); err != nil {
		return nil, err
	}
	if _, stands := known[gone.Centre]; !stands {
		return nil, NotFound("no scam centre %s is described: 'clew centre list' shows them", gone.Centre)
	}
	return []Event{gone}, nil
}

// LinkCentre ties somebody or something of a case to a scam centre.
type LinkCentre struct{ CentreLinked }

// Decide ties once.
func (l LinkCentre) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	event := l.CentreLinked
	var err error
	if event.Centre, err = ParseCentre(string(l.Centre)); err != nil {
		return nil, err
	}
	if err := checkText("source", l.Source); err != nil {
		return nil, err
	}
	if err := c.knows(l.Of); err != nil {
		return nil, err
	}
	if slices.Contains(c.Centres, event) {
		return nil, nil
	}
	return []Event{event}, nil
}

// UnlinkCentre takes such a tie back.
type UnlinkCentre struct {
	Centre CentreID `json:"centre"`
	Of     Whose    `json:"of"`
	Reason string   `json:"reason"`
}

// Decide unlinks what is linked.
func (u UnlinkCentre) Decide(c *CaseFile) ([]Event, error) {
	if err := c.withdrawing(u.Reason); err != nil {
		return nil, err
	}
	if !linked(c.Centres, link{string(u.Centre), u.Of}) {
		return nil, NotFound("in case %s nothing ties %s to the scam centre %s: 'clew case show' shows what is tied", c.ID, u.Of.Tied(), u.Centre)
	}
	return []Event{CentreUnlinked(u)}, nil
}

// FlagCrime says that a case leads to another crime.
type FlagCrime struct{ CrimeFlagged }

// Decide flags once.
func (f FlagCrime) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	event := f.CrimeFlagged
	var err error
	if event.Crime, err = ParseCrime(string(f.Crime)); err != nil {
		return nil, err
	}
	if err := checkText("source", f.Source); err != nil {
		return nil, err
	}
	if err := c.knows(f.Of); err != nil {
		return nil, err
	}
	if slices.Contains(c.Crimes, event) {
		return nil, nil
	}
	return []Event{event}, nil
}

// UnflagCrime takes such a flag back.
type UnflagCrime struct {
	Crime  Crime  `json:"crime"`
	Of     Whose  `json:"of"`
	Reason string `json:"reason"`
}

// Decide takes back what is flagged.
func (u UnflagCrime) Decide(c *CaseFile) ([]Event, error) {
	if err := c.withdrawing(u.Reason); err != nil {
		return nil, err
	}
	crime, err := ParseCrime(string(u.Crime))
	if err != nil {
		return nil, err
	}
	u.Crime = crime
	if !linked(c.Crimes, link{string(u.Crime), u.Of}) {
		return nil, NotFound("case %s has no flag %s on %s: 'clew case show %s' lists them", c.ID, u.Crime, u.Of.Tied(), c.ID)
	}
	return []Event{CrimeUnflagged(u)}, nil
}
