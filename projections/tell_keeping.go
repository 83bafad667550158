package projections

import (
	"fmt"
	"strings"

	"clew/domain"
)

// tellKeeping tells what was said about people and about keeping their data.
// Names and findings stay where they are.
func tellKeeping(event domain.Event) string {
	switch e := event.(type) {
	case domain.PersonRegistered:
		return fmt.Sprintf("Person %s was registered as %s%s.", e.Person, e.Category, asFact(e.Assessment))
	case domain.FindingNoted:
		return fmt.Sprintf("A finding about %s was noted%s; source: %s.", e.About, asFact(e.Assessment), e.Source)
	case domain.ReviewSet:
		return fmt.Sprintf("The need to keep the case's data is to be reviewed by %s (%s).", e.Due, e.Reason)
	case domain.HandlingSet:
		return fmt.Sprintf("The file %s is used under these conditions: %s%s.", short(e.File), conditions(e.Conditions), because(e.Reason))
	case domain.LegalHoldPlaced:
		return fmt.Sprintf("Legal hold %s was placed on %s by %s (%s).", e.Hold, e.Of, e.Authority, e.Reason)
	case domain.LegalHoldLifted:
		return fmt.Sprintf("Legal hold %s was lifted by %s (%s).", e.Hold, e.Authority, e.Reason)
	case domain.PersonalRestricted:
		if e.Lifted {
			return fmt.Sprintf("The restriction of personal data of %s was lifted (%s).", e.Of, e.Basis)
		}
		return fmt.Sprintf("Personal data of %s was restricted to evidence (%s).", e.Of, e.Basis)
	case domain.PersonalErased:
		return fmt.Sprintf("Personal data of %s was erased (%s): %d keys were destroyed.", e.Of, e.Basis, len(e.Keys))
	}
	return tellIdentifier(event)
}

// tellIdentifier tells whose a case is, and by what somebody is met elsewhere.
func tellIdentifier(event domain.Event) string {
	switch e := event.(type) {
	case domain.CaseAssigned:
		if e.Silent {
			return fmt.Sprintf("The case was assigned to team %s, silently%s.", e.Team, because(e.Reason))
		}
		return fmt.Sprintf("The case was assigned to team %s%s.", e.Team, because(e.Reason))
	case domain.IdentifierNoted:
		return fmt.Sprintf("A %s of %s was noted%s as %s; source: %s.", e.Sort, e.About, asFact(e.Assessment), e.Identifier, e.Source)
	case domain.IdentifierWithdrawn:
		return fmt.Sprintf("The identifier %s was withdrawn (%s).", e.Identifier, e.Reason)
	}
	return tellLarger(event)
}

func asFact(assessment bool) string {
	if assessment {
		return ", as an assessment"
	}
	return ", as a fact"
}

func conditions(list []domain.HandlingCondition) string {
	var names []string
	for _, one := range list {
		names = append(names, string(one))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
