package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// fieldsOf are the fields of the form of this name on a page, as a browser
// would send them back.
func fieldsOf(page, does string) url.Values {
	for _, form := range regexp.MustCompile(`(?s)<form .*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(form, `name="does" value="`+does+`"`) {
			continue
		}
		sent := url.Values{}
		for _, input := range regexp.MustCompile(`<input[^>]*>`).FindAllString(form, -1) {
			name, value := attribute(input, "name"), attribute(input, "value")
			if attribute(input, "type") != "checkbox" || strings.Contains(input, " checked") {
				sent.Set(name, value)
			}
		}
		for _, area := range regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
			sent.Set(area[1], strings.ReplaceAll(area[2], "\n", "\r\n"))
		}
		for _, list := range regexp.MustCompile(`(?s)<select[^>]*name="([^"]*)".*?</select>`).FindAllStringSubmatch(form, -1) {
			for _, one := range regexp.MustCompile(`<option value="([^"]*)" selected>`).FindAllStringSubmatch(list[0], -1) {
				sent.Set(list[1], one[1])
			}
		}
		return sent
	}
	return nil
}

func attribute(tag, name string) string {
	found := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if found == nil {
		return ""
	}
	return found[1]
}

// payment is a movement of the sample case between two accounts, and its page.
func (h *house) payment(account domain.AccountID) (domain.Movement, string) {
	rows := must(h.office.Views.AccountMovements(h.t.Context(), projections.Ask{Case: "ROMANCE-1"}, account))
	for _, row := range rows {
		if row.Kind == domain.Transfer {
			file := must(h.office.Views.MovementFile(h.t.Context(), "ROMANCE-1", row.ID))
			return file.Movement, "/cases/ROMANCE-1/movement?id=" + string(row.ID)
		}
	}
	h.t.Fatal("no payment")
	return domain.Movement{}, ""
}

func TestACorrectionIsLookedAtBeforeItIsRecorded(t *testing.T) {
	h := open(t, "romance")
	was, path := h.payment("iban:DE85900400400000100200")
	sent := fieldsOf(h.get(path), "correct")
	if sent.Get("amount") != was.Amount.String() || sent.Get("from") != string(was.From) || sent.Get("time") != was.When.String() {
		t.Fatalf("the form is filled in with %v, and the movement reads %+v", sent, was)
	}
	sent.Set("amount", "7.25")
	sent.Set("reason", "the bank had booked a wrong amount")
	look := h.post(path, sent)
	shown := text(look.Body.String())
	if look.Code != http.StatusOK || !strings.Contains(shown, "Amount | "+was.Amount.String()+" | 7.25") || !strings.Contains(shown, "Why: the bank had booked a wrong amount") {
		t.Fatalf("%d: what would change is not shown:\n%s", look.Code, shown)
	}
	if strings.Contains(shown, "Who paid | "+string(was.From)) {
		t.Error("a field that stays is listed among the changes")
	}
	if now := must(h.office.Views.MovementFile(t.Context(), "ROMANCE-1", was.ID)); now.Movement.Amount != was.Amount {
		t.Fatal("a look has recorded the correction")
	}
	sure := fieldsOf(look.Body.String(), "correct")
	for range 2 { // the button is pressed twice
		if answer := h.post(path, sure); answer.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", answer.Code, text(answer.Body.String()))
		}
	}
	now := must(h.office.Views.MovementFile(t.Context(), "ROMANCE-1", was.ID)).Movement
	if now.Amount.String() != "7.25" || now.From != was.From || now.When != was.When || now.Ref != was.Ref || now.Note != was.Note {
		t.Errorf("it reads %+v, and read %+v", now, was)
	}
	history := text(h.get(path))
	if n := strings.Count(history, "the bank had booked a wrong amount"); n != 1 {
		t.Errorf("the history tells the correction %d times", n)
	}
}

func TestACorrectionThatIsWrongOrOldIsNotRecorded(t *testing.T) {
	h := open(t, "romance")
	was, path := h.payment("iban:DE85900400400000100200")
	fresh := fieldsOf(h.get(path), "correct")
	for _, try := range []struct {
		set  url.Values
		says string
	}{
		{url.Values{"reason": {"r"}}, "nothing would change"},
		{url.Values{"amount": {"7.25"}}, "it is needed, and stands in the log"},
		{url.Values{"amount": {"1.234,50"}, "reason": {"r"}}, "1.234,50"},
		{url.Values{"amount": {"-1.00"}, "reason": {"r"}}, "negative"},
		{url.Values{"asset": {"NOSUCH"}, "reason": {"r"}}, "NOSUCH"},
		{url.Values{"from": {""}, "reason": {"r"}}, "account"},
	} {
		sent := url.Values{}
		for name, value := range fresh {
			sent[name] = value
		}
		for name, value := range try.set {
			sent[name] = value
		}
		answer := h.post(path, sent)
		if page := text(answer.Body.String()); answer.Code < 400 || !strings.Contains(page, try.says) || strings.Contains(page, "Is this how it should read?") {
			t.Errorf("%v: %d, and it does not say %q:\n%.3000s", try.set, answer.Code, try.says, page)
		}
	}
	fresh.Set("amount", "7.25")
	fresh.Set("reason", "r")
	sure := fieldsOf(h.post(path, fresh).Body.String(), "correct")
	other := domain.Observed{Movement: was}
	other.Movement.Amount = must(domain.ParseAmount("9.00", was.Amount.Asset))
	_ = must(h.office.Desk.About(t.Context(), casework.By{Actor: "ben"}, "ROMANCE-1", domain.CorrectMovement{Movement: was.ID, Now: other, Reason: "another letter"}))
	if answer := h.post(path, sure); answer.Code != http.StatusConflict || !strings.Contains(text(answer.Body.String()), "somebody has recorded more of this movement") {
		t.Errorf("a correction of what nobody sees any more: %d", answer.Code)
	}
	if now := must(h.office.Views.MovementFile(t.Context(), "ROMANCE-1", was.ID)); now.Movement.Amount.String() != "9.00" {
		t.Errorf("it reads %s", now.Movement.Amount)
	}
}

// A note that runs over lines comes back from a form with other line ends:
// that alone is no change.
func TestANoteOverSeveralLinesIsNotChangedByAForm(t *testing.T) {
	h := open(t, "romance")
	was, path := h.payment("iban:DE85900400400000100200")
	other := domain.Observed{Movement: was}
	other.Movement.Note = "first line\nsecond line"
	_ = must(h.office.Desk.About(t.Context(), casework.By{Actor: "ben"}, "ROMANCE-1", domain.CorrectMovement{Movement: was.ID, Now: other, Reason: "a note"}))
	sent := fieldsOf(h.get(path), "correct")
	sent.Set("reason", "r")
	if page := text(h.post(path, sent).Body.String()); !strings.Contains(page, "nothing would change") {
		t.Errorf("something would change:\n%s", page)
	}
}

func TestWhatIsSaidOfACaseIsRecorded(t *testing.T) {
	h := open(t, "romance")
	const path = "/cases/ROMANCE-1/file"
	for _, try := range []struct {
		form url.Values
		then string
	}{
		{url.Values{"does": {"person"}, "person": {"P1"}, "category": {"suspect"}, "name": {"B. Example"}, "account": {"bank:77-100"}, "basis": {"the bank's letter"}, "assessment": {"yes"}},
			"P1 | suspect (an assessment) | B. Example | not known | bank:77-100 | none | the bank's letter | Change"},
		{url.Values{"does": {"finding"}, "sort": {"person"}, "which": {"P1"}, "text": {"He drew the money himself."}, "source": {"camera 4"}}, "person P1 | He drew the money himself. | camera 4 | fact"},
		{url.Values{"does": {"reimburse"}, "victim": {"V1"}, "payer": {"Example Bank"}, "amount": {"20.00"}, "asset": {"EUR"}, "at": {"2024-03-10"}}, "R1 | V1 | Example Bank | 20.00 EUR | 2024-03-10 | none | none"},
		{url.Values{"does": {"unreimburse"}, "reimbursement": {"R1"}, "reason": {"it was paid to another"}}, "Nobody has made a loss good"},
		{url.Values{"does": {"hold"}, "sort": {"victim"}, "which": {"V1"}, "authority": {"Court of A"}, "reason": {"the trial"}, "until": {"2027-06-30"}}, "legal hold L1 | victim V1 | Court of A | the trial | 2027-06-30"},
		{url.Values{"does": {"lift"}, "hold": {"L1"}, "authority": {"Court of A"}, "reason": {"it is over"}}, "No legal hold stands"},
		{url.Values{"does": {"restrict"}, "sort": {"person"}, "which": {"P1"}, "basis": {"LED art. 16(3)"}}, "kept for evidence alone | person P1 | LED art. 16(3)"},
		{url.Values{"does": {"review"}, "due": {"2027-06-30"}, "reason": {"the trial is set for spring"}}, "Its data is reviewed\n2027-06-30"},
		{url.Values{"does": {"close"}, "reason": {"judged"}}, "closed: it takes no more facts"},
		{url.Values{"does": {"hold"}, "authority": {"Court of A"}, "reason": {"the appeal"}}, "legal hold L2 | the whole case"},
	} {
		answer := h.post(path, try.form)
		if answer.Code != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", try.form, answer.Code, text(answer.Body.String()))
		}
		if page := text(h.get(answer.Header().Get("Location"))); !strings.Contains(page, try.then) {
			t.Errorf("%v: the page does not say %q:\n%s", try.form, try.then, page)
		}
	}
	if page := h.get(path); fieldsOf(page, "person") != nil || fieldsOf(page, "hold") == nil {
		t.Error("a closed case takes a person, or no legal hold")
	}
}

func TestWhatIsWrongOfACaseComesBack(t *testing.T) {
	h := open(t, "romance")
	const path = "/cases/ROMANCE-1/file"
	for _, try := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"does": {"hold"}, "sort": {"victim"}, "which": {"V77"}, "authority": {"Court"}, "reason": {"r"}}, `no victim "V77"`},
		{url.Values{"does": {"hold"}, "sort": {"file"}, "which": {"abc"}, "authority": {"Court"}, "reason": {"r"}}, "at least 6 letters"},
		{url.Values{"does": {"hold"}, "sort": {"event"}, "which": {"-1"}, "authority": {"Court"}, "reason": {"r"}}, "no position of the log"},
		{url.Values{"does": {"restrict"}, "sort": {"person"}, "which": {"P9"}, "basis": {"b"}}, `no person "P9"`},
		{url.Values{"does": {"reimburse"}, "victim": {"V1"}, "payer": {"Bank"}, "amount": {"1,00"}, "asset": {"EUR"}, "at": {"2024-03-10"}}, "1,00"},
		{url.Values{"does": {"reimburse"}, "victim": {"V77"}, "payer": {"Bank"}, "amount": {"1.00"}, "asset": {"EUR"}, "at": {"2024-03-10"}}, `no victim "V77"`},
		{url.Values{"does": {"review"}, "due": {"soon"}, "reason": {"r"}}, "give a date"},
		{url.Values{"does": {"person"}, "person": {"P1"}, "category": {"accused"}}, "accused"},
		{url.Values{"does": {"victim"}, "victim": {"V1"}, "category": {"scam_target"}, "name": {"Another"}}, "registered already"},
	} {
		answer := h.post(path, try.form)
		if page := text(answer.Body.String()); answer.Code < 400 || !strings.Contains(page, try.says) {
			t.Errorf("%v: %d, and it does not say %q:\n%s", try.form, answer.Code, try.says, page)
		}
	}
}

// A registration takes the place of the last one with every field: the form is
// filled in with what stands, and refuses to write over what came since.
func TestAPersonIsChangedWithoutLosingWhatWasKnown(t *testing.T) {
	h := open(t, "romance")
	const path = "/cases/ROMANCE-1/file"
	h.post(path, url.Values{"does": {"person"}, "person": {"P1"}, "category": {"witness"}, "name": {"B. Example"}, "contact": {"tel 5"}, "assessment": {"yes"}})
	first, second := fieldsOf(h.get(path+"?person=P1"), "person"), fieldsOf(h.get(path+"?person=P1"), "person")
	first.Set("category", "suspect")
	if answer := h.post(path, first); answer.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", answer.Code, text(answer.Body.String()))
	}
	if page := text(h.get(path)); !strings.Contains(page, "P1 | suspect (an assessment) | B. Example | tel 5 |") {
		t.Errorf("what was known is lost:\n%s", page)
	}
	second.Set("name", "C. Example")
	if answer := h.post(path, second); answer.Code != http.StatusConflict {
		t.Errorf("what somebody else changed since is written over: %d", answer.Code)
	}
}

func TestWhoMayNotRecordIsOfferedNoForm(t *testing.T) {
	h := open(t, "romance")
	_, path := h.payment("iban:DE85900400400000100200")
	h.who = gate.Person{Name: "ada", Role: casework.Auditor}
	for _, path := range []string{path, "/cases/ROMANCE-1/file"} {
		if page := h.get(path); strings.Contains(page, `name="does"`) {
			t.Errorf("an auditor is offered a form on %s", path)
		}
	}
}

// A case with many notes stays a page: the last ones stand there, and where the
// others are.
func TestManyNotesLeaveTheCaseFileLight(t *testing.T) {
	h := open(t, "romance")
	for n := range 103 {
		_ = must(h.office.Desk.Do(t.Context(), casework.By{Actor: "ina"}, "ROMANCE-1", domain.NoteCase{Text: fmt.Sprintf("note number %d.", n+1)}))
	}
	page := text(h.get("/cases/ROMANCE-1/file"))
	for words, there := range map[string]bool{"note number 3.": false, "note number 4.": true, "note number 103.": true, "The first 3 of 103 notes stand in the timeline.": true} {
		if strings.Contains(page, words) != there {
			t.Errorf("%q is there: %v", words, !there)
		}
	}
}
