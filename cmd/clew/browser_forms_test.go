package main

import (
	"fmt"
	"testing"
)

// What a movement says is put right in a browser: what it reads and would read
// is seen before anything is recorded, and the history tells both and why.
func TestAMovementIsCorrectedInABrowser(t *testing.T) {
	b := newTab(t, openSite(t, worked(t)))
	b.signIn()
	b.open("/cases/ROMANCE-1/account?name=iban%3ADE33900300300000889901")
	b.press(`#moved tr:nth-child(3) a[href*="/movement?"]`)
	h := mouse{b}
	const form = `#correct form`
	h.open("#correct")
	h.write(form+" [name=amount]", "7.25")
	h.write(form+" [name=reason]", "the bank had booked a wrong amount")
	h.press(form + " button")
	b.says("Is this how it should read?", "It would read", "7.25")
	for theme, rules := range map[string]string{"light": allRules, "dark": colourRules} {
		b.do(inTheme(theme))
		b.accessible("looking at a correction in "+theme, rules)
	}
	h.press(`section.next form button`)
	b.says("It is recorded.", "7.25", "the bank had booked a wrong amount")
	b.quiet("correcting a movement")
}

// A suspect is registered and changed, and a legal hold is placed on his data,
// by the keys alone.
func TestAPersonAndAHoldAreRecordedInABrowser(t *testing.T) {
	b := newTab(t, openSite(t, worked(t)))
	b.signIn()
	h := keys{b}
	for _, step := range []struct {
		form, button string
		fields       [][2]string
		then         string
	}{
		{"person", "button", [][2]string{{"person", "P1"}, {"name", "B. Example"}}, "B. Example"},
		{"hold", "button", [][2]string{{"authority", "Court of A"}, {"reason", "the trial"}}, "legal hold L1"},
		{"review", "button", [][2]string{{"due", "2027-06-30"}, {"reason", "the trial is set for spring"}}, "2027-06-30"},
	} {
		b.open("/cases/ROMANCE-1/file")
		form := fmt.Sprintf("#%s form", step.form)
		h.open("#" + step.form)
		for _, field := range step.fields {
			h.write(form+" [name="+field[0]+"]", field[1])
		}
		h.press(form + " " + step.button)
		b.says("It is recorded.", step.then)
	}
	b.open("/cases/ROMANCE-1/file?person=P1")
	b.accessible("changing a person", allRules)
	b.quiet("recording people and holds")
}
