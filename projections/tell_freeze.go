package projections

import (
	"fmt"
	"strings"

	"clew/domain"
)

// tellFreeze puts a step of a freeze, or what follows from one, into one
// sentence, and says when it happened; "" for every other event.
func tellFreeze(event domain.Event) (when domain.When, text string) {
	switch e := event.(type) {
	case domain.FreezeRequested:
		return e.At, tellRequest(e)
	case domain.FreezeApproved:
		return e.At, step(e.News, "was approved")
	case domain.FreezeSubmitted:
		return e.At, step(e.News, "was submitted"+given(e.Urgent, ", urgently and before its approval"))
	case domain.FreezeWithdrawn:
		return e.At, step(e.News, "was withdrawn"+because(e.Reason))
	case domain.FreezeAcknowledged:
		return e.At, step(e.News, "was acknowledged"+because(string(e.As)))
	case domain.FreezeAnswered:
		return e.At, step(e.News, "was answered: "+string(e.Answer))
	case domain.FreezeRejected:
		return e.At, step(e.News, "was rejected"+because(e.Reason))
	case domain.FreezeContested:
		return e.At, step(e.News, "was contested"+because(e.Grievance))
	case domain.FreezeDecided:
		return e.At, step(e.News, "was decided"+because(e.Decision)+", and "+stands(e.Stands))
	case domain.FreezeLimitSet:
		return when, fmt.Sprintf("Above %s a freeze needs a second person's approval%s.", money(e.Limit), because(e.Reason))
	case domain.IndicatorSet:
		return when, fmt.Sprintf("The threshold %s of the indicator %s was set to %d; it was %d%s.", e.Threshold, e.Indicator, e.Now, e.Was, because(e.Reason))
	case domain.ReimbursementRecorded:
		return e.At, fmt.Sprintf("%s reimbursed %s %s%s: that part of the claim passed to the payer (%s).", e.Payer, e.Victim, money(e.Amount), because(e.Basis), e.Reimbursement)
	case domain.ReimbursementWithdrawn:
		return when, fmt.Sprintf("The reimbursement %s was withdrawn: %s.", e.Reimbursement, e.Reason)
	}
	return tellHold(event)
}

// tellHold tells the steps that act on the money.
func tellHold(event domain.Event) (when domain.When, text string) {
	switch e := event.(type) {
	case domain.FreezeHeld:
		return e.At, step(e.News, "holds "+sumOf(e.Amount, "what is there")+until(e.Until))
	case domain.FreezeExtended:
		return e.At, step(e.News, "was extended"+until(e.Until))
	case domain.FreezeReleased:
		return e.At, step(e.News, "released "+sumOf(e.Amount, "all that it held"))
	case domain.FreezeExpired:
		return e.At, step(e.News, "expired")
	case domain.FreezeReturned:
		return e.At, step(e.News, fmt.Sprintf("returned %s to %s by way of %s", money(e.Amount), e.To, e.Route))
	case domain.FreezeSeized:
		return e.At, step(e.News, "seized "+money(e.Amount)+given(e.Destroyed, ", which the issuer destroyed"))
	case domain.FreezeRestored:
		return e.At, step(e.News, "restored "+money(e.Amount)+sharesOf(e.Shares)+because(e.Method))
	case domain.FreezeTransferred:
		return e.At, step(e.News, fmt.Sprintf("transferred %s to %s", money(e.Amount), e.To))
	}
	return when, ""
}

func tellRequest(r domain.FreezeRequested) string {
	what := "all that is there"
	if r.Amount != nil {
		what = money(*r.Amount)
	}
	if r.Unasked {
		return fmt.Sprintf("A freeze that nobody had asked for became known: %s, of %s on %s by %s.", r.Freeze, what, r.Account, r.Mechanism)
	}
	return fmt.Sprintf("Freeze %s was drafted: %s on %s by %s.", r.Freeze, what, r.Account, r.Mechanism)
}

func step(news domain.News, did string) string {
	return fmt.Sprintf("Freeze %s %s%s%s.", news.Freeze, did, after(", as told by ", news.Told), after("; unexpected: ", news.Unexpected))
}

func after(words, text string) string {
	if text == "" {
		return ""
	}
	return words + text
}

func given(flag bool, words string) string {
	if flag {
		return words
	}
	return ""
}

func stands(yes bool) string {
	if yes {
		return "stands"
	}
	return "does not stand"
}

func sumOf(amount *domain.Amount, all string) string {
	if amount == nil {
		return all
	}
	return money(*amount)
}

func until(when domain.When) string {
	if when.IsZero() {
		return ""
	}
	return " until " + when.String()
}

func sharesOf(shares []domain.VictimShare) string {
	var parts []string
	for _, share := range shares {
		who := string(share.Victim)
		if share.Payer != "" {
			who = share.Payer + " for " + who
		}
		parts = append(parts, fmt.Sprintf("%s %s", share.Amount, who))
	}
	return after(", of which ", strings.Join(parts, ", "))
}
