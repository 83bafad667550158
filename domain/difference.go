package domain

import (
	"fmt"
	"strings"
)

// Differences says in words where two tellings of one row differ, for the
// reader who must decide which is right.
func Differences(recorded, now Movement) string {
	var differ []string
	for _, f := range []struct{ name, was, is string }{
		{"kind", string(recorded.Kind), string(now.Kind)}, {"time", recorded.When.String(), now.When.String()},
		{"from", recorded.nameless(recorded.From), now.nameless(now.From)}, {"to", recorded.nameless(recorded.To), now.nameless(now.To)},
		{"amount", recorded.Amount.named(), now.Amount.named()}, {"to_amount", recorded.Received.named(), now.Received.named()},
		{"fee", recorded.Fee.named(), now.Fee.named()}, {"of", recorded.OfSource, now.OfSource}, {"ref", recorded.Ref, now.Ref},
		{"victim", string(recorded.Victim), string(now.Victim)}, {"scam", string(recorded.Scam), string(now.Scam)},
		{"inputs", fmt.Sprint(recorded.Inputs), fmt.Sprint(now.Inputs)}, {"outputs", fmt.Sprint(recorded.Outputs), fmt.Sprint(now.Outputs)},
	} {
		if f.was != f.is {
			differ = append(differ, fmt.Sprintf("%s was %s and is now %s", f.name, orNothing(f.was), orNothing(f.is)))
		}
	}
	return strings.Join(differ, "; ")
}

func orNothing(text string) string {
	if text == "" {
		return "empty"
	}
	return text
}

func (a Amount) named() string {
	if !a.Given() {
		return ""
	}
	return a.String() + " " + string(a.Asset.Code)
}
