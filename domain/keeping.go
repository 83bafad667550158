package domain

// Who a person is to a case, what is known of him for a fact and what is an
// assessment, how long it is kept, who may see it, and when it goes. Directive
// (EU) 2016/680 (LED) names the duties; the events here show that they were
// met.

// PersonID names a person within a case: a reference, never a name in clear.
type PersonID string

// PersonCategory is what a person is to a case (LED article 6).
type PersonCategory string

// The categories. A person of whom nobody can say yet is other, and a later
// registration takes the place of that.
const (
	Suspect       PersonCategory = "suspect"   // serious grounds to believe that he has committed an offence, or will
	Convicted     PersonCategory = "convicted" // of an offence
	VictimPerson  PersonCategory = "victim"
	Witness       PersonCategory = "witness"
	OtherPerson   PersonCategory = "other" // a contact, an associate, an innocent holder
	maxPersonName                = 128
)

// PersonCategories lists them.
func PersonCategories() []PersonCategory {
	return []PersonCategory{Suspect, Convicted, VictimPerson, Witness, OtherPerson}
}

// PersonRegistered is recorded when it becomes known what a person is to the
// case: suspect, victim, witness or other. A later one takes its place.
type PersonRegistered struct {
	Person     PersonID       `json:"person"`
	Category   PersonCategory `json:"category"`
	Name       *Personal      `json:"name,omitempty"`
	Contact    *Personal      `json:"contact,omitempty"`
	Victim     VictimID       `json:"victim,omitempty"`     // he is this victim
	Account    AccountID      `json:"account,omitempty"`    // he holds this account
	Assessment bool           `json:"assessment,omitempty"` // an assessment, not a fact (LED article 7)
	Basis      string         `json:"basis,omitempty"`
}

// whose key seals what is said of him: as a victim he has one already.
func (p PersonRegistered) whose() Whose {
	if p.Victim != "" {
		return Whose{Victim: p.Victim}
	}
	return Whose{Person: p.Person}
}

// FindingNoted is recorded when an investigator finds something out about
// somebody or something: as a fact, or as an assessment (LED article 7).
type FindingNoted struct {
	About      Whose    `json:"about"` // none: the case as a whole
	Text       Personal `json:"text"`
	Source     string   `json:"source"`
	Assessment bool     `json:"assessment,omitempty"`
}

// ReviewSet is recorded when it is decided until when the need to keep a
// case's personal data is reviewed again (LED article 5).
type ReviewSet struct {
	Due    When   `json:"due"`
	Reason string `json:"reason"` // why it is still needed, or what the last review found
}

// HandlingCondition is a condition under which somebody gave a file.
type HandlingCondition string

// The conditions. What each allows is the table in handling.go.
const (
	Egmont       HandlingCondition = "egmont"       // from another FIU: onward only with its consent
	Interpol     HandlingCondition = "interpol"     // through INTERPOL: for the purpose stated, onward with the source's consent
	CourtSeal    HandlingCondition = "court_seal"   // sealed by a court
	Intelligence HandlingCondition = "intelligence" // not to be used as evidence
	PoliceOnly   HandlingCondition = "police_only"  // not to leave law enforcement
)

// HandlingSet is recorded when it is known under which conditions a file may
// be used: at its import, or later. It takes the place of what was set before;
// no condition is none.
type HandlingSet struct {
	File       SHA256              `json:"file"`
	Conditions []HandlingCondition `json:"conditions"`
	Originator string              `json:"originator,omitempty"` // whom to ask for consent
	Consent    []Outlet            `json:"consent,omitempty"`    // where the originator lets it go
	Reason     string              `json:"reason,omitempty"`
}

// LegalHoldPlaced is recorded when a court or an authority orders that
// something must be kept: until it is lifted nothing of it is erased.
type LegalHoldPlaced struct {
	Hold      string `json:"hold"` // its name within the case: L1, L2 …
	Of        Whose  `json:"of"`   // none: the whole case
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
	Until     When   `json:"until,omitzero"` // when it is to be looked at again; it does not end by itself
}

// LegalHoldLifted is recorded when a legal hold ends.
type LegalHoldLifted struct {
	Hold      string `json:"hold"`
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
}

// PersonalRestricted is recorded when personal data is kept for evidence alone
// instead of being erased (LED art. 16(3)), or when that ends.
type PersonalRestricted struct {
	Of     Whose  `json:"of"`
	Basis  string `json:"basis"`
	Reason string `json:"reason,omitempty"`
	Lifted bool   `json:"lifted,omitempty"`
}

// PersonalErased is recorded when personal data is erased: the keys that it
// was sealed under are destroyed right after. The events that held it stay, and
// so do their hashes.
type PersonalErased struct {
	Of     Whose    `json:"of"`
	Keys   []string `json:"keys"`  // of the vault; destroyed
	Basis  string   `json:"basis"` // the law, or the decision
	Reason string   `json:"reason,omitempty"`
}

func (PersonRegistered) Kind() string   { return "person.registered.v1" }
func (FindingNoted) Kind() string       { return "finding.noted.v1" }
func (ReviewSet) Kind() string          { return "review.set.v1" }
func (HandlingSet) Kind() string        { return "handling.set.v1" }
func (LegalHoldPlaced) Kind() string    { return "legal_hold.placed.v1" }
func (LegalHoldLifted) Kind() string    { return "legal_hold.lifted.v1" }
func (PersonalRestricted) Kind() string { return "personal.restricted.v1" }
func (PersonalErased) Kind() string     { return "personal.erased.v1" }

// Keeping is what a case file says about people and about keeping their data.
type Keeping struct {
	Persons    map[PersonID]PersonRegistered
	Findings   []FindingNoted
	Review     *ReviewSet             // the last one, or nil
	Handling   map[SHA256]HandlingSet // by file
	Holds      []LegalHoldPlaced      // that stand
	holds      int                    // ever placed: a name is not used again
	Restricted map[Whose]PersonalRestricted
	Erased     []PersonalErased

	Identifiers []IdentifierNoted // that stand, in the order recorded
	identifiers int               // ever noted: a name is not used again
}

func newKeeping() Keeping {
	return Keeping{Persons: map[PersonID]PersonRegistered{}, Handling: map[SHA256]HandlingSet{}, Restricted: map[Whose]PersonalRestricted{}}
}

// keep takes note of an event about people or about keeping their data.
func (k *Keeping) keep(event Event) {
	switch e := event.(type) {
	case PersonRegistered:
		k.Persons[e.Person] = e
	case FindingNoted:
		k.Findings = append(k.Findings, e)
	case ReviewSet:
		k.Review = &e
	case HandlingSet:
		k.Handling[e.File] = e
	case LegalHoldPlaced:
		k.Holds, k.holds = append(k.Holds, e), k.holds+1
	case LegalHoldLifted:
		k.Holds = withoutHold(k.Holds, e.Hold)
	case PersonalRestricted:
		k.Restricted[e.Of] = e
		if e.Lifted {
			delete(k.Restricted, e.Of)
		}
	case PersonalErased:
		k.Erased = append(k.Erased, e)
	default:
		k.identify(e)
	}
}

func withoutHold(holds []LegalHoldPlaced, name string) []LegalHoldPlaced {
	var left []LegalHoldPlaced
	for _, h := range holds {
		if h.Hold != name {
			left = append(left, h)
		}
	}
	return left
}
