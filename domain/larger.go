package domain

import "slices"

// The larger picture: by what scam and lure somebody became a victim, where
// it is run from, in which operation a case is worked, which notices and other
// crimes belong to it. Each is somebody's statement with its source, and can be
// taken back. Statistics are counted from these when asked, and kept nowhere.

// Lure is by what a victim was reached: one of Lures, or "other: …".
type Lure string

// Crime is another crime to which a case leads: one of Crimes, or "other: …".
type Crime string

// NoticeColour is what a notice or a diffusion is for: one of NoticeColours.
type NoticeColour string

// OperationID is an operation's code name, over all cases: HAECHI-VI.
type OperationID string

// CentreID names a scam centre over all cases: a reference.
type CentreID string

// ScamDescribed is recorded when somebody says by what scam a victim was
// reached and where it is run from: of one payment, of one victim, or of the
// case. A field that is absent says nothing and leaves what was said. What is
// said of a payment goes before what is said of the victim, and that before
// what is said of the case.
type ScamDescribed struct {
	Victim     VictimID   `json:"victim,omitempty"`
	Movement   MovementID `json:"movement,omitempty"`
	Typology   Scam       `json:"typology,omitempty"`
	Lures      []Lure     `json:"lures,omitempty"`
	Country    string     `json:"country,omitempty"`  // where the victim was
	RunFrom    string     `json:"run_from,omitempty"` // the country that the scam is run from
	Source     string     `json:"source"`
	Assessment bool       `json:"assessment,omitempty"` // an assessment, not a fact (LED art. 7)
}

// ScamWithdrawn is recorded when all that was described of a payment's, a
// victim's or the case's scam no longer stands.
type ScamWithdrawn struct {
	Victim   VictimID   `json:"victim,omitempty"`
	Movement MovementID `json:"movement,omitempty"`
	Reason   string     `json:"reason"`
}

// OperationDescribed is recorded when it becomes known what an operation is. A
// later one takes its place.
type OperationDescribed struct {
	Operation OperationID `json:"operation"`
	Title     string      `json:"title"`
	Lead      string      `json:"lead,omitempty"` // who leads it
	From      When        `json:"from,omitzero"`
	Until     When        `json:"until,omitzero"`
	Source    string      `json:"source"`
}

// OperationJoined is recorded when a case is worked in an operation: from then
// on its figures count there.
type OperationJoined struct {
	Operation OperationID `json:"operation"`
	Source    string      `json:"source"`
}

// OperationLeft is recorded when a case turns out not to belong to an
// operation, or leaves it.
type OperationLeft struct {
	Operation OperationID `json:"operation"`
	Reason    string      `json:"reason"`
}

// NoticeLinked is recorded when a notice of INTERPOL, or a diffusion that a
// country sent by itself, concerns somebody or something of the case.
type NoticeLinked struct {
	Notice        string       `json:"notice"` // its reference
	Colour        NoticeColour `json:"colour"`
	Diffusion     bool         `json:"diffusion,omitempty"`
	Issued        When         `json:"issued"`
	By            string       `json:"by,omitempty"` // the bureau that asked for it
	Of            Whose        `json:"of"`           // a person, an account, a victim, a file; none: the case as a whole
	ModusOperandi *Personal    `json:"modus_operandi,omitempty"`
	Source        string       `json:"source"`
}

// NoticeUnlinked is recorded when a notice is cancelled, or does not concern
// the case.
type NoticeUnlinked struct {
	Notice string `json:"notice"`
	Of     Whose  `json:"of"`
	Reason string `json:"reason"`
}

// CentreDescribed is recorded when somebody says where a scam centre is. A
// later one takes its place.
type CentreDescribed struct {
	Centre     CentreID `json:"centre"`
	Place      string   `json:"place"` // town, compound
	Country    string   `json:"country"`
	Source     string   `json:"source"`
	Assessment bool     `json:"assessment,omitempty"`
}

// CentreWithdrawn is recorded when there is no such centre.
type CentreWithdrawn struct {
	Centre CentreID `json:"centre"`
	Reason string   `json:"reason"`
}

// CentreLinked is recorded when somebody or something of a case is tied to a
// scam centre: a victim who was held or called from there, an account that
// takes its money, a person who runs it.
type CentreLinked struct {
	Centre     CentreID `json:"centre"`
	Of         Whose    `json:"of"` // none: the case as a whole
	Source     string   `json:"source"`
	Assessment bool     `json:"assessment,omitempty"`
}

// CentreUnlinked is recorded when a tie to a scam centre no longer stands.
type CentreUnlinked struct {
	Centre CentreID `json:"centre"`
	Of     Whose    `json:"of"`
	Reason string   `json:"reason"`
}

// CrimeFlagged is recorded when somebody says that the case, or somebody or
// something of it, leads to another crime. It is a flag with its source, not a
// finding of guilt.
type CrimeFlagged struct {
	Crime      Crime  `json:"crime"`
	Of         Whose  `json:"of"` // none: the case as a whole
	Source     string `json:"source"`
	Assessment bool   `json:"assessment,omitempty"`
}

// CrimeUnflagged is recorded when such a flag no longer stands.
type CrimeUnflagged struct {
	Crime  Crime  `json:"crime"`
	Of     Whose  `json:"of"`
	Reason string `json:"reason"`
}

func (ScamDescribed) Kind() string      { return "scam.described.v1" }
func (ScamWithdrawn) Kind() string      { return "scam.withdrawn.v1" }
func (OperationDescribed) Kind() string { return "operation.described.v1" }
func (OperationJoined) Kind() string    { return "operation.joined.v1" }
func (OperationLeft) Kind() string      { return "operation.left.v1" }
func (NoticeLinked) Kind() string       { return "notice.linked.v1" }
func (NoticeUnlinked) Kind() string     { return "notice.unlinked.v1" }
func (CentreDescribed) Kind() string    { return "centre.described.v1" }
func (CentreWithdrawn) Kind() string    { return "centre.withdrawn.v1" }
func (CentreLinked) Kind() string       { return "centre.linked.v1" }
func (CentreUnlinked) Kind() string     { return "centre.unlinked.v1" }
func (CrimeFlagged) Kind() string       { return "crime.flagged.v1" }
func (CrimeUnflagged) Kind() string     { return "crime.unflagged.v1" }

// Larger is what a case file says about the larger picture, in the order
// recorded.
type Larger struct {
	Scams      []ScamDescribed
	Operations []OperationJoined
	Notices    []NoticeLinked
	Centres    []CentreLinked
	Crimes     []CrimeFlagged
}

// widen takes note of an event about the larger picture.
func (l *Larger) widen(event Event) {
	switch e := event.(type) {
	case ScamDescribed:
		l.Scams = append(l.Scams, e)
	case ScamWithdrawn:
		l.Scams = slices.DeleteFunc(l.Scams, func(s ScamDescribed) bool { return s.Victim == e.Victim && s.Movement == e.Movement })
	case OperationJoined:
		l.Operations = append(l.Operations, e)
	case OperationLeft:
		l.Operations = slices.DeleteFunc(l.Operations, func(o OperationJoined) bool { return o.Operation == e.Operation })
	case NoticeLinked:
		l.Notices = append(without(l.Notices, e.link()), e)
	case NoticeUnlinked:
		l.Notices = without(l.Notices, link{e.Notice, e.Of})
	case CentreLinked:
		l.Centres = append(without(l.Centres, e.link()), e)
	case CentreUnlinked:
		l.Centres = without(l.Centres, link{string(e.Centre), e.Of})
	case CrimeFlagged:
		l.Crimes = append(without(l.Crimes, e.link()), e)
	case CrimeUnflagged:
		l.Crimes = without(l.Crimes, link{string(e.Crime), e.Of})
	}
}

// link is what is tied to whom: a later word on the same takes the place of
// the earlier.
type link struct {
	what string
	of   Whose
}

func (n NoticeLinked) link() link { return link{n.Notice, n.Of} }
func (c CentreLinked) link() link { return link{string(c.Centre), c.Of} }
func (c CrimeFlagged) link() link { return link{string(c.Crime), c.Of} }

func without[L interface{ link() link }](list []L, gone link) []L {
	return slices.DeleteFunc(list, func(one L) bool { return one.link() == gone })
}

// Described is what stands described of the scam of a payment, of a victim, or,
// where both are empty, of the case.
func (l *Larger) Described(victim VictimID, movement MovementID) (sum ScamDescribed) {
	for _, said := range l.Scams {
		if said.Victim == victim && said.Movement == movement {
			sum = OverlayScams(sum, said)
		}
	}
	return sum
}

// OverlayScams lays descriptions over one another, each over those before it:
// what it leaves out stays as it was.
func OverlayScams(list ...ScamDescribed) (sum ScamDescribed) {
	for _, said := range list {
		for _, text := range []struct{ to, now *string }{{&sum.Country, &said.Country}, {&sum.RunFrom, &said.RunFrom}, {&sum.Source, &said.Source}} {
			if *text.now != "" {
				*text.to = *text.now
			}
		}
		if said.Typology != ScamUnstated {
			sum.Typology = said.Typology
		}
		if len(said.Lures) > 0 {
			sum.Lures = said.Lures
		}
	}
	return sum
}
