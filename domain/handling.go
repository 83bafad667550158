package domain

import (
	"fmt"
	"slices"
	"strings"
)

// Outlet is a way by which something leaves the case file.
type Outlet string

// The outlets.
const (
	OutletPaper  Outlet = "paper"  // a request or a recall, to a bank or an issuer
	OutletFIU    Outlet = "fiu"    // a report to a financial intelligence unit
	OutletBundle Outlet = "bundle" // the case for a court and for whoever verifies it
	OutletReport Outlet = "report" // an answer that is printed for others
	OutletHit    Outlet = "hit"    // that another team's case is told that this one knows the same
)

// Outlets lists them.
func Outlets() []Outlet {
	return []Outlet{OutletPaper, OutletFIU, OutletBundle, OutletReport, OutletHit}
}

// Verdict is what a condition lets happen at an outlet.
type Verdict string

// The verdicts, from the mildest to the strictest.
const (
	Allowed Verdict = "allowed"
	Redact  Verdict = "redact" // the file and what was read from it are left out, and that they are is said
	Refuse  Verdict = "refuse" // the whole does not leave
)

var verdicts = []Verdict{Allowed, Redact, Refuse}

// handling says what each condition means at each outlet, where no consent is
// recorded. Where they come from: the Egmont Group's Principles for Information
// Exchange Between Financial Intelligence Units, INTERPOL's Rules on the
// Processing of Data, and the order of the court itself. The table is clew's
// cautious reading of them: an installation that knows better records a
// consent.
var handling = map[HandlingCondition]map[Outlet]Verdict{
	Egmont:       {OutletPaper: Refuse, OutletFIU: Redact, OutletBundle: Refuse, OutletReport: Redact, OutletHit: Redact},
	Interpol:     {OutletPaper: Refuse, OutletFIU: Redact, OutletBundle: Refuse, OutletReport: Redact, OutletHit: Redact},
	CourtSeal:    {OutletPaper: Refuse, OutletFIU: Refuse, OutletBundle: Refuse, OutletReport: Refuse, OutletHit: Refuse},
	Intelligence: {OutletPaper: Redact, OutletFIU: Allowed, OutletBundle: Redact, OutletReport: Redact, OutletHit: Allowed},
	PoliceOnly:   {OutletPaper: Redact, OutletFIU: Allowed, OutletBundle: Allowed, OutletReport: Redact, OutletHit: Allowed},
}

// HandlingConditions lists the conditions.
func HandlingConditions() []HandlingCondition {
	return []HandlingCondition{Egmont, Interpol, CourtSeal, Intelligence, PoliceOnly}
}

// HandlingAt is what a condition lets happen at an outlet.
func HandlingAt(condition HandlingCondition, outlet Outlet) Verdict {
	return strictest(handling[condition][outlet], Allowed)
}

func strictest(a, b Verdict) Verdict {
	return verdicts[max(slices.Index(verdicts, a), slices.Index(verdicts, b))]
}

// Leave says whether a file may leave the case by an outlet, and why not.
type Leave struct {
	File    SHA256  `json:"file"`
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`
}

// MayLeave is asked for every file before it, or what was read from it, leaves
// the case: by a paper, a bundle, a report.
func (c *CaseFile) MayLeave(file SHA256, outlet Outlet) Leave {
	leave := Leave{File: file, Verdict: Allowed}
	set, ok := c.Handling[file]
	if restricted, is := c.Restricted[Whose{File: file}]; is {
		leave.Verdict, leave.Why = Redact, "its use is restricted: "+restricted.Basis
	}
	if !ok || slices.Contains(set.Consent, outlet) {
		return leave
	}
	for _, condition := range set.Conditions {
		if verdict := HandlingAt(condition, outlet); verdict == strictest(verdict, leave.Verdict) && verdict != Allowed {
			leave.Verdict, leave.Why = verdict, fmt.Sprintf("it was given under the condition %s%s", condition, from(set.Originator))
		}
	}
	return leave
}

func from(originator string) string {
	if originator == "" {
		return ""
	}
	return " by " + originator + ", whose consent would be needed"
}

// SetHandling records under which conditions a file may be used.
type SetHandling struct{ HandlingSet }

// Decide records the conditions once.
func (s SetHandling) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if _, filed := c.Files[s.File]; !filed {
		return nil, NotFound("no file %s is filed in case %s: 'clew evidence list %s' shows them", s.File, c.ID, c.ID)
	}
	if err := s.wrong(); err != nil {
		return nil, err
	}
	known, set := c.Handling[s.File]
	if !set && len(s.Conditions) == 0 || set && sameHandling(known, s.HandlingSet) {
		return nil, nil
	}
	if err := checkText("reason", s.Reason); set && err != nil {
		return nil, err
	}
	return []Event{s.HandlingSet}, nil
}

// Wrong says what cannot be in conditions that a person states, or nil.
func (s SetHandling) Wrong() error { return s.wrong() }

func (s SetHandling) wrong() error {
	for _, condition := range s.Conditions {
		if !slices.Contains(HandlingConditions(), condition) {
			return Usage("handling condition %q is not one of %s", condition, listOf(HandlingConditions()))
		}
	}
	for _, outlet := range s.Consent {
		if !slices.Contains(Outlets(), outlet) {
			return Usage("consent for %q: it is not one of %s", outlet, listOf(Outlets()))
		}
	}
	return nil
}

func sameHandling(a, b HandlingSet) bool {
	return slices.Equal(a.Conditions, b.Conditions) && slices.Equal(a.Consent, b.Consent) && a.Originator == b.Originator
}

func listOf[T ~string](list []T) string {
	var names []string
	for _, one := range list {
		names = append(names, string(one))
	}
	return strings.Join(names, ", ")
}
