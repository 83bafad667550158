package projections

import (
	"cmp"
	"fmt"
	"strings"

	"clew/domain"
)

// tellLarger tells what was said about the larger picture. How a suspect works
// stays where it is.
func tellLarger(event domain.Event) string {
	switch e := event.(type) {
	case domain.ScamDescribed:
		return fmt.Sprintf("The scam %s was described: %s%s; source: %s.", scamOn(e.Victim, e.Movement), saidOfScam(e), asAssessment(e.Assessment), e.Source)
	case domain.ScamWithdrawn:
		return fmt.Sprintf("What was described of the scam %s was withdrawn: %s.", scamOn(e.Victim, e.Movement), e.Reason)
	case domain.OperationDescribed:
		return fmt.Sprintf("Operation %s is %s%s; source: %s.", e.Operation, e.Title, because(e.Lead), e.Source)
	case domain.OperationJoined:
		return fmt.Sprintf("The case is worked in operation %s; source: %s.", e.Operation, e.Source)
	case domain.OperationLeft:
		return fmt.Sprintf("The case left operation %s: %s.", e.Operation, e.Reason)
	case domain.NoticeLinked:
		return fmt.Sprintf("The %s %s of %s concerns %s; source: %s.", noticeName(e), e.Notice, e.Issued, e.Of.Tied(), e.Source)
	case domain.NoticeUnlinked:
		return fmt.Sprintf("The notice %s does not concern %s any more: %s.", e.Notice, e.Of.Tied(), e.Reason)
	}
	return tellPlaces(event)
}

// tellPlaces tells of scam centres and of other crimes.
func tellPlaces(event domain.Event) string {
	switch e := event.(type) {
	case domain.CentreDescribed:
		return fmt.Sprintf("The scam centre %s is at %s in %s%s; source: %s.", e.Centre, e.Place, e.Country, asAssessment(e.Assessment), e.Source)
	case domain.CentreWithdrawn:
		return fmt.Sprintf("The scam centre %s was withdrawn: %s.", e.Centre, e.Reason)
	case domain.CentreLinked:
		return fmt.Sprintf("The scam centre %s has to do with %s%s; source: %s.", e.Centre, e.Of.Tied(), asAssessment(e.Assessment), e.Source)
	case domain.CentreUnlinked:
		return fmt.Sprintf("The scam centre %s has nothing to do with %s: %s.", e.Centre, e.Of.Tied(), e.Reason)
	case domain.CrimeFlagged:
		return fmt.Sprintf("A link to another crime (%s) was flagged on %s%s; source: %s.", e.Crime, e.Of.Tied(), asAssessment(e.Assessment), e.Source)
	case domain.CrimeUnflagged:
		return fmt.Sprintf("The flag of another crime (%s) on %s was taken back: %s.", e.Crime, e.Of.Tied(), e.Reason)
	}
	return "An event of kind " + event.Kind() + " was recorded."
}

func scamOn(victim domain.VictimID, movement domain.MovementID) string {
	switch {
	case movement != "":
		return "behind movement " + string(movement)
	case victim != "":
		return "on victim " + string(victim)
	}
	return "of the case"
}

func saidOfScam(e domain.ScamDescribed) string {
	parts := []string{cmp.Or(string(e.Typology), "typology not stated")}
	for _, lure := range e.Lures {
		parts = append(parts, "by "+string(lure))
	}
	if e.Country != "" {
		parts = append(parts, "victim in "+e.Country)
	}
	if e.RunFrom != "" {
		parts = append(parts, "run from "+e.RunFrom)
	}
	return strings.Join(parts, ", ")
}

func asAssessment(assessment bool) string {
	if assessment {
		return ", as an assessment"
	}
	return ""
}

// noticeName is what a notice is called: a red notice, a purple diffusion.
func noticeName(n domain.NoticeLinked) string {
	if n.Diffusion {
		return string(n.Colour) + " diffusion"
	}
	return string(n.Colour) + " notice"
}
