package domain

import (
	"strings"
	"testing"
)

func TestReferencesOfOthers(t *testing.T) {
	for text, want := range map[string]string{"": "", "  ": "", " E2E-1 ": "E2E-1", "0xabc#12": "0xabc#12", strings.Repeat("é", MaxReference/2): strings.Repeat("é", MaxReference/2)} {
		if got, err := ParseReference("id", text); err != nil || got != want {
			t.Errorf("%q is %q (%v), want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"a\x00", "a\u202eb", "a\nb", "\xff", strings.Repeat("é", MaxReference/2) + "x"} {
		if got, err := ParseReference("id", text); err == nil || !strings.Contains(err.Error(), "id") {
			t.Errorf("%q was taken as %q (%v)", text, got, err)
		}
	}
}

func TestNotesMayRunOverLines(t *testing.T) {
	for text, want := range map[string]string{"": "", " said:\n\tpay now\r\n": "said:\n\tpay now", "\u200fشكرا": "\u200fشكرا", strings.Repeat("x", MaxNote): strings.Repeat("x", MaxNote)} {
		if got, err := ParseNote(text); err != nil || got != want {
			t.Errorf("%q is %q (%v)", text, got, err)
		}
	}
	for _, text := range []string{"a\x00b", "a\x1b[2Jb", "\xff", strings.Repeat("x", MaxNote+1)} {
		if got, err := ParseNote(text); err == nil {
			t.Errorf("%q was taken as %q", text[:2], got)
		}
	}
}

func TestVictimsScamsAndCases(t *testing.T) {
	for _, scam := range Scams() {
		if got, err := ParseScam(" " + strings.ToUpper(string(scam)) + " "); err != nil || got != scam {
			t.Errorf("%s is %q (%v)", scam, got, err)
		}
	}
	if first := Scams()[:12]; first[0] != "romance" || first[11] != "other" {
		t.Errorf("the typologies that the table began with are now %v: what was recorded must be read for ever", first)
	}
	if got, err := ParseScam("pig"); err == nil {
		t.Errorf("a typology that does not exist was taken as %q", got)
	}
	if ScamRansom.Category() != TraffickedPerson || ScamBondage.Category() != TraffickedPerson || ScamRecruitment.Category() != TraffickedPerson || Scam("romance").Category() != ScamTarget {
		t.Error("a typology has the other kind of victim")
	}
	if got, err := ParseVictim(" V1 "); err != nil || got != "V1" {
		t.Errorf("V1 is %q (%v)", got, err)
	}
	for _, text := range []string{"", " ", "V\x00", "V\u202e1", strings.Repeat("V", 129)} {
		if got, err := ParseVictim(text); err == nil {
			t.Errorf("%q was taken as victim %q", text, got)
		}
	}
	for _, text := range []string{"", "../x", "a b", "-a", ".a", "a/b", "ä", "C\x00", strings.Repeat("C", 65)} {
		if got, err := ParseCase(text); err == nil {
			t.Errorf("%q was taken as case %q", text, got)
		}
	}
	if got, err := ParseCase("C1.2024_a-b"); err != nil || got != "C1.2024_a-b" {
		t.Errorf("C1.2024_a-b is %q (%v)", got, err)
	}
}
