package projections

import (
	"fmt"
	"strings"

	"clew/domain"
)

// tell puts an event into one sentence, with the movement that it concerns and
// when that happened. Personal data is not repeated.
func tell(event domain.Event) (id domain.MovementID, when domain.When, text string) {
	if m, ok := domain.MovementOf(event); ok {
		return m.ID, m.When, tellMovement(m)
	}
	if id, when, text = tellAboutMovement(event); text != "" {
		return id, when, text
	}
	if when, text = tellFreeze(event); text != "" {
		return "", when, text
	}
	return "", domain.When{}, tellSmallFact(event)
}

func tellAboutMovement(event domain.Event) (id domain.MovementID, when domain.When, text string) {
	switch e := event.(type) {
	case domain.MovementCorrected:
		m := e.Now.Movement
		return e.Movement, m.When, fmt.Sprintf("Movement %s was corrected (%s). It now reads: %s", e.Movement, e.Reason, tellMovement(m))
	case domain.MovementWithdrawn:
		return e.Movement, when, fmt.Sprintf("Movement %s was withdrawn: %s.", e.Movement, e.Reason)
	case domain.MovementJoined:
		return e.Kept, when, fmt.Sprintf("Movements %s and %s were found to be one payment%s; the first stands.", e.Kept, e.Other, because(e.Basis))
	case domain.MovementSeparated:
		return e.One, when, fmt.Sprintf("Movements %s and %s were found to be two payments%s.", e.One, e.Other, because(e.Basis))
	case domain.PaymentReported:
		return e.Movement, when, fmt.Sprintf("Movement %s was reported by %s as a payment to the scam%s.", e.Movement, e.Victim, because(string(e.Scam)))
	case domain.ReportWithdrawn:
		return e.Movement, when, fmt.Sprintf("The report of movement %s by %s was withdrawn: %s.", e.Movement, e.Victim, e.Reason)
	}
	return "", when, ""
}

func tellSmallFact(event domain.Event) string {
	switch e := event.(type) {
	case domain.CaseOpened:
		return fmt.Sprintf("Case %s was opened: %s.", e.Case, e.Title)
	case domain.CaseNoted:
		return "A note was written to the case."
	case domain.CaseLinked:
		return fmt.Sprintf("The case was linked with case %s%s: they are walked as one.", e.Other, because(e.Reason))
	case domain.CaseClosed:
		return "The case was closed" + because(e.Reason) + "."
	case domain.EvidenceFiled:
		return fmt.Sprintf("The file %s (%s, %d bytes, format %s) was filed.", e.Name, short(e.File), e.Size, e.Format)
	case domain.LineRejected:
		return fmt.Sprintf("Line %d of file %s was rejected: %s.", e.Evidence.Line, short(e.Evidence.File), strings.TrimSpace(e.Field+" "+e.Reason))
	case domain.AccountDescribed:
		return fmt.Sprintf("Account %s was described%s%s.", e.Account, said(e), because(e.Basis))
	case domain.AccountIdentified:
		return fmt.Sprintf("Account %s was found to be account %s%s.", e.Account, e.As, because(e.Basis))
	case domain.VictimRegistered:
		return fmt.Sprintf("Victim %s was registered (%s).", e.Victim, e.Category)
	case domain.LabelAttached:
		return fmt.Sprintf("Account %s was labelled %q by %s.", e.Account, e.Label, e.Source)
	case domain.LabelWithdrawn:
		return fmt.Sprintf("The label %q of account %s was withdrawn%s.", e.Label, e.Account, because(e.Reason))
	case domain.AssetRegistered:
		return fmt.Sprintf("Asset %s was registered with %d decimals.", e.Asset, e.Digits)
	case domain.RuleLocked:
		return fmt.Sprintf("The rule %s was locked by %s%s.", e.Rule, e.Authority, because(e.Reason))
	case domain.RatePublished:
		return fmt.Sprintf("Exchange rates of %s for %s were recorded from %s.", e.Base, e.Day, e.Source)
	case domain.KeyAdopted:
		return fmt.Sprintf("The log signs its checkpoints with the key %s from here on%s.", e.Key, because(e.Reason))
	}
	if text := TellAccess(event); text != "" {
		return text
	}
	return tellKeeping(event)
}

// said lists what a description says. Who the holder is stays where it is, and
// so does that he acts under force: it must not leave by way of a timeline.
func said(d domain.AccountDescribed) string {
	var parts []string
	for _, part := range []struct {
		given bool
		text  string
	}{
		{d.As != "", "of kind " + string(d.As)},
		{d.Institution != "", "at " + d.Institution},
		{d.Country != "", "in " + d.Country},
		{!d.Opened.IsZero(), "opened on " + d.Opened.String()},
		{d.Victim != "", fmt.Sprintf("%s's own", d.Victim)},
		{d.NotVictim != "", fmt.Sprintf("not %s's", d.NotVictim)},
		{isSet(d.Shared), "held by several"},
		{isSet(d.Innocent), "an innocent third party's"},
	} {
		if part.given {
			parts = append(parts, part.text)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " as " + strings.Join(parts, ", ")
}

// tellMovement says what moved.
func tellMovement(m domain.Movement) string {
	text := movedWhat(m)
	if m.Fee.Given() {
		text += ", with a fee of " + money(m.Fee)
	}
	if m.Victim != "" {
		text += fmt.Sprintf(", reported by %s%s", m.Victim, because(string(m.Scam)))
	}
	return text + "."
}

func movedWhat(m domain.Movement) string {
	switch m.Kind {
	case domain.Opening:
		return fmt.Sprintf("%s held %s", m.To, money(m.Amount))
	case domain.Balance:
		return fmt.Sprintf("%s is stated to hold %s", m.To, money(m.Amount))
	case domain.Conversion:
		return fmt.Sprintf("%s paid %s, and %s arrived at %s", m.From, money(m.Amount), money(m.Received), m.To)
	case domain.Return:
		of := "a payment that is not known"
		if m.Of != "" {
			of = "movement " + string(m.Of)
		}
		return fmt.Sprintf("%s gave %s back to %s, of %s", m.From, money(m.Amount), m.To, of)
	case domain.Hop:
		return fmt.Sprintf("%s went on to %s", legs(m.Inputs), legs(m.Outputs))
	}
	return fmt.Sprintf("%s paid %s to %s", m.From, money(m.Amount), m.To)
}

// maxLegs bounds the legs of a hop that a sentence names: exchanges make hops
// with hundreds of outputs.
const maxLegs = 4

func legs(legs []domain.Leg) string {
	var parts []string
	for i, leg := range legs {
		if i == maxLegs {
			parts = append(parts, fmt.Sprintf("%d more", len(legs)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s with %s", leg.Account, money(leg.Amount)))
	}
	return strings.Join(parts, ", ")
}

func money(a domain.Amount) string { return a.String() + " " + string(a.Asset.Code) }

func because(basis string) string {
	if basis == "" {
		return ""
	}
	return " (" + basis + ")"
}

// short is the beginning of a file's hash, enough to tell it apart.
func short(file domain.SHA256) string {
	if len(file) <= 12 {
		return string(file)
	}
	return string(file[:12]) + "…"
}
